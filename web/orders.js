// @ts-check
// The organiser's word on the moment: set, hold, go ahead, cancel; and what it is given by, the server's clock.

import { ask, part, pass } from './desk.js';
import { ASK_EVERY, armedInWords, standingInWords } from './standing.js';

/** @typedef {Record<string, unknown>} Order what the server is asked to do with the moment */

const confirm = part('confirm', HTMLFormElement);
const typed = part('typed', HTMLInputElement);
const moment = part('moment', HTMLFormElement);
const word = part('word', HTMLInputElement);
const kept = part('answer', HTMLElement);

/** What waits to be confirmed.
 * @type {Order | null} */
let doubted = null;

/** What arms the moment, and so needs a clock that something vouches for, or the organiser's word. */
const ARMS = ['set', 'move', 'resume'];

/** @param {Order} order */
const command = async (order) => {
  kept.textContent = 'Asking the server…';
  const armed = ARMS.includes(String(order.do)) && word.checked ? { ...order, unconfirmed_clock: true } : order;
  const { ok, reason, say, answer } = await ask('/api/v1/moment', JSON.stringify(armed));
  if (ok) word.checked = false;
  void lookAtClock();
  confirm.hidden = reason !== 'needs_confirmation';
  doubted = confirm.hidden ? null : order;
  kept.textContent = ok ? `Kept, as revision ${answer.kept.version.rev}. Every page hears of it within a second or two.` : say;
  if (doubted) {
    part('typing', HTMLElement).textContent = `Type ${typing(order)} to confirm`;
    typed.focus();
  }
};

/** Says how the server's clock stands, and asks for the organiser's word only where it is needed. */
const lookAtClock = async () => {
  try {
    const response = await fetch('/api/v1/clock', { headers: { authorization: `Bearer ${pass}` } });
    const { clock, armed: given } = await response.json();
    part('standing', HTMLElement).textContent = standingInWords(clock);
    part('unconfirmed', HTMLElement).hidden = clock.confirmed;
    const armed = armedInWords(given);
    part('armed', HTMLElement).textContent = armed;
    part('armed', HTMLElement).hidden = !armed;
  } catch {
    // The page says elsewhere that the server is away; what it said last of its clock stays.
  }
};

/** What a person types to say that a change in the last minutes is meant.
 * @param {Order} order */
const typing = (order) => String(order.civil ?? order.do);

/** Fills the form with the moment as it is, if the page came with one.
 * @param {object | null | undefined} known */
export const showMoment = (known) => {
  for (const [name, value] of Object.entries(known ?? {})) {
    const field = moment.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
  }
};

/** Begins, for whoever may give orders. */
export const takeOrders = async () => {
  await lookAtClock();
  setInterval(() => document.hidden || lookAtClock(), ASK_EVERY);
};

moment.addEventListener('submit', (event) => {
  event.preventDefault();
  const { name, civil, zone, words } = Object.fromEntries(new FormData(moment));
  command({ do: 'set', civil: String(civil).replace('T', ' '), zone, ...(name ? { name } : {}), words: words ? { [document.documentElement.lang]: words } : {} });
});

for (const button of document.querySelectorAll('#status button')) {
  button.addEventListener('click', () => command({ do: button instanceof HTMLElement && button.dataset.do }));
}

confirm.addEventListener('submit', (event) => {
  event.preventDefault();
  if (doubted) command({ ...doubted, confirm: typed.value });
  typed.value = '';
});

confirm.addEventListener('reset', () => {
  confirm.hidden = true;
  doubted = null;
  kept.textContent = 'Nothing was changed.';
});
