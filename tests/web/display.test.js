// @ts-check
// The display on a wall: legible from afar in every language, and left alone for hours.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { inks, overlaps } from './inks.js';
import { enter, play } from './stage.js';
import { GATHERINGS, Server, launch } from './world.js';

const LANGUAGES = readdirSync(new URL('../../web/words/', import.meta.url)).map((name) => name.replace('.json', ''));
const SCREENS = [
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
];

/** The least height of the countdown's digits, of any other text, and of the margin, as shares of the window's. */
const LEAST = { digit: 0.3, em: 0.05, margin: 0.05 };

/** Numbers of days of every plural form and length. */
const DAYS = [1, 2, 12, 366, 1_000];

/** A length that is a pixel short is as good, as a share of the window's height. */
const PIXEL = 1 / 1_080;

const server = new Server();
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  await server.start();
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(600_000);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server.remove();
});

/** What is wrong with a picture on a wall. @param {import('./inks.js').Ink[]} seen */
const faults = (seen) => [
  ...seen.filter(({ em }) => em < LEAST.em - PIXEL).map(({ of, em }) => `${of} at ${(100 * em).toFixed(1)} %`),
  ...seen.filter(({ left, right, top, bottom }) => left < LEAST.margin - PIXEL || right > 1 - LEAST.margin + PIXEL || top < LEAST.margin - PIXEL || bottom > 1 - LEAST.margin + PIXEL).map((ink) => `${ink.of} "${ink.text}" leaves the safe area, at ${[ink.left, ink.right, ink.top, ink.bottom].map((side) => (100 * side).toFixed(1))} %`),
  ...seen.filter(({ cut }) => cut).map(({ of }) => `${of} is cut`),
  ...overlaps(seen),
];

test('on a wall the digits are 30 % of the height, nothing is under 5 %, outside the safe area or on anything else, in every language and phase', async (t) => {
  const display = await enter(browser);
  const wrong = /** @type {string[]} */ ([]);
  const least = { digit: 1, digits: '', em: 1, text: '' };
  for (const viewport of SCREENS) {
    await display.page.setViewportSize(viewport);
    for (const lang of LANGUAGES) {
      await display.goto(`${server.url}/display/glasgow?lang=${lang}`);
      const look = async (/** @type {string} */ phase) => {
        const seen = await inks(display);
        const where = `${lang} ${phase} ${viewport.height}p`;
        wrong.push(...faults(seen).map((fault) => `${where}: ${fault}`));
        const figures = seen.filter(({ of, text }) => (of === 'digits' || of === 'big' || of === 'figure') && /\d/.test(text));
        if (!figures.length) return;
        const tallest = Math.max(...figures.map(({ digit }) => digit));
        if (tallest < LEAST.digit - PIXEL) wrong.push(`${where}: digits of ${(100 * tallest).toFixed(1)} %`);
        if (tallest < least.digit) Object.assign(least, { digit: tallest, digits: where });
        const smallest = Math.min(...seen.map(({ em }) => em));
        if (smallest < least.em) Object.assign(least, { em: smallest, text: where });
      };
      for (const days of DAYS) {
        await display.moment({ left: (days + 0.4) * 86_400_000 });
        await display.page.locator('html[data-span="days"]').waitFor({ state: 'attached' });
        await display.still();
        await look(`${days} days`);
      }
      await play(display, look);
    }
  }
  t.diagnostic(JSON.stringify(least));
  assert.deepEqual(wrong, []);
  assert.deepEqual(display.faults, []);
  await display.leave();
});
