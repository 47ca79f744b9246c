// @ts-check
// What a steward's page says. Pure: from what is known and the time to words.

import { digits } from './countdown.js';
import { civilTime, count, number, say, timeOfDay, words } from './words.js';

/** Practice taps. */
export const PRACTICE = 5;

/** A link that has been down for less than this is not worth a word, ms. */
const BLINK = 5_000;

/** So long before the moment the number is asked for, ms. */
const ASK_FROM = 120_000;

/** For so long the last tap can be taken back without looking for it, ms. */
const UNDO_FOR = 10_000;

/** What is wrong: the pass is not valid, which hinders nobody from counting; or another window counts. @typedef {'' | 'passGone' | 'window'} Barred */

/** @typedef {'wait' | 'door' | 'brief' | 'practice' | 'go' | 'count'} Screen */

/**
 * @typedef {object} Known
 * @property {Screen} screen
 * @property {string} lang
 * @property {number} now Unix ms
 * @property {import('./countdown.js').View} view
 * @property {import('./duty.js').Duty | null} duty
 * @property {string} device
 * @property {number} practised taps so far
 * @property {number} counted as far as it is on this phone's disk
 * @property {number} kept
 * @property {boolean} waiting whether anything is still to be sent
 * @property {boolean} held
 * @property {import('./ledger.js').Action | null} last
 * @property {number} lastAt when it was done or taken back, Unix ms
 * @property {import('./ledger.js').Entry | null} final the figure for the moment
 * @property {(method: string) => string} method in words
 * @property {number | null} asked the moment whose number was confirmed or waved away, Unix ms
 * @property {number | null} downSince when the link was lost, Unix ms; null while it holds
 * @property {boolean} refused whether the server said that it cannot keep what it was sent
 * @property {Barred} barred
 * @property {boolean} saves whether this phone can store anything
 * @property {boolean} offline whether the page can be opened without a network
 * @property {boolean} partial whether the server may lack what other phones counted
 */

/** Whether now is within the window of the pass. @param {Known} known */
export const open = ({ duty, now, barred }) => barred !== 'window' && (!duty || (now >= duty.from && now < duty.until));

/** Other phones that count at this post. @param {Known} known */
const others = ({ duty, device }) => duty?.devices.filter((one) => !device.startsWith(one.device) && (one.live || one.counted !== 0)) ?? [];

/** People at the post, as far as this phone knows: what others count is known from the server alone. @param {Known} known */
export const people = (known) => {
  const { duty, counted, kept } = known;
  return Math.max(0, others(known).length > 0 && duty ? duty.post_people + counted - kept : counted);
};

/** Which buttons there are beside the last tap. @param {Known} known */
export const offers = (known) => {
  const { view, asked, last, lastAt, now, final, screen } = known;
  const counts = screen === 'count' && open(known);
  const before = view.phase === 'before' && view.left <= ASK_FROM && asked !== view.moment.at;
  const asks = counts && before;
  const undo = counts && !asks && last !== null && !last.undone && now - lastAt < UNDO_FOR;
  const past = (view.phase === 'now' || view.phase === 'after') && view.moment.at <= now;
  const figure = screen === 'count' && known.barred !== 'window' && past;
  return { asks, undo, final: figure && !asks && !undo && !final, figure, list: !asks && !undo };
};

/** @param {Known} known @returns {Record<string, import('./stage.js').Slot>} */
export const panel = (known) => {
  const { screen, lang, now, view, duty, counted, kept, practised, last, lastAt } = known;
  const place = duty ? duty.name || duty.place : '';
  const practice = screen === 'practice' || screen === 'go';
  const signed = (/** @type {number} */ n) => number(n, lang).replace('-', '−');
  const recent = last && now - lastAt < UNDO_FOR ? last : null;
  const asks = offers(known).asks;
  return {
    waiting: { text: known.barred ? words[`steward.${known.barred}`] : words['steward.opening'] },
    counting: { text: duty ? say(words['steward.counting'], { place, post: duty.post }) : '' },
    offline: { text: known.offline ? words['steward.offline'] : '' },
    post: { text: duty?.post ?? '' },
    place: { text: place },
    ...moment(view),
    notice: { text: practice ? practiceWords(known) : notice(known) },
    number: { text: practice ? number(practised, lang) : signed(counted) },
    locked: { text: signed(counted) },
    here: { text: practice ? '' : words['steward.here'] },
    kept: { text: practice ? '' : `${counted === kept && !known.waiting ? '✓ ' : ''}${say(words['steward.kept'], { n: signed(kept) })}` },
    last: { text: recent && !asks ? `${actionWords(recent, lang)}` : '' },
    told: { text: [notice(known), known.partial ? together(known) : '', known.offline ? words['steward.offline'] : ''].filter(Boolean).join(' ') },
    wall: { text: timeOfDay(now, lang) },
  };
};

/** A tap in words. @param {import('./ledger.js').Action} action @param {string} lang */
export const actionWords = ({ way, n, undone }, lang) =>
  say(words[undone ? 'steward.takenBack' : way === 'in' ? 'steward.in' : 'steward.out'], { n: number(n, lang) });

/** The question for a typed number. @param {'now' | 'final'} what @param {import('./wire.js').Moment} moment */
export const question = (what, { civil }) =>
  what === 'now' ? words['steward.askNow'] : say(words['steward.askFinal'], { time: civilTime(civil).time });

/** @param {import('./countdown.js').View} view @returns {Record<string, import('./stage.js').Slot>} */
const moment = ({ phase, left, moment }) => {
  const { time } = civilTime(moment.civil);
  if (phase !== 'before') {
    const said = { held: words.held, cancelled: words.cancelled, now: words.now, after: say(words.was, { time }) }[phase];
    return { digits: { text: '' }, until: { text: said } };
  }
  const { days, text } = digits(left);
  return { digits: { text: days > 0 ? '' : text }, until: { text: days > 0 ? say(words.until, { time: civilTime(moment.civil).day }) : say(words.until, { time }) } };
};

/** @param {Known} known */
const practiceWords = ({ screen, practised, lang }) =>
  screen === 'go' ? words['steward.practised'] : count(words['steward.practice'], Math.max(0, PRACTICE - practised), lang);

/** Whether what is said is nothing to worry about. @param {Known} known */
export const calm = (known) => known.screen === 'count' && !offers(known).asks && !worry(known);

/** The one thing that is to be known now. @param {Known} known */
const notice = (known) => {
  const { lang } = known;
  if (offers(known).asks) return say(words['steward.confirm'], { n: number(people(known), lang) });
  // There is room for one of them.
  return worry(known) || finalWords(known) || (known.partial ? words['steward.partial'] : together(known));
};

/** How many phones count here, if it is more than this one. @param {Known} known */
const together = (known) => {
  const { lang, duty } = known;
  const phones = others(known).length;
  if (!duty || phones === 0) return '';
  return say(count(words['steward.phones'], phones + 1, lang), { post: duty.post, all: number(people(known), lang) });
};

/** @param {Known} known */
const worry = (known) => {
  const { barred, duty, now, lang, saves, refused, waiting, held, downSince } = known;
  if (barred) return words[`steward.${barred}`];
  if (duty && now >= duty.until) return waiting ? `${words['steward.over']} ${words['steward.saved']}` : words['steward.over'];
  if (duty && now < duty.from) return say(words['steward.early'], { time: timeOfDay(duty.from, lang) });
  if (!saves) return words['steward.cannotSave'];
  if (refused) return words['steward.notKept'];
  if (held || (duty?.held ?? 0) > 0) return words['steward.held'];
  if (downSince !== null && now - downSince > BLINK) return words['steward.saved'];
  return '';
};

/** @param {Known} known */
const finalWords = ({ final, lang, method }) =>
  final
    ? say(words['steward.final'], {
        n: number(final.value, lang),
        low: number(final.low, lang),
        high: number(final.high, lang),
        method: method(final.method),
      })
    : '';
