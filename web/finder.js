// @ts-check
// Finding one's gathering by a name or a place, and by what it offers. The list is fetched when somebody first goes to
// the field, or chooses something.

import { find, listed } from './gatherings.js';
import { count, number, say, words } from './words.js';

/** Most results shown at once: what a phone can show beside its keyboard, and a little more. */
const MOST = 8;

/** How long typing rests before the number of results is said, ms. */
const RESTS = 700;

/** The list of a whole country over a bad line, ms. */
const ANSWERS_WITHIN = 20_000;

/** @type {import('./gatherings.js').Listed[] | null} */
let list = null;
let started = false;
let fetching = false;

/**
 * @param {string} lang
 * @param {(text: string) => void} speak
 */
export const start = (lang, speak) => {
  const form = document.querySelector('.finder');
  const field = form?.querySelector('input');
  const note = form?.querySelector('.found');
  const results = form?.querySelector('ul');
  const again = form?.querySelector('button');
  if (!(form instanceof HTMLFormElement) || !field || !note || !results || !again) return;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let speaks;

  /** @param {string} text @param {boolean} [retry] */
  const tell = (text, retry = false) => {
    note.textContent = text;
    again.hidden = !retry;
    clearTimeout(speaks);
    if (text) speaks = setTimeout(() => speak(text), RESTS);
  };

  const show = () => {
    if (!list) return;
    const needed = new FormData(form).getAll('access').map(String);
    const asked = field.value.trim();
    const found = find(list, asked, needed);
    results.replaceChildren(...found.slice(0, MOST).map(row));
    if (list.length === 0) return tell(words.listEmpty);
    if (!asked && needed.length === 0) return tell(words.findHint);
    if (found.length === 0) return tell(!asked || find(list, asked).length > 0 ? words.foundNoneSuch : words.foundNone);
    const more = found.length > MOST ? ` ${say(words.foundMore, { n: number(MOST, lang) })}` : '';
    tell(count(words.found, found.length, lang) + more);
  };

  const fetchList = async () => {
    if (list) return show();
    if (fetching) return;
    fetching = true;
    tell(words.finding);
    try {
      const response = await fetch('/api/v1/gatherings', { signal: AbortSignal.timeout(ANSWERS_WITHIN) });
      if (!response.ok) throw new Error(`${response.status}`);
      list = listed(await response.json());
      show();
    } catch {
      tell(navigator.onLine ? words.listFailed : words.listOffline, true);
    } finally {
      fetching = false;
    }
  };

  if (started) {
    if (!list) void fetchList();
    return;
  }
  started = true;
  void fetchList();

  form.addEventListener('input', show);
  again.addEventListener('click', () => {
    field.focus();
    void fetchList();
  });
  window.addEventListener('online', () => again.hidden || void fetchList());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [first, ...more] = results.querySelectorAll('a');
    if (first && more.length === 0) first.click();
    else first?.focus();
  });
  form.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent)) return;
    const links = [...results.querySelectorAll('a')];
    const at = links.findIndex((link) => link === document.activeElement);
    if (event.key === 'Escape') {
      field.value = '';
      field.focus();
      show();
    }
    if (event.key === 'ArrowDown') links[at + 1]?.focus();
    if (event.key === 'ArrowUp' && at >= 0) (links[at - 1] ?? field).focus();
    if (['Escape', 'ArrowDown', 'ArrowUp'].includes(event.key)) event.preventDefault();
  });
};

/** @param {import('./gatherings.js').Listed} gathering */
const row = ({ id, name, place, venue, kind }) => {
  const item = document.createElement('li');
  const link = item.appendChild(document.createElement('a'));
  // A language that was chosen in the address is kept there.
  link.href = `/g/${encodeURIComponent(id)}${location.search}`;
  const title = link.appendChild(document.createElement('bdi'));
  title.textContent = name;
  const where = [venue, place, kind].filter((part) => part && !name.includes(part)).join(', ');
  if (where) {
    const more = link.appendChild(document.createElement('small')).appendChild(document.createElement('bdi'));
    more.textContent = where;
  }
  return item;
};
