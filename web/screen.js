// @ts-check
// A big screen's edges and digits: what its address asks for, and as tall as there is room.

import { setDigits } from './wall.js';

/** Most of the width and height that can be given away as a margin on each side, %. */
const MOST_MARGIN = 20;

/** What the digits were last fitted to, and what they measured then, as a share of the window's height. */
let fits = '';
let share = 0;

/** `safe` is the share of the screen that is surely seen, 80 to 100 per cent; `bg=transparent` lets a video through. */
export const frame = () => {
  const root = document.documentElement;
  const options = new URLSearchParams(location.search);
  const safe = Number.parseFloat(options.get('safe') ?? '');
  if (safe >= 0) root.style.setProperty('--safe', `${Math.min(Math.max(0, (100 - safe) / 2), MOST_MARGIN)}`);
  if (options.get('bg') === 'transparent') root.dataset.bg = 'transparent';
};

/**
 * Fits the digits to what there is room for, if that has changed; the share of the window's height they have.
 * @param {import('./countdown.js').View} view
 */
export const resize = ({ span }) => {
  const digits = document.querySelector('.digits');
  if (!(digits instanceof HTMLElement)) return 0;
  const note = document.querySelector('[data-live="note"]')?.textContent ? 'note' : '';
  const days = document.querySelector('.big')?.textContent;
  // What is known of those who take part is told in one line more, or fewer.
  const room = digits.parentElement?.clientHeight;
  const now = [span, digits.textContent?.length, days, innerWidth, innerHeight, note, room].join();
  if (now !== fits) share = setDigits(digits, span);
  fits = now;
  return share;
};
