// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { armedInWords, standingInWords } from '../../web/standing.js';

/** @type {import('../../web/standing.js').Standing} */
const good = { state: 'synced', bound_ms: 2.4, confirmed: true, contradicted: false, time_sources: [] };

test('the organiser reads how the server’s clock stands, and what follows from it', () => {
  assert.equal(standingInWords(good), 'Right to within 3 ms.');
  assert.match(standingInWords({ ...good, state: 'degraded', bound_ms: 120 }), /^Right to within 120 ms only/);
  assert.match(standingInWords({ ...good, state: 'unsynced', bound_ms: 900, confirmed: false }), /may be off by 900 ms.*not confirmed.*chrony/);
  assert.match(standingInWords({ ...good, state: 'unsynced', bound_ms: null, confirmed: false }), /^Nothing vouches for it\..*chrony/);
  const time_sources = ['time.example finds this clock 2000 ms ahead, give or take 4 ms'];
  assert.match(standingInWords({ ...good, state: 'degraded', confirmed: false, contradicted: true, time_sources }), /within 3 ms, but .*2000 ms ahead.*One of the two is wrong/);
});

test('the organiser reads on whose word the moment was armed', () => {
  assert.equal(armedInWords(null), '');
  assert.match(armedInWords({ by: 'organiser', at: 1_803_128_400_000 }), /on the word of the organiser, on 2027-02-20 at 13:00 UTC/);
});
