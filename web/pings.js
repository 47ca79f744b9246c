// @ts-check
// Asks the server for the time: one ping after the other, never at once, because pings sent together queue behind a
// radio that is waking up, and measure only each other.

import { ping } from './wire.js';
import { next } from './pace.js';

/** Pause after an answer before the next question, ms. */
const PAUSE = 30;

/** How long an answer holds up the next question, ms. */
const PATIENCE = 2_000;

/** A clock that is surer than this needs no more than the usual pace, ms. */
const SURE = 100;

/** Between the first two bursts of a connection that only doubt is a reason for, ms; then twice as long each time: on a
 * slow road no burst will end it. */
const DOUBTS_EVERY = 60_000;

/** @typedef {{ set: (run: () => void, ms: number) => number, clear: (id: number) => void }} Timers */

export class Pings {
  #parts;
  #chance;
  /** When the first burst of this connection began, local ms.
   * @type {number | null} */
  #joined = null;
  #left = 0;
  #awaited = 0;
  #doubted = -Infinity;
  #between = DOUBTS_EVERY;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {import('./clock.js').Clock} parts.clock
   * @param {(text: string) => boolean} parts.send false if there is no connection
   * @param {Timers} parts.timers
   * @param {() => number} parts.local steady clock, ms
   * @param {() => number} parts.random at least 0, below 1
   * @param {() => import('./pace.js').Pace} parts.pace what the road bears
   * @param {() => number} parts.left until the moment, ms; Infinity when there is none ahead
   */
  constructor(parts) {
    this.#parts = parts;
    this.#chance = parts.random();
  }

  /** Measures afresh, now: something happened. */
  burst() {
    this.#ask(this.#parts.pace().burst);
  }

  /** Measures, unless it already does. */
  start() {
    if (this.#timer === undefined) this.burst();
  }

  /** Looks whether the clock needs to be measured afresh; not too often, as that may not help. */
  check() {
    if (this.#timer === undefined) return;
    const { clock, local, pace } = this.#parts;
    const sure = !clock.doubted() && (clock.bound() ?? 0) <= SURE;
    if (sure || this.#left > 0 || local() - this.#doubted < this.#between) return;
    this.#doubted = local();
    this.#between *= 2;
    // A bound that is wide on a slow road stays wide: a full burst would cost the phone more than it gains.
    if (clock.doubted()) this.burst();
    else this.#ask(pace().round);
  }

  /** The moment is another: the next pings are due at other times. */
  plan() {
    if (this.#timer !== undefined && this.#left === 0 && this.#awaited === 0) this.#rest();
  }

  /** Asks nothing more until the next burst. */
  stop() {
    this.#joined = null;
    this.#between = DOUBTS_EVERY;
    this.#left = 0;
    this.#awaited = 0;
    this.#wait(null, 0);
  }

  /** @param {import('./wire.js').Pong} pong */
  pong(pong) {
    this.#parts.clock.pong(pong);
    if (pong.seq === this.#awaited) this.#next();
  }

  /** Asks so many times from now on; a question that is on its way is one of them. @param {number} count */
  #ask(count) {
    this.#joined ??= this.#parts.local();
    this.#left = count;
    if (this.#awaited === 0) this.#one();
  }

  #one() {
    const stamp = this.#parts.clock.ping();
    if (!this.#parts.send(ping(stamp))) return this.stop();
    this.#awaited = stamp.seq;
    this.#left -= 1;
    this.#wait(() => this.#next(), PATIENCE);
  }

  #next() {
    this.#awaited = 0;
    if (this.#left > 0) this.#wait(() => this.#one(), PAUSE);
    else this.#rest();
  }

  #rest() {
    const { pace, left, local } = this.#parts;
    const { wait, count } = next(pace(), local() - (this.#joined ?? local()), left(), this.#chance);
    this.#wait(() => this.#ask(count), wait);
  }

  /**
   * @param {(() => void) | null} run
   * @param {number} ms
   */
  #wait(run, ms) {
    if (this.#timer !== undefined) this.#parts.timers.clear(this.#timer);
    this.#timer = run ? this.#parts.timers.set(run, ms) : undefined;
  }
}
