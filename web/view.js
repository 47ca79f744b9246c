// @ts-check
// What every slot of a page says. Pure: from what is known and the time to words.

import { digits } from './countdown.js';
import { civilTime, count, number, say, timeOfDay, words } from './words.js';

/** A link that has been down for less than this is not worth a word, ms. */
const BLINK = 5_000;

/** A count older than this is history and is not shown at all, ms. */
const COUNT_LASTS = 600_000;

/** A clock known no better than this is not in step, ms. */
const IN_STEP = 1_000;

/** When a screen reader hears how much is left, ms. */
const CALLS = [10_000, 60_000, 300_000, 600_000];

/**
 * @typedef {object} Known
 * @property {import('./wire.js').Role} role
 * @property {string} lang
 * @property {import('./wire.js').Gathering | null} gathering
 * @property {import('./countdown.js').View} view
 * @property {import('./wire.js').Board | null} board
 * @property {number | null} downSince when the link was lost, Unix ms; null while it holds
 * @property {boolean} joined whether it ever held
 * @property {boolean} counts whether a phone on this link is counted; if not, it is one that only asks now and then
 * @property {{ bound: number | null, confirmed: boolean }} clock
 * @property {number} now Unix ms
 */

/** @typedef {{ text: string, lang?: string }} Slot words of an organiser may be in another language */

/**
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
export const slots = (known) => ({
  name: { text: known.view.moment.name },
  ...stage(known),
  ...company(known),
  ...status(known),
  draft: { text: words.$draft ? words.draft : '' },
});

/**
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const stage = ({ view, lang, gathering }) => {
  const { phase, moment, left, cue, note } = view;
  const { time, day } = civilTime(moment.civil);
  const when = { time: day ? say(words.when, { time, day }) : time };
  const empty = { kicker: { text: '' }, digits: { text: '' }, big: { text: '' }, caption: { text: '' } };
  const quiet = { ...empty, doing: { text: '' }, words: { text: '' }, note: { text: '' }, say: { text: '' } };
  if (phase === 'held') {
    const why = { text: words.heldWhy };
    const doing = { text: say(words.wasFor, when) };
    return { ...quiet, big: { text: words.held }, caption: why, doing, say: { text: `${words.held}. ${why.text}` } };
  }
  if (phase === 'cancelled') {
    const why = { text: say(words.cancelledWhy, when) };
    return { ...quiet, big: { text: words.cancelled }, caption: why, say: { text: `${words.cancelled}. ${why.text}` } };
  }
  if (phase === 'before') {
    const { days, text } = digits(left);
    const task = cue ?? moment;
    const own = gathering && !gathering.joins ? words.ownTime : '';
    return {
      ...quiet,
      kicker: { text: days > 0 ? count(words.days, days, lang) : '' },
      digits: { text },
      caption: { text: say(words.until, when) },
      doing: { text: cue ? words.cueNow : task.words ? words.doing : '' },
      words: { text: task.words, lang: task.lang },
      note: { text: note ? say(words[note], when) : own },
      say: { text: note ? say(words[note], when) : called(left, lang) },
    };
  }
  const own = cue !== null && cue.words === moment.words;
  const big = cue?.words ? { text: cue.words, lang: cue.lang } : { text: phase === 'now' ? words.now : words.after };
  return {
    ...quiet,
    big,
    kicker: { text: phase === 'after' && own ? words.begun : '' },
    caption: { text: phase === 'after' ? say(words.was, { time }) : '' },
    say: big,
  };
};

/**
 * @param {number} left
 * @param {string} lang
 */
const called = (left, lang) => {
  const call = CALLS.find((call) => left <= call);
  if (call === undefined) return '';
  return call < 60_000
    ? count(words.secondsLeft, call / 1_000, lang)
    : count(words.minutesLeft, call / 60_000, lang);
};

/**
 * How many are with us; never a frozen number passed off as live.
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const company = ({ role, board, downSince, joined, counts, now, lang }) => {
  const none = { phones: { text: '' }, phonesLabel: { text: '' }, here: { text: '' }, asOf: { text: '' } };
  if (!board || (board.phones === 0 && !joined)) return none;
  const old = downSince !== null && now - downSince > BLINK;
  if (old && now - board.as_of > COUNT_LASTS) return none;
  const shown = number(board.phones, lang);
  const label = role === 'participant' && counts ? words.phones : words.phonesOnDisplay;
  return {
    phones: { text: board.exact ? shown : say(words.atLeast, { n: shown }) },
    phonesLabel: { text: count(label, board.phones, lang) },
    here: { text: board.here === null ? '' : count(words.here, board.here, lang) },
    asOf: { text: old ? say(words.asOf, { time: timeOfDay(board.as_of, lang) }) : '' },
  };
};

/**
 * How the page stands to the network and to true time. A display has room for the graver of the two only.
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const status = (known) => {
  const link = linkWords(known);
  const clock = clockWords(known);
  if (known.role !== 'display') return { link: { text: link }, clock: { text: clock } };
  return { link: { text: link === words.live ? '' : link }, clock: { text: link === words.live ? clock : '' } };
};

/** @param {Known} known */
const linkWords = ({ role, counts, downSince, now }) => {
  if (downSince === null && !counts) return role === 'display' ? words.nowAndThenOnDisplay : words.nowAndThen;
  if (downSince === null) return words.live;
  return now - downSince > BLINK ? words.away : words.joining;
};

/** @param {Known} known */
const clockWords = ({ clock, role, lang }) => {
  if (clock.bound === null) return role === 'display' ? words.ownClockOnDisplay : words.ownClock;
  const n = number(Math.max(1, Math.ceil(clock.bound)), lang);
  if (clock.bound > IN_STEP) return say(words.notInStep, { n });
  return say(clock.confirmed ? words.inStep : words.inStepAmong, { n });
};
