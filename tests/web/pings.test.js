// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../web/clock.js';
import { DIRECT, SPARING, next } from '../../web/pace.js';
import { Pings } from '../../web/pings.js';
import { Time } from './fakes.js';

/** Server minus local time, Unix ms. */
const OFFSET = 1_803_128_000_000;

/** A page that asks; `answer` is the server's. @param {{ moment?: number, rtt?: number }} [how] moment in local ms */
const page = ({ moment = Infinity, rtt = 20 } = {}) => {
  const time = new Time();
  /** @type {{ seq: number, c1: number, at: number }[]} */
  const sent = [];
  const state = { connected: true, moment };
  const clock = new Clock(() => time.now, 0);
  const pings = new Pings({
    clock,
    send: (text) => state.connected && sent.push({ ...JSON.parse(text), at: time.now }) > 0,
    timers: time.timers,
    local: () => time.now,
    random: () => 0.5,
    pace: () => DIRECT,
    left: () => (state.moment > time.now ? state.moment - time.now : Infinity),
  });
  const answer = (ping = sent.at(-1), half = rtt / 2) => {
    const stamp = OFFSET + time.now - half;
    if (ping) pings.pong({ type: 'pong', seq: ping.seq, c1: ping.c1, s2: stamp, s3: stamp, epoch: 1, err: 0 });
  };
  /** Lets time pass, with a server that answers. @param {number} ms */
  const pass = (ms) => {
    for (const ends = time.now + ms; time.now < ends; time.pass(rtt / 2)) {
      const waiting = sent.at(-1);
      if (waiting && time.now - waiting.at === rtt) answer(waiting);
    }
  };
  /** When it began to ask, and how often in a row. */
  const bursts = () => {
    /** @type {{ at: number, count: number }[]} */
    const all = [];
    for (const { at } of sent) {
      const last = all.at(-1);
      if (last && at - last.at < 1_000) last.count += 1;
      else all.push({ at, count: 1 });
    }
    return all;
  };
  return { time, sent, state, clock, pings, answer, pass, bursts };
};

test('pings follow one another: the next leaves only after the answer, or when it did not come', () => {
  const { pings, time, sent, answer } = page();
  pings.burst();
  time.pass(1_999);
  assert.equal(sent.length, 1);
  time.pass(31);
  assert.equal(sent.length, 2);
  for (let n = 2; n < 10; n += 1) {
    answer();
    time.pass(30);
  }
  assert.equal(sent.length, 10);
  answer();
  const [[soon] = [0]] = DIRECT.settling;
  time.pass(soon - time.now - 1);
  assert.equal(sent.length, 10);
  time.pass(1);
  assert.equal(sent.length, 11);
  pings.stop();
  assert.equal(time.pending, 0);
});

test('an answer that comes after the next question still counts, and does not hurry the one after', () => {
  const { pings, time, sent, answer, clock } = page();
  pings.burst();
  time.pass(2_050);
  assert.equal(sent.length, 2);
  answer(sent[0], 1);
  assert.ok(clock.bound() !== null);
  time.pass(100);
  assert.equal(sent.length, 2, 'the second is still awaited');
});

test('something that happens while it asks asks no second question at once', () => {
  const { pings, sent, pass } = page();
  pings.burst();
  pings.burst();
  assert.equal(sent.length, 1);
  pass(2_000);
  assert.equal(sent.length, 10 + 1, 'the one on its way, and ten more');
});

test('rounds come while it settles, and seldom after that; the last hour takes sixty pings', () => {
  const { pings, pass, bursts, sent } = page({ moment: 3_600_000 });
  pings.burst();
  pass(3_599_000);
  const [join, ...rounds] = bursts().filter(({ at }) => at < 3_600_000 - 70_000);
  assert.equal(join?.count, DIRECT.burst);
  assert.deepEqual(rounds.slice(0, 3).map(({ at, count }) => [at, count]), DIRECT.settling);
  const later = rounds.slice(3);
  assert.equal(later.length, 10);
  for (const { count } of later) assert.equal(count, DIRECT.round);
  // What src/hub/audience.rs reckons with.
  assert.ok(sent.length <= 60 && bursts().length <= 18, `${sent.length} pings in ${bursts().length} bursts`);
});

test('a minute and twenty seconds before the moment it asks ten times, earlier by chance, and not at all in the last five seconds', () => {
  const { pings, pass, bursts, sent } = page({ moment: 600_000 });
  pings.burst();
  pass(900_000);
  for (const before of DIRECT.final) {
    const final = bursts().find(({ at }) => at === 600_000 - before - 4_000);
    assert.equal(final?.count, 10, `${before} ms before`);
  }
  assert.deepEqual(sent.filter(({ at }) => at > 595_000 && at < 600_000), []);
  assert.ok(sent.some(({ at }) => at > 600_000));
});

test('a moment that is moved near is measured for at once', () => {
  const { pings, pass, bursts, state, time } = page({ moment: 7_200_000 });
  pings.burst();
  pass(1_000_000);
  state.moment = time.now + 70_000;
  pings.plan();
  pass(70_000);
  assert.ok(bursts().some(({ at, count }) => count === 10 && at === state.moment - 64_000));
});

test('a page that joins seconds before the moment still asks its ten', () => {
  const { pings, pass, sent } = page({ moment: 3_000 });
  pings.burst();
  pass(3_000);
  assert.equal(sent.length, 10);
});

test('on a road so slow that the clock stays unsure it asks more often, but ever more seldom', () => {
  const { pings, pass, bursts } = page({ rtt: 800 });
  pings.burst();
  let checked = 0;
  for (let second = 0; second < 3_600; second += 1) {
    pass(1_000);
    const before = bursts().length;
    pings.check();
    checked += bursts().length - before;
  }
  assert.ok(checked >= 3 && checked <= 7, `${checked} bursts`);
});

test('without a connection it asks nothing, and goes on when there is one', () => {
  const { pings, state, sent, time, pass } = page();
  state.connected = false;
  pings.burst();
  assert.deepEqual([sent.length, time.pending], [0, 0]);
  state.connected = true;
  pings.start();
  pass(1_000);
  assert.equal(sent.length, 10);
});

test('a road that caches serve is asked for the time once in five minutes', () => {
  assert.deepEqual(next(SPARING, 0, Infinity, 0.5), { wait: 300_000, count: 1 });
  assert.deepEqual(next(SPARING, 900_000, 400_000, 0.5), { wait: 300_000, count: 1 });
});
