// @ts-check
// Which of its languages a page speaks, and the links to the others. A choice is kept in the address, nowhere else.

/** How long a screen with several languages speaks one of them, ms. */
const TURN = 12_000;

/** When such a screen has settled on its first language: from so long before the moment, ms, */
const SETTLED_FROM = -600_000;

/** to so long after it, ms. */
const SETTLED_TO = 120_000;

/** @typedef {import('./wire.js').Spoken} Spoken */

/**
 * The language whose turn it is: by the clock, so that screens side by side change together.
 * @param {readonly [Spoken, ...Spoken[]]} all
 * @param {import('./countdown.js').View} view
 * @param {number} now Unix ms
 * @returns {Spoken}
 */
export const turn = (all, { phase, moment }, now) => {
  const since = now - moment.at;
  const waits = phase === 'held' || phase === 'cancelled';
  const settled = !waits && since >= SETTLED_FROM && since < SETTLED_TO;
  return (settled ? undefined : all[Math.floor(now / TURN) % all.length]) ?? all[0];
};

/**
 * Lets links to `?lang=…` keep the other parameters of the page's address.
 * @param {Iterable<Element>} links
 */
export const keepParameters = (links) => {
  for (const link of links) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    const options = new URLSearchParams(location.search);
    options.set('lang', link.hreflang);
    link.search = String(options);
  }
};
