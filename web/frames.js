// @ts-check
// Acts on the frame that is seen nearest to an instant. What a page paints in a frame is seen with the next one: whoever
// waits for the instant itself is seen up to two frames after it. Pure.
//
// Where no frames come (nobody looks, or the page is held up) nothing happens here, and the page's own timer, which is
// set to the instant, acts.

/** So long before the instant it begins to look at frames, ms: enough to see how far apart those of a slow screen are. */
const LEAD = 100;

/** Until it has seen, this is how far apart, ms. */
const FRAME = 1_000 / 60;

/** Frames farther apart than this are no screen's pace, but a page that was held up, ms. */
const SLOWEST = 34;

/** An instant farther off than this is not waited for: it will be said again, by a better estimate, ms. */
const FAR = 2_000;

export class Frames {
  #parts;
  #at = Infinity;
  #asked = false;
  #stamp = NaN;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {import('./pings.js').Timers} parts.timers
   * @param {() => number} parts.local steady clock, ms
   * @param {(frame: (stamp: number) => void) => void} parts.ask for the next frame; the stamp is its time, local ms
   * @param {(early: number) => void} parts.act early: so much before the instant, whole ms
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Acts at this instant, and no longer at the one before. @param {number} at local ms; Infinity is never */
  aim(at) {
    const { timers, local } = this.#parts;
    this.#at = at;
    if (this.#asked) return;
    if (this.#timer !== undefined) timers.clear(this.#timer);
    const wait = at - local();
    this.#stamp = NaN;
    this.#timer = wait > FAR ? undefined : timers.set(() => this.#ask(), Math.max(0, wait - LEAD));
  }

  #ask() {
    this.#timer = undefined;
    this.#asked = true;
    this.#parts.ask((stamp) => this.#frame(stamp));
  }

  /** @param {number} stamp */
  #frame(stamp) {
    const { local, act } = this.#parts;
    this.#asked = false;
    const gap = stamp - this.#stamp;
    const frame = gap > 0 && gap <= SLOWEST ? gap : FRAME;
    this.#stamp = stamp;
    const left = this.#at - local();
    if (left > 2 * LEAD) this.aim(this.#at);
    else if (this.#at - (stamp + frame) > frame / 2) this.#ask();
    else act(Math.max(0, Math.ceil(left)));
  }
}
