// @ts-check
// Says when things truly happened. Every page has a clock of its own that cannot be trusted, and so has the server; all
// of them run on one machine, whose steady clock is the judge's. How well each is known on it comes out with the result:
// a run in which that is worse than a few milliseconds, or in which the machine itself stood still, proves nothing.

import { Worker } from 'node:worker_threads';

/** The judge's clock: the machine's steady one, ms. */
export const mono = () => Number(process.hrtime.bigint()) / 1e6;

/** More than this of doubt or of standing still, and a run is void, ms. */
export const DOUBT = 5;

/** A server's clock may be slewed by this, ms per ms. */
const SLEWED = 500e-6;

/** What is known of another clock, minus the judge's, ms: it is at least `low` and at most `high`.
 * @typedef {{ low: number, high: number, at: number }} Bracket */

/** What all brackets leave possible. @param {Bracket[]} brackets @param {number} at judge's ms @param {number} drift */
const meet = (brackets, at, drift) => {
  const low = Math.max(...brackets.map((known) => known.low - drift * Math.abs(known.at - at)));
  const high = Math.min(...brackets.map((known) => known.high + drift * Math.abs(known.at - at)));
  return { offset: (low + high) / 2, doubt: brackets.length > 0 && low <= high ? (high - low) / 2 : Infinity };
};

/** One other clock, asked on a way that nothing delays. */
export class Other {
  #ask;
  #drift;
  /** @type {{ of: number, brackets: Bracket[] }[]} by epoch */
  #epochs = [];

  /** @param {() => Promise<{ from: number, to: number, epoch?: number }>} ask what it says, at least and at most @param {number} drift ms per ms */
  constructor(ask, drift) {
    this.#ask = ask;
    this.#drift = drift;
  }

  /** The epoch heard last. */
  get epoch() {
    return this.#epochs.at(-1)?.of;
  }

  /** Asks so many times. */
  async look(times = 1) {
    for (; times > 0; times -= 1) {
      const before = mono();
      const { from, to, epoch = 0 } = await this.#ask();
      const after = mono();
      if (this.epoch !== epoch) this.#epochs.push({ of: epoch, brackets: [] });
      this.#epochs.at(-1)?.brackets.push({ low: from - after, high: to - before, at: (before + after) / 2 });
    }
  }

  /** This clock minus the judge's, and how far off that may be. @param {number} at judge's ms */
  at(at) {
    const brackets = this.#epochs.at(-1)?.brackets ?? [];
    // Nobody slews the clock of a server that is gone.
    return meet(brackets, Math.min(at, brackets.at(-1)?.at ?? at), this.#drift);
  }
}

/** A page's true clock. @param {import('playwright-core').Page} page */
export const pageClock = (page) =>
  new Other(async () => {
    const now = /** @type {number} */ (await page.evaluate('referee.real()'));
    return { from: now, to: now };
  }, 0);

/** The server's time. @param {() => string} url */
export const serverClock = (url) =>
  new Other(async () => {
    const { now, epoch } = /** @type {any} */ (await (await fetch(`${url()}/api/v1/time`)).json());
    return { from: now, to: now + 1, epoch };
  }, SLEWED);

/** Notices when the machine gives nobody time: a thread that wants to run each millisecond. */
export class Stalls {
  #worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const cell = new Int32Array(new SharedArrayBuffer(4));
     const mono = () => Number(process.hrtime.bigint()) / 1e6;
     let over = false, worst = [];
     parentPort.on('message', () => { over = true; });
     const run = () => {
       const end = mono() + 50;
       for (let last = mono(); last < end;) {
         Atomics.wait(cell, 0, 0, 1);
         const now = mono();
         if (now - last > 3) worst.push([last, now - last - 1]);
         last = now;
       }
       if (worst.length) parentPort.postMessage(worst);
       worst = [];
       setImmediate(run);
     };
     run();`,
    { eval: true },
  );
  /** @type {[at: number, ms: number][]} */
  #seen = [];

  constructor() {
    this.#worker.on('message', (seen) => this.#seen.push(...seen));
    this.#worker.unref();
  }

  /** The worst in a stretch of time, ms. @param {number} from @param {number} to judge's ms */
  worst(from, to) {
    return Math.max(0, ...this.#seen.filter(([at, ms]) => at < to && at + ms > from).map(([, ms]) => ms));
  }

  end() {
    return this.#worker.terminate();
  }
}
