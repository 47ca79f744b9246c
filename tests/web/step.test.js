// @ts-check
// Whether real pages act at the true instant, and say rightly how sure they are: each with a false clock of its own and
// on a bad road of its own. What they did is judged by a clock that none of them can see. docs/CLOCK.md has the results.

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Judged } from './judged.js';
import { mono, serverClock } from './referee.js';
import { hold, lines, percentile, soundly, stalls } from './trial.js';
import { Server, launch } from './world.js';

/** Callbacks may be later than the page's own instant by this, p95, ms. Thirteen pages act in one frame here, and on two
 * cores they wait for each other: at ordinary priority a frame is what can be asked of them. */
const PUNCTUAL = process.env.ONEOCLOCK_EVERY ? 4 : 1_000 / 60;

/** After the server is back, or its clock is another, pages are in step again within this, ms. */
const RELOCKED = 5_000;

const SEED = Number(process.env.SEED ?? 1);

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
});

/** What is still to be put away, the newest first.
 * @type {(() => Promise<unknown>)[]} */
const away = [];

after(async () => {
  for (const put of away.reverse()) await put();
  await browser?.close();
  await stalls.end();
});

/** @param {string[]} flags */
const serve = async (...flags) => {
  const server = await new Server('200ms', ...flags).start();
  away.push(() => server.remove());
  return server;
};

/** @param {string} url @param {import('./judged.js').Setting} setting @param {number} seed */
const arrives = async (url, setting, seed) => {
  const page = await Judged.join(browser, url, setting, seed);
  away.push(() => page.leave());
  return page;
};

const even = { up: 20, down: 20, jitter: 1 };
const filled = { ...even, fills: /** @type {[number, number]} */ ([6_000, 150]) };

/** @type {import('./judged.js').Setting[]} */
const SETTINGS = [
  { name: 'even road, clock 37 s ahead and 100 ppm fast', road: even, clock: { off: 37_000, ppm: 100 } },
  { name: 'up 80, down 20, clock an hour behind and 100 ppm slow', road: { up: 80, down: 20, jitter: 1 }, clock: { off: -3_600_000, ppm: -100 } },
  { name: 'jittery road', road: { up: 12, down: 9, jitter: 6 }, clock: { ppm: 50 } },
  { name: 'radio that sleeps', road: { up: 25, down: 15, jitter: 2, wakes: 300 }, clock: { ppm: -70 } },
  { name: 'road that stalls', road: { ...even, stalls: [4_000, 700] }, clock: { ppm: 30 } },
  { name: 'connection that breaks', road: even, clock: { ppm: -30 } },
  { name: 'full queue after loading', road: filled, clock: { ppm: 100 } },
  { name: 'date put back 2 s', road: even, clock: { off: 5_000 } },
  { name: 'nobody looks', road: even, clock: {}, hidden: true },
  { name: 'held up 400 ms across the moment', road: even, clock: {}, held: 400 },
  { name: 'asleep until 5 s before', road: even, clock: { ppm: 60 } },
  { name: 'asleep until 5 s before, no network', road: even, clock: { ppm: -60 }, bound: true },
];

/** @param {import('./judged.js').Setting[]} settings @param {string} url */
const joinAll = async (settings, url) => {
  const pages = [];
  // One after the other: a machine that opens ten pages at once shows each of them a bad network.
  for (const [index, setting] of settings.entries()) pages.push(await arrives(url, setting, SEED * 100 + index));
  return pages;
};

/** @param {Judged[]} pages @param {string} name */
const named = (pages, name) => /** @type {Judged} */ (pages.find(({ setting }) => setting.name === name));

/** How long it takes a page from being connected again to being in step, ms. @param {Judged} page */
const relocks = async (page) => {
  await page.page.evaluate(() => dispatchEvent(new Event('online')));
  await page.page.locator('html[data-link="live"]').waitFor();
  const since = mono();
  await page.labelled(/^(In step|Close)/);
  return mono() - since;
};

test('pages with false clocks on bad roads act as one, and know how sure they are; a page that asks once does not', async (t) => {
  const server = await serve();
  const truth = serverClock(() => server.url);
  await server.moment(600_000, '--words', 'Link arms', '--cue', '-6s=Ready', '--cue', '-3s=Hands', '--cue', '2s=Sing');
  const pages = await joinAll(SETTINGS, server.url);
  const control = await arrives(server.url, { name: 'control: a single ping', road: filled, clock: { ppm: 100 }, single: true }, SEED);
  t.diagnostic(`seed ${SEED}, ${pages.length} pages`);
  const blocked = named(pages, 'held up 400 ms across the moment');
  const [sleeper, alone] = [named(pages, 'asleep until 5 s before'), named(pages, 'asleep until 5 s before, no network')];
  /** @type {import('./trial.js').Verdict[]} */
  const all = [];
  for (const [round, ahead] of [26_000, 11_000].entries()) {
    const verdicts = await soundly(t, async () => {
      const at = await server.moment(ahead);
      const blocks = () => {
        const [{ offset }, served] = [blocked.clock.at(mono()), truth.at(mono()).offset];
        return blocked.page.evaluate((from) => /** @type {any} */ (globalThis).referee.hold(from), at - served + offset - 200);
      };
      const first = round === 0;
      const report = await hold(truth, {
        at,
        judged: 3_000,
        pages: [...pages, control],
        events: [
          { before: 14_000, run: () => first && alone.road.cut() },
          { before: 13_000, run: () => first && Promise.all([sleeper.sleep(), alone.sleep()]) },
          { before: 9_500, run: () => first && named(pages, 'date put back 2 s').page.evaluate('referee.set(-2000)') },
          { before: 5_000, run: () => first && Promise.all([sleeper.wake(), alone.wake()]) },
          { before: 4_500, run: () => named(pages, 'connection that breaks').road.reset() },
          { before: 1_500, run: blocks },
        ],
      });
      // It must have heard of the next moment before it is cut off again.
      alone.road.mend();
      await relocks(alone);
      return report;
    });
    if (!verdicts) return;
    for (const line of lines(verdicts)) t.diagnostic(line);
    if (round === 0) {
      const { label } = verdicts.find(({ name }) => name === alone.setting.name)?.outcomes.find(({ what }) => what === 'fires') ?? {};
      assert.match(label ?? '', /^Approximate/, 'nobody confirmed its clock after it slept');
    }
    all.push(...verdicts);
  }
  const ours = all.filter(({ name }) => !name.startsWith('control'));
  const visible = ours.filter(({ name }) => !/nobody looks|held up|no network/.test(name)).flatMap(({ outcomes }) => outcomes.filter(({ missable }) => !missable));
  const tell = (/** @type {string} */ what, /** @type {number[]} */ of) => t.diagnostic(`${what}: p50 ${percentile(of, 0.5).toFixed(1)}, p95 ${percentile(of, 0.95).toFixed(1)}, most ${percentile(of, 1).toFixed(1)} ms, of ${of.length}`);
  tell('seen from the instant', visible.map(({ seen }) => Math.abs(seen)));
  tell('clock off', visible.map(({ error }) => Math.abs(error)));
  tell('said ±', visible.map(({ bound }) => bound ?? Infinity));
  const late = visible.map(({ late }) => Math.max(0, late));
  tell('called after the page’s own instant', late);
  assert.deepEqual(ours.flatMap(({ missed }) => missed), []);
  assert.ok(percentile(late, 0.95) <= PUNCTUAL, `p95 ${percentile(late, 0.95)} ms after the page's own instant`);
  assert.notDeepEqual(all.filter(({ name }) => name.startsWith('control')).flatMap(({ missed }) => missed), [], 'the referee must see the control');
});

/** Three pages, as they are in the cases below. @type {import('./judged.js').Setting[]} */
const THREE = [
  { name: 'even road', road: even, clock: { ppm: 80 } },
  { name: 'up 60, down 20', road: { up: 60, down: 20, jitter: 2 }, clock: { ppm: -80, off: 90_000 } },
  { name: 'radio that sleeps', road: { up: 25, down: 15, jitter: 2, wakes: 200 }, clock: { ppm: 20 } },
];

test('cases that take a server of their own', { concurrency: 5 }, async (t) => {
  /** @param {import('node:test').TestContext} of @param {Judged[]} pages @param {(attempt: number) => Promise<import('./trial.js').Report>} trial */
  const judged = async (of, pages, trial) => {
    const verdicts = await soundly(of, trial);
    if (!verdicts) return;
    for (const line of lines(verdicts)) of.diagnostic(line);
    assert.equal(verdicts.length, pages.length);
    assert.deepEqual(verdicts.flatMap(({ missed }) => missed), []);
  };

  const cases = [false, true].map((restarts) =>
    t.test(`a server that is killed 30 s before and ${restarts ? 'started again' : 'stays away'} changes nothing`, async (of) => {
      const server = await serve();
      const truth = serverClock(() => server.url);
      await server.moment(600_000);
      const pages = await joinAll(THREE, server.url);
      await judged(of, pages, async () => {
        const at = await server.moment(restarts ? 36_000 : 33_500);
        const events = [{ before: 30_000, run: () => server.end('SIGKILL') }];
        if (restarts) events.push({ before: 25_000, run: async () => void (await server.start()) });
        const report = await hold(truth, { at, judged: 2_000, pages, events });
        if (!restarts) await server.start();
        for (const ms of await Promise.all(pages.map(relocks))) assert.ok(ms <= RELOCKED, `${ms} ms until it was in step again`);
        return report;
      });
    }),
  );

  for (const [ms, ahead] of /** @type {const} */ ([[500, 64_000], [-500, 66_500]])) {
    cases.push(
      t.test(`a server whose clock steps by ${ms} ms a minute before is followed by every page`, async (of) => {
        const folder = mkdtempSync(join(tmpdir(), 'oneoclock-step-'));
        away.push(async () => rmSync(folder, { recursive: true, force: true }));
        const file = join(folder, 'clock');
        const clock = (/** @type {number} */ moved) => {
          writeFileSync(`${file}.new`, `${moved} 2.5`);
          renameSync(`${file}.new`, file);
        };
        clock(0);
        const server = await serve('--test-clock', file);
        const truth = serverClock(() => server.url);
        await server.moment(600_000);
        const pages = await joinAll(THREE, server.url);
        await judged(of, pages, async (attempt) => {
          const at = await server.moment(ahead);
          const steps = async () => {
            const old = truth.epoch;
            clock(attempt % 2 ? ms : 0);
            const since = mono();
            while (truth.epoch === old && mono() - since < 20_000) await truth.look();
            const stepped = mono();
            await Promise.all(pages.map(async (page) => {
              while ((await page.epoch()) !== truth.epoch && mono() - stepped < 2 * RELOCKED) await page.clock.look();
              await page.labelled(/^(In step|Close)/);
            }));
            of.diagnostic(`a new epoch after ${(stepped - since).toFixed(0)} ms, every page in step with it ${(mono() - stepped).toFixed(0)} ms later`);
            assert.ok(mono() - stepped <= RELOCKED);
          };
          return hold(truth, { at, judged: 2_000, pages, events: [{ before: 60_000, run: steps }] });
        });
      }),
    );
  }

  cases.push(
    t.test('what is cancelled or moved 3 s before is so for whoever hears it, and nobody acts twice', async () => {
      const server = await serve();
      const truth = serverClock(() => server.url);
      await server.moment(600_000);
      const pages = await joinAll([...THREE, { name: 'another', road: even, clock: { ppm: -40 } }], server.url);
      const [near, far] = [pages.slice(0, 2), pages.slice(2)];
      const fires = async (/** @type {Judged[]} */ of, /** @type {number} */ at) =>
        Promise.all(of.map(async (page) => (await page.acts(at)).filter(({ what }) => what === 'fires').length));

      let at = await server.moment(20_000);
      const cut = { before: 6_000, run: () => far.forEach(({ road }) => road.cut()) };
      const cancels = () => server.command('moment', 'cancel', '--confirm', 'cancel');
      await hold(truth, { at, judged: 1_500, pages, events: [cut, { before: 3_000, run: cancels }] });
      await Promise.all(near.map((page) => page.reaches('cancelled')));
      assert.deepEqual([await fires(near, at), await fires(far, at)], [[0, 0], [1, 1]]);
      for (const { page } of far) assert.match((await page.locator('[data-live="link"]').textContent()) ?? '', /^No connection.*Last heard \d\d:\d\d/);
      for (const { road } of far) road.mend();
      await Promise.all(far.map(relocks));

      at = await server.moment(16_000);
      let moved = 0;
      const moves = async () => (moved = await server.moment(10_000));
      await hold(truth, { at, judged: 1_500, pages, events: [cut, { before: 3_000, run: moves }] });
      await hold(truth, { at: moved, judged: 1_500, pages });
      assert.deepEqual([await fires(near, at), await fires(far, at)], [[0, 0], [1, 1]]);
      assert.deepEqual([await fires(near, moved), await fires(far, moved)], [[1, 1], [0, 0]], 'whoever is cut off cannot know');
    }),
  );
  await Promise.all(cases);
});

test('a page that comes back out of the browser’s cache is in step again, and acts', async (t) => {
  const own = await launch({ remembers: true });
  away.push(() => own.close());
  const server = await serve();
  await server.moment(600_000);
  const page = await Judged.join(own, server.url, { name: 'back', road: even, clock: { ppm: 50 } }, SEED);
  away.push(() => page.leave());
  await page.page.evaluate('window.mark = 1');
  await page.page.goto(`${page.road.url}/nowhere`);
  await page.page.goBack({ waitUntil: 'commit' });
  if ((await page.page.evaluate('window.mark')) !== 1) return t.skip('SKIPPED: this browser does not keep pages');
  await page.page.locator('html[data-link="live"]').waitFor();
  await page.labelled(/^In step/);
  const at = await server.moment(3_000);
  await page.reaches('now');
  assert.equal((await page.acts(at)).filter(({ what }) => what === 'fires').length, 1);
});
