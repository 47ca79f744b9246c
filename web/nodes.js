// @ts-check
// Tells the organiser of a gap in the figures, as long as there is one.

import { part } from './desk.js';
import { Gap } from './gap.js';
import { gapInWords, remediesInWords } from './reach.js';
import { timeOfDay } from './words.js';

/** Between two questions what is the matter, while something is, ms. */
const WHY_EVERY = 10_000;

/** @typedef {import('./wire.js').Board} Board */

/** Begins. @param {import('./page.js').Page} page */
export const watchNodes = (page) => {
  const [section, what, todo] = [part('nodes', HTMLElement), part('reach', HTMLElement), part('remedy', HTMLElement)];
  const gap = new Gap();
  /** @type {Board | null} */
  let last = null;
  let asked = -Infinity;
  const look = () => {
    const board = gap.on(last, performance.now());
    section.hidden = board?.exact !== false;
    if (!board || !last || section.hidden) return void (asked = -Infinity);
    // Whole again, it says so only after a while: until then the numbers are those of the gap.
    if (!last.exact) write(what, gapInWords(last, last.as_of < last.t ? timeOfDay(last.as_of, 'en') : ''));
    if (performance.now() - asked >= WHY_EVERY) void ask();
  };
  const ask = async () => {
    asked = performance.now();
    try {
      // A server that is not ready says why, too.
      const { degraded } = await (await fetch('/readyz', { cache: 'no-store' })).json();
      write(todo, remediesInWords(degraded));
    } catch {
      // The page says elsewhere that the server is away.
    }
  };
  page.listen((message) => {
    if (message.type === 'board') last = message;
    look();
  });
  setInterval(look, 1_000);
};

/** The same words again are no news to those who listen. @param {HTMLElement} element @param {string} text */
const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
