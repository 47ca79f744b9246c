// @ts-check
// What happens to pages, one by one, and what they say of themselves then. Those that need a real browser are in
// tests/web; docs/CLOCK.md lists all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../web/clock.js';
import { Countdown } from '../../web/countdown.js';
import { Client, ORIGIN } from './client.js';
import { PROFILES } from './links.js';

/** @typedef {import('./links.js').Profile} Profile */

/** When the moment is in most cases, ms of simulated time. */
const MOMENT = 600_000;

const still = { chance: 0, lasts: 1, deep: 0, stands: /** @type {[number, number]} */ ([0, 0]) };

/** A network that always takes the same. @param {number} up ms @param {number} down ms @returns {Profile} */
const even = (up, down) => ({ up: [up, up], down: [down, down], asymmetry: [0, 0], jitter: [0.5, 0.5], queues: [still, still], loss: 0, dozes: 0, wakes: [] });

/** @param {string} name */
const profile = (name) => /** @type {Profile} */ (PROFILES[name]);

/** A page that has joined, and what it is at a time. @param {Partial<import('./client.js').Setting>} [setting] */
const page = (setting) => {
  const client = new Client({ seed: 11, profile: even(20, 20), ends: MOMENT, skew: 30, res: 0.1, ...setting });
  client.asks.burst();
  /** Lets it live, ticking as a page does. @param {number} until */
  const live = (until) => {
    while (client.t < until) {
      client.run(Math.min(client.t + 1_000, until));
      client.asks.check();
    }
  };
  const state = () => {
    const { label, why, bound } = client.clock.step();
    const error = client.error();
    const honest = bound === null || Math.abs(error) <= bound;
    return { label, why, bound: bound ?? Infinity, error, honest };
  };
  return { client, live, state };
};

/** @returns {import('../../web/wire.js').Moment} */
const moment = (at = ORIGIN + MOMENT, rev = 1, status = /** @type {import('../../web/wire.js').Status} */ ('scheduled')) => ({
  type: 'moment', rev, at, zone: 'Europe/London', civil: '2027-02-20T13:00:00', name: '', status, lang: 'en', words: '', cues: [],
});

/**
 * Reads a countdown as a page does, from now until a time, and tells when it fired.
 * @param {Client} client @param {Countdown} countdown @param {number} until @param {number} [every] ms
 */
const firings = (client, countdown, until, every = 4) => {
  const fired = [];
  while (client.t < until) {
    const { clock } = client;
    if (countdown.read(clock.now(), client.local(), clock.bound()).fires) fired.push(client.t);
    client.run(client.t + every);
  }
  return fired;
};

test('1: a way that is alike both ways, 40 ms each: in step, and right within two milliseconds', () => {
  const { live, state } = page({ profile: even(40, 40) });
  live(MOMENT);
  const { label, error, honest } = state();
  assert.deepEqual([label, honest], ['in-step', true]);
  assert.ok(Math.abs(error) < 2, `${error}`);
});

test('2: 80 ms up and 20 down, always: early by 30, which nobody can see, and the bound says so', () => {
  const { live, state } = page({ profile: even(80, 20) });
  live(MOMENT);
  const { label, error, bound, honest } = state();
  assert.ok(Math.abs(error - 30) < 2 && bound >= 30, `${error}, ${bound}`);
  assert.deepEqual([label, honest], ['close', true]);
});

test('3: a queue that fills in bursts: in step or close, and honest', () => {
  const queue = { chance: 0.3, lasts: 3, deep: 300, stands: /** @type {[number, number]} */ ([0, 0]) };
  const { live, state } = page({ profile: { ...even(20, 20), queues: [queue, queue] } });
  live(MOMENT);
  const { label, honest } = state();
  assert.ok(['in-step', 'close'].includes(label) && honest, label);
});

test('4: a radio that takes 300 ms to wake after two seconds: only the first ping of a row pays, and it is in step', () => {
  const { live, state } = page({ profile: { ...even(20, 20), wakes: [[2_000, 300, 300]] } });
  live(MOMENT);
  const { label, error, honest } = state();
  assert.deepEqual([label, honest], ['in-step', true]);
  assert.ok(Math.abs(error) < 3, `${error}`);
});

test('5: one packet in five lost and sent again: honest, and no worse than close', () => {
  const { live, state } = page({ profile: { ...even(20, 20), loss: 0.2 } });
  live(MOMENT);
  const { label, honest } = state();
  assert.ok(['in-step', 'close'].includes(label) && honest, label);
});

test('6: a clock that is 100 ppm fast for 20 minutes: in step', () => {
  const { live, state } = page({ skew: 100, ends: 1_200_000 });
  live(1_200_000);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
  assert.ok(Math.abs(state().error) < 3);
});

test('7: a clock that is 100 ppm slow, and the last quarter of an hour without a network: within 25 ms, close at worst', () => {
  const ends = 1_800_000;
  const { live, state } = page({ skew: -100, ends, profile: profile('LTE good'), away: (t) => t > ends - 900_000 });
  live(ends);
  const { label, error, honest } = state();
  assert.ok(Math.abs(error) <= 25 && honest, `${error}`);
  assert.ok(['in-step', 'close'].includes(label), label);
});

test('8: a page that joins three seconds before: in step a second later, and fires once, within its bound', () => {
  const { client, live, state } = page({ joins: MOMENT - 3_000 });
  live(MOMENT - 2_000);
  assert.equal(state().label, 'in-step');
  const { bound } = state();
  const [at, ...more] = firings(client, new Countdown(moment()), MOMENT + 1_000);
  assert.deepEqual(more, []);
  assert.ok(Math.abs((at ?? 0) - MOMENT) <= bound + 4);
});

test('9: a page that joins a second after does not fire', () => {
  const { client } = page({ joins: MOMENT + 1_000, ends: MOMENT + 10_000 });
  assert.deepEqual(firings(client, new Countdown(moment()), MOMENT + 8_000), []);
});

/** A page that sleeps for a minute and wakes five seconds before. @param {boolean} online */
const asleep = (online) => {
  const [from, to] = [MOMENT - 65_000, MOMENT - 5_000];
  const scene = page({ shift: (t) => -Math.max(0, Math.min(t, to) - from), away: (t) => t > from && (t < to || !online) });
  scene.live(from);
  scene.client.asks.stop();
  scene.client.run(to);
  // What a page sees: the wall clock is a minute ahead.
  scene.client.clock.slept(60_000);
  return scene;
};

test('10: sleep, awake five seconds before, with a network: approximate until a burst has come, then in step', () => {
  const { client, live, state } = asleep(true);
  assert.deepEqual([state().label, state().honest], ['approximate', true]);
  client.asks.burst();
  live(MOMENT - 4_000);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
  assert.ok(Math.abs(state().error) <= 12);
  assert.equal(firings(client, new Countdown(moment()), MOMENT + 1_000).length, 1);
});

test('11: the same without a network: approximate to the end, honest, and it fires', () => {
  const { client, live, state } = asleep(false);
  live(MOMENT - 2_500);
  assert.deepEqual([state().label, state().honest], ['approximate', true]);
  assert.equal(firings(client, new Countdown(moment()), MOMENT + 1_000).length, 1);
});

test('12: the wall clock is set an hour ahead on a page that is looked at: time does not move, not in step until a burst has come', () => {
  const { client, live, state } = page();
  live(300_000);
  client.clock.slept(3_600_000, false);
  assert.deepEqual([state().label, state().why], ['not-in-step', 'wide']);
  assert.ok(Math.abs(state().error) < 3);
  client.asks.burst();
  live(302_000);
  assert.equal(state().label, 'in-step');
});

// 13: a wall clock that is put back is never taken for sleep: page.js measures afresh, and the estimator does not hear of it.

test('14: a tab that nobody saw for six minutes, its timers asleep: still honest, and in step after a burst', () => {
  const { client, live, state } = page();
  live(200_000);
  client.asks.stop();
  client.run(560_000);
  assert.equal(state().honest, true);
  client.asks.burst();
  live(562_000);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
});

test('15: a page brought back from the back/forward cache keeps what it knew, older by what it stood still', () => {
  const { client, live, state } = page({ away: (t) => t > 200_000 });
  live(200_000);
  const before = state().bound;
  client.asks.stop();
  client.run(500_000);
  assert.ok(state().bound > before && state().honest);
});

test('16: a reload without a network: approximate by what was kept; after a day not in step, and it should not fire by itself', () => {
  const { client, live } = page();
  live(300_000);
  const wall = ORIGIN + 4_321 + client.t;
  const kept = client.clock.keep(wall);
  const again = (/** @type {number} */ later) => Clock.restore(() => 3, kept, wall + later);
  const soon = again(600_000);
  assert.equal(soon?.step().label, 'approximate');
  assert.ok(Math.abs((soon?.now() ?? 0) - ORIGIN - client.t - 600_000) <= (soon?.bound() ?? 0));
  assert.deepEqual([again(90_000_000)?.step().why, again(90_000_000)?.old()], ['old', true]);
});

test('17: a server that is killed half a minute before changes nothing: in step, and it fires once within its bound', () => {
  const { client, live, state } = page({ away: (t) => t > MOMENT - 30_000 });
  live(MOMENT - 2_500);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
  const [at, ...more] = firings(client, new Countdown(moment()), MOMENT + 1_000);
  assert.deepEqual(more, []);
  assert.ok(Math.abs((at ?? 0) - MOMENT) <= state().bound + 4);
});

/** A page whose server becomes another one, so many ms ahead. @param {number} ahead @param {number} at */
const moved = (ahead, at) => {
  const scene = page({ mangle: (pong) => (scene.client.t < at ? pong : { ...pong, s2: pong.s2 + ahead, s3: pong.s3 + ahead, epoch: 8 }) });
  scene.live(at);
  return scene;
};

test('18: another node, 40 ms ahead: nothing of the old one is mixed in, and it is in step with the new one', () => {
  const { client, live, state } = moved(40, 300_000);
  assert.equal(client.clock.epoch(8), true);
  assert.deepEqual([state().label, state().why], ['not-in-step', 'unasked']);
  client.asks.burst();
  live(302_000);
  assert.equal(state().label, 'in-step');
  assert.ok(Math.abs(state().error - 40) < 3, `${state().error}`);
});

for (const step of [500, -500]) {
  test(`19: a server clock that is set by ${step} ms a minute before: another epoch, nothing mixed, and one firing by the new one`, () => {
    const { client, live, state } = moved(step, MOMENT - 60_000);
    const countdown = new Countdown(moment());
    countdown.read(client.clock.now(), client.local(), client.clock.bound());
    client.clock.epoch(8);
    client.asks.burst();
    live(MOMENT - 55_000);
    assert.equal(state().label, 'in-step');
    const [at, ...more] = firings(client, countdown, MOMENT + 2_000);
    assert.deepEqual(more, []);
    assert.ok(Math.abs((at ?? 0) - (MOMENT - step)) <= state().bound + 4, `${at}`);
  });
}

test('20: a server that does not know how right it is: in step, with a true time that is not confirmed; one that knows little: its doubt is in the bound', () => {
  const unknown = page({ err: null });
  unknown.live(MOMENT);
  assert.deepEqual([unknown.client.clock.step().label, unknown.client.clock.confirmed()], ['in-step', false]);
  const unsure = page({ err: 100 });
  unsure.live(200_000);
  assert.equal(unsure.state().label, 'close');
  unsure.client.err = 1_500;
  unsure.client.asks.burst();
  unsure.live(202_000);
  assert.deepEqual([unsure.state().label, unsure.state().why], ['not-in-step', 'wide']);
});

test('21: moved or cancelled three seconds before: pages that hear it obey, pages that do not fire at the old time, all at most once', () => {
  for (const [news, heard] of /** @type {const} */ ([['moved', true], ['cancelled', true], ['moved', false], ['cancelled', false]])) {
    const { client, live } = page();
    live(MOMENT - 5_000);
    const countdown = new Countdown(moment());
    const before = firings(client, countdown, MOMENT - 3_000);
    if (heard) countdown.learn(news === 'moved' ? moment(ORIGIN + MOMENT + 4_000, 2) : moment(undefined, 2, 'cancelled'), client.clock.now());
    const fired = [...before, ...firings(client, countdown, MOMENT + 8_000)].map((at) => Math.round((at - MOMENT) / 100) * 100);
    assert.deepEqual(fired, heard ? (news === 'moved' ? [4_000] : []) : [0]);
  }
});

// 22: two tabs of one device fire once each: each is a page of its own; one sound is the affair of the sound.

test('23: a clock that can be read to a tenth of a second only: honest, and close at best', () => {
  for (const [res, labels] of /** @type {[number, string[]][]} */ ([[16.667, ['in-step', 'close']], [100, ['close']]])) {
    const { live, state } = page({ res });
    live(MOMENT);
    assert.ok(labels.includes(state().label) && state().honest, `${res}: ${JSON.stringify(state())}`);
  }
});

test('24: a page that is blocked for 400 ms across the moment fires once, when it can', () => {
  const { client, live } = page();
  live(MOMENT - 3_000);
  const countdown = new Countdown(moment());
  const before = firings(client, countdown, MOMENT - 200);
  client.run(MOMENT + 200);
  const fired = [...before, ...firings(client, countdown, MOMENT + 2_000)];
  assert.deepEqual(fired, [MOMENT + 200]);
});

test('25: answers that are doubled, late, out of order or invented change nothing for the worse', () => {
  const { client, live, state } = page({ profile: profile('LTE good') });
  /** @type {import('../../web/wire.js').Pong[]} */
  const heard = [];
  const learn = client.clock.pong.bind(client.clock);
  client.clock.pong = (pong) => {
    heard.push(pong);
    const known = learn(pong);
    assert.equal(learn(pong), false, 'a second time');
    assert.equal(learn({ ...pong, seq: pong.seq + 1_000, s2: pong.s2 + 5_000, s3: pong.s3 + 5_000 }), false, 'invented');
    for (const old of heard.slice(-5)) learn(old);
    return known;
  };
  live(MOMENT);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
});

test('26: stamps that are no numbers or no times are not learnt from', () => {
  const { client, live, state } = page({ away: (t) => t > 100_000 });
  live(100_000);
  const before = state();
  const { clock } = client;
  for (const [s2, s3, err] of [[NaN, NaN, 0], [1e300, 1e300, 0], [-1e15, -1e15, 0], [Infinity, Infinity, 0], [ORIGIN, ORIGIN, NaN], [ORIGIN, ORIGIN, -1], [ORIGIN + 9_000, ORIGIN, 0]]) {
    const { seq, c1 } = clock.ping();
    assert.equal(clock.pong({ type: 'pong', seq, c1, s2: s2 ?? 0, s3: s3 ?? 0, epoch: 7, err: err ?? 0 }), false);
  }
  for (const stamp of [NaN, 1e300, -1, Infinity]) clock.stamp(stamp);
  assert.equal(clock.epoch(NaN), false);
  assert.deepEqual(state(), before);
});

test('27: one answer that lies within reason: it says that it is in doubt, and is right again after one burst', () => {
  const { client, live, state } = page({ mangle: (pong) => (pong.seq === 12 ? { ...pong, s2: pong.s2 + 3_000, s3: pong.s3 + 3_000 } : pong) });
  live(8_500);
  assert.ok(['approximate', 'not-in-step'].includes(state().label), state().label);
  client.asks.burst();
  live(10_500);
  client.asks.burst();
  live(12_500);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
});

test('28: an operating system that bends the clock by 2,000 ppm for half a minute: contradicted, said, and healed', () => {
  const { client, live, state } = page({ shift: (t) => 2e-3 * Math.max(0, Math.min(t, 330_000) - 300_000) });
  live(330_000);
  client.asks.burst();
  live(330_150);
  assert.notEqual(state().label, 'in-step');
  client.asks.burst();
  live(335_000);
  assert.deepEqual([state().label, state().honest], ['in-step', true]);
});
