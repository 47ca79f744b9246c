// @ts-check
// How often the time is asked for, and when next. Pure. What a ping costs and what fewer would cost is measured in
// docs/CLOCK.md.

/**
 * What a road bears. Times in ms.
 * @typedef {object} Pace
 * @property {number} burst pings in a row when it matters: enough for one of them to find the road free
 * @property {number} round pings in a row now and then; the first of them wakes the radio
 * @property {[since: number, count: number][]} settling rounds after joining: one soon, for who came late and met a full
 *   road, and some later, which tell how the clocks drift apart
 * @property {number} every between rounds after that
 * @property {number[]} final a burst this long before the moment
 */

/**
 * Of a road that is a connection to the server itself. All of the last hour's pings take 16.4 kB on the wire, of the 80 kB
 * that a phone may need; boards take the rest.
 * @type {Pace}
 */
export const DIRECT = {
  burst: 10,
  round: 2,
  settling: [[8_000, 4], [150_000, 2], [290_000, 2]],
  every: 300_000,
  final: [60_000, 20_000],
};

/** Of a road that caches carry to millions: the time cannot be cached, so few may ask for it, and seldom. @type {Pace} */
export const SPARING = {
  burst: 4,
  round: 1,
  settling: [],
  every: 300_000,
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
export const next = ({ burst, round, settling, every, final }, since, left, chance) => {
  const starts = final.map((before) => left - before - chance * SPREAD).filter((wait) => wait > 0 && wait < Infinity);
  const [at, rows] = settling.find(([at]) => at > since) ?? [since + every, round];
  const usual = at - since;
  // What would fall into the last seconds waits until they are over, and does not come back with everybody else.
  const wait = left < Infinity && left - usual < QUIET && left > usual ? left + chance * SPREAD : usual;
  const start = Math.min(...starts);
  return start <= wait ? { wait: start, count: burst } : { wait, count: rows };
};
