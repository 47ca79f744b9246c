// @ts-check
// What a steward's phone counts, and that the server has exactly that in the end, whatever the way between them does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Courier } from '../../web/courier.js';
import { forSteward } from '../../web/duty.js';
import { Ledger } from '../../web/ledger.js';
import { read } from '../../web/wire.js';
import { Time } from './fakes.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2027, 1, 20, 12);
const WHO = { gathering: 'bath', post: 'North gate', device: '00c0ffee00c0ffee00c0ffee00c0ffee' };

/** Chance that can be repeated (mulberry32). @param {number} seed */
const chance = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** @template T @param {T[]} all @param {() => number} random */
const shuffled = (all, random) => all.map((one) => ({ one, at: random() })).sort((a, b) => a.at - b.at).map(({ one }) => one);

/** What the server does with what it hears: of each total it keeps the largest, and of each number one. */
class Shelf {
  /** @type {Map<string, any>} */ minutes = new Map();
  /** @type {Map<string, any>} */ estimates = new Map();

  /** @param {string} text @returns {string} the answer */
  hear(text) {
    const { type, ...said } = JSON.parse(text);
    const { gathering, ...identity } = said;
    if (type === 'estimate') {
      this.estimates.set(`${said.device} ${said.seq}`, said);
      return JSON.stringify({ type: 'kept', of: 'estimate', device: said.device, seq: said.seq, held: false });
    }
    const before = this.minutes.get(`${said.device} ${said.minute}`) ?? {};
    const most = (/** @type {string} */ name) => Math.max(before[name] ?? 0, said[name]);
    const totals = { in: most('in'), in_undone: most('in_undone'), out: most('out'), out_undone: most('out_undone') };
    this.minutes.set(`${said.device} ${said.minute}`, totals);
    return JSON.stringify({ type: 'kept', of: 'tally', ...identity, ...totals, held: false });
  }

  /** People at the post, as domain/headcount.rs has it. */
  get people() {
    const base = [...this.estimates.values()].sort((a, b) => b.at - a.at || b.seq - a.seq)[0];
    const since = base ? Math.floor(base.at / MINUTE) * MINUTE : -Infinity;
    let sum = base?.value ?? 0;
    for (const [key, { in: came, in_undone, out, out_undone }] of this.minutes) {
      if (Number(key.split(' ')[1]) > since) sum += came - in_undone - (out - out_undone);
    }
    return sum;
  }
}

/** A page that is reloaded: all that is left is what was stored. @param {Ledger} ledger @param {Map<number, any>} rows */
const reload = (ledger, rows) => {
  const { page, rows: changed } = ledger.changes();
  for (const row of changed) rows.set(row.minute, row);
  return new Ledger(structuredClone(page), structuredClone([...rows.values()]));
};

/** @param {Ledger} ledger */
const all = (ledger) => {
  /** @type {string[]} */
  const sent = [];
  const time = new Time();
  const courier = new Courier({ ledger, who: WHO, timers: time.timers, local: () => time.now, send: (text) => sent.push(text) > 0 });
  courier.opened(true);
  time.pass(14_000);
  return sent;
};

for (const seed of [1, 2, 3, 4, 5]) {
  test(`six hours offline, a thousand taps and three restarts, said three times in any order, are exact (${seed})`, () => {
    const random = chance(seed);
    /** @type {Map<number, any>} */
    const rows = new Map();
    let ledger = new Ledger(null);
    let truth = 0;
    let out = 0;
    /** @type {{ id: number, n: number }[]} */
    let done = [];
    for (let tap = 0; tap < 1_000; tap++) {
      const now = NOON + Math.floor((tap / 1_000) * 6 * HOUR + random() * 10_000);
      const back = done.pop();
      if (back && random() < 0.1) {
        assert.ok(ledger.undo(back.id));
        truth -= back.n;
        done = [];
      } else {
        const [way, n] = /** @type {['in' | 'out', number]} */ (shuffled([['in', 1], ['in', 5], ['in', 10], ['out', 1]], random)[0]);
        const { id } = ledger.count(way, n, now);
        const people = way === 'in' ? n : -n;
        if (way === 'out') out += 1;
        truth += people;
        done.push({ id, n: people });
      }
      if ([250, 500, 750].includes(tap)) ledger = reload(ledger, rows);
    }
    assert.equal(ledger.counted, truth);
    assert.ok(out > 100);
    assert.equal(ledger.kept, 0);
    const sent = all(ledger);
    const shelf = new Shelf();
    const answers = shuffled([...sent, ...sent, ...sent], random).map((text) => shelf.hear(text));
    assert.equal(shelf.people, truth);
    for (const answer of shuffled([...answers, ...answers], random)) {
      const kept = forSteward(read(answer));
      assert.ok(kept?.type === 'kept');
      ledger.keptMinute(kept.minute, kept.totals, kept.held);
    }
    assert.deepEqual([ledger.counted, ledger.kept, ledger.waiting], [truth, truth, false]);
  });

  test(`with typed numbers in between the server sees what the steward sees (${seed})`, () => {
    const random = chance(seed + 100);
    /** @type {Map<number, any>} */
    const rows = new Map();
    let ledger = new Ledger(null);
    const shelf = new Shelf();
    let now = NOON;
    let people = 0;
    for (let step = 0; step < 400; step++) {
      now += Math.floor(random() * 40_000);
      if (random() < 0.1) {
        people = Math.floor(random() * 300);
        ledger.estimate({ at: now, value: people, low: people, high: people, method: 'counted' }, now);
      } else if (random() < 0.1 && ledger.actions[0] && !ledger.actions[0].undone) {
        const [{ id, way, n }] = /** @type {[any]} */ (ledger.actions);
        ledger.undo(id);
        people -= way === 'in' ? n : -n;
      } else {
        const n = random() < 0.2 ? 5 : 1;
        ledger.count('in', n, now);
        people += n;
      }
      if (random() < 0.02) ledger = reload(ledger, rows);
      assert.equal(ledger.counted, people, `step ${step}`);
    }
    for (const text of shuffled(all(ledger), random)) shelf.hear(text);
    assert.equal(shelf.people, people);
  });
}

test('undo adds to what was taken back in the minute of its tap, once', () => {
  const ledger = new Ledger(null);
  const { id } = ledger.count('in', 10, NOON + 1_000);
  ledger.count('out', 1, NOON + 5 * MINUTE);
  assert.equal(ledger.counted, 9);
  assert.ok(ledger.undo(id));
  assert.ok(!ledger.undo(id));
  assert.equal(ledger.counted, -1);
  const { tallies } = ledger.due(9);
  assert.deepEqual(tallies.at(-1), { minute: NOON, totals: { in: 10, in_undone: 10, out: 0, out_undone: 0, rush: false } });
});

test('the last fifty taps can be taken back, also after a restart', () => {
  const first = new Ledger(null);
  for (let n = 0; n < 60; n++) first.count('in', 1, NOON + n * 1_000);
  const ledger = reload(first, new Map());
  assert.equal(ledger.actions.length, 50);
  for (const { id } of ledger.actions) assert.ok(ledger.undo(id));
  assert.equal(ledger.counted, 10);
});

test('taps after a typed number go to the next minute, and the number can be typed again in the same one', () => {
  const ledger = new Ledger(null);
  const said = (/** @type {number} */ value, /** @type {number} */ at) =>
    ledger.estimate({ at, value, low: value, high: value, method: 'counted' }, at);
  ledger.count('in', 5, NOON + 1_000);
  said(200, NOON + 10_000);
  assert.equal(ledger.count('in', 1, NOON + 11_000).minute, NOON + MINUTE);
  assert.equal(ledger.counted, 201);
  said(300, NOON + 20_000);
  assert.equal(ledger.counted, 300, 'the tap before is in the number');
  assert.equal(ledger.count('in', 1, NOON + 21_000).minute, NOON + 2 * MINUTE);
  assert.equal(ledger.counted, 301);
  assert.equal(ledger.actions.length, 1, 'what the number has replaced cannot be taken back');
});

test('a final figure for the moment leaves what was counted after it', () => {
  const ledger = new Ledger(null);
  ledger.count('in', 7, NOON - MINUTE);
  ledger.count('in', 3, NOON + 5 * MINUTE);
  ledger.estimate({ at: NOON, value: 100, low: 90, high: 110, method: 'estimated-eye' }, NOON + 6 * MINUTE);
  assert.equal(ledger.counted, 103);
  assert.equal(ledger.count('in', 1, NOON + 7 * MINUTE).minute, NOON + 7 * MINUTE);
});

test('more than five taps a second for ten seconds are a rush, and fewer are not', () => {
  const rushes = (/** @type {number} */ gap, /** @type {number} */ taps) => {
    const ledger = new Ledger(null);
    for (let n = 0; n < taps; n++) ledger.count('in', 1, NOON + n * gap);
    return ledger.due(9).tallies[0]?.totals.rush;
  };
  assert.equal(rushes(190, 60), true);
  assert.equal(rushes(210, 60), false);
  assert.equal(rushes(100, 50), false, 'five seconds of that may be a queue');
});

test('one version of a minute is on its way at a time, and the next follows when it is kept', () => {
  const time = new Time();
  /** @type {any[]} */
  const sent = [];
  const ledger = new Ledger(null);
  const courier = new Courier({ ledger, who: WHO, timers: time.timers, local: () => time.now, send: (text) => sent.push(JSON.parse(text)) > 0 });
  ledger.count('in', 1, NOON);
  courier.flush();
  assert.equal(sent.length, 0, 'not before the server knows who we are');
  courier.opened(true);
  ledger.count('in', 1, NOON);
  courier.flush();
  ledger.count('in', 1, NOON);
  courier.flush();
  assert.deepEqual(sent.map((one) => one.in), [1]);
  const keep = (/** @type {any} */ one) => courier.kept(/** @type {any} */ (forSteward(read(new Shelf().hear(JSON.stringify(one))))));
  keep(sent[0]);
  assert.deepEqual(sent.map((one) => one.in), [1, 3]);
  assert.equal(ledger.kept, 1);
  keep(sent[1]);
  assert.deepEqual([ledger.kept, ledger.waiting, sent.length, time.pending], [3, false, 2, 0]);
});

test('what the server could not keep is said again, later each time, until it can', () => {
  const time = new Time();
  let sent = 0;
  const ledger = new Ledger(null);
  const courier = new Courier({ ledger, who: WHO, timers: time.timers, local: () => time.now, send: () => ++sent > 0 });
  courier.opened(true);
  ledger.count('in', 1, NOON);
  courier.flush();
  const tries = [];
  for (let n = 0; n < 7; n++) {
    courier.refuse();
    assert.ok(courier.refused);
    const before = sent;
    ledger.count('in', 1, NOON);
    courier.flush();
    assert.equal(sent, before, 'not before its time');
    const since = time.now;
    while (sent === before) time.pass(500);
    tries.push(time.now - since);
  }
  assert.deepEqual(tries, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  courier.kept(/** @type {any} */ ({ of: 'tally', device: WHO.device, minute: NOON, totals: { in: 8, in_undone: 0, out: 0, out_undone: 0, rush: false }, held: true }));
  assert.deepEqual([courier.refused, ledger.waiting, ledger.held], [false, false, true]);
});

test('a day’s worth of minutes is sent no faster than the server reads, and an answer that never comes is not waited for', () => {
  const time = new Time();
  /** @type {number[]} */
  const at = [];
  const ledger = new Ledger(null);
  for (let n = 0; n < 360; n++) ledger.count('in', 1, NOON + n * MINUTE);
  const courier = new Courier({ ledger, who: WHO, timers: time.timers, local: () => time.now, send: () => at.push(time.now) > 0 });
  courier.opened(true);
  time.pass(14_900);
  assert.equal(at.length, 360);
  for (const from of at) assert.ok(at.filter((one) => one >= from && one < from + 2_000).length <= 70);
  time.pass(30_000);
  assert.ok(at.length > 700, 'all of it again');
  courier.opened(false);
  const before = at.length;
  time.pass(60_000);
  assert.equal(at.length, before);
});

test('the roll-call is said until it is kept, and a newer word takes its place', () => {
  const time = new Time();
  /** @type {any[]} */
  const sent = [];
  const courier = new Courier({ ledger: new Ledger(null), who: WHO, timers: time.timers, local: () => time.now, send: (text) => sent.push(JSON.parse(text)) > 0 });
  courier.say(true);
  assert.equal(courier.ready, true);
  courier.opened(true);
  courier.flush();
  assert.deepEqual(sent, [{ type: 'ready', ready: true }]);
  courier.say(false);
  courier.kept(/** @type {any} */ ({ of: 'ready', device: '', ready: true }));
  assert.equal(courier.ready, false, 'that was the word before');
  courier.kept(/** @type {any} */ ({ of: 'ready', device: '', ready: false }));
  assert.equal(courier.ready, null);
  assert.equal(sent.length, 2);
});
