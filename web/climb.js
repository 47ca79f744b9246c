// @ts-check
// On a worse road: tries the best one again from time to time, beside the one that carries.

/** First pause before the best road is tried again, and the longest it grows to, ms. */
const FIRST = 60_000;
const LONGEST = 300_000;

/** How long a try may take, ms; nobody waits for it. */
const WITHIN = 10_000;

/** @typedef {import('./roads.js').Line} Line */

export class Climb {
  #parts;
  #failed = 0;
  /** When the next try is due, also if nobody looks meanwhile; null if it is not settled.
   * @type {number | null} */
  #due = null;
  /** @type {Line | null} */
  #line = null;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {import('./pings.js').Timers} parts.timers
   * @param {() => number} parts.local steady clock, ms
   * @param {() => number} parts.random at least 0, below 1
   * @param {(opened: () => void, failed: () => void) => Line} parts.dial begins a try
   * @param {(line: Line) => void} parts.arrived takes over a line that is open
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Tries from time to time from now on. */
  start() {
    if (this.#timer !== undefined) return;
    const { local, random } = this.#parts;
    const pause = Math.min(LONGEST, FIRST * 2 ** this.#failed) * (0.75 + random() / 2);
    this.#due ??= local() + pause;
    this.#wait(() => this.#try(), Math.max(0, this.#due - local()));
  }

  /** The network is another one now: tries at once, and with new patience. */
  now() {
    this.pause();
    this.#failed = 0;
    this.#try();
  }

  /** Nobody looks, or nothing carries: tries nothing for the time being. */
  pause() {
    this.#wait(null, 0);
    this.#line?.close();
    this.#line = null;
  }

  /** The best road carries. */
  stop() {
    this.pause();
    this.#failed = 0;
    this.#due = null;
  }

  #try() {
    const line = this.#parts.dial(
      () => {
        this.#line = null;
        this.#wait(null, 0);
        this.#parts.arrived(line);
      },
      () => this.#fail(),
    );
    this.#line = line;
    this.#wait(() => this.#fail(), WITHIN);
  }

  #fail() {
    this.pause();
    this.#failed += 1;
    this.#due = null;
    this.start();
  }

  /**
   * @param {(() => void) | null} run
   * @param {number} ms
   */
  #wait(run, ms) {
    const { timers } = this.#parts;
    if (this.#timer !== undefined) timers.clear(this.#timer);
    this.#timer = run ? timers.set(run, ms) : undefined;
  }
}
