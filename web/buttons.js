// @ts-check
// What stands under the countdown: keep the screen on, share, keep the page, sound and vibration, people elsewhere, the
// code for a neighbour, read the time, pause.

import { keepAwake } from './awake.js';
import { offer } from './elsewhere.js';
import { keeping } from './keep.js';
import { senses } from './senses.js';
import { words } from './words.js';

/** How long the answer to a tap is shown to those who do not listen, ms. */
const SHOWN = 8_000;

/** The word for each state of the screen.
 * @type {Record<import('./awake.js').Awake, 'awakeOff' | 'awakeOn' | 'awakeRefused'>} */
const STATES = { off: 'awakeOff', on: 'awakeOn', refused: 'awakeRefused' };

/**
 * Makes the buttons work; `watch` is to be called with each view, `leave` before the page goes to a gathering.
 * @param {import('./page.js').Page} page
 * @param {number} awakeFrom from when on the screen is kept on without a tap, ms before the moment
 */
export const equip = (page, awakeFrom) => {
  /** @param {string} name */
  const button = (name) => {
    const found = document.querySelector(`[data-do="${name}"]`);
    if (!(found instanceof HTMLButtonElement)) throw new Error(`phone.html has no button ${name}`);
    return found;
  };
  const spoken = document.querySelector('[data-say]');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let hides;

  /** @param {string} text */
  const answer = (text) => {
    page.speak({ text });
    spoken?.setAttribute('data-shown', '');
    clearTimeout(hides);
    hides = setTimeout(() => spoken?.removeAttribute('data-shown'), SHOWN);
  };

  const awake = button('awake');
  /** What the viewer asked for, which goes before what the time asks for.
   * @type {boolean | null} */
  let asked = null;
  /** @type {(() => void) | null} */
  let sleep = null;
  const keep = (/** @type {boolean} */ wanted) => {
    if (wanted && !sleep) {
      sleep = keepAwake((state) => {
        awake.setAttribute('aria-pressed', String(state === 'on'));
        const said = awake.querySelector('small');
        if (said) said.textContent = words[STATES[state]];
      });
    }
    if (!wanted && sleep) {
      sleep();
      sleep = null;
    }
  };
  awake.addEventListener('click', () => {
    const refused = sleep !== null && awake.getAttribute('aria-pressed') === 'false';
    // A screen that was not kept on after all is asked for once more.
    if (refused) keep(false);
    asked = refused || !sleep;
    keep(asked);
  });

  const code = document.querySelector('#code');
  const toggle = button('code');
  const address = location.host + location.pathname;
  const showCode = (/** @type {boolean} */ shown) => {
    if (!(code instanceof HTMLElement)) return;
    code.hidden = !shown;
    toggle.setAttribute('aria-expanded', String(shown));
    const image = code.querySelector('img');
    const written = code.querySelector('.address');
    const failed = code.querySelector('[data-failed]');
    if (!shown || !image || !written || !failed) return;
    written.textContent = address;
    image.hidden = false;
    failed.textContent = '';
    image.onerror = () => {
      image.hidden = true;
      failed.textContent = words.codeFailed;
    };
    image.src = `/qr.svg?path=${encodeURIComponent(location.pathname)}`;
  };
  toggle.addEventListener('click', () => showCode(toggle.getAttribute('aria-expanded') === 'false'));

  button('share').addEventListener('click', async () => {
    const link = { title: document.title, url: location.origin + location.pathname };
    try {
      if (navigator.share) return await navigator.share(link);
    } catch (error) {
      // Whoever closes the list of apps again has changed their mind.
      if (error instanceof DOMException && error.name === 'AbortError') return;
    }
    try {
      await navigator.clipboard.writeText(link.url);
      answer(words.linkCopied);
    } catch {
      // No share, no clipboard: the address can still be read out.
      showCode(true);
      toggle.scrollIntoView({ block: 'start' });
    }
  });

  const time = () => [...document.querySelectorAll('.stage [data-live]')].map(({ textContent }) => textContent).filter(Boolean).join('. ');
  button('read').addEventListener('click', () => answer(page.remaining() || time()));

  const pause = button('pause');
  pause.addEventListener('click', () => {
    const still = pause.getAttribute('aria-pressed') === 'false';
    pause.setAttribute('aria-pressed', String(still));
    page.pause(still);
  });

  const kept = keeping(page, button('keep'), button('forget'), answer);
  const sense = senses(button, answer);
  const away = offer(page);
  const watch = (/** @type {import('./countdown.js').View} */ view) => {
    const { phase, left } = view;
    sense(view);
    keep(asked ?? ((phase === 'before' && left <= awakeFrom) || phase === 'now'));
    kept(view);
    away.look(view);
  };
  return { watch, leave: away.leave };
};
