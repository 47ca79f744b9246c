// @ts-check
// When the cues before and after the moment begin. Each does so once, as the moment does. Pure.

/** A page that gets to a cue later than this (it slept) came late, and nothing begins, ms. */
const BEGINS_WITHIN = 5_000;

/** @typedef {import('./wire.js').Moment} Moment */
/** @typedef {import('./wire.js').Cue} Cue */

export class Cues {
  #at = NaN;
  /** The farthest cue that has begun.
   * @type {number} offset, ms */
  #reached = -Infinity;

  /**
   * The cue whose instant this is, if it is one; what had begun when the page came, or was moved past it, does not begin.
   * @param {Moment} moment
   * @param {number} elapsed ms since the moment; negative is before; -Infinity while it is not wanted
   * @returns {Cue | null}
   */
  reach({ at, cues }, elapsed) {
    if (elapsed === -Infinity) return null;
    const comes = at !== this.#at;
    const newest = cues.findLast(({ offset }) => offset <= elapsed) ?? null;
    const offset = newest?.offset ?? -Infinity;
    const begins = !comes && offset > this.#reached && elapsed - offset <= BEGINS_WITHIN;
    this.#at = at;
    this.#reached = comes ? offset : Math.max(this.#reached, offset);
    // That of the moment itself is the moment.
    return begins && offset !== 0 ? newest : null;
  }
}

/**
 * How long until the next cue, or the moment, ms; Infinity if nothing is left.
 * @param {Moment} moment
 * @param {number} elapsed as above
 */
export const untilNextOf = ({ cues }, elapsed) =>
  [0, ...cues.map(({ offset }) => offset)].reduce((least, offset) => (offset > elapsed ? Math.min(least, offset - elapsed) : least), Infinity);
