// @ts-check
// One page in simulated time: the real estimator and the real pings over a link, with a clock of its own that
// starts anywhere, runs fast or slow, wanders, and is rounded.

import { Clock } from '../../web/clock.js';
import { DIRECT } from '../../web/pace.js';
import { Pings } from '../../web/pings.js';
import { Chance, Link } from './links.js';

/** The server's time at the beginning of the simulation, Unix ms. */
export const ORIGIN = 1_803_128_000_000;

const EPOCH = 7;

/**
 * @typedef {object} Setting
 * @property {number} seed
 * @property {import('./links.js').Profile} profile
 * @property {number} ends when the moment is, ms of simulated time
 * @property {number} [joins]
 * @property {(t: number) => boolean} [away] whether there is no connection
 * @property {number} [ppm] most skew, drawn from minus to plus this
 * @property {number} [skew] the skew itself, ppm
 * @property {number} [wander] ppm
 * @property {number} [res] clock resolution, ms
 * @property {number | null} [err] of the server, ms
 * @property {import('../../web/pace.js').Pace} [pace]
 * @property {((t: number) => number) | null} [boards] ms until the next board
 * @property {(local: () => number, guess: number) => Clock} [make] another estimator, to see whether the tests would notice
 * @property {(t: number) => number} [shift] of the local clock beyond all drift, ms
 * @property {(pong: import('../../web/wire.js').Pong) => import('../../web/wire.js').Pong} [mangle] what the network makes of a pong
 */

export class Client {
  t = 0;
  pings = 0;
  bursts = 0;
  #setting;
  #skew;
  #wander;
  #start;
  #res;
  /** @type {{ at: number, id: number, run: () => void }[]} */
  #queue = [];
  #ids = 0;
  #next = 0;

  /** @param {Setting} setting */
  constructor(setting) {
    const { seed, profile, ends, joins = 0, ppm = 100, wander = 1.5, err = 0, pace = DIRECT, boards = null } = setting;
    const chance = new Chance(seed * 31 + 5);
    this.#setting = setting;
    this.link = new Link(profile, seed, ends);
    this.#skew = (setting.skew ?? chance.within([-ppm, ppm])) * 1e-6;
    this.#wander = { size: wander * 1e-6, phase: chance.within([0, 6.28]), period: chance.within([600_000, 1_800_000]) };
    this.#start = chance.within([1, 5_000]);
    this.#res = setting.res ?? (chance.next() < 0.4 ? 1 : 0.1);
    this.t = joins;
    this.clock = setting.make ? setting.make(this.local, ORIGIN) : new Clock(this.local, ORIGIN);
    const timers = {
      set: (/** @type {() => void} */ run, /** @type {number} */ ms) => this.#at(this.t + Math.max(0, ms), run),
      clear: (/** @type {number} */ id) => void (this.#queue = this.#queue.filter((due) => due.id !== id)),
    };
    const left = () => ORIGIN + ends - this.clock.now();
    this.asks = new Pings({ clock: this.clock, send: (text) => this.#send(text), timers, local: this.local, random: chance.next, pace: () => pace, left });
    this.err = err;
    if (boards) this.#board(boards);
  }

  /** The page's steady clock. */
  local = () => Math.floor(this.exact() / this.#res) * this.#res;

  /** The same, as finely as it really runs. */
  exact(t = this.t) {
    const { size, phase, period } = this.#wander;
    const turn = 6.2832 / period;
    const wandered = (size / turn) * (Math.sin(turn * t + phase) - Math.sin(phase));
    return this.#start + t * (1 + this.#skew) + wandered + (this.#setting.shift?.(t) ?? 0);
  }

  /** How far off the page's time is, ms. */
  error() {
    return this.clock.now() - ORIGIN - this.t;
  }

  /** Lets time pass. @param {number} until */
  run(until) {
    for (;;) {
      let first = null;
      for (const due of this.#queue) if (due.at <= until && (!first || due.at < first.at || (due.at === first.at && due.id < first.id))) first = due;
      if (!first) break;
      const { id, at, run } = first;
      this.#queue = this.#queue.filter((due) => due.id !== id);
      this.t = at;
      run();
    }
    this.t = until;
  }

  /** @param {number} t @param {() => void} run */
  #at(t, run) {
    this.#queue.push({ at: t, id: ++this.#ids, run });
    return this.#ids;
  }

  /** @param {string} text */
  #send(text) {
    const { away, mangle = (pong) => pong } = this.#setting;
    this.pings += 1;
    if (this.t > this.#next) this.bursts += 1;
    this.#next = this.t + 1_000;
    if (away?.(this.t)) return true;
    const { seq, c1 } = JSON.parse(text);
    const s2 = this.link.up(this.t) + ORIGIN;
    const s3 = s2 + 0.05;
    const back = this.link.down(s3 - ORIGIN);
    if (!away?.(back)) this.#at(back, () => this.asks.pong(mangle({ type: 'pong', seq, c1, s2, s3, epoch: EPOCH, err: this.err })));
    return true;
  }

  /** @param {(t: number) => number} pace */
  #board(pace) {
    const sent = this.t;
    if (!this.#setting.away?.(sent)) {
      const comes = this.link.down(sent, false);
      if (!this.#setting.away?.(comes)) this.#at(comes, () => this.clock.stamp(Math.floor(ORIGIN + sent)));
    }
    this.#at(sent + pace(sent), () => this.#board(pace));
  }
}
