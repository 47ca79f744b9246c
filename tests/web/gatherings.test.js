// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures, find, fold, listed } from '../../web/gatherings.js';

const all = listed({
  gatherings: [
    { id: 'bath', name: 'Bath: rally', place: 'Bath', nation: 'England', kind: 'rally', venue: 'Abbey Green', joins: true, access: ['step-free', 'bsl'] },
    { id: 'holyhead', name: 'Caergybi: gorymdaith', place: 'Ynys Môn', nation: 'Wales', kind: 'march' },
    { id: 'lodz', name: 'Wiec w Łodzi', place: 'Łódź', nation: '', kind: '' },
    { id: 'kings-heath', name: 'King’s Heath: reading', place: 'Birmingham', nation: 'England', kind: 'poetry reading' },
    { id: 'bathgate', name: 'Bathgate: street', place: 'Bathgate', nation: 'Scotland', kind: 'street', access: ['bsl'] },
    { id: 'reading', name: 'Reading: testimonials', place: 'Reading', nation: 'England', kind: 'testimonials', access: 'bsl' },
    { name: 'no address' },
    null,
  ],
});

/** @param {string} query */
const ids = (query) => find(all, query).map(({ id }) => id);

test('a gathering is found by the beginning of its place, name, venue, kind or nation', () => {
  assert.deepEqual(ids('bat'), ['bath', 'bathgate']);
  assert.deepEqual(ids('abbey'), ['bath']);
  assert.deepEqual(ids('march wales'), ['holyhead']);
  assert.deepEqual(ids('ath'), [], 'not in the middle of a word');
});

test('marks, case and apostrophes do not matter', () => {
  assert.deepEqual(ids('ynys mon'), ['holyhead']);
  assert.deepEqual(ids('LODZ'), ['lodz']);
  assert.deepEqual(ids("king's h"), ['kings-heath']);
  assert.deepEqual(ids('kings-heath'), ['kings-heath']);
  assert.equal(fold('  Ĳ — Straße '), fold('ĳ strasse'));
});

test('a place of that name comes before a kind of that name', () => {
  assert.deepEqual(ids('reading'), ['reading', 'kings-heath']);
});

test('what is needed must all be known to be offered, with words or without', () => {
  const needing = (/** @type {string[]} */ needed, query = '') => find(all, query, needed).map(({ id }) => id);
  assert.deepEqual(needing(['bsl']), ['bath', 'bathgate']);
  assert.deepEqual(needing(['bsl', 'step-free']), ['bath']);
  assert.deepEqual(needing(['bsl'], 'scotland'), ['bathgate']);
  assert.deepEqual(needing(['toilets']), []);
  assert.deepEqual(needing([], 'holyhead gorym'), []);
});

test('figures are those of gatherings that have reported, and anything else is none', () => {
  const told = figures({ gatherings: [{ id: 'bath', people: 435, method: 'counted', as_of: 7 }, { id: 'leeds', people: 0, as_of: 8 }, { id: 'york' }, { people: 3, as_of: 8 }, null] });
  assert.deepEqual([...told], [['bath', { people: 435, as_of: 7 }], ['leeds', { people: 0, as_of: 8 }]]);
  for (const answer of [null, {}, { gatherings: 3 }]) assert.equal(figures(answer).size, 0);
});

test('of a gathering that tells only its area no figure is to be expected', () => {
  const [open, area] = listed({ gatherings: [{ id: 'a', name: 'A', venue: '', joins: false }, { id: 'b', name: 'B' }] });
  assert.deepEqual([open?.listed, open?.joins, area?.listed, area?.joins], [true, false, false, true]);
});

test('nothing typed finds nothing, and an answer that is not a list is an empty one', () => {
  assert.deepEqual(ids('  - '), []);
  for (const answer of [null, {}, { gatherings: 3 }]) assert.deepEqual(listed(answer), []);
});
