// @ts-check
// On another site's page: the face, and now and then a question whether the moment is still the same. It holds no
// connection, is not counted, and is the first to be turned away when places are short.

import { face } from './face.js';

/** How much more seldom than on a phone's last road it asks. */
const SELDOM = 3;

/** Mean pause before the first question, and after one that failed or while nobody looks, ms. */
const PAUSE = 30_000;

const learn = face();

const timers = {
  /** @type {(run: () => void, ms: number) => number} */
  set: (run, ms) => window.setTimeout(run, ms),
  /** @type {(id: number) => void} */
  clear: (id) => window.clearTimeout(id),
};

const { gathering } = JSON.parse(document.getElementById('first')?.textContent ?? '');
const who = { role: /** @type {const} */ ('embed'), gathering: gathering?.slug ?? null, lang: document.documentElement.lang };

const ask = async () => {
  if (document.hidden) return later();
  const [{ poll }, { latest }] = await Promise.all([import('./poll.js'), import('./beside.js')]);
  const line = poll(who, latest, timers, Math.random, SELDOM).travel({
    presence: () => ({ visible: true, counted: false }),
    opened: () => {},
    answered: () => {},
    heard: (message) => {
      if (message?.type !== 'moment') return;
      learn(message);
      if (document.hidden) rest();
    },
    over: () => later(),
  });
  const rest = () => {
    line.close();
    later();
  };
};

/** Drawn from all of twice the pause, so that those who read the same site do not ask in step. */
const later = () => void timers.set(() => void ask().catch(later), Math.random() * 2 * PAUSE);

later();
