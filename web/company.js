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
const SLOTS = ['total', 'totalLabel', 'phones', 'phonesLabel', 'here', 'coverage', 'range', 'standing', 'asOf', 'people', 'elsewhere', 'beside', 'ready'];

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
  const stale = summed ? !wall || now - board.as_of > DISPLAY_STALE : old && (board.phones > 0 || board.reported > 0);
  const asOf = pausedAt !== null ? say(words.pausedAt, clockTime(pausedAt)) : stale ? say(words.asOf, clockTime(board.as_of)) : '';
  const said = { ...(summed ? people(known, board) : phones(known, board)), ...around(known, board), asOf };
  return wall ? onWall(said, known) : said;
};

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

/** While a part of the whole is missing there may be more. @param {number} n @param {Board} board @param {string} lang */
const least = (n, { exact }, lang) => (exact ? number(n, lang) : say(words.atLeast, { n: number(n, lang) }));

/** @param {Known} known @param {Board} board @returns {Record<string, string>} */
const people = (known, board) => {
  const { lang, view } = known;
  const { taking_part, low, high } = board;
  const followed = view.phase !== 'after' && board.phones > 0;
  return {
    total: least(taking_part, board, lang),
    totalLabel: count(words.takingPart, taking_part, lang),
    range: low < high ? say(words.range, { low: number(low, lang), high: number(high, lang) }) : '',
    standing: board.final ? words.final : words.provisional,
    beside: followed ? `${least(board.phones, board, lang)} ${phonesLabel(known, board)}` : '',
  };
};

/** @param {Known} known @param {Board} board @returns {Record<string, string>} */
const phones = (known, board) => {
  const { lang } = known;
  // Nobody yet is not worth a word; and a phone that was just let in is one, whatever the board before it says.
  if (board.phones === 0) return {};
  return { phones: least(board.phones, board, lang), phonesLabel: phonesLabel(known, board), here: hereWords(board, lang) };
};

/** @param {Known} known @param {Board} board */
const phonesLabel = ({ role, counts, lang }, board) =>
  count(role === 'participant' && counts ? words.phones : words.phonesOnDisplay, board.phones, lang);

/**
 * How many of them are at this gathering. Where there are few in the whole country, there is nothing to say.
 * @param {Board} board
 * @param {string} lang
 */
const hereWords = ({ here, phones }, lang) => {
  if (here === null || phones < FEWEST_TOLD) return '';
  return here === 0 ? say(words.hereFew, { n: number(FEWEST_TOLD, lang) }) : count(words.here, here, lang);
};

/**
 * What goes with either: how many gatherings have reported, or are ready to; the reader's own; and whoever takes part
 * at none of them, by their own word.
 * @param {Known} known
 * @param {Board} board
 * @returns {Record<string, string>}
 */
const around = ({ role, gathering, view, lang }, { reported, gatherings, ready, elsewhere, people }) => {
  const all = { all: number(gatherings, lang) };
  const report = reported > 0 || (view.phase === 'after' && gatherings > 0);
  const own = gathering?.listed && report && people !== undefined;
  return {
    coverage: report ? count(words.reported, reported, lang, all) : '',
    people: !own ? '' : people === null ? words.notReported : say(role === 'display' ? words.peopleHere : words.atThis, { people: about(people, lang) }),
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
