// @ts-check
// Pictures of every state of a steward's page, to be looked at one by one:
//   node web/stewardshots.js FOLDER [--lang=en,pl,ar] [--scheme=light,dark] [--size=360x640]

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PASS, Pretender } from './pretend.js';
import { Server, launch } from './world.js';

const { values, positionals: [folder = 'shots'] } = parseArgs({
  allowPositionals: true,
  options: {
    lang: { type: 'string', default: 'en,pl,ar' },
    scheme: { type: 'string', default: 'light,dark' },
    size: { type: 'string', default: '360x640' },
  },
});
const [width = 360, height = 640] = values.size.split('x').map(Number);

mkdirSync(folder, { recursive: true });
const server = await new Server().start();
const browser = await launch();

for (const lang of values.lang.split(',')) {
  for (const colorScheme of /** @type {('light' | 'dark')[]} */ (values.scheme.split(','))) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const pretender = new Pretender();
    pretender.moment = { at: Date.now() + 2_000_000 };
    await pretender.serve(context);
    const page = await context.newPage();
    const stands = (/** @type {string} */ screen) => page.locator(`body[data-screen="${screen}"]`).waitFor();
    const take = (/** @type {string} */ state) => page.screenshot({ path: join(folder, `steward-${state}-${lang}-${colorScheme}-${values.size}.png`) });
    const does = (/** @type {string} */ what) => page.locator(`button[data-do="${what}"]:visible`).first().click();
    const closes = () => page.evaluate(() => document.querySelectorAll('dialog').forEach((one) => one.close()));
    const taps = async (/** @type {number} */ n, times = 1) => {
      for (let i = 0; i < times; i++) await page.locator(`[data-tap="${n}"]`).dispatchEvent('pointerdown', { button: 0, bubbles: true, clientX: 10 * i });
    };
    const figure = () => page.evaluate(() => document.querySelector('.figure')?.textContent);
    // Does something, and waits until it can be seen.
    const changes = async (/** @type {() => unknown} */ what) => {
      const before = await figure();
      await what();
      await page.waitForFunction((before) => document.querySelector('.figure')?.textContent !== before, before);
    };
    const says = (/** @type {object} */ duty) =>
      changes(() => {
        pretender.duty = duty;
        pretender.tell();
      });
    await page.goto(`${server.url}/steward?lang=${lang}`);
    await stands('door');
    await take('door');
    await page.goto('about:blank');
    await page.goto(`${server.url}/steward?lang=${lang}#${PASS}`);
    await stands('brief');
    await page.waitForFunction(() => document.querySelector('[data-live="offline"]')?.textContent);
    await take('brief');
    await does('practise');
    await taps(1, 2);
    await take('practice');
    await taps(1, 3);
    await take('go');
    await does('start');
    await taps(10, 20);
    await taps(1, 3);
    await taps(5, 2);
    await page.locator('[data-live="kept"]', { hasText: /^✓/ }).waitFor();
    await take('count');
    await changes(() => does('undo'));
    await take('undone');
    await does('more');
    await take('more');
    await closes();
    await does('lock');
    await take('locked');
    await page.locator('#unlock').dispatchEvent('pointerdown', { button: 0 });
    await page.locator('#locked').waitFor({ state: 'hidden' });
    await does('hide');
    await take('hidden');
    await page.locator('#hidden').click();
    await says({ post_people: 430, devices: [{ device: 'ffffffff', counted: 222, live: true }] });
    await take('two');
    await changes(() => pretender.say('board', { t: Date.now(), exact: false, nodes_reporting: 2, nodes_expected: 3, as_of: Date.now() - 90_000 }));
    await take('partial');
    await changes(() => pretender.say('board', { t: Date.now() }));
    await says({ held: 1 });
    await take('held');
    await says({});
    pretender.full = true;
    await taps(1, 3);
    await page.locator('body:not([data-calm])').waitFor();
    await take('notkept');
    pretender.full = false;
    await page.locator('[data-live="kept"]', { hasText: /^✓/ }).waitFor();
    pretender.say('moment', { rev: 8, at: Date.now() + 100_000 });
    await page.locator('[data-do="yes"]:visible').waitFor();
    await take('confirm');
    await does('change');
    await take('change');
    await closes();
    await does('yes');
    pretender.say('moment', { rev: 9, at: Date.now() - 60_000 });
    await page.locator('.last [data-do="final"]:visible').waitFor();
    await take('afterwards');
    await page.locator('.last [data-do="final"]').click();
    await page.locator('#typed [name="low"]').fill('190');
    await page.locator('#typed [name="high"]').fill('240');
    await take('final');
    await changes(() => page.locator('#typed .main').click());
    await take('signed');
    await taps(5, 2);
    await taps(-1);
    await does('undo');
    await does('more');
    await page.locator('#more [data-do="list"]').click();
    await page.locator('#list [data-undone]').waitFor();
    await take('list');
    await closes();
    await says({ until: Date.now() - 1 });
    await take('over');
    await says({});
    pretender.away = true;
    await changes(() => pretender.end(4403));
    await take('barred');
    await context.close();
  }
}
await browser.close();
await server.remove();
