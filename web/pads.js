// @ts-check
// The pads under the thumb: a tap counts as the finger comes down, with any number of fingers; a finger that bounces
// counts once. Whoever cannot touch clicks, by keyboard or by what reads the screen.

/** A finger that comes down again sooner and nearer than this has bounced, ms and CSS px. */
const BOUNCE = { within: 80, near: 40 };

/** A click so soon after a touch is the same one, ms. */
const SAME = 1_000;

/** @typedef {{ x: number, y: number, at: number }} Touch */

/** Tells a bounce from a tap. Pure. */
export class Bounces {
  /** @type {Touch[]} */
  #lifted = [];

  /** @param {Touch} touch */
  lift(touch) {
    this.#lifted = [...this.#lifted.filter(({ at }) => touch.at - at < BOUNCE.within), touch];
  }

  /** Whether this touch is one that was there already. @param {Touch} touch */
  is({ x, y, at }) {
    return this.#lifted.some((one) => at - one.at < BOUNCE.within && Math.hypot(x - one.x, y - one.y) < BOUNCE.near);
  }
}

/** @param {Event} event */
const padOf = ({ target }) => (target instanceof Element ? target.closest('[data-tap]') : null);

/** @param {PointerEvent} event @returns {Touch} */
const touchOf = ({ clientX, clientY, timeStamp }) => ({ x: clientX, y: clientY, at: timeStamp });

/**
 * Listens to the pads.
 * @param {HTMLElement} pads
 * @param {(people: number) => void} tapped how many came in; negative is out
 */
export const listen = (pads, tapped) => {
  const bounces = new Bounces();
  let touched = -Infinity;
  const count = (/** @type {Element} */ pad) => tapped(Number(pad.getAttribute('data-tap')));
  pads.addEventListener('pointerdown', (event) => {
    const pad = padOf(event);
    if (!pad || event.button !== 0) return;
    touched = event.timeStamp;
    if (!bounces.is(touchOf(event))) count(pad);
  });
  for (const lifted of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    pads.addEventListener(lifted, (event) => {
      touched = event.timeStamp;
      bounces.lift(touchOf(event));
    });
  }
  pads.addEventListener('click', (event) => {
    const pad = padOf(event);
    if (pad && event.timeStamp - touched > SAME) count(pad);
  });
  pads.addEventListener('keydown', (event) => {
    if (!['+', '-', 'Enter', ' '].includes(event.key)) return;
    if (event.repeat) event.preventDefault();
    else if (event.key === '+') tapped(1);
    else if (event.key === '-') tapped(-1);
  });
  pads.addEventListener('contextmenu', (event) => event.preventDefault());
};

/**
 * Does something when a button was held down for so long.
 * @param {HTMLElement} button
 * @param {number} ms
 * @param {() => void} done
 */
export const onHold = (button, ms, done) => {
  /** @type {number | undefined} */
  let timer;
  const begin = () => {
    if (timer !== undefined) return;
    button.dataset.held = '';
    timer = window.setTimeout(() => {
      end();
      done();
    }, ms);
  };
  const end = () => {
    window.clearTimeout(timer);
    timer = undefined;
    delete button.dataset.held;
  };
  button.addEventListener('pointerdown', begin);
  for (const over of ['pointerup', 'pointercancel', 'pointerleave', 'keyup', 'blur']) button.addEventListener(over, end);
  button.addEventListener('keydown', ({ key }) => ['Enter', ' '].includes(key) && begin());
  button.addEventListener('contextmenu', (event) => event.preventDefault());
};
