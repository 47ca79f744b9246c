// @ts-check
// How the server's clock stands, in the organiser's words.

/** How often the organiser's page asks, ms: a clock that was lost is known within half a minute. */
export const ASK_EVERY = 10_000;

/**
 * @typedef {object} Standing what `/api/v1/clock` says
 * @property {'synced' | 'degraded' | 'unsynced'} state
 * @property {number | null} bound_ms
 * @property {boolean} confirmed
 * @property {boolean} contradicted
 * @property {string[]} time_sources
 */

const AMONG = 'Pages are in step with each other, and say that the server’s time is not confirmed.';
const HELP = 'Whoever looks after the server should run chrony or systemd-timesyncd on it.';

/** @param {Standing} standing */
export const standingInWords = ({ state, bound_ms, contradicted, time_sources }) => {
  const bound = bound_ms === null ? '' : `${Math.ceil(bound_ms)} ms`;
  if (contradicted) return `The server’s clock should be right to within ${bound}, but a time server says otherwise: ${time_sources.join('; ')}. One of the two is wrong. ${AMONG}`;
  if (state === 'synced') return `Right to within ${bound}.`;
  if (state === 'degraded') return `Right to within ${bound} only; pages add that to what they say of themselves. ${HELP}`;
  return bound ? `Nobody keeps it right: it may be off by ${bound}. ${AMONG} ${HELP}` : `Nothing vouches for it. ${AMONG} ${HELP}`;
};

/**
 * What is kept about a moment that was armed all the same; empty if it was not.
 * @param {{ by: string, at: number } | null} word
 */
export const armedInWords = (word) =>
  word ? `This moment was armed by a clock that nothing vouched for, on the word of the ${word.by}, on ${new Date(word.at).toISOString().slice(0, 16).replace('T', ' at ')} UTC.` : '';
