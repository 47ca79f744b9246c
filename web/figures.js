// @ts-check
// The figures that are shown: the newest, but no more than one change in a second, as nobody could read them. That a
// part of them is missing does not wait. Pure.

import { Gap } from './gap.js';

/** Between two changes, ms. */
const CHANGES_EVERY = 1_000;

/** @typedef {import('./wire.js').Board} Board */

export class Figures {
  /** @type {Board | null} */
  #shown = null;
  /** @type {Board | null} */
  #newest = null;
  #since = -Infinity;
  #gap = new Gap();

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
    const { exact, as_of } = this.#gap.on(board, local) ?? { exact: true, as_of: 0 };
    return exact || !this.#shown ? this.#shown : { ...this.#shown, exact, as_of };
  }

  /** When something else is to be shown than is shown now, local ms; Infinity if there is nothing. */
  get next() {
    return Math.min(this.#newest === this.#shown ? Infinity : this.#since + CHANGES_EVERY, this.#gap.closes);
  }
}
