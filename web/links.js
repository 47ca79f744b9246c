// @ts-check
// Stewards' links: made, shown this once, listed, exchanged and taken back.

import { ask, part } from './desk.js';
import { card, element } from './passcard.js';
import { byGathering, choice, meant, named, newsInWords, stateInWords } from './passlist.js';
import { askTwice } from './sure.js';

/** How often the list is asked for while somebody looks at the page, ms: soon enough to see a steward come in. */
const LOOK_EVERY = 10_000;

const form = part('link', HTMLFormElement);
const told = part('link-answer', HTMLElement);
const cards = part('cards', HTMLElement);
const shelf = part('links', HTMLElement);
const state = part('links-state', HTMLElement);
const sought = part('links-sought', HTMLInputElement);
const again = part('links-again', HTMLButtonElement);

/** @type {{ id: string, name: string }[]} */
let gatherings = [];
/** Whether there may be others by now. */
let stale = true;
let zone = 'UTC';
/** The list as it stands on the page. */
let shown = '';

/** Fetches the links anew, and the gatherings too, when they may have changed. */
export const reload = () => {
  stale = true;
  return refresh();
};

const refresh = async () => {
  if (!shown) state.textContent = 'Fetching the links…';
  const { ok, say, answer } = await ask(`/api/v1/passes?gatherings=${stale}`);
  again.hidden = ok;
  if (!ok) {
    state.textContent = shown ? `${say} The list may be out of date.` : say;
    return;
  }
  zone = answer.zone;
  if (answer.gatherings) {
    stale = false;
    gatherings = answer.gatherings;
    part('gatherings', HTMLElement).replaceChildren(...gatherings.map((one) => element('option', '', { value: choice(one) })));
  }
  state.textContent = answer.passes.length ? '' : gatherings.length ? 'No links yet. Make one for each post, and print its card.' : 'There are no gatherings yet. Read their list in first.';
  const now = JSON.stringify([answer.passes, zone]);
  if (now === shown) return;
  shown = now;
  show(answer.passes.map(named));
};

/** Shows the links that have all that is typed in the field above them. */
const sift = () => {
  const wanted = sought.value.trim().toLowerCase().split(/\s+/);
  for (const group of shelf.children) {
    const name = group.querySelector('h4')?.textContent ?? '';
    const items = [...group.querySelectorAll('li')];
    for (const item of items) {
      const text = `${name} ${item.querySelector('.what')?.textContent}`.toLowerCase();
      item.hidden = !wanted.every((word) => text.includes(word));
    }
    group.toggleAttribute('hidden', items.every((item) => item.hidden));
  }
};

/** @param {import('./passlist.js').Listed[]} links */
const show = (links) => {
  // Whoever is at a button of the list stays there.
  const { link, does } = document.activeElement instanceof HTMLElement ? document.activeElement.dataset : {};
  const open = new Set([...shelf.querySelectorAll('details[open]')].map((details) => details.getAttribute('data-of')));
  shelf.replaceChildren(
    ...byGathering(links).map(({ name, links, gone }) => {
      const group = element('section', '', { 'aria-label': name });
      group.append(element('h4', name));
      if (links.length) group.append(rows(links));
      if (gone.length) {
        const details = group.appendChild(element('details', '', { 'data-of': name }));
        if (open.has(name)) details.setAttribute('open', '');
        details.append(element('summary', `Revoked: ${gone.length}`), rows(gone));
      }
      return group;
    }),
  );
  sift();
  const before = link ? shelf.querySelector(`[data-link="${link}"][data-does="${does}"]`) : null;
  if (before instanceof HTMLElement) before.focus();
};

/** @param {import('./passlist.js').Listed[]} links */
const rows = (links) => {
  const list = element('ul', '');
  list.append(...links.map(row));
  return list;
};

/** @param {import('./passlist.js').Listed} link */
const row = (link) => {
  const item = element('li', '', { 'data-state': link.state });
  const head = item.appendChild(element('p', '', { class: 'what' }));
  head.append(element('strong', link.post), link.label ? ` · ${link.label}` : '', element('small', ` ${link.id}`));
  const good = stateInWords(link, zone);
  item.append(element('p', [good, ...newsInWords(link, zone)].join(' ')));
  if (link.state === 'revoked') return item;
  const own = link.role === 'organiser';
  if (!link.covers_moment && !own) item.append(element('p', 'It is not good at the moment.', { class: 'warning' }));
  const buttons = item.appendChild(element('div', '', { class: 'row' }));
  /** @param {string} does @param {string} text @param {() => void} act */
  const button = (does, text, act) => {
    const made = buttons.appendChild(element('button', text, { type: 'button', class: 'quiet', 'data-link': link.id, 'data-does': does, 'aria-label': `${text} (${link.post}, ${link.id})` }));
    made.addEventListener('click', act);
  };
  if (!link.covers_moment && !own) button('window', 'Make it good on the day of the moment', () => change(link, 'window', 'The link is good on the day of the moment now. Nothing needs to be printed again.'));
  const where = `${link.post}, ${link.name ?? link.gathering}`;
  if (link.state !== 'expired' && !link.by_code_of && !own) {
    button('rotate', 'Exchange', () => askTwice(`Exchange the link for ${where}?`, 'The link, its card and whoever came by its code stop working within five seconds. What was counted stays. A new link is shown at once.', 'Exchange it', () => exchange(link)));
  }
  button('revoke', 'Revoke', () => askTwice(`Revoke the link for ${where}?`, own ? 'Its holder is an organiser on no other server any more. This cannot be taken back.' : 'Whoever has it, or came by its code, can count no more, within five seconds. What was counted stays. This cannot be taken back; you can make a new link.', 'Revoke it for good', () => change(link, 'revoke', 'The link is revoked. What was counted with it stays.')));
  return item;
};

/** @param {import('./passlist.js').Listed} link @param {string} order @param {string} done */
const change = async (link, order, done) => {
  told.textContent = 'Asking the server…';
  const { ok, say } = await ask(`/api/v1/passes/${link.id}`, JSON.stringify({ do: order }));
  if (ok && order === 'revoke') discard(link);
  told.textContent = ok ? done : say;
  await refresh();
};

/** @param {import('./passlist.js').Listed} link */
const exchange = async (link) => {
  told.textContent = 'Asking the server…';
  const { ok, say, answer } = await ask(`/api/v1/passes/${link.id}`, JSON.stringify({ do: 'rotate' }));
  told.textContent = ok ? 'The old link is revoked. The new one is shown this once.' : say;
  if (ok) {
    discard(link);
    deal(answer, link.name ?? link.gathering);
  }
  await refresh();
};

/** A card that opens nothing is not to be printed. @param {import('./passlist.js').Listed} link */
const discard = ({ id }) => cards.querySelector(`[data-of="${id}"]`)?.remove();

/** Shows the card of a new link. @param {import('./passcard.js').Made} made @param {string} gathering */
const deal = (made, gathering) => {
  const dealt = card(made, gathering, zone, (whole) => {
    whole.remove();
    told.textContent = 'The card is put away. The link works on; it cannot be shown again.';
    part('link-gathering', HTMLInputElement).focus();
  });
  cards.prepend(dealt);
  dealt.focus();
};

const make = async () => {
  const { gathering: typed, post, label, from, until, code } = Object.fromEntries(new FormData(form));
  const gathering = meant(gatherings, String(typed));
  if (!gathering) {
    told.textContent = `“${typed}” is none of the gatherings, or more than one. Choose it from the list that comes up as you type.`;
    part('link-gathering', HTMLInputElement).focus();
    return;
  }
  told.textContent = 'Making the link…';
  const wall = (/** @type {unknown} */ time) => (time ? String(time).replace('T', ' ') : undefined);
  const wanted = { gathering: gathering.id, post, label, from: wall(from), until: wall(until), code: code === 'on' };
  const { ok, say, answer } = await ask('/api/v1/passes', JSON.stringify(wanted));
  told.textContent = ok ? 'The link is made. It is shown this once; only a trace of it is kept, by which the server knows it again.' : say;
  if (!ok) return;
  for (const name of ['link-post', 'link-label']) part(name, HTMLInputElement).value = '';
  deal(answer, gathering.name);
  await refresh();
};

/** Begins, for whoever may hand out links. */
export const handOut = async () => {
  await refresh();
  setInterval(() => document.hidden || refresh(), LOOK_EVERY);
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void make();
});
again.addEventListener('click', () => reload());
sought.addEventListener('input', sift);
