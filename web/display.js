// @ts-check
// The big screen's page: nobody is there to touch it.

import { keepAwake } from './awake.js';
import { run } from './page.js';
import { resize } from './screen.js';
import { shifted } from './wall.js';
import { say, words } from './words.js';

/** Whoever sets up a screen this long before the moment, or longer, has time for the test card, ms. */
const TEST_FROM = 900_000;

const root = document.documentElement;

/** Where a phone finds the same. */
const phones = `${location.host}${location.pathname.replace(/^\/display\/?/, '/g/')}`.replace(/\/g\/$/, '');

const address = document.querySelector('footer .address');
/** @type {((view: import('./countdown.js').View, share: number) => void) | null | undefined} */
let card;

/** @param {import('./countdown.js').View} view */
const painted = (view) => {
  const { x, y } = shifted(performance.now());
  root.style.setProperty('--shift-x', `${x}px`);
  root.style.setProperty('--shift-y', `${y}px`);
  const share = resize(view);
  if (card === undefined) {
    card = null;
    const early = view.phase === 'before' && view.left > TEST_FROM && !root.dataset.bg;
    if (early) void import('./testcard.js').then(({ open }) => (card = open(phones)), () => {});
  }
  card?.(view, share);
  // The language may have turned.
  const said = say(words.onPhones, { address: phones });
  if (address && address.textContent !== said) address.textContent = said;
};

keepAwake();
run('display', painted);
