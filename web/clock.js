// @ts-check
// What time it is at the server, and how surely. Pure: the page's own time source is given.

/** How many of the newest answers are weighed against each other: one burst. */
const KEPT = 10;

/** Pings whose answer may still come; a late answer is as true as an early one. */
const OUTSTANDING = 16;

/** Two quartz clocks drift apart by at most this much, in ms per ms (100 ppm). */
const DRIFT = 100e-6;

/** @typedef {{ offset: number, half: number, at: number }} Sample offset, half round trip, local time; all ms */

/**
 * Server time by the answer with the least doubt.
 *
 * An answer that took `rtt` puts the server's clock within half of it, whatever the two ways were; after that
 * the doubt grows with age. Within one burst this is simply the lowest round trip.
 */
export class Clock {
  #local;
  #guess;
  /** @type {number | null} */
  #epoch = null;
  /** @type {number | null} */
  #err = null;
  /** @type {Sample[]} */
  #samples = [];
  /** @type {Map<number, number>} */
  #sent = new Map();
  #seq = 0;

  /**
   * @param {() => number} local the page's steady clock, ms from any origin
   * @param {number} guess server minus local, in ms, until the first answer
   */
  constructor(local, guess) {
    this.#local = local;
    this.#guess = guess;
  }

  /** A stamp to send now. */
  ping() {
    const stamp = { seq: ++this.#seq, c1: this.#local() };
    this.#sent.set(stamp.seq, stamp.c1);
    this.#sent.delete(stamp.seq - OUTSTANDING);
    return stamp;
  }

  /**
   * Learns from an answer; false if it answers nothing that was asked, or cannot be true.
   * @param {import('./wire.js').Pong} pong
   */
  pong({ seq, s2, s3, epoch, err }) {
    const c4 = this.#local();
    const c1 = this.#sent.get(seq);
    if (c1 === undefined) return false;
    this.#sent.delete(seq);
    this.epoch(epoch);
    const half = (c4 - c1 - (s3 - s2)) / 2;
    if (half < 0 || s3 < s2) return false;
    this.#err = err;
    this.#samples.push({ offset: (s2 - c1 + s3 - c4) / 2, half, at: c4 });
    if (this.#samples.length > KEPT) this.#samples.shift();
    return true;
  }

  /**
   * Hears which server clock is speaking; true if it is another one, and everything learnt so far is void.
   * @param {number} epoch
   */
  epoch(epoch) {
    const before = this.#epoch;
    this.#epoch = epoch;
    if (before === null || before === epoch) return false;
    this.#forget();
    return true;
  }

  /**
   * The local clock stood still while the device slept: goes on from where time really is, and trusts nothing.
   * @param {number} ms how long it stood
   */
  slept(ms) {
    this.#forget();
    this.#guess += ms;
  }

  /** Server minus local, in ms. */
  offset() {
    return this.#best()?.offset ?? this.#guess;
  }

  /** How far off `now()` may be, in ms; null while nothing is known. An unconfirmed server counts as right. */
  bound() {
    const best = this.#best();
    return best ? this.#doubt(best) + (this.#err ?? 0) : null;
  }

  /** Whether the server knows how right its own clock is; if not, pages agree with each other only. */
  confirmed() {
    return this.#err !== null;
  }

  /** Server time, Unix ms. */
  now() {
    return this.#local() + this.offset();
  }

  #forget() {
    this.#guess = this.offset();
    this.#samples = [];
    this.#sent.clear();
    this.#err = null;
  }

  /** @param {Sample} sample */
  #doubt({ half, at }) {
    return half + (this.#local() - at) * DRIFT;
  }

  #best() {
    /** @type {Sample | null} */
    let best = null;
    for (const sample of this.#samples) {
      if (!best || this.#doubt(sample) < this.#doubt(best)) best = sample;
    }
    return best;
  }
}
