// @ts-check
// What opens above a steward's counter: the last taps, what else there is, and the question for a number.

import { timeOfDay } from './words.js';

/** Zero in the digits of our languages: the ones of the countdown, Arabic, Urdu and Punjabi. */
const ZEROS = [0x30, 0x660, 0x6f0, 0xa66];

/** The number that somebody typed in whatever digits; null if it is none. @param {string} text */
export const numberIn = (text) => {
  const digits = [...text.trim()].map((digit) => {
    const code = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((zero) => code >= zero && code < zero + 10);
    return zero === undefined ? NaN : code - zero;
  });
  return digits.length > 0 && digits.every(Number.isInteger) ? digits.reduce((sum, digit) => sum * 10 + digit, 0) : null;
};

/** A high end more than so many times the number says nothing, and the server takes none; of very few people, of ten. */
const WIDEST = 10;
const FEW = 10;

/** @typedef {import('./ledger.js').Action} Action */

export class Sheets {
  #form = /** @type {HTMLFormElement} */ (document.getElementById('estimate'));
  /** @type {'now' | 'final'} */
  #what = 'now';
  #listed = '';

  /**
   * @param {object} parts
   * @param {(id: number) => void} parts.undo
   * @param {(what: 'now' | 'final', said: Omit<import('./ledger.js').Estimate, 'at' | 'seq'>) => void} parts.estimate
   */
  constructor({ undo, estimate }) {
    document.getElementById('list')?.addEventListener('click', ({ target }) => {
      const id = target instanceof HTMLElement ? target.dataset.id : undefined;
      if (id) undo(Number(id));
    });
    this.#form.addEventListener('submit', (event) => {
      const sent = event.submitter instanceof HTMLButtonElement && event.submitter.value === 'send';
      if (sent) estimate(this.#what, this.#said());
    });
  }

  /** @param {'list' | 'more' | 'typed'} id */
  open(id) {
    for (const one of document.querySelectorAll('dialog')) {
      if (one.id !== id) one.close();
      else if (!one.open) one.showModal();
    }
  }

  /**
   * Asks for a number.
   * @param {'now' | 'final'} what
   * @param {string} question
   * @param {number} value that it is, as far as is known
   * @param {import('./ledger.js').Estimate | null} before what was said the last time
   */
  ask(what, question, value, before) {
    this.#what = what;
    this.#form.reset();
    this.#form.dataset.asks = what;
    const title = document.getElementById('typed-title');
    if (title) title.textContent = question;
    this.#field('value').value = String(value);
    if (before) {
      this.#field('low').value = String(before.low);
      this.#field('high').value = String(before.high);
      const method = this.#form.querySelector(`[value="${before.method}"]`);
      if (method instanceof HTMLInputElement) method.checked = true;
    }
    this.open('typed');
    this.#field('value').select();
  }

  /**
   * Writes the list anew if it has changed.
   * @param {readonly Action[]} actions the newest first
   * @param {(action: Action) => string} say
   * @param {string} lang
   */
  show(actions, say, lang) {
    const now = JSON.stringify(actions.map(({ id, undone }) => [id, undone]));
    if (now === this.#listed || !document.querySelector('#list[open]')) return;
    this.#listed = now;
    document.querySelector('#list ol')?.replaceChildren(
      ...actions.map((action) => {
        const row = document.createElement('li');
        const text = document.createElement('span');
        text.textContent = `${say(action)}, ${timeOfDay(action.at, lang)}`;
        row.append(text);
        row.toggleAttribute('data-undone', action.undone);
        if (!action.undone) {
          const button = document.createElement('button');
          button.type = 'button';
          button.dataset.id = String(action.id);
          button.textContent = document.querySelector('[data-do="undo"]')?.textContent ?? '';
          row.append(button);
        }
        return row;
      }),
    );
  }

  #said() {
    const value = numberIn(this.#field('value').value) ?? 0;
    const low = Math.min(value, numberIn(this.#field('low').value) ?? value);
    const most = WIDEST * Math.max(value, FEW);
    const high = Math.min(most, Math.max(value, numberIn(this.#field('high').value) ?? value));
    const method = /** @type {import('./ledger.js').Method} */ (new FormData(this.#form).get('method') ?? 'counted');
    return this.#what === 'now' ? { value, low: value, high: value, method: /** @type {const} */ ('counted') } : { value, low, high, method };
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }
}
