// @ts-check
// The big screen's page: nobody is there to touch it.

import { keepAwake } from './awake.js';
import { run } from './page.js';
import { setDigits, shifted } from './wall.js';
import { say, words } from './words.js';

/** Most of the width and height that can be given away as a margin on each side, %. */
const MOST_MARGIN = 20;

/** Whoever sets up a screen this long before the moment, or longer, has time for the test card, ms. */
const TEST_FROM = 900_000;

const options = new URLSearchParams(location.search);
const root = document.documentElement;

// `safe` is the share of the screen that is surely seen: 80 to 100, in per cent.
const safe = Number.parseFloat(options.get('safe') ?? '');
if (safe >= 0) root.style.setProperty('--safe', `${Math.min(Math.max(0, (100 - safe) / 2), MOST_MARGIN)}`);
const transparent = options.get('bg') === 'transparent';
if (transparent) root.dataset.bg = 'transparent';

/** Where a phone finds the same. */
const phones = `${location.host}${location.pathname.replace(/^\/display\/?/, '/g/')}`.replace(/\/g\/$/, '');

const digits = document.querySelector('.digits');
const address = document.querySelector('footer .address');
let fits = '';
let share = 0;
/** @type {((view: import('./countdown.js').View, share: number) => void) | null | undefined} */
let card;

/** @param {import('./countdown.js').View} view */
const painted = (view) => {
  const { x, y } = shifted(performance.now());
  root.style.setProperty('--shift-x', `${x}px`);
  root.style.setProperty('--shift-y', `${y}px`);
  if (digits instanceof HTMLElement) {
    const note = document.querySelector('[data-live="note"]')?.textContent ? 'note' : '';
    const days = document.querySelector('.big')?.textContent;
    const now = [view.span, digits.textContent?.length, days, innerWidth, innerHeight, note].join();
    if (now !== fits) share = setDigits(digits, view.span);
    fits = now;
  }
  if (card === undefined) {
    card = null;
    const early = view.phase === 'before' && view.left > TEST_FROM && !transparent;
    if (early) void import('./testcard.js').then(({ open }) => (card = open(phones)), () => {});
  }
  card?.(view, share);
  // The language may have turned.
  const said = say(words.onPhones, { address: phones });
  if (address && address.textContent !== said) address.textContent = said;
};

keepAwake();
run('display', painted);
