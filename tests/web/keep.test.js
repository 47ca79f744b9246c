// @ts-check
// "Keep on this phone": what a tap stores, what the page does with it without a network, and that it all goes again.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Proxy } from './proxy.js';
import { DEADLINE, GATHERINGS, Server, axe, begin, open, spills } from './world.js';

const HOUR = 3_600_000;

/** Roads to the server, and the page itself: all that a phone without a network goes without. */
const ALL = ['/g/glasgow', '/keeper.js', '/live', '/live/events', '/api/v1/board', '/api/v1/time'];

/** The page's scripts. */
const SCRIPTS = ['/phone.js', '/buttons.js', '/kept.js', '/finder.js'];

const { server, browser } = await begin((server) => server.command('import', GATHERINGS, '--apply'));

/** @typedef {import('./world.js').Onlooker} Onlooker */

/** @param {Onlooker} phone */
const keeps = ({ page }) => page.locator('[data-do="keep"]');

/** @param {Onlooker} phone */
const forgets = ({ page }) => page.locator('[data-do="forget"]');

/** Waits until the button says so. @param {Onlooker} phone @param {RegExp} what */
const says = ({ page }, what) => page.locator('[data-do="keep"] small', { hasText: what }).waitFor();

/** All that a phone holds of us. @param {Onlooker} phone */
const stored = ({ page }) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const paths = [];
    for (const name of names) paths.push(...(await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname));
    return {
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      caches: names.length,
      paths,
      bases: (await indexedDB.databases()).length,
      strings: localStorage.length + sessionStorage.length,
    };
  });

const NOTHING = { workers: 0, caches: 0, paths: [], bases: 0, strings: 0 };

/** A page that is in step and kept. @param {string} url @param {import('playwright-core').BrowserContextOptions} [how] */
const kept = async (url, how) => {
  const phone = await open(browser, url, how);
  await phone.sees('clock', /^In step/);
  await keeps(phone).click();
  await says(phone, /^Kept/);
  return phone;
};

/** @param {import('./proxy.js').Treatment} treatment @returns {[string, import('./proxy.js').Treatment][]} */
const all = (treatment) => ALL.map((path) => [path, treatment]);

test('nothing is stored before the tap, only this page after it, and nothing after forgetting, from whichever page', async () => {
  await server.moment(4 * HOUR, '--words', 'Link arms');
  const phone = await open(browser, `${server.url}/g/glasgow?lang=en`);
  await phone.sees('clock', /^In step/);
  await says(phone, /^Off$/);
  assert.deepEqual(await stored(phone), NOTHING);
  assert.equal(await forgets(phone).isVisible(), false);

  await keeps(phone).click();
  await phone.page.locator('[data-say]', { hasText: 'You can lose signal now.' }).waitFor();
  await says(phone, /^Kept\. Works without signal$/);
  assert.equal(await keeps(phone).getAttribute('aria-pressed'), 'true');
  assert.deepEqual(await axe(phone), []);
  const { paths, ...counts } = await stored(phone);
  assert.deepEqual(counts, { workers: 1, caches: 1, bases: 1, strings: 0 });
  const [page, ...more] = paths.filter((path) => !/^\/a\/[0-9a-f]+\/\w+\.js$/.test(path));
  assert.deepEqual([page, more], ['/g/glasgow', []], 'one page, and scripts');
  for (const script of SCRIPTS) assert.ok(paths.some((path) => path.endsWith(script)), script);
  assert.ok(!paths.some((path) => /display|organise|embed|wall|keeper/.test(path)));
  assert.deepEqual(await phone.page.context().cookies(), []);

  const other = new (/** @type {any} */ (phone).constructor)(await phone.page.context().newPage(), [], []);
  await other.page.goto(`${server.url}/`);
  await says(other, /^Another page is kept/);
  assert.equal(await keeps(other).getAttribute('aria-pressed'), 'false');
  await forgets(other).click();
  await other.page.locator('[data-say]', { hasText: 'Nothing of this page is left' }).waitFor();
  assert.equal(await forgets(other).isVisible(), false);
  assert.deepEqual(await stored(other), NOTHING);

  // The page that was kept finds out, and writes nothing back.
  await server.moment(5 * HOUR, '--words', 'Link arms');
  await phone.sees('note', /^Moved/);
  await says(phone, /^Off$/);
  await phone.page.reload();
  await phone.sees('clock', /^In step/);
  assert.deepEqual(await stored(phone), NOTHING);
  assert.deepEqual(phone.faults, []);

  // And it can be kept once more, and another in its place.
  await keeps(phone).click();
  await says(phone, /^Kept/);
  await other.page.reload();
  await says(other, /^Another/);
  await keeps(other).click();
  await says(other, /^Kept/);
  const now = await stored(other);
  assert.deepEqual([now.workers, now.caches, now.bases, now.paths.filter((/** @type {string} */ path) => !path.startsWith('/a/'))], [1, 1, 1, ['/']]);
  await phone.leave();
});

test('reloaded with every server gone it counts down, says that it is approximate and when it last heard, and fires once within its bound', async () => {
  const lonely = await new Server().start();
  const at = await lonely.moment(22_000, '--words', 'Link arms');
  const phone = await kept(`${lonely.url}/`);
  const heard = await phone.page.evaluate(() => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format());
  await lonely.end('SIGKILL');
  await phone.page.context().setOffline(true);
  await phone.page.reload();
  await phone.sees('clock', /^Approximate, ±\d+\sms\. True time not confirmed\.$/);
  await phone.sees('link', new RegExp(`^No connection: the countdown goes on by itself\\. Last heard ${heard.slice(0, 3)}`));
  await says(phone, /^Kept/);
  const bound = Number(/±(\d+)/.exec((await phone.read('clock')) ?? '')?.[1]);
  assert.ok(bound >= 250 && bound < 400, `±${bound} ms`);
  // Reloading again makes it no worse.
  await phone.page.reload();
  await phone.sees('clock', /^Approximate/);
  assert.ok(Number(/±(\d+)/.exec((await phone.read('clock')) ?? '')?.[1]) <= bound + 5);
  await phone.reaches('now');
  await phone.sees('big', /^Link arms$/);
  const [fire, ...again] = await phone.fires();
  assert.equal(fire?.at, at);
  assert.deepEqual(again, []);
  assert.ok(Math.abs((fire?.wall ?? 0) - at) <= (fire?.bound ?? 0), `${(fire?.wall ?? 0) - at} ms off, ±${fire?.bound}`);
  await phone.page.reload();
  await phone.reaches('now');
  await phone.sees('clock', /^Approximate/);
  assert.deepEqual(await phone.fires(), [], 'not a second time');
  await phone.leave();
  await lonely.remove();
});

test('a moment cancelled while the phone is offline is not known, so it says when it last heard; back online it is', async () => {
  const proxy = await new Proxy(server.url).listen();
  await server.moment(4 * HOUR, '--words', 'Link arms');
  const phone = await kept(`${proxy.url}/g/glasgow`);
  proxy.rules = all('cut');
  await server.command('moment', 'cancel');
  // Two reloads: the second by a worker that has just seen the network fail.
  for (let n = 0; n < 2; n++) {
    await phone.page.reload();
    await phone.reaches('before');
    await phone.sees('link', /^No connection.* Last heard \d\d:\d\d\.$/);
  }
  proxy.rules = [];
  await phone.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await phone.reaches('cancelled');
  // What it heard then is remembered too.
  proxy.rules = all('cut');
  await phone.page.reload();
  await phone.reaches('cancelled');
  proxy.rules = [];
  await server.moment(5 * HOUR);
  await phone.page.reload();
  await phone.reaches('before');
  await phone.sees('link', /^Connected/);
  const fresh = () => phone.page.evaluate(() => [document.documentElement.dataset.kept, JSON.parse(document.getElementById('first')?.textContent ?? '').moment.at]);
  assert.equal((await fresh())[0], undefined, 'the network goes first');
  await phone.page.goto('about:blank');
  const at = await server.moment(6 * HOUR);
  await phone.page.goBack();
  assert.deepEqual(await fresh(), [undefined, at], 'also on the way back');
  // A tap that does not get through leaves what was kept.
  proxy.rules = all('cut');
  await keeps(phone).click();
  await phone.page.locator('[data-say]', { hasText: /^That did not work/ }).waitFor();
  await says(phone, /^Kept/);
  await phone.leave();
  await proxy.remove();
});

test('a network that brings nothing is waited for three seconds, and asked for nothing by the worker itself', async () => {
  const proxy = await new Proxy(server.url).listen();
  await server.moment(4 * HOUR);
  const phone = await kept(`${proxy.url}/g/glasgow`);
  await phone.page.goto('about:blank');
  proxy.asked = [];
  proxy.rules = all('swallow');
  const begun = performance.now();
  await phone.page.goto(`${proxy.url}/g/glasgow`, { waitUntil: 'commit' });
  await phone.reaches('before');
  const took = performance.now() - begun;
  assert.ok(took > 2_500 && took < 8_000, `${took} ms`);
  await phone.sees('clock', /^Approximate/);
  const ours = proxy.asked.filter(({ path }) => !/^\/(live|api\/v1\/(board|time))/.test(path)).map(({ path }) => path);
  assert.deepEqual([...new Set(ours)], ['/g/glasgow'], 'its scripts were there');
  await phone.leave();
  await proxy.remove();
});

test('only its own page is answered for: offline, all other addresses fail', async () => {
  const proxy = await new Proxy(server.url).listen();
  const phone = await kept(`${proxy.url}/g/glasgow`);
  const { url } = proxy;
  await proxy.remove();
  for (const path of ['/', '/g/leeds', '/display', '/display/glasgow', '/organise', '/embed', '/g/glasgow.ics']) {
    const other = await phone.page.context().newPage();
    await assert.rejects(other.goto(url + path), /ERR_CONNECTION_REFUSED|ERR_FAILED/, path);
    await other.close();
  }
  await phone.page.goto(`${url}/g/glasgow?lang=cy`);
  await phone.reaches('before');
  for (const path of ['/api/v1/board', '/api/v1/time', '/api/v1/gatherings', '/live/events', '/qr.svg?path=/']) {
    assert.equal(await phone.page.evaluate((path) => fetch(path).then(() => 'answered', () => 'failed'), path), 'failed', path);
  }
  await phone.leave();
});

test('after 25 hours it shows the moment, says so, and does not act on it by itself', async () => {
  const proxy = await new Proxy(server.url).listen();
  const at = await server.moment(25 * HOUR + 16_000, '--words', 'Link arms');
  const phone = await kept(`${proxy.url}/g/glasgow`);
  proxy.rules = all('cut');
  await phone.page.context().addInitScript((ahead) => {
    const Real = Date;
    window.Date = /** @type {any} */ (
      class extends Real {
        /** @param {any[]} args */
        constructor(...args) {
          super(.../** @type {[]} */ (args.length > 0 ? args : [Real.now() + ahead]));
        }
        static now() {
          return Real.now() + ahead;
        }
      }
    );
  }, 25 * HOUR);
  await phone.page.reload();
  await phone.sees('clock', /^Not in step: nothing heard for more than a day\.$/);
  await phone.reaches('before');
  await phone.sees('words', /^Link arms$/);
  await phone.reaches('after');
  await phone.sees('caption', /^The moment was at/);
  assert.deepEqual(await phone.fires(), []);
  assert.ok(await phone.page.evaluate((at) => Date.now() >= at - 1_000, at));
  await phone.leave();
  await proxy.remove();
});

/** A server of the same pages whose release, and whose worker, are as told: what stands between is plain HTTP. */
const releases = async () => {
  const how = { folder: '', worker: 200, script: 200, refused: 0 };
  const { href: target } = new URL(server.url);
  const front = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const old = /\/a\/[0-9a-f]+\//.exec(await (await fetch(target)).text())?.[0] ?? '';
    const asked = how.folder ? path.replace(how.folder, old) : path;
    if (path === '/keeper.js' && how.worker !== 200) return void response.writeHead(how.worker).end();
    if (path.endsWith('/buttons.js') && how.script !== 200) {
      how.refused += 1;
      return void response.writeHead(how.script).end();
    }
    if (path.startsWith('/live')) return void response.writeHead(503).end();
    const answer = await fetch(new URL(asked, target));
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding|connection)$/.test(name)));
    const text = await answer.text();
    response.writeHead(answer.status, headers).end(how.folder ? text.replaceAll(old, how.folder) : text);
  });
  await new Promise((resolve) => front.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (front.address());
  const remove = () => {
    front.closeAllConnections();
    return new Promise((resolve) => front.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, how, remove };
};

/** The folders of what is stored. @param {Onlooker} phone */
const folders = async (phone) => [...new Set((await stored(phone)).paths.map((path) => path.replace(/[\w-]+\.js$/, '')))].sort();

test('a new release takes the place of the old one as a whole, or not at all', async (t) => {
  const { url, how, remove } = await releases();
  t.after(remove);
  await server.moment(4 * HOUR);
  const phone = await open(browser, `${url}/g/glasgow`);
  await keeps(phone).click();
  await says(phone, /^Kept/);
  const [page, old] = (await folders(phone)).reverse();
  assert.equal(page, '/g/glasgow');
  how.folder = '/a/00000000beef/';
  how.script = 500;
  await phone.page.goto(`${url}/g/glasgow`, { waitUntil: 'commit' });
  // The page asks for it, and so does the worker.
  for (const deadline = Date.now() + DEADLINE; how.refused < 2; ) {
    assert.ok(Date.now() < deadline, 'the worker has seen the new release');
    await phone.page.evaluate(() => caches.keys());
  }
  assert.deepEqual(await folders(phone), [old, page], 'half of it is of no use');
  how.script = 200;
  await phone.page.reload();
  for (const deadline = Date.now() + DEADLINE; `${await folders(phone)}` !== `${[how.folder, page]}`; ) {
    assert.ok(Date.now() < deadline, 'the new release is kept, and nothing of the old one');
  }
  await remove();
  await phone.page.reload();
  await phone.reaches('before');
  await phone.page.locator('html[data-link="away"]').waitFor();
  // What was under way as the server went was cut off.
  assert.deepEqual(phone.faults.filter((fault) => !/status of 50\d|WebSocket|ERR_CONNECTION_RESET/.test(fault)), []);
  await phone.leave();
});

for (const status of [404, 410]) {
  test(`a server that answers ${status} for the worker has nothing kept`, async () => {
    const { url, how, remove } = await releases();
    const phone = await open(browser, `${url}/g/glasgow`);
    await keeps(phone).click();
    await says(phone, /^Kept/);
    how.worker = 503;
    await phone.page.reload();
    await says(phone, /^Kept/);
    how.worker = status;
    await phone.page.reload();
    await phone.page.waitForFunction(async () => (await navigator.serviceWorker.getRegistrations()).length + (await caches.keys()).length + (await indexedDB.databases()).length === 0);
    await phone.leave();
    await remove();
  });
}

test('where it cannot work the button says so, and where it did not work nothing is left', async () => {
  const proxy = await new Proxy(server.url).listen();
  const phone = await open(browser, `${proxy.url}/g/glasgow`);
  await says(phone, /^Off$/);
  await phone.sees('clock', /^In step/);
  for (const path of ['/keeper.js', '/g/glasgow']) {
    proxy.rules = [[path, 'cut']];
    await keeps(phone).click();
    await says(phone, /^That did not work/);
    assert.equal(await keeps(phone).getAttribute('aria-pressed'), 'false');
    assert.deepEqual(await stored(phone), NOTHING, path);
  }
  proxy.rules = [];
  await keeps(phone).click();
  await says(phone, /^Kept/);
  await phone.leave();
  await proxy.remove();
  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  await context.addInitScript(() => {
    delete (/** @type {any} */ (Navigator.prototype).serviceWorker);
  });
  const page = await context.newPage();
  await page.goto(`${server.url}/g/glasgow`);
  await page.locator('[data-do="keep"] small', { hasText: 'Not possible in this window. Leave the page open' }).waitFor();
  await context.close();
});

for (const lang of ['en', 'ar']) {
  test(`what stands there in ${lang} has room on a small phone`, async () => {
    const phone = await open(browser, `${server.url}/g/glasgow?lang=${lang}`);
    await keeps(phone).click();
    await phone.page.locator('[data-do="keep"][aria-pressed="true"]').waitFor();
    await forgets(phone).waitFor();
    assert.deepEqual(await spills(phone, 0), []);
    assert.deepEqual(await axe(phone), []);
    for (const one of [keeps(phone), forgets(phone)]) assert.ok(((await one.boundingBox())?.height ?? 0) >= 44);
    if (process.env.SHOTS) {
      await keeps(phone).scrollIntoViewIfNeeded();
      await phone.page.screenshot({ path: `${process.env.SHOTS}/keep-${lang}.png` });
    }
    await phone.leave();
  });
}
