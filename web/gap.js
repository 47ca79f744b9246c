// @ts-check
// A part of the whole that is missing from the figures: said at once, and taken back only when they have been whole for
// a while, so that a bad line between servers is not told every second. Pure.

/** How long figures are whole before they are called so, ms. */
const WHOLE_FOR = 3_000;

/** @typedef {import('./wire.js').Board} Board */

export class Gap {
  /** When the figures were whole for the last time, Unix ms, as far as it is known; null while there is no gap.
   * @type {number | null} */
  #since = null;
  /** When it is closed, if nothing opens it again, local ms. */
  #closes = Infinity;

  /**
   * The board with the gap that it has, or that has just closed.
   * @template {Board | null} B
   * @param {B} board
   * @param {number} local steady clock, ms
   * @returns {B}
   */
  on(board, local) {
    if (!board) return board;
    if (!board.exact) {
      this.#since = board.as_of;
      this.#closes = Infinity;
    } else if (this.#since !== null && this.#closes === Infinity) this.#closes = local + WHOLE_FOR;
    if (local >= this.#closes) {
      this.#since = null;
      this.#closes = Infinity;
    }
    return this.#since === null ? board : { ...board, exact: false, as_of: this.#since };
  }

  /** When it may be closed, local ms; Infinity while nothing is about to close. */
  get closes() {
    return this.#closes;
  }
}
