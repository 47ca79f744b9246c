// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../web/clock.js';

const TRUE_OFFSET = 1_803_128_000_000;
const EPOCH = 7;

/** What the rounding of readings and numbers may do, ms. */
const ROUGH = 0.06;

/** A link in simulated time: each way takes what the test says; the server's clock is true. */
const link = ({ guess = 0 } = {}) => {
  const time = { local: 4_999.9 };
  const clock = new Clock(() => time.local, guess);
  // Lets it see how finely it can be read.
  time.local = 5_000;
  clock.now();
  /** @param {number} up @param {number} down @param {{ epoch?: number, err?: number | null, work?: number, shift?: number }} [how] */
  const exchange = (up, down, { epoch = EPOCH, err = 0, work = 0, shift = 0 } = {}) => {
    const stamp = clock.ping();
    const s2 = time.local + up + TRUE_OFFSET + shift;
    time.local += up + work + down;
    const pong = { type: /** @type {const} */ ('pong'), ...stamp, s2, s3: s2 + work, epoch, err };
    clock.pong(pong);
    return pong;
  };
  const error = () => Math.abs(clock.offset() - TRUE_OFFSET);
  return { clock, time, exchange, error };
};

test('until the server answers, the time is the guess and no bound is stated', () => {
  const { clock } = link({ guess: 1_000 });
  assert.equal(clock.now(), 6_000);
  assert.equal(clock.bound(), null);
});

test('a symmetric road gives the exact offset, whatever the server took to answer', () => {
  const { exchange, error } = link();
  exchange(40, 40, { work: 25 });
  assert.ok(error() < ROUGH);
});

test('the best way up and the best way down count, whichever answers they belong to', () => {
  const { exchange, error, clock } = link();
  for (const [up, down] of [[300, 20], [20, 400], [12, 60], [150, 10], [90, 250]]) exchange(up ?? 0, down ?? 0);
  assert.ok(error() <= 1.2, `off by ${error()}`);
  assert.ok((clock.bound() ?? 0) < 12);
});

test('the bound holds on roads that are slower one way, and is never less than half the difference', () => {
  for (const [up, down] of [[80, 20], [20, 80], [150, 0], [0, 90]]) {
    const { exchange, error, clock } = link();
    for (let n = 0; n < 10; n += 1) exchange(up ?? 0, down ?? 0);
    assert.ok(Math.abs(error() - Math.abs((up ?? 0) - (down ?? 0)) / 2) < 1);
    assert.ok(error() <= (clock.bound() ?? 0) + 1e-3);
  }
});

test('what the server does not know of its own clock is added to the bound', () => {
  const { exchange, clock } = link();
  exchange(10, 10, { err: 12.5 });
  assert.ok(Math.abs((clock.bound() ?? 0) - 22.5) < 0.2);
  assert.equal(clock.confirmed(), true);
  exchange(5, 5, { err: null });
  assert.equal(clock.confirmed(), false);
});

test('the bound grows with age, faster while nobody knows how the clocks drift apart', () => {
  const young = link();
  young.exchange(10, 10);
  const settled = link();
  for (let n = 0; n < 20; n += 1) {
    settled.exchange(10, 10);
    settled.time.local += 15_000;
  }
  for (const { time } of [young, settled]) time.local += 300_000;
  assert.ok((young.clock.bound() ?? 0) >= 10 + 0.15 * 300, 'any drift is possible');
  assert.ok((settled.clock.bound() ?? 0) < 50, `${settled.clock.bound()}`);
  assert.ok(settled.error() < 1);
});

test('how the clocks drift apart is learnt, and carried on without answers', () => {
  const { clock, time, exchange } = link();
  const skew = 80e-6;
  for (let n = 0; n < 20; n += 1) {
    exchange(10 + n % 3, 10 + n % 2, { shift: skew * time.local });
    time.local += 15_000;
  }
  time.local += 900_000;
  const off = Math.abs(clock.offset() - TRUE_OFFSET - skew * time.local);
  assert.ok(off < 15, `${off}`);
  assert.ok(off <= (clock.bound() ?? 0));
});

test('one lost answer costs nothing; a late one still counts, once', () => {
  const { clock, time, exchange, error } = link();
  exchange(90, 10);
  const lost = clock.ping();
  exchange(90, 12);
  const late = { type: /** @type {const} */ ('pong'), ...lost, s2: lost.c1 + 4 + TRUE_OFFSET, s3: time.local - 4 + TRUE_OFFSET };
  assert.equal(clock.pong({ ...late, epoch: EPOCH, err: 0 }), true);
  assert.equal(clock.pong({ ...late, epoch: EPOCH, err: 0 }), false);
  assert.ok(error() < 1);
});

test('answers nobody asked for and answers that cannot be true change nothing', () => {
  const { clock, exchange } = link();
  exchange(10, 10);
  const before = clock.offset();
  const forged = { type: /** @type {const} */ ('pong'), seq: 99, c1: 0, s2: 1, s3: 2, epoch: EPOCH, err: 0 };
  assert.equal(clock.pong(forged), false);
  const { seq, c1 } = clock.ping();
  assert.equal(clock.pong({ ...forged, seq, c1, s2: 5e12, s3: 4e12 }), false);
  const next = clock.ping();
  assert.equal(clock.pong({ ...forged, ...next, s2: TRUE_OFFSET, s3: TRUE_OFFSET + 60_000 }), false);
  assert.equal(clock.offset(), before);
});

test('another epoch drops all that was learnt, and time does not jump before the new clock has answered', () => {
  const { clock, exchange } = link();
  exchange(1, 1);
  const before = clock.offset();
  assert.equal(clock.epoch(EPOCH), false);
  assert.equal(clock.epoch(EPOCH + 1), true);
  assert.equal(clock.bound(), null);
  assert.equal(clock.offset(), before);
  exchange(50, 50, { epoch: EPOCH + 1, shift: 40 });
  assert.ok(Math.abs(clock.offset() - TRUE_OFFSET - 40) < ROUGH, 'an old, faster answer would have won');
});

test('after sleep time goes on from where it is, with the wall clock in doubt until a burst has come', () => {
  const { clock, exchange } = link();
  exchange(10, 10);
  const before = clock.now();
  const bound = clock.bound() ?? 0;
  clock.slept(60_000);
  assert.ok(Math.abs(clock.now() - before - 60_000) < 1e-3);
  assert.ok(Math.abs((clock.bound() ?? 0) - bound - 252) < 0.01);
  assert.equal(clock.step().label, 'approximate');
  for (let n = 0; n < 3; n += 1) exchange(10, 10, { shift: 60_100 });
  assert.equal(clock.step().label, 'approximate');
  exchange(10, 10, { shift: 60_100 });
  assert.equal(clock.step().label, 'in-step');
});

test('when nobody can tell sleep from a wall clock that was set, time is not moved, and both are in the bound', () => {
  const { clock, exchange } = link();
  exchange(10, 10);
  const before = clock.now();
  clock.slept(3_600_000, false);
  assert.ok(Math.abs(clock.now() - before) < 1e-3);
  assert.ok((clock.bound() ?? 0) >= 3_600_000);
  assert.deepEqual([clock.step().label, clock.step().why], ['not-in-step', 'wide']);
});

test('a question from before the sleep is not answered after it', () => {
  const { clock, time } = link();
  const asked = clock.ping();
  clock.slept(60_000);
  time.local += 10;
  const stamp = TRUE_OFFSET + time.local + 60_000;
  assert.equal(clock.pong({ type: 'pong', ...asked, s2: stamp, s3: stamp, epoch: EPOCH, err: 0 }), false);
});

test('a stamp on a board makes the bound narrower, and one that cannot be true is not believed', () => {
  const { clock, time, exchange } = link();
  exchange(10, 90);
  const bound = clock.bound() ?? 0;
  time.local += 1_000;
  assert.equal(clock.stamp(Math.floor(TRUE_OFFSET + time.local - 15)), true);
  assert.ok((clock.bound() ?? 0) < bound - 30);
  const held = clock.offset();
  assert.equal(clock.stamp(TRUE_OFFSET + time.local + 500), false);
  assert.equal(clock.doubted(), true);
  assert.ok(Math.abs(clock.offset() - held) < 1e-3);
  assert.equal(clock.step().label, 'approximate', 'until the server was asked');
});

test('a board says nothing before the first answer', () => {
  const { clock, time } = link({ guess: 1_000 });
  clock.stamp(TRUE_OFFSET + time.local);
  assert.deepEqual([clock.offset(), clock.bound(), clock.step().why], [1_000, null, 'unasked']);
});

test('what is kept on the phone comes back as approximate, and wider the longer it lay there', () => {
  const { clock, exchange, time } = link();
  exchange(10, 10);
  const wall = 1_803_128_500_000;
  const kept = JSON.parse(JSON.stringify(clock.keep(wall)));
  const again = (/** @type {number} */ later) => Clock.restore(() => 17, kept, wall + later);
  const now = TRUE_OFFSET + time.local;
  const soon = again(60_000);
  assert.ok(Math.abs((soon?.now() ?? 0) - now - 60_000) < 1);
  assert.deepEqual([soon?.step().label, soon?.old()], ['approximate', false]);
  assert.ok(Math.abs((soon?.bound() ?? 0) - 10 - 250 - 6) < 0.5, `${soon?.bound()}`);
  const late = again(86_400_001);
  assert.deepEqual([late?.step().label, late?.step().why, late?.old()], ['not-in-step', 'old', true]);
});

test('what was kept and what it becomes are kept again without a word of the server in between', () => {
  const { clock, exchange } = link();
  exchange(10, 10);
  const wall = 1_803_128_500_000;
  const kept = clock.keep(wall);
  const again = Clock.restore(() => 17, kept, wall + 1_000)?.keep(wall + 1_000);
  assert.equal(again?.heard, kept?.heard);
});

test('nothing is kept before anything is known, and nothing comes back from what is not readable', () => {
  assert.equal(link().clock.keep(1_803_128_500_000), null);
  for (const kept of [null, 1, {}, { epoch: 1, wall: 'x', now: 1, bound: 1, err: 0, heard: 1 }, { epoch: 1, wall: 1, now: NaN, bound: 1, err: 0, heard: 1 }]) {
    assert.equal(Clock.restore(() => 0, kept, 1), null);
  }
});
