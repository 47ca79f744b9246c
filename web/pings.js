// @ts-check
// When to ask the server for the time: one after the other, never at once, because pings sent together queue
// behind a radio that is waking up, and measure only each other.

import { ping } from './wire.js';

/** Pause after an answer before the next question, ms. */
const PAUSE = 30;

/** How long an answer holds up the next question, ms. */
const PATIENCE = 2_000;

/** How many in a burst, enough for one of them to find the road free; and between single ones once in step, ms.
 * @typedef {{ burst: number, every: number }} Pace */

/** @typedef {{ set: (run: () => void, ms: number) => number, clear: (id: number) => void }} Timers */

export class Pings {
  #clock;
  #send;
  #timers;
  #pace;
  #left = 0;
  #awaited = 0;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {import('./clock.js').Clock} parts.clock
   * @param {(text: string) => boolean} parts.send false if there is no connection
   * @param {Timers} parts.timers
   * @param {() => Pace} parts.pace what the road bears
   */
  constructor({ clock, send, timers, pace }) {
    this.#clock = clock;
    this.#send = send;
    this.#timers = timers;
    this.#pace = pace;
  }

  /** Measures afresh, now. */
  burst() {
    this.#left = this.#pace().burst;
    this.#ask();
  }

  /** Measures, unless it already does. */
  start() {
    if (this.#timer === undefined) this.burst();
  }

  /** Asks nothing more until the next burst. */
  stop() {
    this.#left = 0;
    this.#awaited = 0;
    this.#wait(null, 0);
  }

  /** @param {import('./wire.js').Pong} pong */
  pong(pong) {
    this.#clock.pong(pong);
    if (pong.seq === this.#awaited) this.#next();
  }

  #ask() {
    const stamp = this.#clock.ping();
    if (!this.#send(ping(stamp))) return this.stop();
    this.#awaited = stamp.seq;
    this.#left -= 1;
    this.#wait(() => this.#next(), PATIENCE);
  }

  #next() {
    this.#awaited = 0;
    this.#wait(() => this.#ask(), this.#left > 0 ? PAUSE : this.#pace().every);
  }

  /**
   * @param {(() => void) | null} run
   * @param {number} ms
   */
  #wait(run, ms) {
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
    this.#timer = run ? this.#timers.set(run, ms) : undefined;
  }
}
