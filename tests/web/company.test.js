// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { company } from '../../web/company.js';
import { Countdown } from '../../web/countdown.js';
import { Figures } from '../../web/figures.js';
import { read } from '../../web/wire.js';
import { speak } from '../../web/words.js';

/** @param {string} name */
const example = (name) => read(readFileSync(new URL(`../wire/${name}.json`, import.meta.url), 'utf8'));
const moment = /** @type {import('../../web/wire.js').Moment} */ (example('moment'));
const signed = /** @type {import('../../web/wire.js').Board} */ (example('board'));
const board = { ...signed, final: false };
const NONE = { people: null, taking_part: 0, low: 0, high: 0, elsewhere: 0, reported: 0, ready: 0 };
const MINUTE = 60_000;
const { at: AT } = moment;
const glasgow = { slug: 'glasgow', name: 'Glasgow', place: 'Glasgow', venue: '', joins: true, listed: true };
speak(JSON.parse(readFileSync(new URL('../../web/words/en.json', import.meta.url), 'utf8')));

/**
 * What a page says, as far as it says anything.
 * @param {Partial<import('../../web/wire.js').Board>} [figures]
 * @param {Partial<import('../../web/view.js').Known> & { away?: boolean }} [change]
 */
const page = (figures = {}, { away = false, ...change } = {}) => {
  const now = change.now ?? AT - MINUTE;
  const fresh = { ...board, t: now, as_of: now, ...figures };
  /** @type {import('../../web/view.js').Known} */
  const known = {
    role: 'participant',
    lang: 'en',
    gathering: glasgow,
    view: new Countdown(moment).read(now),
    board: fresh,
    downSince: null,
    counts: true,
    lastHeard: now,
    pausedAt: null,
    clock: { label: 'in-step', bound: 1, why: null, confirmed: true },
    now,
    ...change,
  };
  const said = Object.entries(company(known, away)).filter(([, { text }]) => text);
  return Object.fromEntries(said.map(([name, { text }]) => [name, text]));
};

/** As for somebody who came after the moment. */
const AFTER = { now: AT + 5 * MINUTE };

/** Times are those of this machine's zone. @param {Record<string, string>} said */
const timeless = (said) => Object.fromEntries(Object.entries(said).map(([name, text]) => [name, text.replace(/\d\d:\d\d/, 'TIME')]));

test('people are told with how many gatherings have reported, what they lie between, how old and how sure they are', () => {
  assert.deepEqual(timeless(page()), {
    total: '9,660',
    totalLabel: 'taking part',
    coverage: '61 of 138 gatherings have reported',
    range: '9,310 to 10,410',
    standing: 'provisional',
    asOf: 'as of TIME',
    people: 'about 435 people at this gathering',
    elsewhere: '1,210 of these elsewhere, self-reported',
    beside: '14,210 phones with you',
    ready: '118 of 138 gatherings ready',
  });
});

test('before any gathering has reported there are phones, which are never called people', () => {
  assert.deepEqual(page(NONE), { phones: '14,210', phonesLabel: 'phones with you', here: '310 of them here' });
  const few = page({ ...NONE, reported: 1 });
  assert.equal(few.total, undefined, 'too few to be told');
  assert.deepEqual([few.phones, few.coverage], ['14,210', '1 of 138 gatherings has reported']);
});

test('after the moment the coverage is told even where nobody has reported, and the phones no more where somebody has', () => {
  assert.equal(page(NONE, AFTER).coverage, '0 of 138 gatherings have reported');
  assert.equal(page({ ...NONE, gatherings: 0 }, AFTER).coverage, undefined);
  const { total, beside } = page({}, AFTER);
  assert.deepEqual([total, beside], ['9,660', undefined]);
});

test('figures that are all the same have no range, and those that are signed off are final', () => {
  const { range, standing } = page({ low: 9_660, high: 9_660, final: true });
  assert.deepEqual([range, standing], [undefined, 'final']);
});

test('what one gathering has counted is told rounded, few not apart from nobody, and only where it is public', () => {
  assert.equal(page({ people: 0 }).people, 'fewer than 10 people at this gathering');
  assert.equal(page({ people: null }).people, 'this gathering has not reported yet');
  assert.equal(page({ people: undefined }).people, undefined, 'nothing is known of it');
  assert.equal(page({}, { gathering: null }).people, undefined);
  assert.equal(page({ people: null }, { gathering: { ...glasgow, listed: false } }).people, undefined);
});

/** A board with a gap that is two minutes old. */
const GAP = { exact: false, nodes_reporting: 2, nodes_expected: 3, as_of: AT - 3 * MINUTE };

test('of figures with a gap it is told since when they have it, and nothing that only the whole could tell', () => {
  const { partial = '', ...said } = page(GAP);
  assert.match(partial, /^Part of the count is missing since \d\d:\d\d$/);
  assert.deepEqual(said, {
    least: 'at least',
    total: '9,660',
    totalLabel: 'taking part',
    coverage: '61 of 138 gatherings have reported',
    people: 'at least 435 people at this gathering',
    elsewhere: '1,210 of these elsewhere, self-reported',
    beside: 'at least 14,210 phones with you',
    ready: '118 of 138 gatherings ready',
  });
  for (const people of [0, null]) assert.equal(page({ ...GAP, people }).people, undefined, 'others may know of more');
  assert.equal(page({ ...GAP, final: true }).standing, 'final');
});

test('phones with a gap are at least so many, and a gap as old as the server has no time', () => {
  const { as_of: _, ...ever } = GAP;
  assert.deepEqual(page({ ...NONE, ...ever }), { least: 'at least', phones: '14,210', phonesLabel: 'phones with you', partial: 'Part of the count is missing' });
  assert.deepEqual(page({ ...NONE, ...ever, phones: 0 }), {}, 'of nothing nothing is missing');
});

test('a page that lost the link in a gap tells of both', () => {
  const then = AT - 2 * MINUTE;
  const { partial, asOf } = page({ ...GAP, t: then }, { away: true });
  assert.ok(partial && asOf && partial.slice(-5) !== asOf.slice(-5), `${partial}, ${asOf}`);
});

test('on a wall the line of a gap takes the place of what goes with how many have reported', () => {
  const { partial, ...said } = page(GAP, { role: 'display' });
  assert.match(partial ?? '', /^Part of the count is missing since/);
  assert.deepEqual(said, { least: 'at least', total: '9,660', totalLabel: 'taking part', coverage: '61 of 138 gatherings have reported' });
});

test('a gap is said at once, with the figures that are there, and taken back three seconds after the whole is back', () => {
  const figures = new Figures();
  const whole = { ...board, t: AT, as_of: AT };
  const partial = { ...whole, ...GAP, phones: 9 };
  assert.equal(figures.show(whole, 0), whole);
  const { exact, phones, as_of } = figures.show(partial, 100) ?? whole;
  assert.deepEqual([exact, phones, as_of], [false, whole.phones, GAP.as_of]);
  assert.equal(figures.next, 1_000);
  assert.equal(figures.show(partial, 1_000)?.phones, 9);
  assert.equal(figures.next, Infinity);
  const back = { ...whole, phones: 10 };
  const still = figures.show(back, 2_000);
  assert.deepEqual([still?.exact, still?.phones, still?.as_of, figures.next], [false, 10, GAP.as_of, 5_000]);
  // A bad line: it is not told every second.
  figures.show(partial, 4_000);
  assert.equal(figures.next, Infinity);
  figures.show(back, 6_000);
  assert.equal(figures.show(back, 8_999)?.exact, false);
  assert.equal(figures.show(back, 9_000)?.exact, true);
  assert.equal(figures.next, Infinity);
});

test('a page that lost the link keeps its figures for ten minutes, and for good when they are signed off', () => {
  const away = { away: true };
  const old = (/** @type {number} */ ms) => ({ t: AT - MINUTE - ms, as_of: AT - MINUTE - ms });
  assert.equal(page(old(9 * MINUTE), away).total, '9,660');
  assert.deepEqual(page(old(11 * MINUTE), away), {});
  assert.equal(page({ ...old(11 * MINUTE), final: true }, away).total, '9,660');
  assert.equal(page(old(11 * MINUTE), { ...away, pausedAt: AT - 12 * MINUTE }).total, '9,660', 'paused by the reader');
});

test('a display tells who is ready before the moment, its own people beside it, and who is elsewhere only after', () => {
  const role = /** @type {const} */ ('display');
  const wall = (figures = {}, change = {}) => page(figures, { role, ...change });
  assert.deepEqual(wall(), {
    total: '9,660',
    totalLabel: 'taking part',
    coverage: '61 of 138 gatherings have reported',
    range: '9,310 to 10,410',
    standing: 'provisional',
    people: 'about 435 people here',
    ready: '118 of 138 gatherings ready',
  });
  assert.deepEqual(wall({ ...NONE, ready: 118, here: null }, { gathering: null }), { phones: '14,210', phonesLabel: 'phones with us', people: '118 of 138 gatherings ready' });
  assert.equal(wall({ people: null }).people, '118 of 138 gatherings ready');
  const after = wall({}, { ...AFTER, gathering: null });
  assert.deepEqual([after.ready, after.elsewhere], [undefined, '1,210 of these elsewhere, self-reported']);
});

test('a display gives figures of more than a minute ago their time, and drops those it has not heard of for ten', () => {
  const role = /** @type {const} */ ('display');
  const old = (/** @type {number} */ ms) => ({ t: AT - MINUTE - ms, as_of: AT - MINUTE - ms });
  assert.equal(page(old(59_000), { role }).asOf, undefined);
  const { asOf, standing } = page(old(61_000), { role });
  assert.match(asOf ?? '', /^as of/);
  assert.equal(standing, undefined);
  assert.deepEqual(page(old(601_000), { role }), {});
});

test('numbers jump to the newest, no more than once in a second', () => {
  const figures = new Figures();
  const boards = [1, 2, 3].map((phones) => ({ ...board, phones }));
  const [first = null, second = null, third = null] = boards;
  assert.deepEqual([figures.show(null, 0), figures.next], [null, Infinity]);
  assert.equal(figures.show(first, 100), first);
  assert.equal(figures.show(second, 400), first);
  assert.equal(figures.next, 1_100);
  assert.equal(figures.show(third, 1_099), first);
  assert.equal(figures.show(third, 1_100), third, 'what came between was never shown');
  assert.equal(figures.next, Infinity);
});
