// @ts-check
// What every slot of a page says. Pure: from what is known and the time to words.

import { stage } from './stage.js';
import { count, number, say, timeOfDay, words } from './words.js';

/** A link that has been down for less than this is not worth a word, ms. */
const BLINK = 5_000;

/** A count older than this is history and is not shown at all, ms. */
const COUNT_LASTS = 600_000;

/** A count of one gathering below this is not told. */
const FEWEST_TOLD = 10;

/** A display's count without news for this long gets its time beside it, ms. */
const DISPLAY_STALE = 60_000;

/**
 * @typedef {object} Known
 * @property {import('./wire.js').Role} role
 * @property {string} lang
 * @property {import('./wire.js').Gathering | null} gathering
 * @property {import('./countdown.js').View} view
 * @property {import('./wire.js').Board | null} board
 * @property {number | null} downSince when the link was lost, Unix ms; null while it holds
 * @property {boolean} counts whether a phone on this link is counted; if not, it is one that only asks now and then
 * @property {number | null} lastHeard when the server last said anything, Unix ms; null if never
 * @property {number | null} pausedAt since when the numbers stand still by the viewer's wish, Unix ms
 * @property {import('./clock.js').Step} clock
 * @property {number} now Unix ms
 */

/** @typedef {import('./stage.js').Slot} Slot */

/**
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
export const slots = (known) => ({
  name: { text: known.view.moment.name },
  ...stage(known),
  ...local(known),
  ...company(known),
  ...status(known),
  draft: { text: words.$draft ? words.draft : '' },
});

/**
 * Whether the gathering acts with everyone else. One that keeps its own time sees both: the country's countdown, and
 * what time it is here.
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const local = ({ gathering, now, lang }) => {
  if (!gathering) return { joins: { text: '' }, wall: { text: '' } };
  if (gathering.joins) return { joins: { text: words.joins }, wall: { text: '' } };
  return { joins: { text: words.ownTime }, wall: { text: say(words.timeNow, { time: timeOfDay(now, lang) }) } };
};

/**
 * How many are with us; never a frozen number passed off as live.
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const company = ({ role, board, downSince, counts, pausedAt, now, lang }) => {
  const none = { phones: { text: '' }, phonesLabel: { text: '' }, here: { text: '' }, asOf: { text: '' } };
  // Nobody yet is not worth a word; and a phone that was just let in is one, whatever the board before it says.
  if (!board || board.phones === 0) return none;
  const age = now - board.as_of;
  const old = role === 'display' ? age > DISPLAY_STALE : downSince !== null && now - downSince > BLINK;
  if (old && age > COUNT_LASTS && pausedAt === null) return none;
  const shown = number(board.phones, lang);
  const clockTime = (/** @type {number} */ at) => ({ time: timeOfDay(at, lang) });
  const label = role === 'participant' && counts ? words.phones : words.phonesOnDisplay;
  return {
    phones: { text: board.exact ? shown : say(words.atLeast, { n: shown }) },
    phonesLabel: { text: count(label, board.phones, lang) },
    here: { text: hereWords(board, lang) },
    asOf: { text: pausedAt !== null ? say(words.pausedAt, clockTime(pausedAt)) : old ? say(words.asOf, clockTime(board.as_of)) : '' },
  };
};

/**
 * How many of them are at this gathering. Where there are few in the whole country, there is nothing to say.
 * @param {import('./wire.js').Board} board
 * @param {string} lang
 */
const hereWords = ({ here, phones }, lang) => {
  if (here === null || phones < FEWEST_TOLD) return '';
  return here === 0 ? say(words.hereFew, { n: number(FEWEST_TOLD, lang) }) : count(words.here, here, lang);
};

/**
 * How the page stands to the network and to true time.
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const status = (known) => ({ link: { text: linkWords(known) }, clock: { text: clockWords(known) } });

/**
 * The same for the style sheet. A display shows neither in words while all is well, or while a crowd looks at it.
 * @param {Known} known
 */
export const state = ({ downSince, now, clock }) => ({
  link: downSince === null ? 'live' : now - downSince > BLINK ? 'away' : 'joining',
  clock: clock.label === 'in-step' || clock.label === 'close' ? 'in-step' : 'unsure',
});

/** @param {Known} known */
const linkWords = (known) => {
  const { link } = state(known);
  if (link === 'joining') return words.joining;
  const { role, counts, lastHeard, lang } = known;
  if (link === 'live' && !counts) return role === 'display' ? words.nowAndThenOnDisplay : words.nowAndThen;
  if (link === 'live') return words.live;
  return lastHeard === null ? words.away : `${words.away} ${say(words.lastHeard, { time: timeOfDay(lastHeard, lang) })}`;
};

/** The label that the clock has earned, in words. */
const LABELS = /** @type {const} */ ({ 'in-step': 'inStep', close: 'close', approximate: 'approximate', 'not-in-step': 'wide' });

/** A display has one line for it. @param {Known} known */
const clockWords = ({ clock: { label, why, bound, confirmed }, role, lang }) => {
  const wall = role === 'display';
  if (why === 'contradicted' || why === 'old') return words[why];
  if (why === 'unasked') return wall ? words.ownClockOnDisplay : `${words.notInStepYet} ${words.ownClock}`;
  const said = say(words[LABELS[label]], { n: number(Math.max(1, Math.ceil(bound ?? 0)), lang) });
  return confirmed || wall ? said : `${said} ${words.notConfirmed}`;
};
