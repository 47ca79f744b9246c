// @ts-check
// The time that is shown. The estimate jumps as it learns; what people look at does not: it runs a little faster or
// slower until it agrees, and where it must jump it says so. Pure.

/** So much faster or slower it runs while it agrees with the estimate not yet: 100 ms are taken in within a second. */
const SLEW = 0.1;

/** Behind by more than this it jumps forward, and says so, ms. */
const JUMPS = 250;

/** Ahead by more than this it stands still instead of running slowly, and says so, ms. */
const HOLDS = 1_000;

/** Ahead by more than this it would stand still for so long that it is put back instead, and says so, ms. */
const PUT_BACK = 5_000;

/** How long a jump is spoken of, ms. */
const SPOKEN_OF = 10_000;

/** @typedef {'resync' | 'corrected'} Label it stands still until time has caught up; it jumped */

export class Steady {
  #shown = NaN;
  #read = NaN;
  #sure = false;
  #jumped = -Infinity;
  /** @type {Label | null} */
  #label = null;

  /** What is to be said about the time shown last. */
  get label() {
    return this.#label;
  }

  /**
   * The time to show. Never earlier than the one before, unless the label says so.
   * @param {number} estimate Unix ms
   * @param {number} local steady clock, ms
   * @param {boolean} [sure] false while it is only a guess: that the first one proves wrong is no news, unless time goes back
   * @returns {number} Unix ms
   */
  show(estimate, local, sure = true) {
    const passed = Math.max(0, local - this.#read);
    this.#read = local;
    const ahead = this.#shown + passed - estimate;
    const jumps = ahead < -JUMPS || ahead > PUT_BACK;
    const holds = ahead > HOLDS && !jumps;
    if (jumps && (this.#sure || ahead > 0)) this.#jumped = local;
    // Once somebody has relied on it, what another clock of the server corrects is news.
    this.#sure ||= sure;
    if (jumps || Number.isNaN(ahead)) this.#shown = estimate;
    else this.#shown += passed - Math.min(Math.abs(ahead), (holds ? 1 : SLEW) * passed) * Math.sign(ahead);
    this.#label = holds ? 'resync' : local - this.#jumped < SPOKEN_OF ? 'corrected' : null;
    return this.#shown;
  }
}
