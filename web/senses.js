// @ts-check
// What a phone does at the moment besides showing it: it sounds, it vibrates. Both only for who tapped.

import { buzz } from './buzz.js';
import { Chime } from './chime.js';
import { words } from './words.js';

/** The word for each state of a button.
 * @type {Record<import('./chime.js').State, 'awakeOff' | 'awakeOn' | 'awakeRefused' | 'missing'>} */
const SAYS = { off: 'awakeOff', on: 'awakeOn', refused: 'awakeRefused', missing: 'missing' };

/**
 * Makes both buttons work; the returned function is to be called with each view.
 * @param {(name: string) => HTMLButtonElement} button
 * @param {(text: string) => void} answer says something after a tap
 * @returns {(view: import('./countdown.js').View) => void}
 */
export const senses = (button, answer) => {
  /** @param {HTMLButtonElement} of @param {import('./chime.js').State} state */
  const show = (of, state) => {
    of.setAttribute('aria-pressed', String(state === 'on'));
    const said = of.querySelector('small');
    if (said) said.textContent = words[SAYS[state]];
  };

  const sounds = button('sound');
  const chime = new Chime((state) => show(sounds, state));
  if (!('AudioContext' in window)) show(sounds, 'missing');
  sounds.addEventListener('click', () => {
    if (chime.on) return chime.stop();
    void chime.start();
    answer(words.soundLate);
  });

  const shakes = button('buzz');
  if (!('vibrate' in navigator)) show(shakes, 'missing');
  shakes.addEventListener('click', () => show(shakes, buzz(shakes.getAttribute('aria-pressed') === 'false')));

  return ({ due }) => chime.aim(due);
};
