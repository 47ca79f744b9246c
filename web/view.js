// @ts-check
// What every slot of a page says. Pure: from what is known and the time to words.

import { company } from './company.js';
import { stage } from './stage.js';
import { number, say, timeOfDay, words } from './words.js';

/** A link that has been down for less than this is not worth a word, ms. */
const BLINK = 5_000;

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
  ...company(known, away(known)),
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
 * How the page stands to the network and to true time.
 * @param {Known} known
 * @returns {Record<string, Slot>}
 */
const status = (known) => ({ link: { text: linkWords(known) }, clock: { text: clockWords(known) } });

/** Whether the link has been lost for longer than a blink. @param {Known} known */
const away = ({ downSince, now }) => downSince !== null && now - downSince > BLINK;

/**
 * The same for the style sheet. A display shows neither in words while all is well, or while a crowd looks at it.
 * @param {Known} known
 */
export const state = (known) => ({
  link: known.downSince === null ? 'live' : away(known) ? 'away' : 'joining',
  clock: known.clock.label === 'in-step' || known.clock.label === 'close' ? 'in-step' : 'unsure',
  figures: known.board?.exact === false ? 'partial' : 'whole',
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
