// @ts-check
// How often the time is asked for, and when next. Pure. What a ping costs and what fewer would cost is measured in
// docs/CLOCK.md.

/**
 * What a road bears. Times in ms.
 * @typedef {object} Pace
 * @property {number} burst pings in a row when it matters: enough for one of them to find the road free
 * @property {number} round pings in a row now and then; the first of them wakes the radio
 * @property {{ lasts: number, every: number }} settling rounds after joining, which tell how the clocks drift apart
 * @property {number} every between rounds after that
 * @property {{ from: number, every: number }} near rounds this long before the moment
 * @property {number[]} final a burst this long before the moment
 */

/** Of a road that is a connection to the server itself. @type {Pace} */
export const DIRECT = {
  burst: 10,
  round: 4,
  settling: { lasts: 120_000, every: 10_000 },
  every: 20_000,
  near: { from: 600_000, every: 20_000 },
  final: [60_000, 20_000],
};

/** Of a road that caches carry to millions: the time cannot be cached, so few may ask for it, and seldom. @type {Pace} */
export const SPARING = {
  burst: 4,
  round: 1,
  settling: { lasts: 0, every: 300_000 },
  every: 300_000,
  near: { from: 0, every: 300_000 },
  final: [],
};

/** A final burst begins earlier by as much as this, by chance: a whole country does not ask at once, ms. */
const SPREAD = 8_000;

/** So long before the moment nothing is begun by itself any more, ms. */
const QUIET = 5_000;

/**
 * When the next questions are due, and how many.
 * @param {Pace} pace
 * @param {number} since joining, ms
 * @param {number} left until the moment, ms; Infinity when there is none ahead
 * @param {number} chance of this page, at least 0, below 1: the same at each call
 * @returns {{ wait: number, count: number }}
 */
export const next = ({ burst, round, settling, every, near, final }, since, left, chance) => {
  const starts = final.map((before) => left - before - chance * SPREAD).filter((wait) => wait > 0 && wait < Infinity);
  const usual = since < settling.lasts ? settling.every : left <= near.from ? near.every : every;
  const soon = left > near.from ? Math.min(usual, Math.max(near.every, left - near.from)) : usual;
  const wait = left - soon < QUIET && left > 0 ? left + chance * every : soon;
  const start = Math.min(...starts);
  return start <= wait ? { wait: start, count: burst } : { wait, count: round };
};
