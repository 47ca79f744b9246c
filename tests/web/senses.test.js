// @ts-check
// What a phone does at the moment besides showing it, for who asked for it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { axe, begin, open } from './world.js';

/** How far from the page's own instant the tone may be placed, ms. */
const PLACED = 3;

const { server, browser } = await begin();

/** @param {import('./world.js').Onlooker} phone @param {string | RegExp} name */
const button = ({ page }, name) => page.getByRole('button', { name });

/** Notes when each tone is to be heard, and whether it was taken back. @param {import('./world.js').Onlooker} phone */
const listens = ({ page }) =>
  page.evaluate(() => {
    const tones = /** @type {any} */ (window).tones = /** @type {{ heard: number, taken: boolean }[]} */ ([]);
    const { start, stop } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when = 0) {
      const context = /** @type {AudioContext} */ (this.context);
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
      const note = { heard: performanceTime + (when - contextTime) * 1_000, taken: false };
      if (this.frequency.value < 600) tones.push(note);
      /** @type {any} */ (this).note = note;
      start.call(this, when);
    };
    OscillatorNode.prototype.stop = function (when) {
      if (when === undefined) /** @type {any} */ (this).note.taken = true;
      stop.call(this, when);
    };
    document.addEventListener('oneoclock:fires', (event) => {
      const { at, now } = /** @type {CustomEvent} */ (event).detail;
      /** @type {any} */ (window).instant = performance.now() + at - now;
    });
  });

/** @param {import('./world.js').Onlooker} phone @returns {Promise<{ tones: { heard: number, taken: boolean }[], instant: number }>} */
const heard = ({ page }) => page.evaluate('({ tones: window.tones, instant: window.instant })');

test('nothing sounds or vibrates that nobody asked for, and what a device cannot do is said in words', async () => {
  await server.moment(4 * 3_600_000);
  const phone = await open(browser, `${server.url}/`);
  await phone.page.context().addInitScript("delete Navigator.prototype.vibrate; delete window.AudioContext;");
  await phone.sees('clock', /^In step/);
  for (const name of [/^A tone at the moment Off$/, /^Vibrate at the moment Off$/]) {
    await button(phone, name).waitFor();
    assert.equal(await button(phone, name).getAttribute('aria-pressed'), 'false');
  }
  await phone.page.reload();
  for (const name of [/^A tone at the moment/, /^Vibrate at the moment/]) await button(phone, name).getByText('This phone cannot do that').waitFor();
  await button(phone, /^A tone/).click();
  await button(phone, /^Vibrate/).click();
  await button(phone, /^A tone at the moment This phone cannot/).waitFor();
  assert.deepEqual(await axe(phone), []);
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});

test('the tone is placed ahead on the audio clock, at the instant, though the page is held up; it vibrates then', async (t) => {
  await server.moment(600_000);
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  await phone.page.evaluate(() => {
    const calls = /** @type {any} */ (window).shakes = /** @type {unknown[]} */ ([]);
    navigator.vibrate = (pattern) => calls.push({ pattern, at: performance.now() }) > 0;
    // What is said gives way to what is said next.
    const said = /** @type {any} */ (window).said = /** @type {(string | null)[]} */ ([]);
    const region = /** @type {Element} */ (document.querySelector('[data-say]'));
    new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
  await listens(phone);
  await button(phone, /^A tone/).click();
  await button(phone, 'A tone at the moment On. Tap to stop').waitFor();
  await phone.page.waitForFunction("said.some((text) => text.includes('Bluetooth'))");
  await button(phone, /^Vibrate/).click();
  await button(phone, 'Vibrate at the moment On. Tap to stop').waitFor();
  assert.deepEqual((await heard(phone)).tones.length, 1, 'a taste of it');
  await server.moment(8_000);
  await phone.page.waitForFunction(() => /** @type {any} */ (window).tones.length > 1);
  await phone.page.evaluate(() => {
    const left = () => Number(document.querySelector('.digits')?.textContent);
    // Held up across the moment.
    const wait = () => {
      if (left() > 1) return void setTimeout(wait, 20);
      for (const until = performance.now() + 1_300; performance.now() < until;);
    };
    wait();
  });
  await phone.reaches('now');
  const { tones, instant } = await heard(phone);
  const last = tones.at(-1);
  assert.ok(last && !last.taken && tones.slice(1, -1).every(({ taken }) => taken));
  t.diagnostic(`the tone is ${(last.heard - instant).toFixed(2)} ms from the page's instant, placed ${tones.length - 1} times`);
  assert.ok(Math.abs(last.heard - instant) <= PLACED, `${last.heard - instant}`);
  await phone.page.waitForFunction(() => /** @type {any} */ (window).shakes.length === 2);
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});

test('a tone that is placed is taken back when the moment is held, and placed anew when it goes on', async () => {
  await server.moment(600_000);
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  await listens(phone);
  await button(phone, /^A tone/).click();
  await button(phone, /^A tone at the moment On/).waitFor();
  await server.moment(9_000);
  await phone.page.waitForFunction(() => /** @type {any} */ (window).tones.length === 2);
  await server.command('moment', 'hold', '--confirm', 'hold');
  await phone.page.waitForFunction(() => /** @type {any} */ (window).tones[1].taken);
  assert.equal((await heard(phone)).tones[0]?.taken, false);
  await phone.leave();
});

test('of two pages of one device the one that was asked last sounds', async () => {
  await server.moment(4 * 3_600_000);
  const first = await open(browser, `${server.url}/`);
  await first.sees('clock', /^In step/);
  await button(first, /^A tone/).click();
  await button(first, /^A tone at the moment On/).waitFor();
  const page = await first.page.context().newPage();
  await page.goto(`${server.url}/`);
  await page.locator('html[data-link="live"]').waitFor();
  await page.getByRole('button', { name: /^A tone/ }).click();
  await page.getByRole('button', { name: /^A tone at the moment On/ }).waitFor();
  await button(first, /^A tone at the moment Off/).waitFor();
  await first.leave();
});

test('the tone is calm: it comes without a click within a hundredth of a second, stays quiet, and fades', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  const source = readFileSync(new URL('../../web/chime.js', import.meta.url), 'utf8').replaceAll(/^export /gm, '');
  /** @type {{ before: number, begins: number, all: number, ends: number, steepest: number }} */
  const peaks = await phone.page.evaluate(`(async () => {
    ${source}
    const context = new OfflineAudioContext(1, 3 * 48_000, 48_000);
    tone(context, 0.25);
    const wave = (await context.startRendering()).getChannelData(0);
    const peak = (from, to) => wave.slice(from * 48_000, to * 48_000).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const steepest = wave.reduce((most, value, at) => Math.max(most, Math.abs(value - (wave[at - 1] ?? 0))), 0);
    return { before: peak(0, 0.2499), begins: peak(0.25, 0.26), all: peak(0, 3), ends: peak(2.6, 3), steepest };
  })()`);
  assert.equal(peaks.before, 0);
  assert.ok(peaks.begins > 0.05 && peaks.all < 0.3 && peaks.ends < 0.001 && peaks.steepest < 0.05, JSON.stringify(peaks));
  await phone.leave();
});
