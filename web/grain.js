// @ts-check
// How finely a clock can be read. Browsers round it, from 5 microseconds to a tenth of a second, and none says so.

/** The coarsest clock that any browser is known to give, ms. */
const COARSEST = 100;

/** Finer than this makes no difference, ms. */
const FINE = 0.1;

/** Rounding of the numbers themselves stays below this, ms. */
const NOISE = 0.02;

/** The greatest step that all readings fit; too great at first, never too small for a clock that is rounded. */
export class Grain {
  #divisor = 0;
  /** @type {number | null} */
  #first = null;

  /** ms */
  get step() {
    return this.#divisor === 0 ? COARSEST : Math.min(COARSEST, Math.max(FINE, this.#divisor));
  }

  /** @param {number} reading ms */
  see(reading) {
    if (this.#divisor !== 0 && this.#divisor <= FINE) return;
    this.#first ??= reading;
    let rest = Math.abs(reading - this.#first);
    let divisor = this.#divisor;
    while (rest > NOISE) [rest, divisor] = [divisor % rest, rest];
    this.#divisor = divisor;
  }
}
