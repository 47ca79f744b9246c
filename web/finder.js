// @ts-check
// Finding one's gathering by a name or a place, and by what it offers. The list is fetched when somebody first goes to
// the field, or chooses something; from then on it is there without a network, too. The figures beside it are asked for
// again now and then, and bear their time.

import { choose } from './choose.js';
import { figures, find, listed } from './gatherings.js';
import { count, number, say, timeOfDay, words } from './words.js';

/** Most results shown at once: what a phone can show beside its keyboard, and a little more. */
const MOST = 8;

/** How long typing rests before the number of results is said, ms. */
const RESTS = 700;

/** The list of a whole country over a bad line, ms. */
const ANSWERS_WITHIN = 20_000;

/** Between two questions for the figures, ms: how often they may change. */
const FIGURES_EVERY = 30_000;

/** @type {import('./gatherings.js').Listed[] | null} */
let list = null;
/** @type {ReturnType<typeof figures>} */
let counted = new Map();
let asked = -Infinity;
let started = false;
let fetching = false;

/** @param {string} path */
const fetched = async (path) => {
  const response = await fetch(path, { signal: AbortSignal.timeout(ANSWERS_WITHIN) });
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return response.json();
};

/**
 * @param {string} lang
 * @param {import('./page.js').Page} page
 * @param {() => Promise<boolean>} leave takes back what this page has said of people elsewhere; false if that has to wait
 */
export const start = (lang, page, leave) => {
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
    if (text) speaks = setTimeout(() => page.speak({ text }), RESTS);
  };

  const show = () => {
    if (!list) return;
    const needed = new FormData(form).getAll('access').map(String);
    const asked = field.value.trim();
    const found = find(list, asked, needed);
    results.replaceChildren(...found.slice(0, MOST).map((gathering) => row(gathering, page, lang)));
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
      list = listed(await fetched('/api/v1/gatherings'));
      show();
    } catch {
      tell(navigator.onLine ? words.listFailed : words.listOffline, true);
    } finally {
      fetching = false;
    }
  };

  const fetchFigures = async () => {
    if (performance.now() - asked < FIGURES_EVERY) return;
    asked = performance.now();
    // Without them the list is as good; what was known goes on with its time.
    const answer = await fetched('/api/v1/figures').catch(() => null);
    if (!answer) return;
    counted = figures(answer);
    if (!results.contains(document.activeElement)) show();
  };

  void fetchFigures();
  if (started) {
    if (!list) void fetchList();
    return;
  }
  started = true;
  void fetchList();

  form.addEventListener('input', show);
  results.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const chosen = list?.find(({ id }) => id === link?.dataset.id);
    // A new tab or window leaves this page as it is.
    if (!link || !chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const figure = counted.get(chosen.id)?.people;
    void choose(page, leave, chosen, figure, link.href);
  });
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

/**
 * @param {import('./gatherings.js').Listed} gathering
 * @param {import('./page.js').Page} page
 * @param {string} lang
 */
const row = ({ id, name, place, venue, kind }, page, lang) => {
  const item = document.createElement('li');
  const link = item.appendChild(document.createElement('a'));
  // A language that was chosen in the address is kept there.
  link.href = `/g/${encodeURIComponent(id)}${location.search}`;
  link.dataset.id = id;
  const title = link.appendChild(document.createElement('bdi'));
  title.textContent = name;
  const where = [venue, place, kind].filter((part) => part && !name.includes(part)).join(', ');
  if (where) {
    const more = link.appendChild(document.createElement('small')).appendChild(document.createElement('bdi'));
    more.textContent = where;
  }
  const figure = counted.get(id);
  if (figure) {
    const time = say(words.asOf, { time: timeOfDay(figure.as_of, lang) });
    link.appendChild(document.createElement('small')).textContent = `${page.about(figure.people)} · ${time}`;
  }
  return item;
};
