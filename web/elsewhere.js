// @ts-check
// "I'm taking part elsewhere": a number of people and a button, near the moment, on a page that is at no gathering.

import { Claim, MOST } from './claim.js';
import { count, say, words } from './words.js';

/** It is asked from this long before the moment, until this long after it, ms. */
const OPENS = 1_800_000;
const CLOSES = 3_600_000;

/** How long whoever chooses a gathering waits until this is taken back, ms. */
const TAKES = 2_000;

/** The word for each state of a number that is to count.
 * @type {Record<import('./claim.js').State, 'elsewhereOff' | 'elsewhereWaits' | 'elsewhereRoad' | 'elsewhereOn' | 'elsewhereNot'>} */
const STATES_SAY = { none: 'elsewhereOff', waits: 'elsewhereWaits', road: 'elsewhereRoad', kept: 'elsewhereOn', refused: 'elsewhereNot' };

/** Worth a word to those who listen. @type {import('./claim.js').State[]} */
const NEWS = ['kept', 'road', 'refused'];

/** A number that belongs to nobody: drawn at the tap, and held nowhere else. */
const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Makes the form work. `look` is to be called with each view; `leave` takes back what was said, because whoever is at a
 * gathering is counted there: whether that is done, or nothing was said.
 * @param {import('./page.js').Page} page
 */
export const offer = (page) => {
  const form = document.querySelector('.elsewhere');
  const shown = form?.querySelector('output');
  const button = form?.querySelector('[aria-pressed]');
  const note = button?.querySelector('small');
  if (!(form instanceof HTMLElement) || !shown || !button || !note) throw new Error('phone.html has no form .elsewhere');
  const claim = new Claim({ draw, send: page.elsewhere, linked: page.linked, local: () => performance.now() });
  const lang = document.documentElement.lang;
  let party = 1;
  let left = document.querySelector('.card')?.getAttribute('data-of') !== '';
  /** @type {import('./claim.js').State | null} */
  let told = null;
  /** @type {((settled: boolean) => void)[]} */
  let waiting = [];

  const show = () => {
    const { state, settled } = claim;
    if (settled) for (const done of waiting.splice(0)) done(true);
    const people = count(words.people, party, lang);
    const back = claim.party === 0 && (state === 'waits' || state === 'road');
    const said = back ? words.elsewhereTakes : say(words[STATES_SAY[state]], { people });
    button.setAttribute('aria-pressed', String(claim.party > 0));
    if (shown.textContent !== people) shown.textContent = people;
    if (note.textContent !== said) note.textContent = said;
    if (told !== state && !left && NEWS.includes(state)) page.speak({ text: said });
    told = state;
  };

  /** @param {number} next 0 takes it back */
  const tell = (next) => {
    claim.say(next);
    show();
  };
  for (const [name, by] of /** @type {const} */ ([['fewer', -1], ['more', 1]])) {
    form.querySelector(`[data-do="${name}"]`)?.addEventListener('click', () => {
      party = Math.min(Math.max(1, party + by), MOST);
      if (claim.party > 0) claim.say(party);
      show();
    });
  }
  button.addEventListener('click', () => tell(claim.party > 0 ? 0 : party));
  page.listen((message) => {
    if (!claim.heard(message)) return;
    if (claim.party > 0) party = claim.party;
    show();
  });
  show();

  return {
    /** @param {import('./countdown.js').View} view */
    look: ({ phase, moment }) => {
      const since = page.now() - moment.at;
      form.hidden = left || phase === 'cancelled' || since < -OPENS || since >= CLOSES;
      claim.look();
      show();
    },
    /** @returns {Promise<boolean>} */
    leave: () => {
      left = true;
      form.hidden = true;
      if (!claim.settled || claim.party > 0) tell(0);
      if (claim.settled) return Promise.resolve(true);
      return new Promise((done) => {
        waiting.push(done);
        setTimeout(() => done(false), page.linked().live ? TAKES : 0);
      });
    },
  };
};
