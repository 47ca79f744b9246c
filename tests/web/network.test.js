// @ts-check
// Pages in a real browser behind a bad network, and several pages of one browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Proxy } from './proxy.js';
import { GATHERINGS, Onlooker, begin, launch, open } from './world.js';

/** From the page's first try to a board by another road, ms. */
const ENGAGED = 3_000;

/** The pace of the server under test is 200 ms, and a busy machine takes its time, ms. */
const ONE_BOARD = 1_000;
const TRIES = 3;

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(4 * 3_600_000, '--words', 'Link arms');
});

/**
 * A phone behind a network with these rules, and how long after its first try of a WebSocket it was connected, ms.
 * @param {Proxy} proxy
 * @param {Proxy['rules']} rules
 * @param {RegExp} says
 */
const connects = async (proxy, rules, says) => {
  proxy.rules = rules;
  const phone = await open(browser, `${proxy.url}/g/glasgow`);
  await phone.sees('link', says);
  const first = proxy.asked.find(({ path }) => path === '/live');
  assert.ok(first);
  return { phone, took: performance.now() - first.at };
};

for (const treatment of /** @type {const} */ (['cut', 'swallow'])) {
  test(`where every WebSocket is ${treatment === 'cut' ? 'refused' : 'swallowed'} a board comes by events within three seconds, and the page is in step and counted`, async (t) => {
    const proxy = await new Proxy(server.url).listen();
    try {
      // A busy machine makes a page late and never early.
      for (let tries = 1, took = Infinity; took > ENGAGED; tries += 1) {
        const { phone, took: its } = await connects(proxy, [['/live', treatment]], /^Connected\.$/);
        took = its;
        t.diagnostic(`connected by events after ${Math.round(took)} ms`);
        assert.ok(took <= ENGAGED || tries < TRIES, `${took} ms, in the last of ${TRIES} tries`);
        await phone.sees('phones', /^1$/);
        await phone.sees('clock', /^In step ±\d+/);
        const other = await open(browser, `${server.url}/`);
        await phone.sees('phones', /^2$/);
        await phone.leave();
        await other.sees('phones', /^1$/);
        await other.leave();
        proxy.asked = [];
      }
    } finally {
      await proxy.remove();
    }
  });
}

test('where events are swallowed too it asks now and then, says so, and is not counted', async (t) => {
  const proxy = await new Proxy(server.url).listen();
  try {
    const rules = /** @type {Proxy['rules']} */ ([['/live', 'cut'], ['/live/events', 'swallow']]);
    const { phone, took } = await connects(proxy, rules, /^Connected now and then; this phone is not counted\.$/);
    t.diagnostic(`connected by asking after ${Math.round(took)} ms`);
    assert.ok(took <= ENGAGED, `${took} ms after the events were opened`);
    await phone.sees('clock', /^In step ±\d+/);
    const other = await open(browser, `${server.url}/`);
    await other.sees('phones', /^1$/);
    await Promise.all([phone.leave(), other.leave()]);
  } finally {
    await proxy.remove();
  }
});

test('when the network lets WebSockets through again the page goes back to one, and is two phones for no longer than a board', async () => {
  const proxy = await new Proxy(server.url).listen();
  try {
    const display = await open(browser, `${server.url}/display`);
    // Which of the two the server hears first, the end of the old line or the new one, is for the network to say.
    const two = await display.page.evaluateHandle(() => {
      const seen = { since: Infinity, longest: 0 };
      const phones = document.querySelector('[data-live="phones"]');
      const look = () => {
        if (Number(phones?.textContent) > 1) seen.since = Math.min(seen.since, performance.now());
        else if (seen.since < Infinity) Object.assign(seen, { longest: Math.max(seen.longest, performance.now() - seen.since), since: Infinity });
      };
      if (phones) new MutationObserver(look).observe(phones, { childList: true, characterData: true, subtree: true });
      return seen;
    });
    const { phone } = await connects(proxy, [['/live', 'cut']], /^Connected\.$/);
    await display.sees('phones', /^1$/);
    proxy.rules = [];
    const upgraded = phone.page.waitForEvent('websocket');
    await phone.page.evaluate(() => window.dispatchEvent(new Event('online')));
    await (await upgraded).waitForEvent('framereceived');
    await phone.sees('link', /^Connected\.$/);
    await display.sees('phones', /^1$/);
    const longest = await two.evaluate(({ longest }) => longest);
    assert.ok(longest <= ONE_BOARD, `two phones for ${longest} ms`);
    await Promise.all([phone.leave(), display.leave()]);
  } finally {
    await proxy.remove();
  }
});

/** Another page of the same browser. @param {Onlooker} onlooker @param {string} url */
const another = async ({ page, requests, faults }, url) => {
  const next = await page.context().newPage();
  await next.goto(url);
  return new Onlooker(next, requests, faults);
};

test('two pages of one browser are one phone, and two browsers are two', async () => {
  const display = await open(browser, `${server.url}/display`);
  const first = await open(browser, `${server.url}/`);
  const second = await another(first, `${server.url}/g/glasgow`);
  await second.sees('link', /^Connected\.$/);
  for (const page of [display, first, second]) await page.sees('phones', /^1$/);
  const stranger = await open(browser, `${server.url}/`);
  for (const page of [display, first, second, stranger]) await page.sees('phones', /^2$/);
  await second.page.close();
  await stranger.leave();
  for (const page of [display, first]) await page.sees('phones', /^1$/);
  await Promise.all([first.leave(), display.leave()]);
});

test('when the page that counts crashes another takes its place', async () => {
  const display = await open(browser, `${server.url}/display`);
  const first = await open(browser, `${server.url}/g/glasgow`);
  const second = await another(first, `${server.url}/`);
  await second.sees('link', /^Connected\.$/);
  for (const page of [display, second]) await page.sees('phones', /^1$/);
  const crashed = first.page.waitForEvent('crash');
  await Promise.all([crashed, first.page.goto('chrome://crash').catch(() => {})]);
  const stranger = await open(browser, `${server.url}/`);
  for (const page of [display, second, stranger]) await page.sees('phones', /^2$/);
  await Promise.all([first.leave(), stranger.leave(), display.leave()]);
});

test('a page that is gone back to is the one that was left, with the right time, one connection, and counted once', async () => {
  const remembering = await launch({ remembers: true });
  try {
    const display = await open(browser, `${server.url}/display`);
    const phone = await open(remembering, `${server.url}/g/glasgow`);
    await display.sees('phones', /^1$/);
    await phone.sees('clock', /^In step/);
    await phone.page.evaluate(() => addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted })));
    await phone.page.goto(`${server.url}/livez`);
    await display.seesNo('phones');
    await phone.page.goBack({ waitUntil: 'commit' });
    await display.sees('phones', /^1$/);
    await phone.sees('link', /^Connected\.$/);
    await phone.sees('phones', /^1$/);
    assert.equal(await phone.page.evaluate(() => /** @type {any} */ (window).persisted), true, 'the browser did not keep the page');
    const { shown, left } = await phone.page.evaluate(() => ({
      shown: document.querySelector('[data-live="digits"]')?.textContent ?? '',
      left: (JSON.parse(document.getElementById('first')?.textContent ?? '').moment.at - Date.now()) / 1_000,
    }));
    const off = shown.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) - left;
    assert.ok(off > -0.3 && off < 1.3, `${shown} is ${off} s off`);
    // The browser itself closes the socket of a page it puts away, and says so; it counts as an error there.
    assert.deepEqual(phone.faults.filter((fault) => !/entered Back-Forward Cache/.test(fault)), []);
    await Promise.all([phone.leave(), display.leave()]);
  } finally {
    await remembering.close();
  }
});
