// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Countdown } from '../../web/countdown.js';
import { slots } from '../../web/view.js';
import { read } from '../../web/wire.js';
import { speak } from '../../web/words.js';

/** @param {string} name */
const example = (name) => read(readFileSync(new URL(`../wire/${name}.json`, import.meta.url), 'utf8'));
const moment = /** @type {import('../../web/wire.js').Moment} */ (example('moment'));
/** Nobody has reported yet; company.test.js has what is shown of people. */
const board = { .../** @type {import('../../web/wire.js').Board} */ (example('board')), people: null, taking_part: 0, elsewhere: 0, reported: 0, final: false };
const AT = moment.at;
speak(JSON.parse(readFileSync(new URL('../../web/words/en.json', import.meta.url), 'utf8')));

/**
 * What the clock says of itself.
 * @param {import('../../web/clock.js').Label} label
 * @param {number | null} bound
 * @param {Partial<import('../../web/clock.js').Step>} [change]
 * @returns {import('../../web/clock.js').Step}
 */
const step = (label, bound, change) => ({ label, bound, why: null, confirmed: true, ...change });

/**
 * The words of a page.
 * @param {Partial<import('../../web/view.js').Known>} [change]
 * @param {Partial<import('../../web/wire.js').Moment>} [of]
 */
const page = (change = {}, of = {}) => {
  const now = change.now ?? AT - 60_000;
  const known = {
    role: /** @type {const} */ ('participant'),
    lang: 'en',
    gathering: null,
    view: new Countdown({ ...moment, ...of }).read(now),
    board,
    downSince: null,
    counts: true,
    lastHeard: now,
    pausedAt: null,
    clock: step('in-step', 11.2),
    now,
    ...change,
  };
  return Object.fromEntries(Object.entries(slots(known)).map(([name, { text }]) => [name, text]));
};

test('before the moment: how long, until when, what then, and how many with us', () => {
  const { name, digits, caption, doing, words, phones, phonesLabel, here } = page();
  assert.deepEqual([name, digits], ['One day without us', '1:00']);
  assert.equal(caption, 'until 13:00, Saturday 20 February');
  assert.deepEqual([doing, words], ['Then, all together', 'Link arms']);
  assert.deepEqual([phones, phonesLabel, here], ['14,210', 'phones with you', '310 of them here']);
});

test('few at a gathering are not told apart from nobody, and not worth a word where there are few at all', () => {
  assert.equal(page({ board: { ...board, here: 0 } }).here, 'fewer than 10 of them here');
  assert.equal(page({ board: { ...board, here: 0, phones: 9 } }).here, '');
  assert.equal(page({ board: { ...board, here: null } }).here, '');
});

test('days are said in words above the digits', () => {
  assert.equal(page({ now: AT - 86_400_000 * 3 - 1 }).big, '3 days');
  assert.equal(page({ now: AT - 86_400_000 - 1 }).big, '1 day');
});

test('held and cancelled are said, without digits', () => {
  const held = page({}, { status: 'held' });
  assert.deepEqual([held.big, held.caption, held.digits], ['Held', 'Wait for word from the organiser', '']);
  const off = page({}, { status: 'cancelled' });
  assert.deepEqual([off.big, off.digits, off.words], ['Cancelled', '', '']);
});

test('every state has the same slots, so that nothing of an earlier one is left standing', () => {
  const states = [page(), page({ now: AT + 1 }), page({}, { status: 'held' }), page({}, { status: 'cancelled' }), page({ board: null })];
  for (const state of states) assert.deepEqual(Object.keys(state).sort(), Object.keys(page()).sort());
});

test('a count is never passed off as live: it gets its time, and goes after ten minutes', () => {
  const down = board.as_of;
  assert.equal(page({ now: down + 4_000, downSince: down }).asOf, '');
  const old = page({ now: down + 60_000, downSince: down });
  assert.match(old.asOf ?? '', /^as of \d\d:\d\d$/);
  assert.equal(old.phones, '14,210');
  assert.equal(page({ now: down + 600_001, downSince: down }).phones, '');
});

test('figures that are not the whole are said to be at least so many', () => {
  const { least, phones, partial } = page({ board: { ...board, exact: false } });
  assert.deepEqual([least, phones, partial], ['at least', '14,210', 'Part of the count is missing']);
});

test('the first phone is told that it is the first', () => {
  const { phones, phonesLabel } = page({ board: { ...board, phones: 1 } });
  assert.deepEqual([phones, phonesLabel], ['1', 'phone so far: yours']);
});

test('how surely the page is in step is said in words, and never claimed without an answer', () => {
  /** @type {(...of: Parameters<typeof step>) => string} */
  const clock = (...of) => page({ clock: step(...of) }).clock ?? '';
  assert.equal(clock('in-step', 11.2), 'In step ±12\u00a0ms.');
  assert.equal(clock('in-step', 0.2), 'In step ±1\u00a0ms.');
  assert.equal(clock('in-step', 11.2, { confirmed: false }), 'In step ±12\u00a0ms. True time not confirmed.');
  assert.equal(clock('close', 180), 'Close, ±180\u00a0ms.');
  assert.equal(clock('approximate', 700), 'Approximate, ±700\u00a0ms.');
  assert.match(clock('not-in-step', 1_500, { why: 'wide' }), /^Not in step yet: .*1,500/);
  assert.match(clock('not-in-step', null, { why: 'unasked' }), /^Not in step yet\. .*phone’s own clock/);
  assert.match(clock('not-in-step', 40, { why: 'contradicted' }), /^Not in step: the answers contradict/);
  assert.match(clock('not-in-step', 40, { why: 'old' }), /^Not in step: nothing heard/);
});

test('a page without a connection says when it last heard', () => {
  const away = (/** @type {number | null} */ lastHeard) => page({ downSince: AT - 120_000, lastHeard }).link ?? '';
  assert.match(away(AT - 120_000), /^No connection.* Last heard \d\d:\d\d\.$/);
  assert.doesNotMatch(away(null), /Last heard/);
  assert.equal(page().link, 'Connected.');
});

test('a page that only asks now and then says so, and does not take itself for one of the phones', () => {
  const { link, phonesLabel } = page({ counts: false, board: { ...board, phones: 1 } });
  assert.deepEqual([link, phonesLabel], ['Connected now and then; this phone is not counted.', 'phone with us']);
  assert.equal(page({ counts: false, role: 'display' }).link, 'Connected now and then.');
  assert.match(page({ counts: false, downSince: 0 }).link ?? '', /^No connection/);
});

test('a display gives its count a time after a minute without news, and drops it after ten', () => {
  const role = /** @type {const} */ ('display');
  assert.equal(page({ role, now: board.as_of + 59_000, downSince: board.as_of }).asOf, '');
  assert.match(page({ role, now: board.as_of + 61_000 }).asOf ?? '', /^as of \d\d:\d\d$/, 'also while the link seems to hold');
  assert.equal(page({ role, now: board.as_of + 600_001, downSince: board.as_of }).phones, '');
});

test('numbers that were paused say so, and stay', () => {
  const still = page({ pausedAt: AT - 900_000, now: AT - 60_000, downSince: AT - 800_000, board: { ...board, as_of: AT - 900_000 } });
  assert.match(still.asOf ?? '', /^paused at \d\d:\d\d$/);
  assert.equal(still.phones, '14,210');
  assert.equal(still.digits, '1:00');
});

test('a gathering says whether it joins; one with a time of its own shows both clocks', () => {
  const gathering = { slug: 'x', name: 'X', place: 'X', venue: '', joins: false, listed: true };
  const own = page({ gathering });
  assert.match(own.joins ?? '', /time of its own/);
  assert.match(own.wall ?? '', /^It is \d\d:\d\d now$/);
  assert.equal(own.digits, '1:00');
  const together = page({ gathering: { ...gathering, joins: true } });
  assert.deepEqual([together.joins, together.wall], ['Joins the moment with everyone else', '']);
});
