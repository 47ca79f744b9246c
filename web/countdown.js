// @ts-check
// From the moment and the time to what is to be shown. Pure: time is an argument.

import { Fuse } from './fuse.js';
import { Steady } from './steady.js';

/** How long what is done at the moment stays up when no later cue takes its place, ms. */
const NOW_LASTS = 60_000;

/** A page that gets to the moment later than this (it slept) came late and does not fire, ms. */
const FIRES_WITHIN = 5_000;

/** @typedef {import('./wire.js').Moment} Moment */
/** @typedef {'before' | 'now' | 'after' | 'held' | 'cancelled'} Phase */
/** @typedef {'days' | 'hours' | 'minutes' | 'seconds' | ''} Span how far off it is, as pages are laid out; '' when it is not ahead */
/** @typedef {'moved' | 'resumed' | import('./steady.js').Label} Note why the countdown is not what it was */

/**
 * @typedef {object} View
 * @property {Phase} phase
 * @property {Moment} moment
 * @property {Span} span
 * @property {number} left ms until the moment, as it is to be shown; 0 from then on, and while it is held or cancelled
 * @property {number} due when it is to be acted on, or was, local ms; Infinity while that is not wanted
 * @property {{ words: string, lang: string } | null} cue what is to be shown by now, if anything
 * @property {boolean} fires true once per moment: this is the instant
 * @property {Note | null} note
 */

/** @typedef {{ days: number, text: string }} Digits hours, minutes and seconds as far as there are any */

/**
 * The digits of a span. It is rounded up, so that nothing is left exactly when the moment is there.
 * @param {number} left ms, not negative
 * @returns {Digits}
 */
export const digits = (left) => {
  const all = Math.ceil(left / 1_000);
  const days = Math.floor(all / 86_400);
  const hours = Math.floor(all / 3_600) % 24;
  const minutes = Math.floor(all / 60) % 60;
  const seconds = all % 60;
  if (days > 0) return { days, text: `${two(hours)}:${two(minutes)}:${two(seconds)}` };
  if (hours > 0) return { days, text: `${hours}:${two(minutes)}:${two(seconds)}` };
  if (minutes > 0) return { days, text: `${minutes}:${two(seconds)}` };
  return { days, text: `${seconds}` };
};

/**
 * From when on a page is laid out anew: [up to so many ms, span], the shortest first.
 * @type {[number, Span][]}
 */
const SPANS = [
  [10_000, 'seconds'],
  [600_000, 'minutes'],
  [86_400_000, 'hours'],
];

/**
 * @param {number} left ms, not negative
 * @returns {Span}
 */
export const span = (left) => SPANS.find(([most]) => Math.ceil(left / 1_000) * 1_000 <= most)?.[1] ?? 'days';

/** @param {number} n */
const two = (n) => String(n).padStart(2, '0');

/**
 * The newest cue due at `elapsed` among those from `first` on.
 * @param {Moment} moment
 * @param {number} elapsed ms since the moment; negative is before
 * @param {number} first least offset that counts
 */
const due = (moment, elapsed, first) =>
  moment.cues.findLast(({ offset }) => offset >= first && offset <= elapsed) ?? null;

/** @param {Moment} moment ms after the moment at which its own words make way */
const nowEnds = (moment) => moment.cues.find(({ offset }) => offset > 0)?.offset ?? NOW_LASTS;

/** @param {Moment} moment the instant, Unix ms, by which all it had to show has been up long enough */
const isOver = (moment) => moment.at + (moment.cues.at(-1)?.offset ?? 0) + NOW_LASTS;

/** A countdown remembers what it has shown: it never goes up in silence and never fires twice. */
export class Countdown {
  /** @type {Moment} */
  #moment;
  /** @type {Moment | null} */
  #next = null;
  #steady = new Steady();
  #fuse = new Fuse();
  #armed = false;
  /** @type {number | null} */
  #fired = null;
  /** @type {Note | null} */
  #note = null;

  /**
   * @param {Moment} moment
   * @param {boolean} [fired] whether the page was there at the moment, and shows it
   */
  constructor(moment, fired = false) {
    this.#moment = moment;
    this.#fired = fired ? moment.at : null;
  }

  /** The moment held now. */
  get moment() {
    return this.#moment;
  }

  /**
   * Takes in what the server says about the moment, in whatever order it comes.
   * @param {Moment} news
   * @param {number} now Unix ms
   */
  learn(news, now) {
    const held = this.#moment;
    if (news.rev < held.rev) return;
    // The default moment rolls over to the next day; what is being acted on is not cut short by that.
    const rollsOver = news.rev === held.rev && news.at > held.at && this.#fired === held.at && now < isOver(held);
    this.#next = rollsOver ? news : null;
    if (!rollsOver) this.#adopt(news);
  }

  /** @param {Moment} news */
  #adopt(news) {
    const held = this.#moment;
    const moves = news.at !== held.at;
    const resumes = held.status !== 'scheduled' && news.status === 'scheduled';
    if (news.rev !== held.rev && (moves || resumes)) this.#note = moves ? 'moved' : 'resumed';
    if (moves || news.status !== 'scheduled') {
      this.#armed = false;
    }
    this.#moment = news;
  }

  /** The steady clock stood still while the device slept. */
  woke() {
    this.#fuse.pull();
  }

  /**
   * What to show at `now`, the newest estimate.
   * @param {number} now Unix ms
   * @param {number} [local] the steady clock that it was made with, ms
   * @param {number | null} [bound] how far off it may be, ms
   * @param {boolean} [acts] false if it is not to be trusted with acting on the moment
   * @returns {View}
   */
  read(now, local = now, bound = null, acts = true) {
    if (this.#next && now >= isOver(this.#moment)) {
      this.#adopt(this.#next);
      this.#next = null;
    }
    const moment = this.#moment;
    // What is not acted upon is due at no time.
    const dueIn = (/** @type {number} */ left) => (acts ? local + left : Infinity);
    const shown = this.#steady.show(now, local, bound !== null);
    const blank = { moment, span: /** @type {const} */ (''), left: 0, due: Infinity, cue: null, fires: false };
    if (moment.status !== 'scheduled') return { ...blank, phase: moment.status, note: null };
    const fired = this.#fired === moment.at;
    const left = moment.at - (fired ? now : this.#fuse.time(moment.at, { now, bound }, local));
    if (left > 0 && !fired) {
      this.#armed = true;
      const rest = Math.max(1, moment.at - shown);
      const cue = due(moment, -left, -Infinity);
      return { ...blank, phase: 'before', span: span(rest), left: rest, due: dueIn(left), cue, note: this.#steady.label ?? this.#note };
    }
    // A clock corrected backwards after firing does not undo it.
    const elapsed = Math.max(0, -left);
    const fires = acts && this.#armed && elapsed <= FIRES_WITHIN;
    this.#armed = false;
    this.#note = null;
    if (fires) this.#fired = moment.at;
    const present = this.#fired === moment.at && elapsed < nowEnds(moment);
    const later = due(moment, elapsed, 1);
    const own = elapsed < NOW_LASTS ? (due(moment, elapsed, 0) ?? moment) : null;
    return {
      ...blank,
      due: dueIn(left),
      phase: present ? 'now' : 'after',
      cue: present ? (due(moment, elapsed, 0) ?? moment) : (later ?? own),
      fires,
      note: null,
    };
  }
}
