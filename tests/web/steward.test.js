// @ts-check
// A steward's page in a real browser: from the scan to the first tap, without a network, through reloads and kills.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { PASS, Pretender } from './pretend.js';
import { CHROMIUM, DEADLINE, QUIET, axe, begin, spills, Onlooker } from './world.js';

const HOUR = 3_600_000;

const { server, browser } = await begin();

/** @typedef {import('playwright-core').BrowserContextOptions & { lang?: string, pretend?: (pretender: Pretender) => void, pass?: string }} How */

/**
 * A steward with a phone, who has opened the link.
 * @param {How} [how]
 * @param {import('playwright-core').BrowserContext} [context]
 */
const steward = async ({ lang = 'en', pretend = () => {}, pass = PASS, ...how } = {}, context) => {
  const phone = context ?? (await browser.newContext({ viewport: { width: 360, height: 640 }, ...how }));
  phone.setDefaultTimeout(DEADLINE);
  /** @type {string[]} */
  const faults = [];
  phone.on('weberror', (fault) => faults.push(String(fault.error())));
  phone.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  const pretender = new Pretender();
  pretend(pretender);
  await pretender.serve(phone);
  const page = await phone.newPage();
  await page.goto(`${server.url}/steward?lang=${lang}#${pass}`);
  return new Steward(page, pretender, faults);
};

class Steward extends Onlooker {
  /** @param {import('playwright-core').Page} page @param {Pretender} pretender @param {string[]} faults */
  constructor(page, pretender, faults) {
    super(page, [], faults);
    this.pretender = pretender;
  }

  /** @param {string} screen */
  async stands(screen) {
    await this.page.locator(`body[data-screen="${screen}"]`).waitFor();
  }

  /** @param {string} what */
  async does(what, inside = '') {
    await this.page.locator(`${inside} button[data-do="${what}"]:visible`).click();
  }

  /** @param {number} n */
  async taps(n, times = 1) {
    for (let i = 0; i < times; i++) {
      await this.page.locator(`[data-tap="${n}"]`).dispatchEvent('pointerdown', { button: 0, pointerId: 1, clientX: 100, clientY: 500, bubbles: true });
    }
  }

  /** From the link to the first real tap. */
  async begins() {
    await this.stands('brief');
    await this.does('practise');
    await this.stands('practice');
    await this.taps(1, 5);
    await this.does('start');
    await this.stands('count');
  }

  /** @param {string | number} n */
  async shows(n) {
    await this.sees('number', new RegExp(`^${n}$`));
  }

  /** Waits until so many are kept, and nothing is left to be sent. @param {string | number} n */
  async keeps(n) {
    await this.sees('kept', new RegExp(`^✓ ${n} `));
  }

  async offline() {
    this.pretender.away = true;
    await this.page.context().setOffline(true);
    await this.pretender.end(1012);
  }

  async online() {
    this.pretender.away = false;
    await this.page.context().setOffline(false);
    await this.page.evaluate(() => window.dispatchEvent(new Event('online')));
  }
}

/** Waits until the page can be opened without a network. @param {Steward} one */
const held = (one) => one.page.waitForFunction(async () => (await caches.keys()).some((name) => name.startsWith('oneoclock-steward ')));

test('from the scan to the first tap nothing is typed, the practice is not counted, and the pass leaves the address at once', async () => {
  const one = await steward();
  await one.stands('brief');
  assert.equal(new URL(one.page.url()).hash, '', 'the pass has left the address');
  assert.ok(!(await one.page.content()).includes(PASS));
  await one.sees('counting', /^You are counting people at Bath: rally, North gate\.$/);
  await one.does('practise');
  await one.sees('notice', /^Practice, not counted\. 5 more taps\.$/);
  await one.taps(10, 5);
  await one.sees('notice', /From now on every tap counts/);
  assert.equal(one.pretender.heard.filter(({ type }) => type === 'tally').length, 0);
  await one.does('start');
  await one.shows(0);
  await one.taps(1, 3);
  await one.taps(10);
  await one.taps(5);
  await one.taps(-1);
  await one.shows(17);
  await one.keeps(17);
  assert.equal(one.pretender.people, 17);
  const [hello] = one.pretender.heard;
  assert.deepEqual({ ...hello, device: '' }, { type: 'hello', role: 'steward', lang: 'en', device: '', visible: true });
  assert.match(hello.device, /^[0-9a-f]{32}$/);
  assert.deepEqual(await one.page.context().cookies(), []);
  assert.deepEqual(one.faults, []);
  await one.leave();
});

test('without a network it opens, counts, is reloaded and opened anew; with one again, everything is there once', async () => {
  const one = await steward();
  await one.begins();
  await one.taps(5);
  await one.keeps(5);
  await held(one);
  await one.offline();
  await one.taps(10, 2);
  await one.shows(25);
  await one.sees('kept', /^5 kept$/);
  for (let n = 0; n < 3; n++) {
    await one.page.reload();
    await one.stands('count');
    await one.shows(25 + n);
    await one.taps(1);
    await one.shows(26 + n);
  }
  await one.sees('notice', /^Saved on this phone/);
  assert.ok(!/fail/i.test(await one.page.locator('body').innerText()));
  const context = one.page.context();
  await one.page.close();
  one.page = await context.newPage();
  await one.page.goto(`${server.url}/steward`);
  await one.shows(28);
  assert.equal(one.pretender.people, 5);
  await one.online();
  await one.keeps(28);
  assert.equal(one.pretender.people, 28);
  assert.equal(new Set(one.pretender.heard.filter(({ type }) => type === 'hello').map(({ device }) => device)).size, 1);
  await one.leave();
});

test('killed in the middle of tapping, the browser comes back with every tap that was shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneoclock-steward-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: QUIET, viewport: { width: 360, height: 640 } });
  let truth = 0;
  for (let round = 0; round < 3; round++) {
    const context = await open();
    const one = await steward({ pretend: (pretender) => (pretender.full = true) }, context);
    if (round === 0) await one.begins();
    await one.stands('count');
    await one.shows(truth);
    await one.taps(1, 20);
    await one.shows(truth + 20);
    truth += 20;
    const { pid } = await (await browserOf(context)).send('SystemInfo.getProcessInfo').then(({ processInfo }) => {
      const found = processInfo.find(({ type }) => type === 'browser');
      return { pid: found?.id ?? 0 };
    });
    assert.ok(pid > 0);
    process.kill(pid, 'SIGKILL');
    await context.close().catch(() => {});
  }
  const context = await open();
  const one = await steward({}, context);
  await one.shows(truth);
  await one.keeps(truth);
  assert.equal(one.pretender.people, truth);
  await context.close();
});

/** @param {import('playwright-core').BrowserContext} context */
const browserOf = async (context) => {
  const whole = context.browser();
  assert.ok(whole);
  return whole.newBrowserCDPSession();
};

test('a tap is on the screen within 50 ms, also while it is being stored', async (t) => {
  const one = await steward();
  await one.begins();
  const took = await one.page.evaluate(async () => {
    const pad = document.querySelector('[data-tap="1"]');
    const number = document.querySelector('[data-live="number"]');
    /** @type {number[]} */
    const took = [];
    for (let n = 1; n <= 40; n++) {
      const from = performance.now();
      const shown = new Promise((resolve) => {
        const look = () => (number?.textContent === String(n) ? resolve(performance.now() - from) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      });
      pad?.dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true, pointerId: n }));
      took.push(/** @type {number} */ (await shown));
    }
    return took.sort((a, b) => a - b);
  });
  t.diagnostic(`median ${took[20]?.toFixed(1)} ms, worst ${took[39]?.toFixed(1)} ms`);
  assert.ok((took[36] ?? Infinity) <= 50, took.map((ms) => ms.toFixed(0)).join());
  await one.keeps(40);
  await one.leave();
});

test('with the phone’s clock an hour off taps land in the server’s minutes, also after a reload without a network', async () => {
  const one = await steward({ pretend: (pretender) => (pretender.ahead = 0) });
  await one.page.context().addInitScript((off) => {
    const Real = Date;
    window.Date = /** @type {any} */ (
      class extends Real {
        /** @param {any[]} args */
        constructor(...args) {
          super(.../** @type {[]} */ (args.length > 0 ? args : [Real.now() + off]));
        }
        static now() {
          return Real.now() + off;
        }
      }
    );
  }, HOUR);
  await one.page.reload();
  await one.begins();
  await one.taps(1);
  await one.keeps(1);
  await held(one);
  // What is remembered of the clock.
  await one.page.waitForFunction(async () => {
    const base = await new Promise((resolve) => {
      const opening = indexedDB.open('oneoclock-steward');
      opening.onsuccess = () => resolve(opening.result);
    });
    const state = await new Promise((resolve) => {
      const asked = base.transaction('state').objectStore('state').get('now');
      asked.onsuccess = () => resolve(asked.result);
    });
    base.close();
    return state?.clock != null;
  });
  await one.offline();
  await one.page.reload();
  await one.shows(1);
  await one.taps(1, 2);
  await one.shows(3);
  await one.online();
  await one.keeps(3);
  for (const { minute } of one.pretender.minutes.values()) assert.ok(Math.abs(minute - Date.now()) < 120_000, `${(minute - Date.now()) / 60_000} min off`);
  await one.leave();
});

test('undo stands there for ten seconds, and the list behind it takes back what came before', async () => {
  const one = await steward();
  await one.begins();
  await one.taps(10);
  await one.taps(5);
  await one.taps(-1);
  await one.shows(14);
  await one.sees('last', /^Out: 1$/);
  await one.does('undo');
  await one.shows(15);
  await one.sees('last', /^Taken back: 1$/);
  await one.page.locator('.last [data-do="list"]:visible').click();
  await one.page.locator('#list li:last-child button').click();
  await one.page.locator('#list li[data-undone]').nth(1).waitFor();
  await one.page.locator('#list form button').click();
  await one.shows(5);
  await one.keeps(5);
  const [minute] = [...one.pretender.minutes.values()].map((one) => [one.in, one.in_undone, one.out, one.out_undone]);
  assert.equal(one.pretender.people, 5);
  assert.ok(minute);
  await one.leave();
});

test('two fingers count two, a finger that bounces counts one, and a key that is held down counts one', async () => {
  const one = await steward({ hasTouch: true });
  await one.begins();
  const touch = (/** @type {string} */ type, id = 1, x = 100) =>
    one.page.locator('[data-tap="1"]').dispatchEvent(type, { button: 0, pointerId: id, clientX: x, clientY: 500, bubbles: true, isPrimary: id === 1 });
  await one.page.evaluate(() => {
    const pad = document.querySelector('[data-tap="1"]');
    const touch = (/** @type {string} */ type, /** @type {number} */ id, /** @type {number} */ x) =>
      pad?.dispatchEvent(new PointerEvent(type, { button: 0, pointerId: id, clientX: x, clientY: 500, bubbles: true }));
    touch('pointerdown', 1, 100);
    touch('pointerdown', 2, 200);
    touch('pointerup', 1, 100);
    touch('pointerup', 2, 200);
    touch('pointerdown', 3, 102);
    touch('pointerup', 3, 102);
  });
  await one.shows(2);
  await touch('pointerdown', 4, 290);
  await one.shows(3);
  await touch('pointerup', 4, 290);
  await one.page.locator('[data-tap="1"]').focus();
  await one.page.waitForTimeout(1_100);
  await one.page.keyboard.down('Enter');
  await one.page.keyboard.down('Enter');
  await one.page.keyboard.up('Enter');
  await one.shows(4);
  await one.page.keyboard.press('+');
  await one.page.keyboard.press('-');
  await one.page.keyboard.press('-');
  await one.shows(3);
  await one.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await one.page.keyboard.press('+');
  await one.keeps(3);
  await one.leave();
});

test('a real touch counts once', async () => {
  const one = await steward({ hasTouch: true });
  await one.begins();
  await one.page.locator('[data-tap="1"]').tap();
  await one.shows(1);
  await one.page.locator('[data-tap="10"]').tap();
  await one.shows(11);
  await one.keeps(11);
  await one.leave();
});

test('locked in the pocket nothing counts until a button was held for a second; hidden there is nothing but the time', async () => {
  const one = await steward();
  await one.begins();
  await one.taps(5);
  await one.does('lock');
  await one.page.locator('#locked').waitFor();
  await one.taps(1);
  const unlock = one.page.locator('#unlock');
  await unlock.dispatchEvent('pointerdown', { button: 0 });
  await unlock.dispatchEvent('pointerup', { button: 0 });
  assert.ok(await one.page.locator('#locked').isVisible());
  await unlock.dispatchEvent('pointerdown', { button: 0 });
  await one.page.locator('#locked').waitFor({ state: 'hidden' });
  await one.shows(5);
  await one.does('hide');
  assert.match((await one.read('wall')) ?? '', /^\d\d:\d\d$/);
  assert.match(await one.page.title(), /^\d\d:\d\d$/);
  await one.page.locator('#hidden').click();
  await one.taps(1);
  await one.keeps(6);
  await one.leave();
});

test('two minutes before the moment the number is confirmed; after it the final figure has a method and a range', async () => {
  const one = await steward({ pretend: (pretender) => (pretender.moment = { at: Date.now() + 90_000 }) });
  await one.begins();
  await one.taps(10);
  await one.sees('notice', /^Confirm the number here now: 10$/);
  await one.does('yes');
  await one.sees('notice', /^$/);
  await one.taps(1);
  await one.shows(11);
  await one.keeps(11);
  const [confirmed] = one.pretender.estimates;
  assert.deepEqual([confirmed.value, confirmed.method, confirmed.post], [10, 'counted', 'North gate']);
  assert.ok(Math.max(...[...one.pretender.minutes.values()].map(({ minute }) => minute)) > confirmed.at - 60_000);
  const at = Date.now() - 60_000;
  one.pretender.say('moment', { rev: 9, at });
  await one.page.locator('.last [data-do="final"]').waitFor({ timeout: 20_000 });
  await one.does('final', '.last');
  await one.page.locator('#typed [name="value"]').fill('٢٤٠');
  await one.page.locator('#typed [name="low"]').fill('200');
  await one.page.locator('#typed [name="high"]').fill('300');
  await one.page.locator('#typed [value="estimated-eye"]').check();
  await one.page.locator('#typed .main').click();
  await one.sees('notice', /^Final figure: 240 \(200 to 300\)\. Estimated by eye$/);
  await one.page.waitForFunction(() => document.querySelector('[data-live="kept"]')?.textContent?.startsWith('✓'));
  const final = one.pretender.estimates.at(-1);
  assert.deepEqual([final.at, final.value, final.low, final.high, final.method], [at, 240, 200, 300, 'estimated-eye']);
  await one.leave();
});

test('another number than the counted one can be typed at the moment', async () => {
  const one = await steward({ pretend: (pretender) => (pretender.moment = { at: Date.now() + 90_000 }) });
  await one.begins();
  await one.taps(10);
  await one.does('change');
  await one.page.locator('#typed [name="value"]').fill('25');
  await one.page.locator('#typed .main').click();
  await one.shows(25);
  await one.taps(1);
  await one.keeps(26);
  assert.deepEqual(one.pretender.estimates.map(({ value, low, high }) => [value, low, high]), [[25, 25, 25]]);
  await one.leave();
});

test('it says who else counts here, what is held, what the server cannot keep, and when counting is over', async () => {
  const one = await steward();
  await one.begins();
  await one.taps(10);
  await one.keeps(10);
  one.pretender.duty = { post_people: 42, devices: [{ device: 'ffffffff', counted: 32, live: true }] };
  one.pretender.tell();
  await one.sees('notice', /^2 phones are counting North gate: 42 people together\.$/);
  one.pretender.duty = { held: 1 };
  one.pretender.tell();
  await one.sees('notice', /^Held for checking/);
  one.pretender.duty = {};
  one.pretender.tell();
  one.pretender.full = true;
  await one.taps(1);
  await one.sees('notice', /The server cannot keep it yet/);
  one.pretender.full = false;
  await one.keeps(11);
  await one.sees('notice', /^$/);
  one.pretender.duty = { until: Date.now() - 1 };
  one.pretender.tell();
  await one.sees('notice', /^Counting here has ended\.$/);
  await one.taps(1);
  await one.shows(11);
  await one.leave();
});

test('the roll-call is a toggle, and what is pressed stays when the server has it', async () => {
  const one = await steward();
  await one.begins();
  await one.does('more');
  const ready = one.page.locator('[data-do="ready"]');
  assert.equal(await ready.getAttribute('aria-pressed'), 'false');
  await ready.click();
  await one.page.locator('[data-do="ready"][aria-pressed="true"]').waitFor();
  assert.ok(one.pretender.ready);
  one.pretender.tell();
  await one.page.locator('[data-do="ready"][aria-pressed="true"]').waitFor();
  await one.leave();
});

test('a pass that is no longer let in is said so, the taps stay, and a new link goes on with them', async () => {
  const one = await steward();
  await one.begins();
  await one.taps(5);
  await one.keeps(5);
  one.pretender.away = true;
  await one.pretender.end(4403);
  await one.sees('notice', /^This phone is not let in\./);
  await one.taps(1);
  await one.shows(6);
  one.pretender.away = false;
  await one.page.evaluate(() => {
    location.hash = 'oo1-steward-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb';
  });
  await one.keeps(6);
  await one.sees('notice', /^$/);
  await one.leave();
});

test('of two windows of one phone the newer one counts, and nothing is lost', async () => {
  const one = await steward();
  await one.begins();
  await one.taps(5);
  await one.keeps(5);
  const page = await one.page.context().newPage();
  await page.goto(`${server.url}/steward`);
  const other = new Steward(page, one.pretender, []);
  await other.shows(5);
  await one.sees('notice', /^Counting goes on in another window/);
  await one.taps(1);
  await other.taps(1);
  await other.keeps(6);
  assert.equal(one.pretender.people, 6);
  await one.leave();
});

test('left hand, and nothing is left on the phone when all is sent and over', async () => {
  const one = await steward({ pretend: (pretender) => (pretender.moment = { at: Date.now() - 600_000 }) });
  await one.begins();
  await one.taps(1);
  await one.keeps(1);
  await one.does('more');
  await one.does('hand');
  await one.page.locator('body[data-hand="left"]').waitFor();
  await one.does('forget');
  await one.stands('door');
  const left = await one.page.evaluate(async () => [(await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length, (await indexedDB.databases()).length]);
  assert.deepEqual(left, [0, 0, 0]);
  await one.leave();
});

for (const [lang, viewport] of /** @type {[string, { width: number, height: number }][]} */ ([
  ['en', { width: 360, height: 640 }],
  ['de', { width: 320, height: 568 }],
  ['ar', { width: 320, height: 568 }],
  ['pl', { width: 640, height: 360 }],
])) {
  test(`in ${lang} at ${viewport.width}x${viewport.height} the pads are large and apart, nothing spills, and axe finds nothing by day or night`, async () => {
    const one = await steward({ lang, viewport });
    for (const screen of ['brief', 'practice', 'go', 'count']) {
      await one.stands(screen);
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        await one.page.emulateMedia({ colorScheme });
        assert.deepEqual(await axe(one), [], `${screen} ${colorScheme}`);
      }
      assert.deepEqual(await spills(one, 0), [], screen);
      if (screen === 'brief') await one.does('practise');
      if (screen === 'practice') await one.taps(1, 5);
      if (screen === 'go') await one.does('start');
    }
    await one.taps(10, 12);
    await one.shows(120);
    const boxes = await one.page.evaluate(() => {
      const box = (/** @type {Element} */ element) => element.getBoundingClientRect();
      const all = [...document.querySelectorAll('.counter button')].filter((button) => button.checkVisibility());
      const number = document.querySelector('.number');
      return { one: box(/** @type {Element} */ (document.querySelector('.one'))), all: all.map(box), number: number ? Number.parseFloat(getComputedStyle(number).fontSize) : 0, pads: [...document.querySelectorAll('[data-tap]')].map(box), scroll: document.documentElement.scrollHeight };
    });
    assert.ok(boxes.one.height >= Math.max(160, 0.4 * viewport.height) - 0.5, `+1 is ${boxes.one.height} px`);
    assert.ok(boxes.number >= 0.2 * Math.min(viewport.width, viewport.height), `${boxes.number} px`);
    assert.ok(boxes.scroll <= viewport.height, `${boxes.scroll} px high`);
    for (const { width, height } of boxes.all) assert.ok(width >= 44 && height >= 44, `${width}x${height}`);
    for (const a of boxes.pads) {
      for (const b of boxes.pads) {
        const apart = Math.max(b.x - (a.x + a.width), a.x - (b.x + b.width), b.y - (a.y + a.height), a.y - (b.y + b.height));
        assert.ok(a.x === b.x && a.y === b.y || apart >= 15.9, `${apart} px`);
      }
    }
    for (const sheet of ['more']) {
      await one.does(sheet);
      assert.deepEqual(await axe(one), [], sheet);
      await one.page.locator('#more form button').click();
    }
    for (const cover of ['lock', 'hide']) {
      await one.does(cover);
      assert.deepEqual(await axe(one), [], cover);
      if (cover === 'lock') {
        await one.page.locator('#unlock').dispatchEvent('pointerdown', { button: 0 });
        await one.page.locator('#locked').waitFor({ state: 'hidden' });
      }
    }
    assert.deepEqual(one.faults, []);
    await one.leave();
  });
}

test('without a link a code is typed; a wrong one is said so', async () => {
  const one = await steward({ pass: '' });
  await one.stands('door');
  assert.deepEqual(await axe(one), []);
  /** @type {any[]} */
  const asked = [];
  await one.page.route('**/api/v1/steward/code', (route) => {
    asked.push(route.request().postDataJSON());
    return asked.length < 2 ? route.fulfill({ status: 403, json: { reason: 'code', say: '' } }) : route.fulfill({ json: { pass: PASS } });
  });
  await one.page.locator('#gathering').fill('Bath');
  await one.page.locator('#code').fill('abcd efgh');
  await one.page.locator('#door .main').click();
  await one.page.locator('#answer', { hasText: /^That did not match/ }).waitFor();
  await one.page.locator('#door .main').click();
  await one.stands('brief');
  assert.deepEqual(asked[0], { gathering: 'bath', code: 'ABCD-EFGH' });
  await one.leave();
});
