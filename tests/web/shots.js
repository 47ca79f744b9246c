// @ts-check
// Pictures of every phase, screen and language, to be looked at one by one:
//   node web/shots.js FOLDER [--lang=en,pl,ar,ur] [--scheme=light,dark] [--screen=phone-360,…] [--phase=days,…]

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COUNTED } from './stage.js';
import { GATHERINGS, Server, launch, open } from './world.js';

const HOUR = 3_600_000;

/** @type {Record<string, { place: boolean, viewport: { width: number, height: number } }>} */
const SCREENS = {
  'phone-360': { place: true, viewport: { width: 360, height: 640 } },
  'phone-412': { place: false, viewport: { width: 412, height: 915 } },
  'display-1080': { place: true, viewport: { width: 1920, height: 1080 } },
  'display-2160': { place: false, viewport: { width: 3840, height: 2160 } },
};

const { values, positionals: [folder = 'shots'] } = parseArgs({
  allowPositionals: true,
  options: {
    lang: { type: 'string', default: 'en,pl,ar,ur' },
    scheme: { type: 'string', default: 'light,dark' },
    screen: { type: 'string', default: Object.keys(SCREENS).join() },
    phase: { type: 'string' },
  },
});
const asked = values.phase?.split(',');

const WORDS = ['--words', 'Link arms', '--cue', '0s=Link arms', '--cue', '45s=Thank you'];

const server = new Server();

/**
 * How a phase comes about; what is given is the state of `html` to wait for. Those that are opened anew show what
 * somebody sees who comes only then.
 * @typedef {{ begin: () => Promise<string>, anew?: Partial<import('playwright-core').BrowserContextOptions> & { slug?: string } }} Phase
 */

/** Each begins where the one before it has ended.
 * @type {Record<string, Phase>} */
const PHASES = {
  days: { begin: async () => (await server.moment(80.7 * HOUR, ...WORDS), '[data-span="days"]') },
  unscripted: { begin: async () => '', anew: { javaScriptEnabled: false } },
  hours: { begin: async () => (await server.moment(22.3 * HOUR, ...WORDS), '[data-span="hours"]') },
  own: { begin: async () => '[data-span="hours"][data-link="live"]', anew: { slug: 'own' } },
  minutes: { begin: async () => (await server.moment(587_000, ...WORDS), '[data-span="minutes"]') },
  counted: { begin: async () => ((figures = COUNTED), '[data-span="minutes"][data-link="live"]'), anew: {} },
  partial: { begin: async () => ((figures = { ...COUNTED, exact: false, nodes_reporting: 2, nodes_expected: 3, as_of: Date.now() - 90_000 }), '[data-span="minutes"][data-figures="partial"]'), anew: {} },
  seconds: { begin: async () => ((figures = {}), await server.moment(14_000, ...WORDS), '[data-span="seconds"]') },
  now: { begin: async () => '[data-phase="now"]' },
  after: { begin: async () => '[data-phase="after"]' },
  late: { begin: async () => '[data-phase="after"][data-link="live"]', anew: {} },
  told: { begin: async () => ((figures = COUNTED), '[data-phase="after"][data-link="live"]'), anew: {} },
  moved: {
    begin: async () => {
      figures = {};
      const at = await server.moment(2 * HOUR, ...WORDS);
      const later = new Date(at + HOUR).toISOString().slice(0, 19).replace('T', ' ');
      await server.command('moment', 'move', later);
      return '[data-span="hours"]';
    },
  },
  held: { begin: async () => (await server.command('moment', 'hold'), '[data-phase="held"]') },
  cancelled: { begin: async () => (await server.command('moment', 'cancel'), '[data-phase="cancelled"]') },
  away: {
    begin: async () => {
      await server.moment(0.5 * HOUR, ...WORDS);
      await Promise.all(pages.map(({ seen }) => seen.page.locator('html[data-span="hours"][data-link="live"]').waitFor()));
      await server.end('SIGKILL');
      return '[data-link="away"]';
    },
  },
};

const browser = await launch();

/** @typedef {{ name: string, lang: string, scheme: string, seen: import('./world.js').Onlooker }} Picture */

/** @type {Picture[]} */
let pages = [];

/** What boards say beside what the server does: figures of a day on which people were counted.
 * @type {Partial<import('../../web/wire.js').Board>} */
let figures = {};

/** Boards as they come, with those figures. @param {import('playwright-core').BrowserContext} context */
const counting = (context) =>
  context.routeWebSocket('**/live', (line) => {
    line.connectToServer().onMessage((text) => {
      const message = JSON.parse(String(text));
      line.send(message.type === 'board' ? JSON.stringify({ ...message, ...figures }) : text);
    });
  });

/** One gathering more than the national day has, which keeps a time of its own. */
const own = join(tmpdir(), `oneoclock-shots-${process.pid}.csv`);
writeFileSync(own, 'id,name,place,venue,kind,joins\nown,Evening vigil,Liverpool,St Luke’s,vigil,no\n');

/**
 * One page per screen that was asked for.
 * @param {string} lang
 * @param {'light' | 'dark'} colorScheme
 * @param {Phase['anew']} [anew]
 */
const openAll = (lang, colorScheme, { slug = 'glasgow', ...how } = {}) =>
  Promise.all(
    Object.entries(SCREENS)
      .filter(([name]) => values.screen.split(',').includes(name))
      .map(async ([name, { place, viewport }]) => {
        const root = name.startsWith('phone') ? (place ? `/g/${slug}` : '/') : place ? `/display/${slug}` : '/display';
        const seen = await open(browser, 'about:blank', { viewport, colorScheme, ...how });
        await counting(seen.page.context());
        await seen.page.goto(`${server.url}${root}?lang=${lang}`);
        return { name, lang, scheme: colorScheme, seen };
      }),
  );

/** @param {Picture} picture @param {string} phase */
const take = async ({ name, lang, scheme, seen: { page } }, phase) => {
  const fullPage = name.startsWith('phone') && !['seconds', 'now'].includes(phase);
  await page.screenshot({ path: join(folder, `${name}-${phase}-${lang}-${scheme}.png`), fullPage });
};

mkdirSync(folder, { recursive: true });
for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  if (!values.scheme.split(',').includes(colorScheme)) continue;
  for (const lang of values.lang.split(',')) {
    await server.start();
    await server.command('import', GATHERINGS, '--apply');
    await server.command('import', own, '--apply');
    await server.moment(0.2 * HOUR, ...WORDS);
    pages = await openAll(lang, colorScheme);
    for (const { seen } of pages) await seen.page.locator('html[data-clock="in-step"][data-link="live"]').waitFor();
    for (const [phase, { begin, anew }] of Object.entries(PHASES)) {
      const needed = ['seconds', 'now', 'after', 'late', 'told'];
      if (asked && !asked.includes(phase) && !(needed.includes(phase) && asked.some((one) => needed.includes(one)))) continue;
      const state = await begin();
      const watched = anew ? await openAll(lang, colorScheme, anew) : pages;
      await Promise.all(
        watched.map(async (picture) => {
          const { page } = picture.seen;
          await page.locator(`html${state}`).waitFor({ timeout: 60_000 });
          if (state) await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
          if (!asked || asked.includes(phase)) await take(picture, phase);
        }),
      );
      if (anew) await Promise.all(watched.map(({ seen }) => seen.leave()));
    }
    for (const { seen } of pages) await seen.leave();
    await server.end('SIGKILL');
  }
}
rmSync(own);
await browser.close();
await server.remove();
