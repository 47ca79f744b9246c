// @ts-check
// A phone as narrow as they come, or a page enlarged four times: nothing to scroll sideways for, and nothing too small
// for a finger.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { enter, play } from './stage.js';
import { GATHERINGS, begin, spills } from './world.js';

const LANGUAGES = readdirSync(new URL('../../web/words/', import.meta.url)).map((name) => name.replace('.json', ''));

/** A small phone; and what is left of a window of 1280 by 1024 at 400 %. */
const WINDOWS = [
  { width: 320, height: 568 },
  { width: 320, height: 256 },
];

/** The least side of anything to be tapped, px. */
const TARGET = 44;

/** Languages in which the enlarged page is looked at: the longest and one from right to left, unless all are asked for
 * (`npm run every`). */
const ENLARGED = process.env.ONEOCLOCK_EVERY ? LANGUAGES : ['ar', 'bg', 'de', 'pl'];

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(600_000);
});

/** What can be tapped and is smaller than a finger needs. @param {import('./world.js').Onlooker} onlooker */
const small = ({ page }) =>
  page.evaluate((least) => {
    const targets = [...document.querySelectorAll('a, button, input, summary')].filter((one) => one.checkVisibility({ visibilityProperty: true }));
    return targets.flatMap((one) => {
      const { width, height } = one.getBoundingClientRect();
      return width < least || height < least ? [`${one.outerHTML.slice(0, 80)} is ${width} by ${height}`] : [];
    });
  }, TARGET);

test('at 320 pixels and at 400 % nothing scrolls sideways, spills or is too small to tap, in every language and phase', async (t) => {
  const phone = await enter(browser, { reducedMotion: 'reduce' });
  /** @type {string[]} */
  const wrong = [];
  let looks = 0;
  for (const lang of LANGUAGES) {
    await phone.goto(`${server.url}/g/glasgow?lang=${lang}`);
    await phone.page.locator('.languages details').evaluate((details) => details.setAttribute('open', ''));
    await play(phone, async (phase) => {
      for (const window of ENLARGED.includes(lang) ? WINDOWS : WINDOWS.slice(0, 1)) {
        await phone.page.setViewportSize(window);
        const sideways = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        const all = [...(sideways > 0 ? [`${sideways} px to scroll sideways`] : []), ...(await spills(phone, 0)), ...(await small(phone))];
        wrong.push(...all.map((fault) => `${lang} ${phase} ${window.height}: ${fault}`));
        looks += 1;
      }
    });
  }
  t.diagnostic(`${looks} looks`);
  assert.deepEqual(wrong, []);
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});
