// @ts-check
// What the countdown and the lines around it say. Pure: from a view of the moment to words.

import { digits } from './countdown.js';
import { civilTime, count, say, words } from './words.js';

/** @typedef {{ text: string, lang?: string }} Slot words of an organiser may be in another language */

/**
 * @param {{ view: import('./countdown.js').View, lang: string }} known
 * @returns {Record<string, Slot>}
 */
export const stage = ({ view, lang }) => {
  const { phase, moment, left, cue, note } = view;
  const { time, day } = civilTime(moment.civil);
  const when = { time: day ? say(words.when, { time, day }) : time };
  const empty = { kicker: { text: '' }, digits: { text: '' }, big: { text: '' }, caption: { text: '' } };
  const quiet = { ...empty, doing: { text: '' }, words: { text: '' }, note: { text: '' } };
  if (phase === 'held') {
    const why = { text: words.heldWhy };
    const doing = { text: say(words.wasFor, when) };
    return { ...quiet, big: { text: words.held }, caption: why, doing };
  }
  if (phase === 'cancelled') {
    const why = { text: say(words.cancelledWhy, when) };
    return { ...quiet, big: { text: words.cancelled }, caption: why };
  }
  if (phase === 'before') {
    const { days, text } = digits(left);
    const task = cue ?? moment;
    return {
      ...quiet,
      big: { text: days > 0 ? count(words.days, days, lang) : '' },
      digits: { text },
      caption: { text: say(words.until, when) },
      doing: { text: cue ? words.cueNow : task.words ? words.doing : '' },
      words: { text: task.words, lang: task.lang },
      note: { text: note ? say(words[note], when) : '' },
    };
  }
  const own = cue !== null && cue.words === moment.words;
  const big = cue?.words ? { text: cue.words, lang: cue.lang } : { text: phase === 'now' ? words.now : words.after };
  return {
    ...quiet,
    big,
    kicker: { text: phase === 'after' && own ? words.begun : '' },
    caption: { text: phase === 'after' ? say(words.was, { time }) : '' },
  };
};
