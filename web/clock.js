// @ts-check
// What time it is at the server, how surely, and what may be said of it. Pure: the page's own time source is given.
//
// Every answer of the server bounds the offset between the two clocks from both sides, whatever the network did: the
// question had left before it was stamped, and the stamp was there before the answer came. A stamp on a board does the
// same from one side. What all of these leave possible is a bundle of straight lines (line.js): its middle is the
// estimate, its edges are the bound. See docs/CLOCK.md.

import { Grain } from './grain.js';
import { SKEW, Side } from './hull.js';
import { solve } from './line.js';

/** How far back from the newest answer what was learnt is weighed, ms: answers are rare between joining and the moment.
 * Without new answers nothing grows old. */
const WINDOW = 1_200_000;

/** When answers contradict each other a clock was set, or the server lied: only the newest are believed, down to this, ms. */
const LEAST_WINDOW = 15_000;

/** So many answers that agree make good a contradiction: the smallest burst there is. */
const AGREES = 4;

/** Pings whose answer may still come; a late answer is as true as an early one. */
const OUTSTANDING = 16;

/** Stamps outside of this are no time at all, Unix ms: the years 2001 to 2286. */
const STAMPS = { from: 1e12, to: 1e13 };

/** After sleep the wall clock says how long it was; it may have been set meanwhile, by as much as we would not have noticed, ms. */
const SLEPT_DOUBT = 252;

/** What was kept over a reload rests on the wall clock alone: so much at once, and so much with time, ms and ms per ms. */
const RELOADED = 250;
const WALL_DRIFT = 100e-6;

/** A page that has heard nothing for longer still shows the moment, but does not act on it by itself, ms. */
const TOO_OLD = 86_400_000;

/** Up to which bound a clock is in step, close, or approximate, ms. */
const IN_STEP = 50;
const CLOSE = 250;
const APPROXIMATE = 1_000;

/** @typedef {'in-step' | 'close' | 'approximate' | 'not-in-step'} Label */

/** Why it is not in step: no answer of this server's clock yet, answers that contradict each other, a bound that is too
 * wide, or nothing heard for a day.
 * @typedef {'unasked' | 'contradicted' | 'wide' | 'old'} Reason */

/** How surely the page is in step. The bound is null while nothing is known.
 * @typedef {{ label: Label, why: Reason | null, bound: number | null, confirmed: boolean }} Step */

/** What is believed without answers: the offset `x` at local time `at`, its slope, its bound and how fast that grows.
 * @typedef {{ at: number, x: number, y: number, bound: number | null, drift: number }} Belief */

/** One question and its answer: the offset was at most `above` at `c1`, and at least `below` at `c4`.
 * @typedef {{ c1: number, above: number, c4: number, below: number }} Exchange */

/**
 * What "keep on this phone" keeps of a clock.
 * @typedef {object} Kept
 * @property {number} epoch
 * @property {number} wall the phone's own time then, Unix ms
 * @property {number} now the server's time then, Unix ms
 * @property {number} bound ms
 * @property {number | null} err of the server's clock, ms
 * @property {number} heard when the server answered last, by the phone's own time, Unix ms
 */

export class Clock {
  #local;
  #grain = new Grain();
  /** @type {Belief} */
  #belief;
  #ceiling = new Side();
  #floor = new Side();
  /** Values are kept relative to the first offset: differences of great numbers are rough. */
  #base = 0;
  /** What follows from the points at local time `at`: the offset, its slope, its doubt; `high` is relative to the base.
   * @type {{ at: number, x: number, y: number, half: number, high: number } | null} */
  #solved = null;
  /** Whether there are points that this does not follow from yet. */
  #stale = false;
  /** @type {Exchange | null} */
  #last = null;
  #agreeing = AGREES;
  #torn = false;
  /** @type {number | null} */
  #epoch = null;
  /** @type {number | null} */
  #err = null;
  /** When the server was heard last before this page was loaded, local ms.
   * @type {number | null} */
  #keptFrom = null;
  /** @type {Map<number, number>} */
  #sent = new Map();
  #seq = 0;

  /**
   * @param {() => number} local the page's steady clock, ms from any origin
   * @param {number} guess server minus local, in ms, until the first answer
   */
  constructor(local, guess) {
    this.#local = local;
    this.#belief = { at: this.#read(), x: guess, y: 0, bound: null, drift: 0 };
  }

  /**
   * A clock from what was kept, or null if that is not readable.
   * @param {() => number} local
   * @param {unknown} kept
   * @param {number} wall the phone's own time, Unix ms
   */
  static restore(local, kept, wall) {
    const { epoch, wall: then, now, bound, err, heard } = /** @type {Kept} */ (kept ?? {});
    if (![epoch, then, now, bound, heard, err ?? 0].every(Number.isFinite) || bound < 0) return null;
    const clock = new Clock(local, now + (wall - then) - local());
    const age = Math.abs(wall - then);
    clock.#belief = { ...clock.#belief, bound: bound + RELOADED + WALL_DRIFT * age, drift: WALL_DRIFT };
    clock.#epoch = epoch;
    clock.#err = err ?? null;
    clock.#keptFrom = clock.#belief.at - Math.abs(wall - heard);
    return clock;
  }

  /**
   * All that is worth keeping. The points are not: a reload gives the page another steady clock, and what is left is
   * how far the wall clock is off.
   * @param {number} wall the phone's own time, Unix ms
   * @returns {Kept | null} null while nothing is known
   */
  keep(wall) {
    const bound = this.bound();
    if (bound === null || this.#epoch === null) return null;
    const heard = this.#last?.c4 ?? this.#keptFrom ?? this.#belief.at;
    const since = this.#read() - heard;
    return { epoch: this.#epoch, wall, now: this.now(), bound, err: this.#err, heard: wall - since };
  }

  /** A stamp to send now. */
  ping() {
    const stamp = { seq: ++this.#seq, c1: this.#read() };
    this.#sent.set(stamp.seq, stamp.c1);
    this.#sent.delete(stamp.seq - OUTSTANDING);
    return stamp;
  }

  /**
   * Learns from an answer; false if it answers nothing that was asked, or cannot be true.
   * @param {import('./wire.js').Pong} pong
   */
  pong({ seq, s2, s3, epoch, err }) {
    const c4 = this.#read();
    const c1 = this.#sent.get(seq);
    if (c1 === undefined) return false;
    this.#sent.delete(seq);
    const possible = isTime(s2) && isTime(s3) && s3 >= s2 && s3 - s2 <= c4 - c1 + this.#grain.step;
    if (!possible || !Number.isFinite(epoch) || !(err === null || err >= 0)) return false;
    this.epoch(epoch);
    if (this.#last === null) this.#base = s2 - c1;
    this.#err = err;
    this.#last = { c1, above: s2 - c1 - this.#base, c4, below: s3 - c4 - this.#base };
    this.#since(c4 - WINDOW);
    this.#learn(this.#last);
    this.#agreeing += 1;
    return true;
  }

  /**
   * Learns from the stamp on a board, which was there before it came; a stamp shared by many readers or rounded down is
   * only earlier. False if it contradicts what is known: then the server must be asked.
   * @param {number} stamp Unix ms
   */
  stamp(stamp) {
    const c4 = this.#read();
    if (!isTime(stamp)) return false;
    const solved = this.#solve(c4);
    if (!solved) return true;
    const below = stamp - c4 - this.#base;
    if (below - this.#grain.step > solved.high) {
      this.#doubt();
      return false;
    }
    this.#floor.add({ at: c4, most: -below });
    this.#stale = true;
    return true;
  }

  /**
   * Hears which server clock is speaking; true if it is another one, and everything learnt so far is void.
   * @param {number} epoch
   */
  epoch(epoch) {
    if (!Number.isFinite(epoch)) return false;
    const before = this.#epoch;
    this.#epoch = epoch;
    if (before === null || before === epoch) return false;
    this.#believe(0, null);
    this.#err = null;
    this.#keptFrom = null;
    return true;
  }

  /**
   * The wall clock ran ahead of ours: ours stood still while the device slept. Goes on from where time really is, within
   * what the wall clock can be trusted with, until the server answers.
   * @param {number} ms how far it ran ahead
   * @param {boolean} [surely] false if it may as well be that nobody slept and the wall clock was set: as screens do that
   *   find the network after they were switched on. Then time is not moved, and the bound holds either way
   */
  slept(ms, surely = true) {
    const half = this.#half();
    this.#believe(surely ? ms : 0, half === null ? null : half + SLEPT_DOUBT + (surely ? 0 : Math.abs(ms)));
    this.#agreeing = 0;
  }

  /** Server minus local, in ms. */
  offset() {
    return this.#offset(this.#read());
  }

  /** Server time, Unix ms. */
  now() {
    const local = this.#read();
    return local + this.#offset(local);
  }

  /** How far off `now()` may be, in ms; null while nothing is known. An unconfirmed server counts as right. */
  bound() {
    const half = this.#half();
    return half === null ? null : half + (this.#err ?? 0);
  }

  /** Whether the server knows how right its own clock is; if not, pages agree with each other only. */
  confirmed() {
    return this.#err !== null;
  }

  /** Whether answers contradicted each other, and no full burst has agreed since. */
  doubted() {
    return this.#agreeing < AGREES;
  }

  /** Whether what was kept is so old that the page should not act on it by itself. */
  old() {
    return this.#keptFrom !== null && this.#last === null && this.#read() - this.#keptFrom > TOO_OLD;
  }

  /** What may be said of it. @returns {Step} */
  step() {
    const bound = this.bound();
    const of = (/** @type {Label} */ label, /** @type {Reason | null} */ why = null) => ({ label, why, bound, confirmed: this.confirmed() });
    if (bound === null) return of('not-in-step', 'unasked');
    if (this.old()) return of('not-in-step', 'old');
    if (this.doubted() && this.#torn) return of('not-in-step', 'contradicted');
    if (bound > APPROXIMATE) return of('not-in-step', 'wide');
    if (bound > CLOSE || this.#last === null || this.doubted()) return of('approximate');
    return of(bound > IN_STEP ? 'close' : 'in-step');
  }

  #read() {
    const local = this.#local();
    this.#grain.see(local);
    return local;
  }

  /** @param {number} local */
  #offset(local) {
    const { at, x, y } = (this.#stale ? this.#solve(local) : this.#solved) ?? this.#belief;
    return x + y * (local - at);
  }

  /** The bound without the server's own share. */
  #half() {
    const local = this.#read();
    const solved = this.#solve(local);
    if (solved) return solved.half;
    const { at, bound, drift } = this.#belief;
    return bound === null ? null : bound + drift * (local - at);
  }

  /** What is possible at a local time; null while no answer has come. @param {number} local */
  #solve(local) {
    if (this.#last === null) return null;
    if (!this.#stale && this.#solved?.at === local) return this.#solved;
    this.#stale = false;
    const line = this.#line(local) ?? this.#settle(local, this.#last);
    if (!line) return (this.#solved = null);
    // A reading is half a step too early in the mean, and half a step off at worst.
    const { low, high, x, y } = line;
    const rough = this.#grain.step / 2;
    this.#solved = { at: local, x: x + this.#base + rough, y, half: Math.max(high - x, x - low) + rough, high };
    return this.#solved;
  }

  /** @param {number} local */
  #line(local) {
    const step = this.#grain.step;
    const below = this.#floor.hull(local).map(([g, most]) => /** @type {[number, number]} */ ([g, most + step]));
    return solve(this.#ceiling.hull(local), below);
  }

  /**
   * No line satisfies all: believes only what is newer, and newer still, until one does.
   * @param {number} local
   * @param {Exchange} last
   */
  #settle(local, last) {
    this.#doubt();
    for (let window = WINDOW / 2; window >= LEAST_WINDOW; window /= 2) {
      this.#since(last.c4 - window);
      const line = this.#line(local);
      if (line) return line;
    }
    this.#torn = true;
    this.#since(Infinity);
    this.#learn(last);
    return this.#line(local);
  }

  /** @param {Exchange} exchange */
  #learn({ c1, above, c4, below }) {
    this.#ceiling.add({ at: c1, most: above });
    this.#floor.add({ at: c4, most: -below });
    this.#stale = true;
  }

  /** @param {number} local */
  #since(local) {
    this.#ceiling.since(local);
    this.#floor.since(local);
  }

  #doubt() {
    this.#agreeing = 0;
    this.#torn = false;
  }

  /**
   * Forgets what was learnt, and goes on from where it led.
   * @param {number} jump ms
   * @param {number | null} bound ms
   */
  #believe(jump, bound) {
    const at = this.#read();
    const x = this.#offset(at) + jump;
    const y = this.#solved?.y ?? this.#belief.y;
    this.#belief = { at, x, y, bound, drift: SKEW + Math.abs(y) };
    this.#solved = null;
    this.#last = null;
    this.#sent.clear();
    this.#since(Infinity);
  }
}

/** @param {number} stamp */
const isTime = (stamp) => stamp > STAMPS.from && stamp < STAMPS.to;
