// @ts-check
// What one page says of people who take part away from any gathering: a number that can be changed and taken back,
// under a claim drawn for this alone. It is held in memory, and said again only until it is known to be kept. Pure.

/** Most people one page may speak for. */
export const MOST = 9;

/** The server lets a connection speak of this only when it is ten seconds old; and a second more, ms. */
const RIPE = 11_000;

/** Between two tries while there is no answer, ms. */
const AGAIN = 15_000;

/** Refusals that pass by themselves. */
const PASSING = new Set(['too_soon', 'busy', 'not_kept']);

/** `waits` for a connection or an answer; `road`: this one carries no answers; `refused` for good, unless asked again.
 * @typedef {'none' | 'waits' | 'road' | 'kept' | 'refused'} State */

/** How the page is linked: whether anything carries, whether that carries what a page says, and since when, local ms.
 * @typedef {{ live: boolean, speaks: boolean, since: number }} Linked */

export class Claim {
  #parts;
  /** @type {string | null} */
  #claim = null;
  #wanted = 0;
  #kept = 0;
  /** Whether something was said whose end is not known. */
  #unsure = false;
  #refused = false;
  #said = -Infinity;

  /**
   * @param {object} parts
   * @param {() => string} parts.draw 128 random bits, in hexadecimal digits
   * @param {(said: { party: number, claim: string }) => boolean} parts.send false if it cannot be sent now
   * @param {() => Linked} parts.linked
   * @param {() => number} parts.local steady clock, ms
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** How many it speaks for, or is to. */
  get party() {
    return this.#wanted;
  }

  /** Whether nothing is left to be said. */
  get settled() {
    return this.#wanted === this.#kept && !this.#unsure;
  }

  /** @returns {State} */
  get state() {
    if (this.#refused && this.#kept === 0) return 'refused';
    if (this.settled) return this.#kept > 0 ? 'kept' : 'none';
    const { live, speaks } = this.#parts.linked();
    return live && !speaks ? 'road' : 'waits';
  }

  /** @param {number} party 0 takes it back */
  say(party) {
    this.#wanted = Math.min(Math.max(0, party), MOST);
    if (this.#wanted > 0) this.#claim ??= this.#parts.draw();
    this.#refused = false;
    this.#said = -Infinity;
    this.look();
  }

  /** Says what is still to be said, if that can be now. */
  look() {
    const { local, linked, send } = this.#parts;
    if (this.settled || this.#claim === null) return;
    const { live, speaks, since } = linked();
    const now = local();
    // What was said before this connection began is lost, or its answer is.
    const waits = this.#said >= since && now - this.#said < AGAIN;
    if (!live || !speaks || now - since < RIPE || waits) return;
    if (!send({ party: this.#wanted, claim: this.#claim })) return;
    this.#said = now;
    this.#unsure = true;
  }

  /**
   * @param {import('./wire.js').Message} message
   * @returns {boolean} whether it was about this
   */
  heard(message) {
    if (message.type === 'kept' && message.claim === this.#claim) {
      this.#kept = message.party;
      this.#unsure &&= message.party !== this.#wanted;
      return true;
    }
    if (message.type !== 'refused' || message.of !== 'elsewhere') return false;
    if (!PASSING.has(message.reason)) {
      this.#refused = true;
      this.#wanted = this.#kept;
      this.#unsure = false;
    }
    return true;
  }
}
