// @ts-check
// Estimators that pages on the web really use, and one with a mistake. The goals must tell them from ours; if they do
// not, the goals prove nothing.

import { Clock } from '../../web/clock.js';

/** The offset is the mean of the first answers; what is stated is half their round trip, for ever. */
class Mean extends Clock {
  #read;
  #wanted;
  /** @type {{ offset: number, half: number }[]} */
  #answers = [];
  /** @type {Map<number, number>} */
  #asked = new Map();
  /** @param {() => number} local @param {number} guess @param {number} wanted */
  constructor(local, guess, wanted) {
    super(local, guess);
    this.#read = local;
    this.#wanted = wanted;
  }
  /** @override */
  ping() {
    const stamp = super.ping();
    this.#asked.set(stamp.seq, stamp.c1);
    return stamp;
  }
  /** @override @param {import('../../web/wire.js').Pong} pong */
  pong({ seq, s2, s3 }) {
    const [c1, c4] = [this.#asked.get(seq) ?? NaN, this.#read()];
    if (this.#answers.length < this.#wanted) this.#answers.push({ offset: (s2 - c1 + s3 - c4) / 2, half: (c4 - c1 - (s3 - s2)) / 2 });
    return true;
  }
  /** @override */
  stamp() {
    return true;
  }
  /** @param {'offset' | 'half'} what */
  #mean(what) {
    return this.#answers.reduce((sum, answer) => sum + answer[what], 0) / this.#answers.length;
  }
  /** @override */
  now() {
    return this.#read() + (this.#answers.length ? this.#mean('offset') : super.offset());
  }
  /** @override */
  bound() {
    return this.#answers.length ? this.#mean('half') : null;
  }
  /** @override */
  step() {
    const bound = this.bound();
    const label = bound !== null && bound <= 50 ? /** @type {const} */ ('in-step') : /** @type {const} */ ('not-in-step');
    return { label, why: null, bound, confirmed: true };
  }
}

/** The way back is reckoned with the wrong sign: what bounds the offset from below seems to lie as high as what bounds it from above. */
class Flipped extends Clock {
  #read;
  /** @type {Map<number, number>} */
  #asked = new Map();
  /** @param {() => number} local @param {number} guess */
  constructor(local, guess) {
    super(local, guess);
    this.#read = local;
  }
  /** @override */
  ping() {
    const stamp = super.ping();
    this.#asked.set(stamp.seq, stamp.c1);
    return stamp;
  }
  /** @override @param {import('../../web/wire.js').Pong} pong */
  pong(pong) {
    return super.pong({ ...pong, s3: pong.s2 + this.#read() - (this.#asked.get(pong.seq) ?? NaN) });
  }
}

/** @type {Record<string, (local: () => number, guess: number) => Clock>} */
export const CONTROLS = {
  'a single ping': (local, guess) => new Mean(local, guess, 1),
  'the mean of five': (local, guess) => new Mean(local, guess, 5),
  'one sign flipped': (local, guess) => new Flipped(local, guess),
};
