// @ts-check
// What a kept page remembers of itself (keep.js): one record of the moment and of the clock, in IndexedDB. No other
// page writes one, and none of them makes a place for it but the tap.

const BASE = 'oneoclock';
const STORE = 'kept';

/** The key of the only record. */
const ONLY = 'page';

/** A browser that does not give the record up within this does without, ms: the countdown waits for it. */
const WITHIN = 1_000;

/** What a page knows that its HTML does not.
 * @typedef {object} State
 * @property {import('./wire.js').Moment} moment
 * @property {number | null} heard when the server was heard last, by the server's time, Unix ms
 * @property {import('./clock.js').Kept | null} clock
 */

/** The state of the page at that path, and the instant it has acted on last, Unix ms.
 * @typedef {State & { path: string, fired: number | null }} Kept */

/**
 * The result of a request for it.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Does something with the store, and lets go of it at once: whoever wants to forget should not have to wait.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} what
 * @param {boolean} [makes] whether it is made if it is not there; else that is an error
 */
const within = async (mode, what, makes = false) => {
  const opening = indexedDB.open(BASE, 1);
  opening.onupgradeneeded = () => {
    if (makes) opening.result.createObjectStore(STORE);
    else opening.transaction?.abort();
  };
  const base = await result(opening);
  try {
    return await result(what(base.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    base.close();
  }
};

/**
 * @param {Kept} kept
 * @param {boolean} [first] whether a tap asked for it, just now; else there must be a record already
 */
export const write = (kept, first = false) => within('readwrite', (store) => store.put(kept, ONLY), first);

/** The record as it is, or null. @returns {Promise<Kept | null>} */
export const read = () => within('readonly', (store) => store.get(ONLY)).then((kept) => kept ?? null, () => null);

/** Leaves nothing of it. */
export const remove = () => result(indexedDB.deleteDatabase(BASE));

/**
 * What the page at this path can go on with after a reload without a network, or null.
 * @param {string} path
 */
export const restore = async (path) => {
  /** @type {Promise<null>} */
  const late = new Promise((resolve) => setTimeout(() => resolve(null), WITHIN));
  const kept = await Promise.race([read(), late]);
  return kept?.path === path ? kept : null;
};
