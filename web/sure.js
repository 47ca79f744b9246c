// @ts-check
// Whether something is meant that reaches far, or cannot be taken back.

import { part } from './desk.js';

const sure = part('sure', HTMLDialogElement);

/** What waits for a second word. @type {(() => void) | null} */
let waiting = null;

/** Asks once more. @param {string} what @param {string} means what comes of it @param {string} yes @param {() => void} act */
export const askTwice = (what, means, yes, act) => {
  part('sure-what', HTMLElement).textContent = what;
  part('sure-means', HTMLElement).textContent = means;
  part('sure-yes', HTMLElement).textContent = yes;
  waiting = act;
  sure.showModal();
};

sure.addEventListener('close', () => {
  if (sure.returnValue === 'yes') waiting?.();
  waiting = null;
  sure.returnValue = '';
});
