// @ts-check
// The list of gatherings as it is read in: what it would change first, and then the changes.

import { ask, part } from './desk.js';

const list = part('list', HTMLFormElement);
const apply = part('apply', HTMLButtonElement);
const compared = part('answer', HTMLElement);

/** What is to happen when the list has changed something. @type {() => void} */
let changed = () => {};

/** @param {any} diff */
const summary = (diff) =>
  [
    `${diff.new.length} new, ${diff.changed.length} changed, ${diff.returned.length} back in the list, ${diff.unchanged} unchanged`,
    diff.missing.length ? `${diff.missing.length} no longer in the list: flagged, not deleted` : '',
    ...diff.rejected.map((/** @type {any} */ row) => `line ${row.line} was not taken: ${row.reasons.join('; ')}`),
    ...diff.warnings,
    diff.applied ? 'The changes are made and kept.' : '',
  ]
    .filter(Boolean)
    .join('\n');

/** @param {boolean} really */
const compare = async (really) => {
  const file = new FormData(list).get('file');
  if (!(file instanceof File)) return;
  compared.textContent = 'Comparing…';
  const { ok, say, answer: diff } = await ask(`/api/v1/gatherings?apply=${really}`, file, 'text/csv');
  compared.textContent = ok ? summary(diff) : say;
  apply.hidden = !ok || really || diff.new.length + diff.changed.length + diff.returned.length + diff.missing.length === 0;
  if (ok && really) changed();
};

/** Begins; `after` is called when a list has changed something. @param {() => void} after */
export const takeLists = (after) => {
  changed = after;
};

list.addEventListener('submit', (event) => {
  event.preventDefault();
  compare(false);
});
list.addEventListener('change', () => {
  apply.hidden = true;
});
apply.addEventListener('click', () => compare(true));
