// @ts-check
// Pictures of every phase, to be looked at one by one: node web/shots.js FOLDER [light] [dark]

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GATHERINGS, Server, launch, open } from './world.js';

const HOUR = 3_600_000;
const [folder = 'shots', ...only] = process.argv.slice(2);

/** @type {Record<string, { path: string, viewport: { width: number, height: number } }>} */
const SCREENS = {
  'phone-360': { path: '/g/glasgow', viewport: { width: 360, height: 640 } },
  'phone-412': { path: '/', viewport: { width: 412, height: 915 } },
  'display-1080': { path: '/display/glasgow', viewport: { width: 1920, height: 1080 } },
  'display-2160': { path: '/display', viewport: { width: 3840, height: 2160 } },
};

const WORDS = ['--words', 'Link arms', '--cue', '0s=Link arms', '--cue', '8s=Thank you'];

const server = new Server();

/** How each phase comes about; what is given is the state of `html` to wait for.
 * @type {Record<string, () => Promise<string>>} */
const PHASES = {
  days: async () => (await server.moment(80.7 * HOUR, ...WORDS), '[data-span="days"]'),
  hours: async () => (await server.moment(22.3 * HOUR, ...WORDS), '[data-span="hours"]'),
  minutes: async () => (await server.moment(587_000, ...WORDS), '[data-span="minutes"]'),
  seconds: async () => (await server.moment(12_000, ...WORDS), '[data-span="seconds"]'),
  now: async () => '[data-phase="now"]',
  after: async () => '[data-phase="after"]',
  moved: async () => {
    const at = await server.moment(2 * HOUR, ...WORDS);
    const later = new Date(at + HOUR).toISOString().slice(0, 19).replace('T', ' ');
    await server.command('moment', 'move', later);
    return '[data-span="hours"]';
  },
  held: async () => (await server.command('moment', 'hold'), '[data-phase="held"]'),
  cancelled: async () => (await server.command('moment', 'cancel'), '[data-phase="cancelled"]'),
  away: async () => {
    await server.moment(0.5 * HOUR, ...WORDS);
    await Promise.all(pages.map(({ page }) => page.locator('html[data-span="hours"][data-link="live"]').waitFor()));
    await server.end('SIGKILL');
    return '[data-link="away"]';
  },
};

const browser = await launch();
/** @type {import('./world.js').Onlooker[]} */
let pages = [];

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  if (only.length && !only.includes(colorScheme)) continue;
  mkdirSync(folder, { recursive: true });
  await server.start();
  await server.command('import', GATHERINGS, '--apply');
  const names = Object.keys(SCREENS);
  await server.moment(0.2 * HOUR, ...WORDS);
  pages = await Promise.all(Object.values(SCREENS).map(({ path, viewport }) => open(browser, server.url + path, { viewport, colorScheme })));
  for (const page of pages) await page.sees('clock', /^In step/);
  for (const [phase, begin] of Object.entries(PHASES)) {
    const state = await begin();
    await Promise.all(
      pages.map(async ({ page }, at) => {
        await page.locator(`html${state}`).waitFor();
        await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
        const name = names[at] ?? '';
        await page.screenshot({ path: join(folder, `${name}-${phase}-${colorScheme}.png`), fullPage: name.startsWith('phone') && !['seconds', 'now'].includes(phase) });
      }),
    );
  }
  for (const page of pages) await page.leave();
}
await browser.close();
await server.remove();
