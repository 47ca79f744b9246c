// @ts-check
// The card of a link that was just made: to copy from, and to print. It is shown this once.

import { whenInWords } from './passlist.js';

/**
 * @typedef {object} Made a new link, as the server shows it this once
 * @property {string} id
 * @property {string} link
 * @property {string} [code]
 * @property {string} [qr] the link as an SVG drawing
 * @property {string} post
 * @property {string} label
 * @property {number} from Unix ms
 * @property {number} until Unix ms
 */

/** How long a button says that it did what it says, ms. */
const SAID = 3_000;

/**
 * An element with its text.
 * @param {string} name
 * @param {string} text
 * @param {Record<string, string>} [attributes]
 */
export const element = (name, text, attributes = {}) => {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

/** The server's drawing; nothing of it is run. @param {string} svg @param {string} label */
const drawing = (svg, label) => {
  const { documentElement: drawn } = new DOMParser().parseFromString(svg, 'image/svg+xml');
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', label);
  return document.importNode(drawn, true);
};

/**
 * @param {Made} made
 * @param {string} gathering its name
 * @param {string} zone of the moment
 * @param {(card: HTMLElement) => void} away called when somebody puts the card away
 */
export const card = (made, gathering, zone, away) => {
  const whole = element('article', '', { class: 'passcard', tabindex: '-1', 'data-of': made.id, 'aria-label': `Link ${made.id} for ${made.post}` });
  const title = document.querySelector('h1')?.textContent ?? '';
  whole.append(element('p', title, { class: 'event' }), element('h3', gathering), element('p', made.post, { class: 'post' }));
  if (made.qr) whole.append(drawing(made.qr, `A code that opens the link for ${made.post}`));
  const how = element('p', 'Scan this with your phone’s camera.');
  if (made.code) {
    how.append(' Or open ', element('strong', `${new URL(made.link).host}/steward`), ', choose your gathering and type', element('strong', made.code, { class: 'short' }));
  }
  whole.append(
    how,
    element('p', 'Count everyone present, children too. Count once.', { class: 'rule' }),
    element('p', `Good from ${whenInWords(made.from, zone)} until ${whenInWords(made.until, zone)}.${made.code ? ' The code lets in five phones.' : ''} Whoever has this card can count here: keep it to yourself. ${made.id}`, { class: 'small' }),
  );
  whole.append(buttons(made, whole, away));
  return whole;
};

/** What is on the screen only. @param {Made} made @param {HTMLElement} whole @param {(card: HTMLElement) => void} away */
const buttons = (made, whole, away) => {
  const screen = element('div', '', { class: 'screen' });
  const label = screen.appendChild(element('label', 'The link. It is shown this once: copy it, or print the card'));
  const field = label.appendChild(document.createElement('input'));
  Object.assign(field, { value: made.link, readOnly: true });
  field.addEventListener('focus', () => field.select());
  const row = screen.appendChild(element('div', '', { class: 'row' }));
  const copy = row.appendChild(element('button', 'Copy the link', { type: 'button' }));
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(made.link);
      copy.textContent = 'Copied';
      setTimeout(() => (copy.textContent = 'Copy the link'), SAID);
    } catch {
      // No clipboard for this page: the link is selected, and can be copied by hand.
      field.focus();
    }
  });
  const print = row.appendChild(element('button', 'Print', { type: 'button', class: 'quiet' }));
  print.addEventListener('click', () => window.print());
  const put = row.appendChild(element('button', 'Put away', { type: 'button', class: 'quiet' }));
  put.addEventListener('click', () => away(whole));
  return screen;
};
