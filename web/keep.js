// @ts-check
// "Keep on this phone": what a tap stores, so that the page counts down again after a reload without a network, and
// what another tap takes away. Nothing is stored before the first. keeper.js holds the page, kept.js its record.

import { read, remove, write } from './kept.js';
import { able, hold, release } from './offline.js';
import { words } from './words.js';

/** Between two records while nothing but the clock has learnt, ms. */
const WRITE_EVERY = 30_000;

/** A clock that has heard of the server less than this since the last record knows nothing new, ms: both times are made
 * of two clocks' readings. */
const NEWER = 1_000;

/** What the names of the worker's caches begin with. */
const OURS = 'oneoclock ';

/** The word for each state.
 * @typedef {'off' | 'keeping' | 'kept' | 'another' | 'failed' | 'cannot'} State
 * @type {Record<State, 'awakeOff' | 'keeping' | 'kept' | 'keptAnother' | 'keepFailed' | 'keepCannot'>} */
const WORDS = { off: 'awakeOff', keeping: 'keeping', kept: 'kept', another: 'keptAnother', failed: 'keepFailed', cannot: 'keepCannot' };

/** Leaves nothing of ours on this phone, whichever page was kept; what a steward has counted is not ours. */
const forget = async () => {
  await release('/', OURS);
  await remove();
};

/**
 * Makes the two buttons work; the returned function is to be called with each view.
 * @param {import('./page.js').Page} page
 * @param {HTMLButtonElement} keeps
 * @param {HTMLButtonElement} forgets
 * @param {(text: string) => void} answer
 */
export const keeping = (page, keeps, forgets, answer) => {
  const path = location.pathname;
  /** @type {State} */
  let state = 'off';
  /** What was written last.
   * @type {import('./kept.js').Kept | null} */
  let record = null;
  let written = -Infinity;
  /** @type {number | null} */
  let fired = null;

  /** @param {State} next */
  const show = (next) => {
    state = next;
    keeps.setAttribute('aria-pressed', String(next === 'kept'));
    const said = keeps.querySelector('small');
    if (said) said.textContent = words[WORDS[next]];
    forgets.hidden = !record;
  };

  /** What is to be written now: what a clock makes of a record is no better than the record. */
  const newest = () => {
    const { clock, ...known } = page.state();
    const old = record?.clock ?? null;
    const learnt = clock && (!old || clock.epoch !== old.epoch || clock.heard > old.heard + NEWER);
    return { path, fired: fired ?? record?.fired ?? null, ...known, clock: learnt ? clock : old };
  };

  /** @param {boolean} [first] */
  const note = async (first) => {
    record = newest();
    written = performance.now();
    await write(record, first);
  };

  // Another page of this browser may have forgotten, or kept itself instead.
  const look = async () => {
    record = await read();
    const registered = await navigator.serviceWorker.getRegistration('/');
    show(!record || !registered ? 'off' : record.path === path ? 'kept' : 'another');
  };

  const watch = async () => {
    if (state !== 'kept') return;
    const now = newest();
    const told = (/** @type {import('./kept.js').Kept | null} */ of) => JSON.stringify([of?.moment, of?.fired]);
    const news = told(now) !== told(record);
    const learnt = now.clock !== record?.clock && performance.now() - written >= WRITE_EVERY;
    if (!news && !learnt) return;
    const there = await read();
    if (there?.path === path) await note().catch(() => {});
    else await look();
  };

  keeps.addEventListener('click', async () => {
    if (state === 'keeping') return;
    if (!able()) return answer(words.keepCannot);
    const before = record;
    show('keeping');
    try {
      if (!(await hold('/'))) throw new Error('the page did not come');
      await note(true);
      show('kept');
      answer(words.keptSaid);
    } catch (error) {
      record = before;
      if (before?.path === path) {
        show('kept');
        return answer(words.keepFailed);
      }
      // Half of it is of no use.
      if (!before) await forget().catch(() => {});
      show(error instanceof DOMException && error.name === 'SecurityError' ? 'cannot' : 'failed');
    }
  });

  forgets.addEventListener('click', async () => {
    await forget().catch(() => {});
    await look();
    if (record) return answer(words.keepFailed);
    answer(words.forgotten);
    keeps.focus();
  });

  document.addEventListener('visibilitychange', () => {
    if (document.hidden && state === 'kept') written = -Infinity;
    void watch();
  });
  if (able()) void look();
  else show('cannot');
  /** @param {import('./countdown.js').View} view */
  return ({ phase, moment }) => {
    if (phase === 'now') fired = moment.at;
    void watch();
  };
};
