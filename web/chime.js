// @ts-check
// A calm tone at the moment, for who asked for it. It is handed to the audio clock ten seconds ahead, so that a page that
// is held up at the moment itself cannot make it late. No file: it is made of three sine waves.

/** So long before the moment the tone is placed, ms: the tick at ten seconds may be a little late. */
const PLACED = 10_500;

/** So long before the moment the audio clock must run, ms: until then a phone may save its battery. */
const RUNS = 60_000;

/** A moment that is another by more than this is worth placing the tone anew, ms. */
const MATTERS = 5;

/** What is to sound within this has begun: it is not taken back, ms. */
const BEGUN = 50;

/** Where a browser does not tell how late sound is, it is most often this, ms. */
const USUAL_LATENCY = 40;

/** More than this no browser's sound is late by, whatever it says; the sound clock is read no more seldom either, ms. */
const MOST_LATENCY = 500;

/** The partials of the tone: frequency in Hz, and loudness. Together they stay well below what a device can do. */
const PARTIALS = /** @type {const} */ ([[523.25, 0.16], [1_046.5, 0.07], [1_569.75, 0.03]]);

/** How fast it comes, without a click, and how long it fades, s. */
const RISES = 0.008;
const FADES = 2.4;

/** All pages of a browser share one name: of those that were asked, the last one sounds. */
const LOCK = 'oneoclock-chime';

/** `missing`: this browser has no sound for pages.
 * @typedef {'off' | 'on' | 'refused' | 'missing'} State */

/**
 * When an instant is, on the audio clock, so that it is heard then.
 * @param {AudioContext} context
 * @param {number} at local ms
 * @param {number} now local ms
 * @returns {number} s
 */
export const heardAt = (context, at, now) => {
  const { contextTime = NaN, performanceTime = NaN } = context.getOutputTimestamp?.() ?? {};
  const behind = (context.currentTime - contextTime) * 1_000;
  const fresh = performanceTime > 0 && Math.abs(now - performanceTime) < MOST_LATENCY;
  // Some browsers make this up.
  if (fresh && behind >= 0 && behind < MOST_LATENCY) return contextTime + (at - performanceTime) / 1_000;
  const told = context.outputLatency * 1_000;
  const latency = told > 0 && told < MOST_LATENCY ? told : USUAL_LATENCY;
  return context.currentTime + (at - now - latency) / 1_000;
};

/**
 * Puts the tone on the audio clock; the returned function takes it back.
 * @param {BaseAudioContext} context
 * @param {number} when s
 */
export const tone = (context, when) => {
  const begins = Math.max(when, context.currentTime);
  const waves = PARTIALS.map(([hertz, loud]) => {
    const wave = new OscillatorNode(context, { frequency: hertz });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, begins);
    gain.gain.linearRampToValueAtTime(loud, begins + RISES);
    gain.gain.exponentialRampToValueAtTime(1e-4, begins + FADES);
    wave.connect(gain).connect(context.destination);
    wave.start(begins);
    wave.stop(begins + FADES);
    return wave;
  });
  return () => waves.forEach((wave) => wave.stop());
};

export class Chime {
  #changed;
  #local;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {{ at: number, cancel: () => void } | null} */
  #placed = null;
  /** Lets another page of this browser sound.
   * @type {() => void} */
  #leave = () => {};

  /**
   * @param {(state: State) => void} changed
   * @param {() => number} [local] steady clock, ms
   */
  constructor(changed, local = () => performance.now()) {
    this.#changed = changed;
    this.#local = local;
  }

  /** Whether it is to sound. */
  get on() {
    return this.#context !== null;
  }

  /** To be called in a tap: no browser lets a page make sound before. It sounds once, so that people know what comes. */
  async start() {
    if (this.#context) return;
    if (!('AudioContext' in window)) return this.#changed('missing');
    const context = (this.#context = new AudioContext({ latencyHint: 'interactive' }));
    try {
      await context.resume();
      tone(context, context.currentTime);
    } catch {
      this.stop('refused');
      return;
    }
    // Stopped again, before it began.
    if (this.#context !== context) return;
    this.#take();
    this.#changed('on');
  }

  /** @param {State} [state] */
  stop(state = 'off') {
    const context = this.#context;
    if (!context) return;
    this.#context = null;
    this.#placed = null;
    this.#leave();
    void context.close().catch(() => {});
    this.#changed(state);
  }

  /** To be called as often as the page ticks. @param {number} at the moment, local ms; Infinity if there is none ahead */
  aim(at) {
    const context = this.#context;
    if (!context) return;
    const now = this.#local();
    const placed = this.#placed;
    if (placed && placed.at - now <= BEGUN) this.#placed = null;
    else if (placed && Math.abs(placed.at - at) <= MATTERS) return;
    else if (placed) this.#cancel(placed);
    const left = at - now;
    if (left <= RUNS && context.state !== 'running') void context.resume().catch(() => {});
    if (left > PLACED || left <= BEGUN || context.state !== 'running') return;
    this.#placed = { at, cancel: tone(context, heardAt(context, at, now)) };
  }

  /** @param {{ cancel: () => void }} placed */
  #cancel(placed) {
    placed.cancel();
    this.#placed = null;
  }

  /** Where two pages of one device would sound, the one that was asked last does. */
  #take() {
    const held = new Promise((leave) => (this.#leave = () => leave(null)));
    navigator.locks?.request(LOCK, { steal: true }, () => held).catch(() => this.stop());
  }
}
