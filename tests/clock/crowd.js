// @ts-check
// Many pages at once, each on a link and with a clock of its own, and what became of them at the moment.

import { Client } from './client.js';
import { Chance } from './links.js';

/** When the moment is, ms of simulated time. */
export const MOMENT = 3_700_000;

/** How far back from it the best packets are looked for, ms. */
const FLOOR_OVER = 300_000;

/** Between looks at what a page says of itself, ms. */
const LOOKS_EVERY = 15_000;

/** Mean time between boards, ms. */
const BOARD_EVERY = 18_000;

/**
 * @typedef {object} Scene
 * @property {import('./links.js').Profile} profile
 * @property {number} count of clients
 * @property {number} seed
 * @property {[number, number]} joins so long before the moment, drawn per client, ms
 * @property {number} [offline] without a connection for so long before the moment, ms
 * @property {Partial<import('./client.js').Setting>} [setting]
 */

/**
 * @typedef {object} Outcome
 * @property {number[]} errors of each page at the moment, ms; more than 0 is early
 * @property {number[]} floors what no protocol with two ends can see, ms
 * @property {number[]} bounds ms
 * @property {number} untrue pages whose error was greater than their bound at the moment
 * @property {number} mislabelled looks at which a page said "in step" and was off by more than its bound
 * @property {number} looks
 * @property {number} pings
 * @property {number} rows of pings
 */

/** @param {Scene} scene @returns {Outcome} */
export const crowd = ({ profile, count, seed, joins, offline, setting = {} }) => {
  /** @type {Outcome} */
  const outcome = { errors: [], floors: [], bounds: [], untrue: 0, mislabelled: 0, looks: 0, pings: 0, rows: 0 };
  for (let n = 0; n < count; n += 1) {
    const own = seed * 1_000_003 + n * 7_919;
    const chance = new Chance(own ^ 0x5bd1e995);
    const gone = MOMENT - (offline ?? 0);
    const client = new Client({
      seed: own,
      profile,
      ends: MOMENT,
      joins: MOMENT - chance.within(joins),
      boards: () => chance.around(BOARD_EVERY),
      away: (t) => offline !== undefined && t > gone,
      ...setting,
    });
    client.asks.burst();
    const look = () => {
      const { label, bound } = client.clock.step();
      outcome.looks += 1;
      if (label === 'in-step' && Math.abs(client.error()) > (bound ?? 0)) outcome.mislabelled += 1;
      client.asks.check();
    };
    for (let t = client.t + 500; t < MOMENT; t += LOOKS_EVERY) {
      client.run(t);
      look();
    }
    client.run(MOMENT);
    look();
    const [error, bound] = [client.error(), client.clock.bound()];
    outcome.errors.push(error);
    outcome.bounds.push(bound ?? Infinity);
    outcome.floors.push(client.link.floor(MOMENT - FLOOR_OVER, MOMENT));
    if (Math.abs(error) > (bound ?? 0)) outcome.untrue += 1;
    outcome.pings += client.pings;
    outcome.rows += client.bursts;
  }
  return outcome;
};

/** @param {number[]} values @param {number} share */
export const percentile = (values, share) => {
  const sorted = values.map(Math.abs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
};

/** Several outcomes as one. @param {Outcome[]} outcomes @returns {Outcome} */
export const together = (outcomes) => {
  const sum = (/** @type {(of: Outcome) => number} */ of) => outcomes.reduce((total, one) => total + of(one), 0);
  return {
    errors: outcomes.flatMap(({ errors }) => errors),
    floors: outcomes.flatMap(({ floors }) => floors),
    bounds: outcomes.flatMap(({ bounds }) => bounds),
    untrue: sum(({ untrue }) => untrue),
    mislabelled: sum(({ mislabelled }) => mislabelled),
    looks: sum(({ looks }) => looks),
    pings: sum(({ pings }) => pings),
    rows: sum(({ rows }) => rows),
  };
};
