// @ts-check
// Pages of one browser are one phone: of those that can be seen at once, one is counted.
//
// Each keeps a connection of its own: it may be at another gathering, in another language, and its clock is its own;
// and when the counted one is gone, nobody has to connect first. They tell each other over a channel of the browser
// that they are there; every page knows the order and so who is first, without a vote. Nothing of it is kept, and the
// server hears only whether to count a page, not which others it belongs to.

/** Between two signs of life while there is anybody to hear them, ms. */
const EVERY = 1_000;

/** Who was silent for so long is gone, however it went, ms. */
const GONE_AFTER = 3_000;

/** Taken from BroadcastChannel, so that a test can stand in for it.
 * @typedef {object} Channel
 * @property {((event: any) => void) | null} onmessage
 * @property {(message: unknown) => void} postMessage
 * @property {() => void} close
 */

/** A page's place in the order: one at a gathering first, then who was seen first, then by lot.
 * @typedef {[away: number, since: number, lot: number]} Rank */

export class Tabs {
  #parts;
  /** @type {Channel | null} */
  #channel = null;
  /** @type {Rank} */
  #rank;
  /** @type {Map<number, { rank: Rank, heard: number }>} the others by their lot */
  #others = new Map();
  #counted = true;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {() => Channel} parts.open
   * @param {boolean} parts.gathering whether this page is at one
   * @param {import('./pings.js').Timers} parts.timers
   * @param {() => number} parts.local steady clock, ms
   * @param {() => number} parts.wall the clock that all pages of the browser share, ms
   * @param {() => number} parts.random
   * @param {(counted: boolean) => void} parts.changed whether this page is the one that counts
   */
  constructor(parts) {
    this.#parts = parts;
    this.#rank = [parts.gathering ? 0 : 1, 0, parts.random()];
  }

  /** @param {boolean} seen whether the page can be seen and its road is one that counts */
  look(seen) {
    if (seen === (this.#channel !== null)) return;
    if (seen) this.#come();
    else this.#go();
    this.#decide();
  }

  /** The page is at a gathering from now on. */
  sit() {
    this.#rank[0] = 0;
    this.#tell(this.#rank);
    this.#decide();
  }

  #come() {
    this.#rank[1] = this.#parts.wall();
    this.#channel = this.#parts.open();
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#tell(this.#rank);
  }

  #go() {
    this.#tell(null);
    this.#channel?.close();
    this.#channel = null;
    this.#others.clear();
    this.#wait();
  }

  /** @param {{ lot: number, rank: Rank | null }} data */
  #hear({ lot, rank }) {
    const known = this.#others.has(lot);
    if (rank) this.#others.set(lot, { rank, heard: this.#parts.local() });
    else this.#others.delete(lot);
    if (rank && !known) this.#tell(this.#rank);
    this.#decide();
    this.#wait();
  }

  #beat() {
    this.#timer = undefined;
    this.#tell(this.#rank);
    for (const [lot, { heard }] of this.#others) {
      if (this.#parts.local() - heard >= GONE_AFTER) this.#others.delete(lot);
    }
    this.#decide();
    this.#wait();
  }

  #decide() {
    const counted = [...this.#others.values()].every(({ rank }) => before(this.#rank, rank));
    if (counted === this.#counted) return;
    this.#counted = counted;
    this.#parts.changed(counted);
  }

  /** @param {Rank | null} rank null is good-bye */
  #tell(rank) {
    this.#channel?.postMessage({ lot: this.#rank[2], rank });
  }

  /** Alone there is nobody to tell anything. */
  #wait() {
    const { timers } = this.#parts;
    const company = this.#others.size > 0;
    if (company && this.#timer === undefined) this.#timer = timers.set(() => this.#beat(), EVERY);
    if (!company && this.#timer !== undefined) {
      timers.clear(this.#timer);
      this.#timer = undefined;
    }
  }
}

/**
 * @param {Rank} one
 * @param {Rank} other
 */
const before = (one, other) => {
  const differs = one.findIndex((part, at) => part !== other[at]);
  return differs >= 0 && (one[differs] ?? 0) < (other[differs] ?? 0);
};
