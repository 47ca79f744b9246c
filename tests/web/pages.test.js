// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enter } from './stage.js';
import { GATHERINGS, Server, axe, begin, crowd, open, spills } from './world.js';

const HOUR = 3_600_000;
const DISPLAY = { viewport: { width: 1920, height: 1080 } };

/** How far from the moment a page on this machine may fire, ms: a busy event loop, not the clock. */
const PUNCTUAL = 250;

const { server, browser } = await begin((server) => server.command('import', GATHERINGS, '--apply'));

/** The digits as seconds. @param {string | null} text */
const seconds = (text) => (text ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

test('a phone counts down, is in step, and counts itself', async () => {
  await server.moment(4 * HOUR, '--words', 'Link arms');
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step ±\d+/);
  await phone.sees('link', /^Connected/);
  await phone.sees('phones', /^1$/);
  await phone.sees('words', /^Link arms$/);
  const first = await phone.read('digits');
  assert.match(first ?? '', /^[34]:\d\d:\d\d$/);
  await phone.page.waitForFunction((first) => document.querySelector('[data-live="digits"]')?.textContent !== first, first);
  assert.equal(seconds(first) - seconds(await phone.read('digits')), 1);
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});

test('a second phone changes the count of the first, coming, hidden, seen and gone', async () => {
  const first = await open(browser, `${server.url}/`);
  await first.sees('phones', /^1$/);
  const second = await open(browser, `${server.url}/`);
  await first.sees('phones', /^2$/);
  for (const state of ['hidden', 'visible']) {
    await second.page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
    await first.sees('phones', state === 'hidden' ? /^1$/ : /^2$/);
  }
  await second.leave();
  await first.sees('phones', /^1$/);
  await first.leave();
});

test('the page of a gathering shows its place, and how many of the phones are there', async () => {
  const away = await open(browser, `${server.url}/`);
  const here = await open(browser, `${server.url}/g/glasgow`);
  assert.equal(await here.page.locator('.place').textContent(), 'Glasgow: demonstration');
  await here.sees('phones', /^2$/);
  // Few are not told apart from nobody, and more are rounded.
  await here.seesNo('here');
  const leave = new AbortController();
  await crowd(server, 12, '?gathering=glasgow', leave.signal);
  await here.sees('phones', /^14$/);
  await here.sees('here', /^15 of them here$/);
  assert.equal(await away.read('here'), '');
  leave.abort();
  await Promise.all([away.leave(), here.leave()]);
});

test('a big screen at a gathering of few says that they are few, once there are more elsewhere', async () => {
  const display = await open(browser, `${server.url}/display/leeds`, DISPLAY);
  const leave = new AbortController();
  await crowd(server, 11, '', leave.signal);
  await display.sees('phones', /^11$/);
  await display.sees('here', /^fewer than 10 of them here$/);
  leave.abort();
  await display.leave();
});

test('an unknown gathering is a page that says what to do next', async () => {
  const lost = await open(browser, `${server.url}/g/glasgwo`);
  assert.match((await lost.page.textContent('main')) ?? '', /\/g\/glasgwo/);
  assert.deepEqual(await axe(lost), []);
  const link = await lost.page.locator('main a').boundingBox();
  assert.ok(link && link.height >= 44 && link.width >= 44);
  await lost.page.click('main a');
  await lost.page.waitForURL(`${server.url}/?lang=en`);
  assert.deepEqual(lost.faults, []);
  await lost.leave();
});

test('a display shows how many phones there are, is not counted, and hides its pointer', async () => {
  await server.moment(4 * HOUR, '--words', 'Link arms');
  const phone = await open(browser, `${server.url}/g/glasgow`);
  const display = await open(browser, `${server.url}/display/glasgow`, DISPLAY);
  await display.sees('clock', /^In step/);
  await display.sees('phones', /^1$/);
  assert.equal(await display.page.evaluate(() => getComputedStyle(document.body).cursor), 'none');
  assert.deepEqual(display.faults, []);
  await Promise.all([phone.leave(), display.leave()]);
});

test('a display shows its test card first, and then what it is there for', async () => {
  await server.moment(4 * HOUR);
  const display = await open(browser, `${server.url}/display/glasgow`, DISPLAY);
  const card = display.page.locator('.testcard');
  await card.getByText('1920 × 1080').waitFor();
  await card.getByText(/In step/).waitFor();
  const text = (await card.textContent()) ?? '';
  for (const part of ['Glasgow: demonstration', '82', '30', `${server.url.replace('http://', '')}/g/glasgow`]) assert.ok(text.includes(part), part);
  assert.deepEqual(await axe(display), []);
  await card.waitFor({ state: 'detached' });
  await server.moment(0.2 * HOUR);
  await display.page.reload();
  await display.sees('clock', /^In step/);
  assert.equal(await card.count(), 0, 'not in the last quarter of an hour');
  await display.leave();
});

test('a display over a video is transparent, and keeps the margin it is told', async () => {
  const display = await open(browser, `${server.url}/display?bg=transparent&safe=80`, DISPLAY);
  await display.reaches('before');
  assert.equal(await display.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgba(0, 0, 0, 0)');
  assert.deepEqual(await spills(display, 0.1), []);
  await display.leave();
});

test('the organiser moves, holds, resumes and cancels, and every page says so', async () => {
  const at = await server.moment(2 * HOUR);
  const pages = [await open(browser, `${server.url}/`), await open(browser, `${server.url}/display`, DISPLAY)];
  for (const page of pages) await page.sees('clock', /^In step/);
  const later = new Date(at + HOUR).toISOString().slice(0, 19).replace('T', ' ');
  await server.command('moment', 'move', later);
  for (const page of pages) {
    await page.sees('note', new RegExp(`^Moved to ${later.slice(11, 16)}`));
    assert.ok(seconds(await page.read('digits')) > 2.5 * 3_600);
  }
  await server.command('moment', 'hold');
  for (const page of pages) {
    await page.reaches('held');
    await page.sees('big', /^Held$/);
    await page.sees('caption', /^Wait for word from the organiser$/);
    assert.equal(await page.read('digits'), '');
  }
  await server.command('moment', 'resume');
  for (const page of pages) await page.sees('note', /^Going ahead at/);
  await server.command('moment', 'cancel');
  for (const page of pages) {
    await page.reaches('cancelled');
    await page.sees('big', /^Cancelled$/);
    assert.deepEqual(page.faults, []);
    await page.leave();
  }
});

test('at the moment every page fires once, says what to do, and then thanks; who comes late sees where it stands', async () => {
  const at = await server.moment(4_000, '--words', 'Link arms', '--cue', '0s=Link arms', '--cue', '7s=Thank you');
  const pages = [await open(browser, `${server.url}/`), await open(browser, `${server.url}/display`, DISPLAY)];
  for (const page of pages) {
    await page.reaches('now');
    assert.equal(await page.read('big'), 'Link arms');
  }
  const late = await open(browser, `${server.url}/`);
  await late.reaches('after');
  assert.equal(await late.read('digits'), '');
  for (const page of pages) {
    await page.reaches('after');
    await page.sees('big', /^Thank you$/);
    const fires = await page.fires();
    assert.equal(fires.length, 1);
    assert.ok(Math.abs((fires[0]?.wall ?? 0) - at) < PUNCTUAL, `${(fires[0]?.wall ?? 0) - at} ms off`);
  }
  assert.deepEqual(await late.fires(), []);
  for (const page of [...pages, late]) await page.leave();
});

test('it fires with the server killed before, and all come back when the server does', async () => {
  const own = new Server();
  try {
    await own.start();
    await own.moment(9_000, '--words', 'Link arms');
    const pages = [await open(browser, `${own.url}/`), await open(browser, `${own.url}/display`, DISPLAY)];
    for (const page of pages) await page.sees('clock', /^In step/);
    await own.end('SIGKILL');
    for (const page of pages) {
      await page.reaches('now');
      const [fire, ...more] = await page.fires();
      assert.ok(fire && more.length === 0);
      assert.ok(Math.abs(fire.wall - fire.at) < PUNCTUAL, `${fire.wall - fire.at} ms off`);
      await page.sees('link', /^No connection.* Last heard \d\d:\d\d\.$/);
    }
    await pages[0]?.sees('asOf', /^as of \d\d:\d\d$/);
    await own.start();
    // The network of both comes back with the server; without that, a page may wait for up to 30 s.
    for (const { page } of pages) await page.evaluate(() => window.dispatchEvent(new Event('online')));
    for (const page of pages) {
      await page.seesNo('asOf');
      await page.sees('phones', /^1$/);
      assert.equal((await page.fires()).length, 1);
      assert.deepEqual(page.faults, []);
    }
    for (const page of pages) await page.leave();
  } finally {
    await own.remove();
  }
});

test('a server that stops in good order sees its pages off, and they come back', async () => {
  const own = new Server();
  try {
    await own.start();
    const phone = await open(browser, `${own.url}/`);
    await phone.sees('phones', /^1$/);
    await own.end('SIGTERM');
    await phone.sees('link', /^(Connecting|No connection)/);
    await own.start();
    await phone.sees('link', /^Connected/);
    await phone.sees('phones', /^1$/);
    await phone.leave();
  } finally {
    await own.remove();
  }
});

test('in the last ten seconds there is the digit, as large as there is room, and nothing else', async () => {
  await server.moment(14_000);
  const pages = [await open(browser, `${server.url}/`), await open(browser, `${server.url}/display`, DISPLAY)];
  // Somebody has scrolled down to look for something.
  await pages[0]?.page.evaluate(() => scrollTo(0, 400));
  for (const { page } of pages) {
    await page.locator('html[data-span="seconds"]', { has: page.locator('.digits', { hasText: /^[4-9]$/ }) }).waitFor();
    const seen = await page.evaluate(() => {
      const shown = [...document.querySelectorAll('main *, .more *')].filter((element) => {
        const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
        return text && element.checkVisibility({ visibilityProperty: true }) && !element.matches('[data-say], noscript *, header *');
      });
      const digits = document.querySelector('.digits');
      const size = digits ? Number.parseFloat(getComputedStyle(digits).fontSize) : 0;
      return { shown: shown.map(({ className }) => className), share: size / Math.min(innerWidth, innerHeight), top: scrollY };
    });
    assert.deepEqual(seen.shown, ['digits']);
    assert.ok(seen.share > 0.82, `${seen.share} of the shorter side`);
    assert.equal(seen.top, 0);
  }
  for (const page of pages) await page.leave();
});

test('after ten minutes without a tap neither a phone nor a display has left anything behind', async () => {
  await server.moment(HOUR);
  for (const path of ['/g/glasgow', '/display/glasgow']) {
    const page = await enter(browser);
    await page.goto(server.url + path);
    await page.pass(600_000);
    assert.deepEqual(page.requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:') && url !== 'about:blank'), []);
    assert.deepEqual(await page.page.context().cookies(), []);
    const kept = await page.page.evaluate(async () => {
      const [bases, caches, workers] = [await indexedDB.databases(), await window.caches.keys(), await navigator.serviceWorker.getRegistrations()];
      return [document.cookie.length, localStorage.length, sessionStorage.length, bases.length, caches.length, workers.length];
    });
    assert.deepEqual(kept, [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(page.faults, []);
    await page.leave();
  }
});

test('nothing on the page jumps, from the first paint through the seconds that follow', async () => {
  await server.moment(4 * HOUR, '--words', 'Link arms');
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  const first = await phone.read('digits');
  await phone.page.waitForFunction((first) => document.querySelector('[data-live="digits"]')?.textContent !== first, first);
  /** @type {{ value: number, what: string[] }[]} */
  const shifts = await phone.page.evaluate(
    () =>
      new Promise((resolve) => {
        const observer = new PerformanceObserver((list) => {
          const all = /** @type {any[]} */ (list.getEntries());
          const what = (/** @type {any} */ { node }) => String(node?.outerHTML);
          resolve(all.map(({ value, sources }) => ({ value, what: sources.map(what) })));
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve([])));
      }),
  );
  // The caption is centred anew when its live words replace the server's, and the label beside a count moves by a
  // digit's width when the count gets longer; nothing else moves.
  assert.deepEqual(shifts.filter(({ value }) => value > 0.03), []);
  await phone.leave();
});

test('with scripts off the page still says what, when and where', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow`, { javaScriptEnabled: false });
  const text = (await phone.page.textContent('main')) ?? '';
  assert.match(text, /One day without us/);
  assert.match(text, /Glasgow: demonstration/);
  assert.match(text, /\d\d:\d\d/);
  const more = phone.page.locator('.more');
  assert.match((await more.textContent()) ?? '', /Town hall, Glasgow\s+demonstration/);
  assert.equal(await more.getByRole('link', { name: 'Add to calendar' }).getAttribute('href'), '/g/glasgow.ics');
  assert.equal(await more.getByRole('button').count(), 0, 'nothing that would not work');
  await phone.leave();
});
