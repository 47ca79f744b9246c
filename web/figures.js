// @ts-check
// The figures that are shown: the newest, but no more than one change in a second, as nobody could read them. Pure.

/** Between two changes, ms. */
const CHANGES_EVERY = 1_000;

/** @typedef {import('./wire.js').Board} Board */

export class Figures {
  /** @type {Board | null} */
  #shown = null;
  /** @type {Board | null} */
  #newest = null;
  #since = -Infinity;

  /**
   * What to show, given the newest.
   * @param {Board | null} board
   * @param {number} local steady clock, ms
   */
  show(board, local) {
    this.#newest = board;
    if (board !== this.#shown && local - this.#since >= CHANGES_EVERY) {
      this.#shown = board;
      this.#since = local;
    }
    return this.#shown;
  }

  /** When a newer one is to be shown than is shown now, local ms; Infinity if there is none. */
  get next() {
    return this.#newest === this.#shown ? Infinity : this.#since + CHANGES_EVERY;
  }
}
