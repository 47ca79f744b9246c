// @ts-check
// How far the figures reach, in the organiser's words: what is missing of whom, and what is to be done. Pure.

/** What is to be done about each word of `/readyz`.
 * @type {Record<string, string>} */
const REMEDIES = {
  engine: 'This server has lost the way to the others: look at the NATS servers, and at the network between. It tries by itself.',
  nodes: 'A server went without a word in the last half hour: start it again. What it was told and nobody heard comes with it.',
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
