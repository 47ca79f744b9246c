// @ts-check
// How many take part: people, once gatherings have reported, and always beside how many have; before that, phones, which
// are never called people. Pure.

import { count, number, say, timeOfDay, words } from './words.js';

/** A figure older than this is history and is not shown at all, ms. */
const LASTS = 600_000;

/** A count of one gathering below this is not told. */
const FEWEST_TOLD = 10;

/** A display's figure without news for this long gets its time beside it, ms. */
const DISPLAY_STALE = 60_000;

/** @typedef {import('./view.js').Known} Known */
/** @typedef {import('./wire.js').Board} Board */

/** Every slot there is: what an earlier state has filled is not left standing. */
const SLOTS = ['least', 'total', 'totalLabel', 'phones', 'phonesLabel', 'partial', 'here', 'coverage', 'range', 'standing', 'asOf', 'people', 'elsewhere', 'beside', 'ready'];

/**
 * Never a frozen number passed off as live.
 * @param {Known} known
 * @param {boolean} away whether the link has been lost for longer than a blink
 * @returns {Record<string, import('./stage.js').Slot>}
 */
export const company = (known, away) => {
  const said = told(known, away);
  return Object.fromEntries(SLOTS.map((slot) => [slot, { text: said[slot] ?? '' }]));
};

/** @param {Known} known @param {boolean} away @returns {Record<string, string>} */
const told = (known, away) => {
  const { role, board, pausedAt, now } = known;
  if (!board) return {};
  const age = now - board.t;
  const wall = role === 'display';
  const old = wall ? age > DISPLAY_STALE : away;
  const gone = old && age > LASTS && pausedAt === null;
  const summed = board.reported > 0 && board.taking_part > 0;
  // What is signed off does not change any more.
  if (gone && !(summed && board.final)) return {};
  const clockTime = (/** @type {number} */ at) => ({ time: timeOfDay(at, known.lang) });
  const any = summed || board.phones > 0 || board.reported > 0;
  // Of figures with a gap it is told since when they have it.
  const stale = any && (old || (summed && !wall && board.exact));
  const asOf = pausedAt !== null ? say(words.pausedAt, clockTime(pausedAt)) : stale ? say(words.asOf, clockTime(board.t)) : '';
  const partial = any && !board.exact ? missing(board, clockTime(board.as_of)) : '';
  const said = { ...(summed ? people(known, board) : phones(known, board)), ...around(known, board), partial, asOf };
  return wall ? onWall(said, known) : said;
};

/** What is said of a gap. Its time is not known to a server that never heard of everything. @param {Board} board @param {{ time: string }} since */
const missing = ({ as_of, t }, since) => (as_of < t ? say(words.partialSince, since) : words.partial);

/**
 * A display has three lines beside its number, and one more where there is room for it.
 * @param {Record<string, string>} said
 * @param {Known} known
 */
const onWall = (said, { view, gathering }) => {
  const after = view.phase === 'after';
  const ahead = view.phase === 'before' || view.phase === 'held';
  const ready = ahead ? said.ready : '';
  // Before the moment, a wall has better to tell than that nothing is known here.
  const own = after || said.told ? said.people : '';
  // The line of a gap takes the place of all that goes with how many have reported.
  if (said.partial) return { ...said, people: '', ready: '', elsewhere: '', beside: '', standing: '' };
  return {
    ...said,
    people: own || ready || '',
    ready: own ? ready ?? '' : '',
    elsewhere: after && !gathering ? said.elsewhere ?? '' : '',
    beside: '',
    // How old it is goes before how sure it is.
    standing: said.asOf ? '' : said.standing ?? '',
  };
};

/** While a part of the whole is missing there may be more: this stands before a number. @param {Board} board */
const least = ({ exact }) => (exact ? '' : words.atLeast);

/** @param {Known} known @param {Board} board @returns {Record<string, string>} */
const people = (known, board) => {
  const { lang, view } = known;
  const { taking_part, low, high } = board;
  const followed = view.phase !== 'after' && board.phones > 0;
  return {
    least: least(board),
    total: number(taking_part, lang),
    totalLabel: count(words.takingPart, taking_part, lang),
    // Nobody knows what the whole lies between.
    range: low < high && board.exact ? say(words.range, { low: number(low, lang), high: number(high, lang) }) : '',
    standing: board.final ? words.final : board.exact ? words.provisional : '',
    beside: followed ? `${least(board)} ${number(board.phones, lang)} ${phonesLabel(known, board)}`.trim() : '',
  };
};

/** @param {Known} known @param {Board} board @returns {Record<string, string>} */
const phones = (known, board) => {
  const { lang } = known;
  // Nobody yet is not worth a word; and a phone that was just let in is one, whatever the board before it says.
  if (board.phones === 0) return {};
  return { least: least(board), phones: number(board.phones, lang), phonesLabel: phonesLabel(known, board), here: hereWords(board, lang) };
};

/** @param {Known} known @param {Board} board */
const phonesLabel = ({ role, counts, lang }, board) =>
  count(role === 'participant' && counts ? words.phones : words.phonesOnDisplay, board.phones, lang);

/**
 * How many of them are at this gathering. Where there are few in the whole country, or some are missing, there is
 * nothing to say.
 * @param {Board} board
 * @param {string} lang
 */
const hereWords = ({ here, phones, exact }, lang) => {
  if (here === null || phones < FEWEST_TOLD || !exact) return '';
  return here === 0 ? say(words.hereFew, { n: number(FEWEST_TOLD, lang) }) : count(words.here, here, lang);
};

/**
 * What goes with either: how many gatherings have reported, or are ready to; the reader's own; and whoever takes part
 * at none of them, by their own word.
 * @param {Known} known
 * @param {Board} board
 * @returns {Record<string, string>}
 */
const around = ({ role, gathering, view, lang }, board) => {
  const { reported, gatherings, ready, elsewhere, people, exact } = board;
  const all = { all: number(gatherings, lang) };
  const report = reported > 0 || (view.phase === 'after' && gatherings > 0);
  // That it has not reported, or few, nobody can tell while a part is missing.
  const own = gathering?.listed && report && people !== undefined && (exact || people);
  const counted = (/** @type {number} */ n) => (exact ? about(n, lang) : `${least(board)} ${count(words.people, n, lang)}`);
  return {
    coverage: report ? count(words.reported, reported, lang, all) : '',
    people: !own ? '' : people === null ? words.notReported : say(role === 'display' ? words.peopleHere : words.atThis, { people: counted(people) }),
    told: own && people !== null ? 'told' : '',
    elsewhere: elsewhere > 0 ? say(words.ofThese, { n: number(elsewhere, lang) }) : '',
    ready: ready > 0 ? count(words.ready, ready, lang, all) : '',
  };
};

/**
 * The people of one gathering, as the public is told: rounded, and few are not told apart from nobody.
 * @param {number} people 0 for fewer than ten
 * @param {string} lang
 */
export const about = (people, lang) =>
  people === 0 ? say(words.fewPeople, { n: number(FEWEST_TOLD, lang) }) : say(words.about, { people: count(words.people, people, lang) });
