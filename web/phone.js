// @ts-check
// The participant's page. What stands under the countdown comes after it, when the page has loaded.

import { keepParameters } from './languages.js';
import { run } from './page.js';
import { words } from './words.js';

/** A phone that went dark in the last minutes would miss the moment; before that, its battery matters more, ms. */
const AWAKE_FROM = 300_000;

/** @typedef {import('./countdown.js').View} View */

keepParameters(document.querySelectorAll('.languages a'));

/** @type {ReturnType<typeof import('./buttons.js').equip> | null} */
let equipped = null;
/** @type {View | null} */
let last = null;

/** @param {View} view */
const painted = (view) => {
  // Whoever has scrolled down to something else should not miss it.
  if (view.span === 'seconds' && last?.span !== 'seconds') scrollTo(0, 0);
  last = view;
  equipped?.watch(view);
};

/** @type {import('./page.js').Page | null} */
let page = null;
/** @param {import('./kept.js').Kept | null} kept */
const begin = (kept) => {
  page = run('participant', painted, undefined, kept);
};

// A page that is no news goes on from what this phone remembers; any other holds all there is to know.
const old = 'kept' in document.documentElement.dataset;
const begun = old ? import('./kept.js').then(({ restore }) => restore(location.pathname)).then(begin, () => begin(null)) : begin(null);

/** @type {Promise<boolean> | null} */
let equipping = null;

/** Brings the buttons to life; true if they are there. What the network did not bring is asked for again at the next tap. */
const equip = () =>
  (equipping ??= import('./buttons.js').then(
    async ({ equip }) => {
      await begun;
      if (!page) return false;
      equipped = equip(page, AWAKE_FROM);
      if (last) equipped.watch(last);
      return true;
    },
    () => {
      equipping = null;
      return false;
    },
  ));

if (document.readyState === 'complete') void equip();
else window.addEventListener('load', equip);

document.querySelector('.more')?.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null;
  if (button && !equipped && (await equip())) button.click();
});

const finder = document.querySelector('.finder');
finder?.addEventListener('submit', (event) => event.preventDefault());
const startFinder = async () => {
  const { start } = await import('./finder.js').catch(() => ({ start: null }));
  if (page) start?.(document.documentElement.lang || 'en', page, async () => equipped?.leave() ?? true);
  const note = finder?.querySelector('.found');
  if (!start && note) note.textContent = words.listOffline;
};
finder?.querySelector('input')?.addEventListener('focus', startFinder);
// Some browsers give no focus to a box that is ticked.
finder?.addEventListener('change', startFinder);
