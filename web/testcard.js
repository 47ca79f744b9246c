// @ts-check
// What a display shows first, for whoever sets it up: whose it is, how far it can be read, whether its edges are
// there, and whether it is in step.

import { number, say, words } from './words.js';

/** How long it is up, ms. */
const STAYS = 10_000;

/** How long it stays up at most while the server has not been heard, ms. */
const WAITS = 60_000;

/** It is never up later than this before the moment, ms. */
const GONE_BY = 900_000;

/**
 * Heights of digits, as a share of the screen's, and from how far each is read on a 55-inch screen, which is 685 mm
 * high: 0.4 m for each mm.
 * @type {[number, number][]}
 */
const READS = [
  [0.3, 82],
  [0.11, 30],
];

/** Height of a digit in its own ems, near enough for a line that is to be looked at from afar. */
const TALL = 0.72;

/**
 * Puts the card up; the returned function is to be called with each view and the digits' share of the height.
 * @param {string} address of the phones' page
 * @returns {(view: import('./countdown.js').View, share: number) => void}
 */
export const open = (address) => {
  const began = performance.now();
  const card = document.createElement('section');
  card.className = 'testcard';
  const frame = card.appendChild(document.createElement('div'));
  /** @param {string} name */
  const line = (name) => {
    const made = frame.appendChild(document.createElement('p'));
    made.className = name;
    return made;
  };
  const [whose, size, state, reads, whole, where] = ['whose', 'size', 'state', 'reads', 'whole', 'where'].map(line);
  const place = document.querySelector('.place')?.textContent || document.querySelector('h1')?.textContent;
  const samples = READS.map(([share]) => {
    const sample = document.createElement('span');
    sample.style.fontSize = `${((100 * share) / TALL).toFixed(1)}vh`;
    return sample;
  });
  const from = document.createElement('small');
  reads?.append(...samples, from);
  document.querySelector('main')?.append(card);

  return ({ phase, left }, share) => {
    const up = performance.now() - began;
    const heard = document.documentElement.dataset.link === 'live';
    if (phase !== 'before' || left <= GONE_BY || up > (heard ? STAYS : WAITS)) return card.remove();
    const pixels = [innerWidth, innerHeight].map((px) => Math.round(px * devicePixelRatio)).join(' × ');
    const { lang } = document.documentElement;
    const percent = number(Math.round(100 * share), lang);
    const said = ['link', 'clock', 'draft'].map((slot) => document.querySelector(`[data-live="${slot}"]`)?.textContent);
    write(whose, say(words.testCard, { place: place ?? '' }));
    write(size, say(words.testSize, { size: pixels, share: percent }));
    write(state, said.filter(Boolean).join(' '));
    for (const [n, [, metres]] of READS.entries()) write(samples[n], number(metres, lang));
    write(from, words.testReadsFrom);
    write(whole, words.testFrame);
    write(where, say(words.onPhones, { address }));
  };
};

/** @param {HTMLElement | undefined} line @param {string} text */
const write = (line, text) => {
  if (line && line.textContent !== text) line.textContent = text;
};
