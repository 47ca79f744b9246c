// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../web/clock.js';

const TRUE_OFFSET = 1_803_128_000_000;
const EPOCH = 7;

/** A link in simulated time: each way takes what the test says; the server's clock is true. */
const link = ({ guess = 0 } = {}) => {
  const time = { local: 5_000 };
  const clock = new Clock(() => time.local, guess);
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
  assert.ok(error() < 1e-3);
});

test('the lowest round trip of a burst wins, not the first, the last or the mean', () => {
  const { exchange, error, clock } = link();
  for (const [up, down] of [[300, 20], [20, 400], [12, 10], [150, 10], [10, 250]]) exchange(up ?? 0, down ?? 0);
  assert.ok(error() <= 1.1, `off by ${error()}`);
  assert.ok((clock.bound() ?? 0) < 12);
});

test('the bound holds on roads that are slower one way, and is never less than half the difference', () => {
  for (const [up, down] of [[80, 20], [20, 80], [150, 0], [0, 90]]) {
    const { exchange, error, clock } = link();
    for (let n = 0; n < 10; n += 1) exchange(up ?? 0, down ?? 0);
    assert.ok(Math.abs(error() - Math.abs((up ?? 0) - (down ?? 0)) / 2) < 1e-3);
    assert.ok(error() <= (clock.bound() ?? 0) + 1e-3);
  }
});

test('what the server does not know of its own clock is added to the bound', () => {
  const { exchange, clock } = link();
  exchange(10, 10, { err: 12.5 });
  assert.ok(Math.abs((clock.bound() ?? 0) - 22.5) < 0.01);
  assert.equal(clock.confirmed(), true);
  exchange(5, 5, { err: null });
  assert.equal(clock.confirmed(), false);
});

test('the bound grows with age, and a fresh answer a little slower takes over in time', () => {
  const { exchange, clock, time, error } = link();
  exchange(10, 10);
  const fresh = clock.bound() ?? 0;
  time.local += 200_000;
  assert.ok((clock.bound() ?? 0) >= fresh + 19);
  exchange(10, 18);
  assert.ok((clock.bound() ?? 0) < 15);
  assert.ok(error() <= (clock.bound() ?? 0));
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
  assert.ok(Math.abs(clock.offset() - TRUE_OFFSET - 40) < 1e-3, 'an old, faster answer would have won');
});

test('after sleep time goes on from where it is, and nothing is claimed until the server answers', () => {
  const { clock, exchange } = link();
  exchange(10, 10);
  const before = clock.now();
  clock.slept(60_000);
  assert.ok(Math.abs(clock.now() - before - 60_000) < 1e-3);
  assert.equal(clock.bound(), null);
});
