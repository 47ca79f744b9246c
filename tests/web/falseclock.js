// @ts-check
// Gives a page a clock of its own, before any script of it runs: one that is off, runs fast or slow, is put back, or
// stands still while the device sleeps. Every way a page can learn the time goes by it. It notes the true time of what
// the page does for the referee.

/**
 * @typedef {object} Wrong
 * @property {number} [off] of the device's date, ms
 * @property {number} [ppm]
 */

/**
 * One time the page acted. `frame`: when the frame that shows it is seen, if it acted in one, true ms. `skipped`: how long
 * it waited for that frame beyond the pace of the screen, ms; null if it acted in none, or in the first.
 * @typedef {{ what: 'fires' | 'cue', at: number, rev: number, offset: number, now: number, bound: number | null, real: number, frame: number | null, skipped: number | null, label: string }} Act
 */

/** What the referee finds in a page.
 * @typedef {{ real: () => number, epoch: number | null, acts: Act[], faults: string[], set: (ms: number) => void, look: (seen: boolean) => void, sleep: () => void, wake: () => void, hold: (from: number) => void }} Notes */

/** Runs inside the page. @param {Wrong} wrong */
export const falsify = ({ off = 0, ppm = 0 }) => {
  const real = performance.now.bind(performance);
  const rate = 1 + ppm * 1e-6;
  const origin = performance.timeOrigin + off;
  let hidden = false;
  let stood = 0;
  let moved = 0;
  /** @type {number | null} */
  let asleep = null;
  const steady = (/** @type {number} */ at) => (asleep === null ? at : Math.min(at, asleep)) * rate - stood;
  const wall = (/** @type {number} */ at) => origin + moved + at * rate;

  performance.now = () => steady(real());
  Object.defineProperty(performance, 'timeOrigin', { get: () => origin });
  const Genuine = Date;
  window.Date = /** @type {any} */ (
    class extends Genuine {
      /** @param {any[]} of */
      constructor(...of) {
        if (of.length === 0) super(wall(real()));
        else super(.../** @type {[any]} */ (of));
      }
      static now() {
        return Math.floor(wall(real()));
      }
    }
  );
  const stamped = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp')?.get;
  Object.defineProperty(Event.prototype, 'timeStamp', {
    get() {
      return steady(stamped?.call(this));
    },
  });
  const output = window.AudioContext?.prototype.getOutputTimestamp;
  if (output) {
    AudioContext.prototype.getOutputTimestamp = function () {
      const stamp = output.call(this);
      return { ...stamp, contextTime: stamp.contextTime, performanceTime: steady(stamp.performanceTime ?? 0) };
    };
  }

  /** What is due while the device sleeps waits until it is awake.
   * @type {(() => void)[]} */
  const waiting = [];
  /** @type {Set<unknown>} */
  const cleared = new Set();
  for (const name of /** @type {const} */ (['setTimeout', 'setInterval'])) {
    const set = window[name].bind(window);
    /** @type {any} */ (window)[name] = (/** @type {(...of: any[]) => void} */ run, ms = 0, /** @type {any[]} */ ...rest) => {
      const wait = ms / rate;
      // As browsers do to pages that nobody looks at.
      const due = hidden ? Math.ceil((real() + wait) / 1_000) * 1_000 - real() : wait;
      const go = () => {
        if (asleep !== null) waiting.push(go);
        else if (!cleared.has(id)) run(...rest);
      };
      const id = set(go, due);
      return id;
    };
  }
  const clear = window.clearTimeout.bind(window);
  window.clearTimeout = (id) => {
    cleared.add(id);
    clear(id);
  };

  /** The frame that is being made, and how far apart the last few were. The pace of the screen is the shortest of that: a
   * frame that was skipped does not make a screen slower.
   * @type {number | null} */
  let frame = null;
  let last = NaN;
  /** @type {number[]} */
  const gaps = [];
  const pace = () => Math.min(...gaps.filter((gap) => gap < 34), gaps.length ? 34 : 1_000 / 60);
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) =>
    hidden
      ? 0
      : ask((stamp) => {
          // Farther apart, they belong to another time that somebody asked for frames.
          if (stamp - last > 0 && stamp - last < 250) gaps.push(stamp - last);
          else if (stamp !== last) gaps.length = 0;
          if (gaps.length > 8) gaps.shift();
          last = frame = stamp;
          run(steady(stamp));
          frame = null;
        });

  Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  Object.defineProperty(document, 'hidden', { get: () => hidden });

  // Whatever road a message comes by, it is read by this.
  const read = JSON.parse;
  JSON.parse = (text, ...how) => {
    const message = read(text, ...how);
    if (typeof message?.epoch === 'number') notes.epoch = message.epoch;
    return message;
  };

  /** @type {Act[]} */
  const acts = [];
  /** @type {string[]} */
  const faults = [];
  const says = (/** @type {string} */ slot) => document.querySelector(`[data-live="${slot}"]`)?.textContent ?? '';
  for (const what of /** @type {const} */ (['fires', 'cue'])) {
    document.addEventListener(`oneoclock:${what}`, (event) => {
      const { offset = 0, ...detail } = /** @type {CustomEvent} */ (event).detail;
      acts.push({ what, ...detail, offset, real: real(), frame: frame === null ? null : frame + pace(), skipped: frame === null || !gaps.length ? null : (gaps.at(-1) ?? 0) - pace(), label: says('clock') });
    });
  }

  // The digits as they stand on the page: never up, and no more than a second at once, unless a word says why.
  document.addEventListener('DOMContentLoaded', () => {
    const digits = document.querySelector('.digits');
    /** @type {{ left: number, real: number } | null} */
    let shown = null;
    const look = () => {
      const text = digits?.textContent ?? '';
      const sure = /^In step|^Close/.test(says('clock'));
      if (!text || !sure || says('note')) return void (shown = null);
      const left = text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000;
      const now = real();
      if (shown && left > shown.left) faults.push(`up from ${shown.left} to ${left}`);
      if (shown && shown.left - left > now - shown.real + 1_250) faults.push(`skipped from ${shown.left} to ${left} in ${now - shown.real}`);
      shown = { left, real: now };
    };
    if (digits) new MutationObserver(look).observe(digits, { childList: true, characterData: true, subtree: true });
  });

  /** @type {Notes} */
  const notes = {
    real,
    epoch: null,
    acts,
    faults,
    set: (ms) => void (moved += ms),
    look: (seen) => {
      hidden = !seen;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    sleep: () => {
      notes.look(false);
      asleep = real();
    },
    wake: () => {
      if (asleep !== null) stood += (real() - asleep) * rate;
      asleep = null;
      notes.look(true);
      for (const go of waiting.splice(0)) go();
    },
    // Without work for the machine, which others need.
    hold: (from) => {
      const wait = () => {
        if (real() < from) return void ask(wait);
        const request = new XMLHttpRequest();
        request.open('GET', '/held', false);
        request.send();
      };
      ask(wait);
    },
  };
  Object.defineProperty(window, 'referee', { value: notes });
};
