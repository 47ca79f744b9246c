// @ts-check
// The face of a page: its countdown and what goes with it, by nothing but what the page was born with. It comes inside
// the HTML and counts down at once, on its own, until the page's other scripts take over; on another site's page, for
// good.

import { guess } from './arrival.js';
import { Countdown } from './countdown.js';
import { turn } from './languages.js';
import { fill } from './slots.js';
import { stage } from './stage.js';
import { speak } from './words.js';

/** Between ticks, ms. */
const TICK = 1_000;

/** One turn of the mark's hand, which is back at one o'clock at the moment, ms. */
const HOUR = 3_600_000;

/** @typedef {import('./countdown.js').View} View */

/**
 * Sets the page's language and tells the style sheet how things stand; the language.
 * @param {View} view
 * @param {import('./wire.js').First['words']} spoken
 * @param {number} now Unix ms
 */
export const turnTo = (view, spoken, now) => {
  const root = document.documentElement;
  const [lang, its] = turn(spoken, view, now);
  speak(its);
  root.lang = lang;
  root.dir = its.$dir;
  Object.assign(root.dataset, { phase: view.phase, span: view.span });
  root.style.setProperty('--turn', ((view.left % HOUR) / HOUR).toFixed(4));
  return lang;
};

/**
 * Until the next whole second before or after the moment: nothing on the page changes by itself in between. In ms.
 * @param {number} left ms; negative after the moment
 */
export const untilNext = (left) => Math.ceil((((left % TICK) + TICK) % TICK) || TICK);

/**
 * Counts down until the page says how it is linked: then somebody else does.
 * @param {(view: View) => void} [painted] called after each tick
 * @returns {(moment: import('./wire.js').Moment) => void} takes in what the server says about the moment
 */
export const face = (painted = () => {}) => {
  /** @type {import('./wire.js').First} */
  const { moment, words: spoken } = JSON.parse(document.getElementById('first')?.textContent ?? '');
  // By the wall clock, which goes on while a device sleeps.
  const ahead = guess() + performance.now() - Date.now();
  const time = () => Date.now() + ahead;
  const countdown = new Countdown(moment);
  /** @type {number | undefined} */
  let timer;
  const tick = () => {
    window.clearTimeout(timer);
    if (document.documentElement.dataset.link) return;
    const now = time();
    const view = countdown.read(now);
    const lang = turnTo(view, spoken, now);
    fill(document, stage({ view, lang }));
    painted(view);
    timer = window.setTimeout(tick, untilNext(view.moment.at - time()));
  };
  tick();
  return (news) => {
    countdown.learn(news, time());
    tick();
  };
};
