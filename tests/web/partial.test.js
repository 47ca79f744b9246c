// @ts-check
// What pages say while a part of the figures is missing, and after.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { inks, overlaps } from './inks.js';
import { PASS, Pretender } from './pretend.js';
import { COUNTED, PHASES, enter } from './stage.js';
import { GATHERINGS, axe, begin, open, spills } from './world.js';

/** Least size of a text on a wall, and of the number, as shares of its height; a pixel less is as good. */
const EM = 0.05;
const NUMBER = 0.18;
const PIXEL = 1 / 1_080;

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(600_000);
});

/** Two of three servers are heard, since so long ago. @param {import('./stage.js').Actor} actor @param {number} ms */
const gap = async (actor, ms = 120_000) => {
  const as_of = Number(await actor.page.evaluate('stage.now()')) - ms;
  return { exact: false, nodes_reporting: 2, nodes_expected: 3, as_of };
};

const WORDS = new URL('../../web/words/', import.meta.url);

const WHOLE = { exact: true, nodes_reporting: undefined, nodes_expected: undefined, as_of: undefined };

/** @param {string} path @param {import('playwright-core').BrowserContextOptions} [how] */
const at = async (path, how) => {
  const actor = await enter(browser, { reducedMotion: 'reduce', ...how });
  await actor.goto(`${server.url}${path}`);
  await actor.figures(path.includes('glasgow') ? COUNTED : { ...COUNTED, people: null });
  await actor.pass(3_000);
  return actor;
};

/** What stands there in the very task in which a board comes. @param {import('./stage.js').Actor} actor @param {object} change */
const atOnce = ({ page }, change) =>
  page.evaluate((change) => {
    /** @type {any} */ (window).stage.figures(change);
    const read = (/** @type {string} */ slot) => document.querySelector(`[data-live="${slot}"]`)?.textContent;
    return { least: read('least'), total: read('total'), partial: read('partial') };
  }, change);

test('a phone says a gap with the board that has it, quietly, once aloud, and takes it back when the whole is back', async () => {
  const phone = await at('/g/glasgow');
  const top = () => phone.page.locator('.digits').evaluate((digits) => digits.getBoundingClientRect().top);
  const before = await top();
  await phone.figures({ taking_part: 109_650 });
  await phone.pass(100);
  const { least, total, partial } = await atOnce(phone, { ...(await gap(phone)), taking_part: 70_000 });
  // The number itself waits for its second.
  assert.deepEqual([least, total], ['at least', '109,650']);
  assert.match(partial ?? '', /^Part of the count is missing since \d\d:\d\d$/);
  assert.equal(await phone.page.locator('[data-say]').textContent(), partial);
  await phone.pass(1_000);
  await phone.sees('total', /^70,000$/);
  await phone.seesNo('range');
  assert.ok(Math.abs((await top()) - before) <= 1, 'the countdown stays where it is');
  assert.deepEqual(await axe(phone), []);
  const { partial: still } = await atOnce(phone, { ...WHOLE, taking_part: 109_700 });
  assert.equal(still, partial, 'not before it has been whole for a while');
  await phone.pass(3_100);
  await phone.sees('total', /^109,700$/);
  await phone.seesNo('partial');
  await phone.seesNo('least');
  assert.equal(await phone.page.locator('[data-say]').textContent(), 'The count is whole again.');
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});

test('in a gap nothing of a phone is cut or leaves it, and axe finds nothing, in long words and from right to left', async () => {
  const found = /** @type {string[]} */ ([]);
  for (const [lang, path] of [['ar', '/g/glasgow'], ['de', '/g/glasgow'], ['pa', '/'], ['ur', '/']]) {
    const phone = await at(`${path}?lang=${lang}`, { viewport: { width: 320, height: 568 } });
    await phone.figures(await gap(phone));
    await phone.pass(1_000);
    for (const phase of ['hours', 'minutes', 'seconds', 'now', 'after']) {
      await PHASES[phase]?.begin(phone);
      await phone.still();
      found.push(...(await spills(phone, 0)).map((what) => `${lang} ${phase}: ${what}`));
      if (phase !== 'seconds') found.push(...(await axe(phone)).map((what) => `${lang} ${phase}: ${what}`));
    }
    await phone.leave();
  }
  assert.deepEqual(found, []);
});

test('on a wall a gap is told in letters of the least size or more, in the safe area and on nothing else, and the number keeps its own', async () => {
  const wrong = /** @type {string[]} */ ([]);
  for (const lang of process.env.ONEOCLOCK_EVERY ? ['en', 'ar', 'bg', 'cy', 'de', 'es', 'fr', 'it', 'lt', 'pa', 'pl', 'pt', 'ro', 'ur'] : ['en', 'ar', 'de', 'pa', 'ro']) {
    const wall = await at(`/display/glasgow?lang=${lang}`, { viewport: { width: 1920, height: 1080 } });
    await wall.figures(await gap(wall));
    await wall.pass(1_000);
    for (const phase of ['days', 'hours', 'minutes', 'seconds', 'now', 'after', 'held']) {
      await PHASES[phase]?.begin(wall);
      await wall.still();
      const seen = await inks(wall);
      const where = `${lang} ${phase}`;
      const out = seen.filter(({ left, right, top, bottom, cut, em }) => em < EM - PIXEL || cut || left < 0.05 - PIXEL || right > 0.95 + PIXEL || top < 0.05 - PIXEL || bottom > 0.95 + PIXEL);
      wrong.push(...out.map(({ of, text, em }) => `${where}: ${of} "${text}" of ${(100 * em).toFixed(1)} % is small, cut or outside`), ...overlaps(seen).map((what) => `${where}: ${what}`));
      if (phase === 'seconds') continue;
      for (const slot of ['least', 'partial']) if (!seen.some(({ of }) => of === slot)) wrong.push(`${where}: no ${slot}`);
      const total = seen.find(({ of }) => of === 'total');
      if (!total || total.em < NUMBER - PIXEL) wrong.push(`${where}: a total of ${total?.em}`);
      const digits = Math.max(0, ...seen.filter(({ of, text }) => ['digits', 'big', 'figure'].includes(of) && /\d/.test(text)).map(({ digit }) => digit));
      if (digits && digits < 0.3 - PIXEL) wrong.push(`${where}: digits of ${(100 * digits).toFixed(1)} %`);
    }
    assert.deepEqual(wall.faults, []);
    await wall.leave();
  }
  assert.deepEqual(wrong, []);
});

test('a steward is told that taps are safe and that those of others may come late, as long as it is so', async () => {
  const steward = await open(browser, 'about:blank');
  const pretender = new Pretender();
  pretender.duty = { post_people: 430, devices: [{ device: 'ffffffff', counted: 222, live: true }] };
  await pretender.serve(steward.page.context());
  await steward.page.goto(`${server.url}/steward#${PASS}`);
  await steward.page.getByRole('button', { name: 'Try five taps' }).click();
  for (let n = 0; n < 5; n += 1) await steward.page.locator('[data-tap="1"]').dispatchEvent('pointerdown', { button: 0, bubbles: true, clientX: 10 * n });
  await steward.page.getByRole('button', { name: 'Start counting' }).click();
  await steward.sees('notice', /are counting/);
  const board = (/** @type {object} */ change) => pretender.say('board', { t: Date.now(), ...change });
  board({ exact: false, nodes_reporting: 2, nodes_expected: 3, as_of: Date.now() - 5_000 });
  await steward.sees('notice', /^Your taps are safe\. What other phones count may come late\.$/);
  assert.ok(await steward.page.locator('body[data-calm]').count(), 'nothing to worry about');
  await steward.sees('told', /late\. 2 phones are counting/);
  // In every language there is room for it, with the page's own limit of lines.
  const said = readdirSync(WORDS).map((file) => JSON.parse(readFileSync(new URL(file, WORDS), 'utf8'))['steward.partial']);
  const cut = await steward.page.locator('.notice').evaluate((notice, said) => {
    const half = Number.parseFloat(getComputedStyle(notice).fontSize) / 2;
    return said.filter((text) => ((notice.textContent = text), notice.scrollHeight > notice.clientHeight + half));
  }, said);
  assert.deepEqual(cut, []);
  assert.deepEqual(await axe(steward), []);
  board({});
  await steward.sees('notice', /together\.$/);
  assert.deepEqual(steward.faults, []);
  await steward.leave();
});

test('the organiser reads how many servers are heard, and what is to be done', async () => {
  const organiser = await open(browser, 'about:blank', { viewport: { width: 1024, height: 900 } });
  const { page } = organiser;
  let tell = (/** @type {object} */ _change) => {};
  await page.context().routeWebSocket('**/live', (line) => {
    line.connectToServer().onMessage((text) => {
      const message = JSON.parse(String(text));
      line.send(message.type === 'board' ? JSON.stringify({ ...message, phones: 9_470 }) : text);
      if (message.type === 'board') tell = (change) => line.send(JSON.stringify({ ...message, phones: 9_470, t: Date.now(), ...change }));
    });
  });
  await page.route('**/readyz', (route) => route.fulfill({ status: 503, json: { ready: false, degraded: ['engine'] } }));
  await page.goto(server.organise);
  await organiser.sees('phones', /^9,470$/);
  assert.equal(await page.locator('#nodes').isVisible(), false);
  tell({ exact: false, nodes_reporting: 2, nodes_expected: 3, as_of: Date.now() - 60_000 });
  await page.getByText(/^Partial since \d\d:\d\d: .* This server hears 2 of 3/).waitFor();
  await page.getByText('look at the NATS servers').waitFor();
  await organiser.sees('least', /^at least$/);
  assert.deepEqual(await axe(organiser), []);
  tell({});
  await page.locator('#nodes').waitFor({ state: 'hidden' });
  await organiser.seesNo('least');
  assert.deepEqual(organiser.faults.filter((fault) => !fault.includes('503')), []);
  await organiser.leave();
});
