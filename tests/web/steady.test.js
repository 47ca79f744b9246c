// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fuse } from '../../web/fuse.js';
import { Steady } from '../../web/steady.js';

const NOW = 1_803_128_400_000;

/** A display whose clock showed the true time at local time 0. */
const shown = () => {
  const steady = new Steady();
  steady.show(NOW, 0);
  /** What it shows and says at a local time, with an estimate that is so much ahead. @param {number} local @param {number} ahead */
  const at = (local, ahead) => ({ shows: steady.show(NOW + local + ahead, local) - NOW - local, says: steady.label });
  return at;
};

test('an estimate that moves by up to a quarter second is followed at a tenth faster or slower, without a word', () => {
  for (const ahead of [200, -200]) {
    const at = shown();
    assert.deepEqual(at(1_000, ahead), { shows: ahead / 2, says: null });
    assert.deepEqual(at(2_000, ahead), { shows: ahead, says: null });
    assert.deepEqual(at(3_000, ahead), { shows: ahead, says: null });
  }
});

test('an estimate that is further ahead is jumped to, which is said for ten seconds', () => {
  const at = shown();
  assert.deepEqual(at(1_000, 251), { shows: 251, says: 'corrected' });
  assert.equal(at(10_900, 251).says, 'corrected');
  assert.equal(at(11_000, 251).says, null);
});

test('a guess that proves to be late is put right without a word, one that was early is not', () => {
  const steady = new Steady();
  steady.show(NOW, 0, false);
  assert.deepEqual([steady.show(NOW + 900, 100), steady.label], [NOW + 900, null]);
  steady.show(NOW, 0, false);
  assert.deepEqual([steady.show(NOW - 9_000, 100), steady.label], [NOW - 9_000, 'corrected']);
});

test('a guess that follows on what was sure is corrected aloud: the server has another clock', () => {
  const steady = new Steady();
  steady.show(NOW, 0);
  steady.show(NOW + 100, 100, false);
  assert.deepEqual([steady.show(NOW + 900, 200), steady.label], [NOW + 900, 'corrected']);
});

test('an estimate that is behind by more than a second is waited for, which is said', () => {
  const at = shown();
  assert.deepEqual(at(500, -2_000), { shows: -500, says: 'resync' });
  assert.deepEqual(at(900, -2_000), { shows: -900, says: 'resync' });
  assert.equal(at(1_000, -2_000).says, 'resync');
  assert.equal(at(1_100, -2_000).says, null, 'the last second is taken in by running slowly');
});

test('an estimate that is behind by so much that it would look dead is gone back to, which is said', () => {
  const at = shown();
  assert.deepEqual(at(1_000, -5_001), { shows: -5_001, says: 'corrected' });
});

test('a steady clock that is read backwards moves nothing', () => {
  const steady = new Steady();
  steady.show(NOW, 1_000);
  assert.equal(steady.show(NOW, 900), NOW);
});

/** A plan whose estimate was right at first. */
const plan = () => {
  const fuse = new Fuse();
  /** How far the time it acts by is ahead. @param {number} left @param {number} ahead @param {number | null} bound */
  const at = (left, ahead, bound) => fuse.time(NOW, { now: NOW - left + ahead, bound }, -left) - NOW + left;
  return { fuse, at };
};

test('from two seconds before the moment an estimate that moves a little moves nothing', () => {
  const { at } = plan();
  assert.equal(at(3_000, 30, 20), 30, 'it is followed before');
  assert.equal(at(2_000, 0, 20), 0);
  assert.equal(at(1_000, 90, 5), 0);
  assert.equal(at(1, -90, 5), 0);
});

test('one that moves by more than a tenth of a second does, if it is surer', () => {
  const { at } = plan();
  at(2_000, 0, 200);
  assert.equal(at(1_500, 150, 200), 0);
  assert.equal(at(1_000, 150, 199), 150);
  assert.equal(at(500, 10, 100), 10, 'and again');
});

test('nothing is planned with a time that nobody has confirmed, or for another moment, or before a sleep', () => {
  const { at, fuse } = plan();
  assert.equal(at(2_000, 0, null), 0);
  assert.equal(at(1_900, 50, 20), 50);
  assert.equal(at(1_800, 0, 20), 50);
  assert.equal(fuse.time(NOW + 600, { now: NOW - 1_700, bound: 20 }, -1_700), NOW - 1_700);
  const asleep = plan();
  asleep.at(2_000, 0, 20);
  asleep.fuse.pull();
  assert.equal(asleep.at(1_900, 60_000, 300), 60_000);
});
