// @ts-check
// The messages of stewards, on the examples that the server is held to as well.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forSteward, rollCall, tally, typedNumber } from '../../web/duty.js';
import { numberIn } from '../../web/sheets.js';
import { accept, read } from '../../web/wire.js';
import { example } from './fakes.js';

test('duty is read as the example shows it', () => {
  assert.deepEqual(forSteward(read(example('duty'))), JSON.parse(example('duty')));
});

test('kept is read as the example shows it, and with the totals in one place', () => {
  const { type, of, device, minute, held, in: came, in_undone, out, out_undone } = JSON.parse(example('kept'));
  const kept = forSteward(read(example('kept')));
  assert.deepEqual(kept, { type, of, device, minute, held, seq: 0, ready: false, totals: { in: came, in_undone, out, out_undone, rush: false } });
  const estimate = forSteward(accept({ type: 'kept', of: 'estimate', device, seq: 3, held: true }));
  assert.ok(estimate?.type === 'kept' && estimate.seq === 3 && estimate.held);
});

test('tally, estimate and ready are written as the examples show them', () => {
  const said = JSON.parse(example('tally'));
  const { minute, in: came, in_undone, out, out_undone } = said;
  const totals = { in: came, in_undone, out, out_undone, rush: false };
  assert.deepEqual(JSON.parse(tally(said, { minute, totals })), said);
  assert.deepEqual(JSON.parse(tally(said, { minute, totals: { ...totals, rush: true } })), { ...said, rush: true });
  const estimate = JSON.parse(example('estimate'));
  assert.deepEqual(JSON.parse(typedNumber(estimate, estimate)), estimate);
  assert.deepEqual(JSON.parse(rollCall(true)), JSON.parse(example('ready')));
});

test('what is no message for stewards is passed by', () => {
  assert.equal(forSteward(read(example('board'))), null);
  assert.equal(read('{"type":"duty"}'), null);
  assert.equal(read('{"type":"kept","of":7}'), null);
});

test('a number is read in whatever digits it was typed', () => {
  assert.deepEqual(['212', ' 7 ', '٢٤٠', '۲۴۰', '੨੪੦', '', 'x', '1.5', '-3'].map(numberIn), [212, 7, 240, 240, 240, null, null, null, null]);
});
