// @ts-check
// The first view: what a page does before anything but its HTML has come, and how its scripts take over.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { GATHERINGS, axe, begin, open, spills } from './world.js';

const HOUR = 3_600_000;

/** How far the digits may be from the server's time, s: the time that comes with a page is as old as its way was long. */
const RIGHT = 1;

const { server, browser } = await begin((server) => server.command('import', GATHERINGS, '--apply'));

/** The digits as seconds. @param {string | null} text */
const seconds = (text) => (text ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

/**
 * A page of which nothing but the HTML comes until `release` is called.
 * @param {string} path
 * @param {import('playwright-core').BrowserContextOptions} [how]
 */
const alone = async (path, how) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, ...how });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  context.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  context.on('weberror', (fault) => faults.push(String(fault.error())));
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => (release = () => resolve(null)));
  await page.route('**/*.js', (route) => released.then(() => route.continue()));
  await page.goto(server.url + path, { waitUntil: 'commit' });
  return { page, faults, release, leave: () => context.close() };
};

/** What the page has moved since it was opened. @param {import('playwright-core').Page} page */
const shifts = (page) =>
  page.evaluate(
    () =>
      new Promise((/** @type {(shifts: { value: number, what: string[] }[]) => void} */ resolve) => {
        const observer = new PerformanceObserver((list) => {
          const all = /** @type {any[]} */ (list.getEntries());
          const what = (/** @type {any} */ { node }) => String(node?.outerHTML ?? node?.textContent);
          // The test card is laid over the page, and is not the page.
          const card = (/** @type {any} */ { node }) => node?.parentElement?.closest('.testcard');
          const page = all.filter(({ sources }) => !sources.every(card));
          resolve(page.map(({ value, sources }) => ({ value, what: sources.map(what) })));
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve([])));
      }),
  );

for (const [path, how] of /** @type {const} */ ([
  ['/', {}],
  ['/g/glasgow?lang=ar', {}],
  ['/display/glasgow', { viewport: { width: 1920, height: 1080 } }],
  ['/embed/glasgow', {}],
])) {
  test(`${path} counts down rightly by its HTML alone, and nothing moves when its scripts take over`, async () => {
    for (const left of [80 * HOUR, 4 * HOUR, 0.1 * HOUR]) {
      const at = await server.moment(left, '--words', 'Link arms');
      const { page, faults, release, leave } = await alone(path, how);
      await page.locator('html[data-phase="before"]').waitFor();
      const state = () =>
        page.evaluate(() => {
          const box = document.querySelector('.digits')?.getBoundingClientRect();
          const text = (/** @type {string} */ slot) => document.querySelector(`[data-live="${slot}"]`)?.textContent ?? '';
          return { digits: text('digits'), big: text('big'), caption: text('caption'), words: text('words'), top: box?.top, height: box?.height, now: Date.now() };
        });
      const first = await state();
      const { span } = await page.evaluate(() => ({ ...document.documentElement.dataset }));
      const days = span === 'days' ? 86_400 * Number(/\d+/.exec(first.big)?.[0]) : 0;
      const truly = Math.ceil((at - first.now) / 1_000);
      assert.ok(Math.abs(days + seconds(first.digits) - truly) <= RIGHT, `${first.big} ${first.digits}, and ${truly} s are left`);
      assert.equal(first.words, 'Link arms');
      // It runs.
      await page.waitForFunction((digits) => document.querySelector('.digits')?.textContent !== digits, first.digits);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.link), undefined, 'nobody has taken over');
      release();
      if (!path.startsWith('/embed')) {
        await page.locator('html[data-clock="in-step"]').waitFor();
        const later = await state();
        assert.equal(later.caption, first.caption);
        for (const side of /** @type {const} */ (['top', 'height'])) assert.ok(Math.abs((later[side] ?? 0) - (first[side] ?? 0)) < 0.5, `${span}, ${side}: ${first[side]} to ${later[side]}`);
        assert.ok(seconds(first.digits) - seconds(later.digits) <= (later.now - first.now) / 1_000 + 2 * RIGHT, `${first.digits} to ${later.digits}`);
      }
      assert.deepEqual((await shifts(page)).filter(({ value }) => value > 0.01), [], span);
      assert.deepEqual(faults, []);
      await leave();
    }
  });
}

test('a page whose scripts never come still acts at the moment, and says what is held or cancelled', async () => {
  await server.moment(3_000, '--words', 'Link arms', '--no-cues');
  const { page, release, leave } = await alone('/');
  await page.locator('html[data-phase="now"] .big', { hasText: 'Link arms' }).waitFor();
  release();
  await page.locator('html[data-clock="in-step"]').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.phase), 'now', 'whoever was there stays there');
  await leave();
  await server.moment(HOUR);
  for (const [order, phase, says] of /** @type {const} */ ([['hold', 'held', 'Held'], ['cancel', 'cancelled', 'Cancelled']])) {
    await server.command('moment', order);
    const { page, leave } = await alone('/');
    await page.locator(`html[data-phase="${phase}"] .big`, { hasText: says }).waitFor();
    assert.equal(await page.locator('.digits').textContent(), '');
    await leave();
  }
});

test('no page breaks its own policy, and its own clock is a fine one', async () => {
  await server.moment(4 * HOUR, '--words', 'Link arms');
  for (const path of ['/', '/g/glasgow?lang=ur', '/display?lang=en,cy', '/embed', '/nowhere', server.organise.slice(server.url.length)]) {
    const page = await open(browser, server.url + path);
    if (!/embed|nowhere/.test(path)) await page.sees('clock', /\d/);
    assert.equal(await page.page.evaluate('crossOriginIsolated'), true, path);
    assert.deepEqual(page.requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('data:')), []);
    assert.deepEqual(page.faults, [], path);
    await page.leave();
  }
});

test('on another site’s page there is the countdown, which hears of changes by asking, and a way to the whole page', async (t) => {
  await server.moment(4 * HOUR, '--words', 'Link arms');
  // Somebody else's site, shielded from others as ours is.
  const site = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'cross-origin-embedder-policy': 'require-corp' });
    response.end(`<!doctype html><title>News</title><link rel="icon" href="data:,"><iframe src="${server.url}/embed/glasgow?lang=cy" width="320" height="320" title="Countdown"></iframe>`);
  });
  site.unref();
  await new Promise((resolve) => site.listen(0, '127.0.0.1', () => resolve(null)));
  t.after(() => site.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (site.address());
  const embed = await open(browser, 'about:blank', { viewport: { width: 700, height: 500 } });
  const { page } = embed;
  await page.clock.install();
  await page.goto(`http://localhost:${port}/`);
  const frame = page.frameLocator('iframe');
  await frame.locator('html[data-phase="before"] .digits', { hasText: /^[34]:\d\d:\d\d$/ }).waitFor();
  assert.equal(await frame.locator('a').getAttribute('href'), '/g/glasgow?lang=cy');
  const ours = () => embed.requests.filter((url) => url.startsWith(server.url));
  assert.equal(ours().length, 1, 'one request, until it is time to ask');
  await server.command('moment', 'hold');
  let over = false;
  const held = frame.locator('html[data-phase="held"]').waitFor().finally(() => (over = true));
  // It may have asked just before; then it asks again within two minutes.
  while (!over) await page.clock.runFor(30_000);
  await held;
  assert.ok(!ours().some((url) => url.includes('/live')), 'and no connection');
  assert.ok(ours().some((url) => url.includes('/api/v1/board') && url.includes('role=embed')));
  assert.deepEqual(embed.faults, []);
  await embed.leave();
  await server.moment(4 * HOUR, '--words', 'Link arms');
  for (const viewport of [{ width: 240, height: 150 }, { width: 320, height: 320 }, { width: 900, height: 500 }]) {
    const small = await open(browser, `${server.url}/embed/glasgow`, { viewport });
    await small.reaches('before');
    assert.deepEqual(await spills(small, 0), []);
    assert.ok(await small.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight));
    assert.deepEqual(await axe(small), []);
    await small.leave();
  }
});
