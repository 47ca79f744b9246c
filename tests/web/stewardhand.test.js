// @ts-check
// What a steward's page does under a hand, and what it says and looks like.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASS } from './pretend.js';
import { stewards } from './tallier.js';
import { axe, begin, spills } from './world.js';

const steward = stewards(await begin());

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
  const since = await one.page.evaluate(() => performance.now());
  await one.page.waitForFunction((since) => performance.now() > since + 1_100, since);
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
