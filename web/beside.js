// @ts-check
// What roads without a WebSocket ask for by plain requests: the same state at other addresses, and, as they carry
// one way only, the time.

import { accept } from './wire.js';

/** Takes the latest for the address, and asks again. Rejects if there was no good answer.
 * @typedef {(path: string, signal: AbortSignal) => Promise<unknown>} Get */

/** Asks the server that the page is from.
 * @type {Get} */
export const latest = async (path, signal) => {
  // Always asked anew, by its tag: what a browser may hand out stale meanwhile would be a whole pause old.
  const response = await fetch(path, { cache: 'no-cache', signal });
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return response.json();
};

/** Gives up a seat, where no `hello` can tell of it; in a body, as proxies write addresses into their logs.
 * @param {string} seat */
export const giveUp = (seat) => void fetch('/live/seat', { method: 'POST', body: seat }).catch(() => {});

/**
 * The address of the same state elsewhere.
 * @param {string} path
 * @param {import('./roads.js').Who} who
 * @param {Record<string, string>} [more]
 */
export const addressed = (path, { role, gathering, lang }, more = {}) =>
  `${path}?${new URLSearchParams({ lang, ...(gathering === null ? {} : { gathering }), ...(role === 'embed' ? { role } : {}), ...more })}`;

/**
 * Answers the text of a `ping` with a `pong`. The server's one stamp stands for both of a pong's: what the server
 * took for the answer is then part of the doubt, as it should be.
 * @param {Get} get
 * @param {AbortSignal} signal
 * @param {(pong: import('./wire.js').Message) => void} answered
 * @returns {(text: string) => boolean}
 */
export const timeBeside = (get, signal, answered) => (text) => {
  const { type, seq, c1 } = JSON.parse(text);
  if (type !== 'ping') return false;
  const ask = async () => {
    const time = /** @type {any} */ (await get('/api/v1/time', signal));
    const pong = accept({ type: 'pong', seq, c1, s2: time?.now, s3: time?.now, epoch: time?.epoch, err: time?.err });
    if (pong && !signal.aborted) answered(pong);
  };
  // One that fails is as good as one that is lost: the next is asked in its turn.
  ask().catch(() => {});
  return true;
};
