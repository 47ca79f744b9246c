// @ts-check
// The last road: asking again and again. Nothing stays open, so nobody is counted; any cache may carry the answers.

import { addressed, timeBeside } from './beside.js';
import { accept } from './wire.js';

/** How close to the moment the quick pace begins and ends, ms. */
const NEAR = 600_000;

/** Mean time between two questions near the moment, and otherwise, ms. */
const QUICK = 5_000;
const SLOW = 20_000;

/** An answer is good for this long in any cache: asking sooner brings the same one, ms. */
const LEAST = 1_000;

/** The time cannot be cached: where a cache carries the boards to millions, few may ask for it, and seldom. */
const PINGS = { burst: 4, every: 300_000 };

/**
 * @param {import('./roads.js').Who} who
 * @param {import('./beside.js').Get} get
 * @param {import('./pings.js').Timers} timers
 * @param {() => number} random at least 0, below 1
 * @param {number} [seldom] how many times more seldom it asks
 * @returns {import('./roads.js').Road}
 */
export const poll = (who, get, timers, random, seldom = 1) => ({
  name: 'poll',
  counts: false,
  beat: 2 * SLOW * seldom,
  pings: PINGS,
  travel: ({ heard, answered, over }) => {
    const path = addressed('/api/v1/board', who);
    const stop = new AbortController();
    /** @type {number | undefined} */
    let timer;
    const ask = async () => {
      const raw = /** @type {any} */ (await get(path, stop.signal));
      const [moment, board] = [accept(raw?.moment), accept(raw?.board)];
      if (moment?.type !== 'moment' || board?.type !== 'board') throw new Error('not the state of things');
      if (stop.signal.aborted) return;
      const pace = Math.abs(moment.at - board.t) <= NEAR ? QUICK : SLOW;
      // Drawn from all of twice the pace, so that a square does not ask in step.
      timer = timers.set(next, Math.max(LEAST, random() * 2 * pace * seldom));
      heard(moment);
      heard(board);
    };
    const next = () => void ask().catch(() => stop.signal.aborted || over(1006));
    next();
    return {
      send: timeBeside(get, stop.signal, answered),
      show: ({ visible }) => visible,
      close: () => {
        stop.abort();
        if (timer !== undefined) timers.clear(timer);
      },
    };
  },
});
