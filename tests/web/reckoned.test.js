// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, heldInWords, publishedInWords, rollInWords, rowInWords, silent } from '../../web/reckoned.js';

const ZONE = 'Europe/London';
const AT = Date.UTC(2027, 1, 20, 13, 0);
const DEVICE = '00c0ffee00c0ffee00c0ffee00c0ffee';

/** @param {Partial<import('../../web/reckoned.js').Row>} [more] @returns {import('../../web/reckoned.js').Row} */
const row = (more = {}) => ({ id: 'bath', name: 'Bath', place: 'Bath', expected: 400, ready: false, people: null, at_moment: null, posts: [], ...more });

/** @param {number} value @param {Partial<import('../../web/reckoned.js').People>} [more] @returns {import('../../web/reckoned.js').People} */
const people = (value, more = {}) => ({ value, low: value, high: value, method: 'counted', as_of: AT, held: 0, ...more });

test('what the public reads is one sentence, with its coverage, range, time and standing', () => {
  const figures = { taking_part: 9_660, low: 9_310, high: 10_410, elsewhere: 1_210, reported: 61, gatherings: 138, as_of: AT, status: 'provisional' };
  assert.equal(
    publishedInWords(figures, ZONE),
    '9,660 people taking part (9,310 to 10,410), 1,210 of them elsewhere, by their own word; 61 of 138 gatherings have reported. As of 13:00. Provisional.',
  );
  assert.equal(
    publishedInWords({ ...figures, exact: false }, ZONE),
    'At least 9,660 people taking part, 1,210 of them elsewhere, by their own word; 61 of 138 gatherings have reported. As of 13:00. A part of the count is missing. Provisional.',
  );
  const none = { taking_part: 0, low: 0, high: 0, elsewhere: 0, reported: 0, gatherings: 138, as_of: null, status: 'provisional' };
  assert.equal(publishedInWords(none, ZONE), 'Nothing is published yet: 0 of 138 gatherings have reported.');
});

test('a gathering says who is there, who was there at the moment, and how that was come by', () => {
  assert.equal(rowInWords(row(), ZONE), 'Not reported yet. 400 expected.');
  assert.equal(rowInWords(row({ people: people(212), at_moment: people(212) }), ZONE), 'There: 212, counted, 13:00. 400 expected.');
  const later = people(180, { method: 'estimated-eye', low: 150, high: 200, as_of: AT + 600_000 });
  assert.equal(
    rowInWords(row({ people: later, at_moment: people(1_200, { held: 100 }), expected: null }), ZONE),
    'There: 180 (150 to 200), estimated by eye, 13:10. At the moment: 1,200, and 100 held, counted, 13:00.',
  );
});

test('those who are silent come by what is expected of them, the others by how many they are', () => {
  const rows = [row({ id: 'a', name: 'A', expected: 20 }), row({ id: 'b', name: 'B', people: people(3) }), row({ id: 'c', name: 'C' }), row({ id: 'd', name: 'D', people: people(90) })];
  assert.deepEqual(silent(rows).map(({ id }) => id), ['c', 'a']);
  assert.deepEqual(heard(rows).map(({ id }) => id), ['d', 'b']);
});

test('what is held says what was said, and why that is doubted', () => {
  const tally = { on: /** @type {const} */ ('tally'), gathering: 'bath', post: 'North gate', device: DEVICE, minute: AT };
  const of = { subject: tally, gathering: 'bath', said: 412, people: 212, rush: false };
  assert.equal(heldInWords(of, ZONE), '412 people at North gate in the minute of 13:00, phone 00c0ffee: more than one phone counts in a minute. 200 count, 212 are held.');
  assert.match(heldInWords({ ...of, rush: true, people: 412 }, ZONE), /perhaps in a pocket\. None of them count yet\.$/);
  const whole = { subject: { on: /** @type {const} */ ('gathering'), gathering: 'bath' }, gathering: 'bath', said: 1_300, people: 100, rush: false };
  assert.equal(heldInWords(whole, ZONE), '1,300 people in all: more than three times as many as are expected. 1,200 count, 100 are held.');
});

test('the roll-call names who is waited for, but not a hundred of them', () => {
  assert.equal(rollInWords([row({ ready: true }), row({ name: 'York' })]), '1 of 2 gatherings ready. Not yet: York.');
  const many = [row({ ready: true }), ...Array.from({ length: 14 }, (_, at) => row({ name: `G${at}` }))];
  assert.match(rollInWords(many), /^1 of 15 gatherings ready\. Not yet: G0; .*; G11; and 2 more\.$/);
});
