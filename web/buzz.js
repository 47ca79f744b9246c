// @ts-check
// Lets the phone vibrate at the moment, for who asked for it and where a browser lets a page do that at all.

/** On, off, on, ms. */
const PATTERN = [300, 150, 300];

/** So that people know what comes, ms. */
const TASTE = 60;

/** @param {Event} event */
const shake = (event) => {
  const { at, now } = /** @type {CustomEvent<{ at: number, now: number }>} */ (event).detail;
  // The page is told a frame ahead.
  setTimeout(() => navigator.vibrate(PATTERN), Math.max(0, at - now));
};

/**
 * Vibrates at the moment, until it is switched off.
 * @param {boolean} on
 * @returns {import('./chime.js').State}
 */
export const buzz = (on) => {
  document.removeEventListener('oneoclock:fires', shake);
  if (typeof navigator.vibrate !== 'function') return 'missing';
  if (!on) return 'off';
  if (!navigator.vibrate(TASTE)) return 'refused';
  document.addEventListener('oneoclock:fires', shake);
  return 'on';
};
