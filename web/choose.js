// @ts-check
// What follows when somebody has found their gathering: its page; or, where no network brings that, this page becomes
// the gathering's, as far as the list tells. A countdown is never given up for a page that may not come.

import { say, words } from './words.js';

/** How long the network may take to show that it is there, ms. */
const SHOWS_WITHIN = 3_000;

/** Whether the server can be reached right now: an open connection may be a dead one. */
const answers = () =>
  fetch('/api/v1/time', { cache: 'no-store', signal: AbortSignal.timeout(SHOWS_WITHIN) }).then(({ ok }) => ok, () => false);

/**
 * @param {import('./page.js').Page} page
 * @param {() => Promise<boolean>} leave takes back what this page has said of people elsewhere; false if that has to wait
 * @param {import('./gatherings.js').Listed} gathering
 * @param {number | null | undefined} people at it, as far as is known
 * @param {string} href its own page
 */
export const choose = async (page, leave, gathering, people, href) => {
  const [free, there] = await Promise.all([leave(), answers()]);
  if (free && there) return location.assign(href);
  const { id: slug, name, place, venue, joins, listed } = gathering;
  page.sit({ slug, name, place, venue, joins, listed }, people);
  write(gathering);
  page.speak({ text: say(words.chosen, { name }) });
};

/** Writes into the page what its own would have come with. @param {import('./gatherings.js').Listed} gathering */
const write = ({ id, name, place, venue, kind }) => {
  const card = document.querySelector('.card');
  card?.setAttribute('data-of', id);
  const [where, what] = card?.querySelectorAll('h2 bdi, h2 + p bdi') ?? [];
  if (where) where.textContent = [venue, place].filter(Boolean).join(', ');
  if (what) what.textContent = kind;
  for (const old of card?.querySelectorAll('h3, ol, ul') ?? []) old.remove();
  const title = document.querySelector('header .place');
  if (title) title.textContent = name;
  document.querySelector('a[href$=".ics"]')?.setAttribute('href', `/g/${id}.ics`);
};
