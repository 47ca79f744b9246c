// @ts-check
// The time that the moment is acted upon by: the raw estimate, not what is shown, and from the last two seconds on no
// longer whatever the latest answer makes of it. Pure.

/** So long before the moment the plan stands, ms. */
const SET = 2_000;

/** A change greater than this, by an estimate that is surer, changes it all the same, ms. */
const MATTERS = 100;

export class Fuse {
  /** What the plan was made with: for which instant, server minus local time, and how surely.
   * @type {{ at: number, offset: number, bound: number } | null} */
  #set = null;

  /**
   * @param {number} at the moment, Unix ms
   * @param {{ now: number, bound: number | null }} estimate Unix ms, ms
   * @param {number} local steady clock, ms
   * @returns {number} Unix ms
   */
  time(at, { now, bound }, local) {
    const offset = now - local;
    const set = this.#set?.at === at ? this.#set : null;
    const better = set && bound !== null && bound < set.bound && Math.abs(offset - set.offset) > MATTERS;
    if (set && !better) return local + set.offset;
    this.#set = bound !== null && now >= at - SET ? { at, offset, bound } : null;
    return now;
  }

  /** The local clock stood still: what was planned with it is void. */
  pull() {
    this.#set = null;
  }
}
