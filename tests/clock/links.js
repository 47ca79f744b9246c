// @ts-check
// Five kinds of network between a page and the server, in simulated time: five, because each spoils the time in
// its own way. The figures are assumptions, shaped by what is published of such networks; docs/CLOCK.md names sources.
//
// Delays are one-way, never negative and in order, as TCP has them. All times are ms.

/**
 * A queue that fills now and then: the chance per second that it begins, how long it lasts and how deep it is in the
 * mean, and what stands in it all the time, drawn per client.
 * @typedef {{ chance: number, lasts: number, deep: number, stands: [number, number] }} Queue
 */

/**
 * @typedef {object} Profile
 * @property {[number, number]} up least delay, drawn per client
 * @property {[number, number]} down
 * @property {[number, number]} asymmetry what one way takes more; less than 0 is the way down
 * @property {[number, number]} jitter mean, up and down
 * @property {[Queue, Queue]} queues up and down
 * @property {number} loss chance that a packet must be sent again
 * @property {number} dozes chance that a quiet phone hears only at the access point's next beacon
 * @property {[idle: number, least: number, most: number][]} wakes what the radio takes after so much silence
 */

/** @type {Record<string, Profile>} */
export const PROFILES = {
  'Wi-Fi': {
    up: [5, 12], down: [5, 12], asymmetry: [-2, 2], jitter: [1.2, 1.2], loss: 0.001, dozes: 0.1, wakes: [],
    queues: [{ chance: 0.02, lasts: 2, deep: 25, stands: [0, 0] }, { chance: 0.02, lasts: 2, deep: 25, stands: [0, 0] }],
  },
  'LTE good': {
    up: [9, 16], down: [9, 16], asymmetry: [4, 12], jitter: [3, 2], loss: 0.002, dozes: 0, wakes: [[120, 0, 20], [10_000, 50, 120]],
    queues: [{ chance: 0.02, lasts: 2, deep: 30, stands: [0, 0] }, { chance: 0.02, lasts: 2, deep: 30, stands: [0, 0] }],
  },
  'LTE crowded': {
    up: [12, 22], down: [10, 18], asymmetry: [6, 16], jitter: [10, 6], loss: 0.01, dozes: 0, wakes: [[120, 5, 40], [10_000, 60, 260]],
    queues: [{ chance: 0.25, lasts: 4, deep: 180, stands: [0, 60] }, { chance: 0.15, lasts: 3, deep: 60, stands: [0, 20] }],
  },
  'uplink saturated': {
    up: [12, 22], down: [10, 18], asymmetry: [6, 16], jitter: [15, 6], loss: 0.01, dozes: 0, wakes: [[120, 5, 40], [10_000, 60, 260]],
    queues: [{ chance: 0.8, lasts: 20, deep: 350, stands: [40, 150] }, { chance: 0.1, lasts: 3, deep: 40, stands: [0, 10] }],
  },
  '3G': {
    up: [40, 70], down: [40, 60], asymmetry: [5, 30], jitter: [25, 20], loss: 0.01, dozes: 0, wakes: [[3_000, 100, 600], [8_000, 1_200, 2_500]],
    queues: [{ chance: 0.1, lasts: 4, deep: 150, stands: [0, 30] }, { chance: 0.1, lasts: 4, deep: 200, stands: [0, 40] }],
  },
};

/** How finely a queue's depth changes, ms. */
const STEP = 100;

/** A packet that is lost is sent again after this long, then twice as long, ms. */
const RESENT = 220;

/** Chance, drawn from a seed. */
export class Chance {
  #state;
  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }
  /** At least 0, below 1. */
  next = () => {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  /** @param {readonly [number, number]} range */
  within([least, most]) {
    return least + (most - least) * this.next();
  }
  /** Many small, few great. @param {number} mean */
  around(mean) {
    return -mean * Math.log(1 - this.next());
  }
}

/** How deep a queue is at each time. @param {Chance} chance @param {Queue} queue @param {number} ends */
const depths = (chance, { chance: begins, lasts, deep, stands }, ends) => {
  const always = chance.within(stands);
  const depth = new Float32Array(Math.ceil(ends / STEP) + 2);
  for (let n = 0, level = 0, target = 0, left = 0; n < depth.length; n += 1) {
    left -= STEP;
    if (left <= 0) {
      target = 0;
      if (chance.next() < (begins * STEP) / 1_000) [left, target] = [chance.around(lasts * 1_000), chance.around(deep)];
    }
    level += (target - level) * 0.25;
    depth[n] = always * (0.9 + 0.2 * chance.next()) + level * (0.7 + 0.6 * chance.next());
  }
  return (/** @type {number} */ t) => depth[Math.max(0, Math.min(depth.length - 1, Math.floor(t / STEP)))] ?? 0;
};

/** One client's way to the server and back. */
export class Link {
  #chance;
  #profile;
  #base;
  #queues;
  #last = { up: -Infinity, down: -Infinity, heard: -Infinity };

  /** @param {Profile} profile @param {number} seed @param {number} ends how long it is needed, ms */
  constructor(profile, seed, ends) {
    const chance = (this.#chance = new Chance(seed));
    const more = chance.within(profile.asymmetry);
    this.#profile = profile;
    this.#base = { up: chance.within(profile.up) + Math.max(0, more), down: chance.within(profile.down) + Math.max(0, -more) };
    const [up, down] = profile.queues;
    this.#queues = { up: depths(chance, up, ends), down: depths(chance, down, ends) };
  }

  /** When what leaves the page at `t` is at the server. @param {number} t */
  up(t) {
    const leaves = t + this.#chance.around(0.15) + (this.#chance.next() < 0.01 ? this.#chance.within([1, 15]) : 0);
    return this.#carry('up', leaves, this.#wake(leaves));
  }

  /** When what leaves the server at `t` is at the page, and its script runs. @param {number} t @param {boolean} [asked] */
  down(t, asked = true) {
    const doze = t - this.#last.heard > 100 && this.#chance.next() < this.#profile.dozes ? this.#chance.within([0, 102]) : 0;
    const arrives = this.#carry('down', t, doze + (asked ? 0 : this.#wake(t)));
    this.#last.heard = Math.max(this.#last.heard, arrives);
    return arrives + this.#chance.around(0.25) + (this.#chance.next() < 0.03 ? this.#chance.within([2, 40]) : 0);
  }

  /**
   * Half of what the best packets of a time take more one way than the other: no protocol with two ends can see it.
   * @param {number} from @param {number} to
   */
  floor(from, to) {
    let [up, down] = [Infinity, Infinity];
    for (let t = Math.max(0, from); t < to; t += STEP) {
      up = Math.min(up, this.#queues.up(t));
      down = Math.min(down, this.#queues.down(t));
    }
    return (this.#base.up + up - this.#base.down - down) / 2;
  }

  /** @param {'up' | 'down'} way @param {number} t @param {number} late */
  #carry(way, t, late) {
    const { jitter, loss } = this.#profile;
    let again = 0;
    for (let wait = RESENT; this.#chance.next() < loss; wait *= 2) again += wait + 2 * (this.#base.up + this.#base.down);
    const arrives = t + late + this.#base[way] + this.#chance.around(way === 'up' ? jitter[0] : jitter[1]) + this.#queues[way](t) + again;
    this.#last[way] = Math.max(arrives, this.#last[way] + 0.05);
    return this.#last[way];
  }

  /** @param {number} t */
  #wake(t) {
    const idle = t - this.#last.heard;
    const [, least, most] = this.#profile.wakes.findLast(([silence]) => idle > silence) ?? [0, 0, 0];
    const late = this.#chance.within([least, most]);
    this.#last.heard = Math.max(this.#last.heard, t + late);
    return late;
  }
}
