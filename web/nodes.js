// @ts-check
// How far the figures reach, in the organiser's words: which servers are heard, what became of the others' figures,
// and what is to be done.

import { part } from './desk.js';
import { Gap } from './gap.js';
import { timeOfDay } from './words.js';

/** Between two questions what is the matter, while something is, ms. */
const WHY_EVERY = 10_000;

/** What is to be done about each word of `/readyz`.
 * @type {Record<string, string>} */
const REMEDIES = {
  engine: 'This server has lost the way to the others: look at the NATS servers, and at the network between. It tries by itself.',
  nodes: 'A server went without a word in the last ten minutes: start it again. What it was told and nobody heard comes with it.',
  twin: 'Another server has a copy of this one’s data folder: stop one, and start it with a folder of its own.',
  doubt: 'What another server knows is being fetched: if that takes longer than a few seconds, look at the disks.',
};

/** @typedef {import('./wire.js').Board} Board */

/**
 * What is missing, and of whom.
 * @param {Board} board
 * @param {string} since when the figures were whole for the last time, on this device's wall; empty if they never were
 */
export const gapInWords = ({ nodes_reporting, nodes_expected }, since) => {
  const when = since ? ` since ${since}` : '';
  const heard = nodes_reporting !== null && nodes_expected !== null ? ` This server hears ${nodes_reporting} of ${nodes_expected}, itself included.` : '';
  return `Partial${when}: figures are at least what they say, and every page says so.${heard} Nothing that was counted is lost: each server keeps what it was told, and the sum is whole within seconds of their hearing each other.`;
};

/** What to do. @param {unknown} degraded the words of `/readyz` */
export const remediesInWords = (degraded) =>
  (Array.isArray(degraded) ? degraded : []).map((word) => (Object.hasOwn(REMEDIES, word) ? REMEDIES[word] : `The server says: ${word}.`)).join(' ');

/** Says so as long as it is so. @param {import('./page.js').Page} page */
export const watchNodes = (page) => {
  const [section, what, todo] = [part('nodes', HTMLElement), part('reach', HTMLElement), part('remedy', HTMLElement)];
  const gap = new Gap();
  /** @type {Board | null} */
  let last = null;
  let asked = -Infinity;
  const look = () => {
    const board = gap.on(last, performance.now());
    section.hidden = board?.exact !== false;
    if (!board || !last || section.hidden) return void (asked = -Infinity);
    // Whole again, it says so only after a while: until then the numbers are those of the gap.
    if (!last.exact) write(what, gapInWords(last, last.as_of < last.t ? timeOfDay(last.as_of, 'en') : ''));
    if (performance.now() - asked >= WHY_EVERY) void ask();
  };
  const ask = async () => {
    asked = performance.now();
    try {
      // A server that is not ready says why, too.
      const { degraded } = await (await fetch('/readyz', { cache: 'no-store' })).json();
      write(todo, remediesInWords(degraded));
    } catch {
      // The page says elsewhere that the server is away.
    }
  };
  page.listen((message) => {
    if (message.type === 'board') last = message;
    look();
  });
  setInterval(look, 1_000);
};

/** The same words again are no news to those who listen. @param {HTMLElement} element @param {string} text */
const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
