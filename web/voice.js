// @ts-check
// What a screen reader says by itself, and when: a few calls before the moment, the moment, every change of plan,
// that a part of the figures is missing and that it is back, and after the moment the count of people, or of phones as
// long as nobody has reported, at most once a minute. Pure: time is an argument.

import { count, say, words } from './words.js';

/** So near the moment nothing is said of figures, ms. */
const HUSH = 10_000;

/** How much is left when it is said, ms. */
const CALLS = [10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000];

/** A call that comes later than this (the page slept) says what is really left, ms. */
const LATE = 1_500;

/** Between two counts, ms. */
const COUNTS_EVERY = 60_000;

/** Units of a span, ms, the greatest first. Their names are our own: few browsers know those of Welsh or Punjabi.
 * @type {[number, 'days' | 'hours' | 'minutes' | 'seconds'][]} */
const UNITS = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1_000, 'seconds'],
];

/** The slots whose change is news, in each phase.
 * @type {Record<import('./countdown.js').Phase, string[]>} */
const NEWS = {
  before: ['note', 'words'],
  now: ['big'],
  after: ['big'],
  held: ['big', 'caption'],
  cancelled: ['big', 'caption'],
};

/** @typedef {import('./countdown.js').View} View */
/** @typedef {import('./view.js').Slot} Slot */

/**
 * How much is left, in the words of a language: the two greatest units that are not nothing.
 * @param {number} left ms
 * @param {string} lang
 */
export const remaining = (left, lang) => {
  let rest = Math.ceil(left / 1_000) * 1_000;
  const parts = UNITS.flatMap(([size, unit]) => {
    const n = Math.floor(rest / size);
    rest -= n * size;
    return n > 0 ? [count(words[unit], n, lang)] : [];
  });
  const [first = '', second] = parts;
  return say(words.remaining, { time: second ? say(words.spans, { first, second }) : first });
};

/** @param {number} left the call that has been passed last, or Infinity */
const passed = (left) => CALLS.find((call) => left <= call) ?? Infinity;

/** Remembers what it has said: nothing is said twice, and what stands on the page as it opens is not said at all. */
export class Voice {
  /** @type {Record<string, Slot> | null} */
  #shown = null;
  #lang = '';
  #at = NaN;
  #call = Infinity;
  #count = '';
  #spoke = -Infinity;
  /** Whether a part of the figures was missing when they were last spoken of; null before there were any.
   * @type {boolean | null} */
  #partial = null;

  /**
   * What is to be said now, if anything.
   * @param {{ view: View, lang: string, now: number }} known now in Unix ms
   * @param {Record<string, Slot>} slots what the page shows
   * @returns {Slot | null}
   */
  hear({ view, lang, now }, slots) {
    const said = this.#changed(view, lang, slots) ?? this.#called(view, lang) ?? this.#parted(view, slots) ?? this.#counted(view, slots, now);
    if (said) this.#spoke = now;
    return said;
  }

  /**
   * @param {View} view
   * @param {string} lang
   * @param {Record<string, Slot>} slots
   */
  #changed({ phase }, lang, slots) {
    // The same in another language is no news.
    const before = lang === this.#lang ? this.#shown : null;
    this.#shown = slots;
    this.#lang = lang;
    if (!before) return null;
    const fresh = NEWS[phase].flatMap((name) => {
      const slot = slots[name];
      return slot?.text && slot.text !== before[name]?.text ? [slot] : [];
    });
    if (fresh.length === 0) return null;
    return { text: fresh.map(({ text }) => text).join('. '), lang: fresh.length === 1 ? fresh[0]?.lang : undefined };
  }

  /**
   * @param {View} view
   * @param {string} lang
   */
  #called({ phase, moment, left }, lang) {
    if (phase !== 'before') return null;
    const call = passed(left);
    const before = moment.at === this.#at ? this.#call : call;
    this.#at = moment.at;
    this.#call = Math.min(call, before);
    if (call >= before) return null;
    return { text: remaining(call - left > LATE ? left : call, lang) };
  }

  /**
   * @param {View} view
   * @param {Record<string, Slot>} slots
   */
  #parted({ phase, left }, { partial, total, phones }) {
    const hush = phase === 'now' || (phase === 'before' && left <= HUSH);
    if (hush || !(total?.text || phones?.text)) return null;
    const before = this.#partial;
    this.#partial = Boolean(partial?.text);
    if (before === null || before === this.#partial) return null;
    return { text: partial?.text || words.whole };
  }

  /**
   * @param {View} view
   * @param {Record<string, Slot>} slots
   * @param {number} now
   */
  #counted({ phase }, { least, total, totalLabel, coverage, phones, phonesLabel }, now) {
    if (phase !== 'now' && phase !== 'after') return null;
    if (this.#spoke === -Infinity) this.#spoke = now;
    const people = total?.text ? `${total.text} ${totalLabel?.text}. ${coverage?.text}` : '';
    const figure = people || (phones?.text ? `${phones.text} ${phonesLabel?.text}` : '');
    const counted = figure && least?.text ? `${least.text} ${figure}` : figure;
    if (!counted || counted === this.#count || now - this.#spoke < COUNTS_EVERY) return null;
    this.#count = counted;
    return { text: counted };
  }
}
