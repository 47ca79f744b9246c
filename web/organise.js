// @ts-check
// The organiser's page. The pass is in the URL's fragment, which a browser sends to nobody; it is kept nowhere else.

import { run } from './page.js';
import { readFirst } from './wire.js';

/** What a pass looks like. */
const PASS = /^oo1-organiser-[a-z2-7]{32}$/;

/** @typedef {Record<string, unknown>} Order what the server is asked to do with the moment */

/**
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} kind
 */
const part = (id, kind) => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`organise.html has no #${id}`);
  return found;
};

const answer = part('answer', HTMLElement);
const confirm = part('confirm', HTMLFormElement);
const typed = part('typed', HTMLInputElement);
const moment = part('moment', HTMLFormElement);
const list = part('list', HTMLFormElement);
const apply = part('apply', HTMLButtonElement);
const pass = location.hash.slice(1);

/** What waits to be confirmed.
 * @type {Order | null} */
let doubted = null;

/**
 * Asks the server. Whatever goes wrong comes back as a sentence.
 * @param {string} path
 * @param {string | Blob} body
 * @param {string} type
 * @returns {Promise<{ ok: boolean, reason: string, say: string, answer: any }>}
 */
const ask = async (path, body, type = 'application/json') => {
  const headers = { authorization: `Bearer ${pass}`, 'content-type': type };
  try {
    const response = await fetch(path, { method: 'POST', headers, body });
    const said = await response.json();
    return { ok: response.ok, reason: said.reason ?? '', say: said.say ?? '', answer: said };
  } catch {
    return { ok: false, reason: 'away', say: 'The server did not answer. Nothing is known to have changed; try again.', answer: null };
  }
};

/** @param {Order} order */
const command = async (order) => {
  answer.textContent = 'Asking the server…';
  const { ok, reason, say, answer: said } = await ask('/api/v1/moment', JSON.stringify(order));
  confirm.hidden = reason !== 'needs_confirmation';
  doubted = confirm.hidden ? null : order;
  answer.textContent = ok ? `Kept, as revision ${said.kept.version.rev}. Every page hears of it within a second or two.` : say;
  if (doubted) {
    part('typing', HTMLElement).textContent = `Type ${typing(order)} to confirm`;
    typed.focus();
  }
};

/** What a person types to say that a change in the last minutes is meant.
 * @param {Order} order */
const typing = (order) => String(order.civil ?? order.do);

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
  answer.textContent = 'Comparing…';
  const { ok, say, answer: diff } = await ask(`/api/v1/gatherings?apply=${really}`, file, 'text/csv');
  answer.textContent = ok ? summary(diff) : say;
  apply.hidden = !ok || really || diff.new.length + diff.changed.length + diff.returned.length + diff.missing.length === 0;
};

const start = async () => {
  if (!PASS.test(pass)) {
    answer.textContent = 'This page needs the organiser’s link, which the server prints when it starts: it ends in #oo1-organiser- and 32 letters and digits.';
    return;
  }
  const first = readFirst(document.getElementById('first')?.textContent);
  for (const [name, value] of Object.entries(first?.moment ?? {})) {
    const field = moment.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
  }
  // Changes nothing, and so tells whether the pass is good.
  const { ok, reason, say } = await ask('/api/v1/pace', '{}');
  if (!ok) answer.textContent = say;
  if (reason !== 'pass') run('organiser', () => {}, pass);
  part('frame', HTMLElement).textContent = `<iframe src="${location.origin}/embed" title="Countdown" width="100%" height="320" style="border: 0"></iframe>`;
  part('orders', HTMLElement).hidden = !ok;
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
  answer.textContent = 'Nothing was changed.';
});

list.addEventListener('submit', (event) => {
  event.preventDefault();
  compare(false);
});
list.addEventListener('change', () => {
  apply.hidden = true;
});
apply.addEventListener('click', () => compare(true));

start();
