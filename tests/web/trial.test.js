// @ts-check
// What trials come to, by the machine they were held on.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { soundly, stalls } from './trial.js';

after(() => stalls.end());

/** @typedef {{ stall?: number, frameless?: string[], missed?: string[], control?: string[] }} Held */

/** Holds trials that come out like this; how many were held, what was missed, and whether it is void. @param {Held[]} held */
const come = async (...held) => {
  let tried = 0;
  let skipped = false;
  const test = /** @type {any} */ ({ diagnostic: () => {}, skip: () => void (skipped = true) });
  const verdict = (/** @type {string} */ name, /** @type {boolean} */ control, /** @type {Partial<import('./trial.js').Verdict>} */ of) =>
    ({ name, control, outcomes: [], doubt: 1, half: 0, missed: [], frameless: [], ...of });
  const verdicts = await soundly(test, async () => {
    const { stall = 1, frameless = [], missed = [], control = ['off'] } = /** @type {Held} */ (held[tried++]);
    return { verdicts: [verdict('page', false, { missed, frameless }), verdict('control', true, { missed: control })], doubt: 1, stall, sound: stall <= 5 };
  });
  return { tried, skipped, missed: verdicts?.[0]?.missed };
};

test('a sound trial is the last', async () => {
  assert.deepEqual(await come({}), { tried: 1, skipped: false, missed: [] });
  assert.deepEqual(await come({ missed: ['early'] }), { tried: 1, skipped: false, missed: ['early'] });
});

test('three trials on a machine that stood still are void', async () => {
  assert.deepEqual(await come({ stall: 9 }, { stall: 9 }, { stall: 9 }), { tried: 3, skipped: true, missed: undefined });
});

test('a page that was seen too late for want of a frame has another trial, and only three', async () => {
  const late = { frameless: ['late'] };
  assert.deepEqual(await come(late, {}), { tried: 2, skipped: false, missed: [] });
  assert.deepEqual(await come(late, late, late), { tried: 3, skipped: false, missed: ['late'] }, 'what it does by itself it does again');
  assert.deepEqual(await come(late, late, { stall: 9 }), { tried: 3, skipped: true, missed: undefined });
});

test('a page that was late has no other trial for anything else it missed', async () => {
  assert.deepEqual(await come({ frameless: ['late'], missed: ['off'] }), { tried: 1, skipped: false, missed: ['off', 'late'] });
});
