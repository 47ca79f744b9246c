// @ts-check
// What a steward's phone has on its disk, so that no tap is lost by a reload, a kill or an empty battery: IndexedDB, with
// every write forced to the disk. It is made when a steward's link is opened: that is the tap that asks for it.

const NAME = 'oneoclock-steward';

/** What the page needs to go on: one record. */
const STATE = 'state';
const ONLY = 'now';

/** What was counted at each post: the minutes one by one, and all else in one record. */
const PAGES = 'pages';
const MINUTES = 'minutes';

/** How the page stood.
 * @typedef {object} State
 * @property {string} device the number that this phone has drawn for itself
 * @property {string | null} pass
 * @property {import('./duty.js').Duty | null} duty what is counted
 * @property {import('./clock.js').Kept | null} clock
 * @property {import('./wire.js').Moment | null} moment
 * @property {boolean} left whether the phone is in the left hand
 * @property {string[]} practised posts where counting has begun
 * @property {number | null} asked the moment for which the number has been confirmed or waved away, Unix ms
 */

/** What was counted at a post.
 * @typedef {{ page: import('./ledger.js').Page | null, rows: import('./ledger.js').Row[] }} Counted */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** A number for a phone that has none: 128 bits, so that no two ever draw the same. */
export const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** What a post is called in here. @param {{ gathering: string, post: string }} duty */
export const placeOf = ({ gathering, post }) => `${gathering}/${post}`;

/** All minutes of a post. @param {string} place */
const minutesOf = (place) => IDBKeyRange.bound([place], [place, []]);

export class Stock {
  /** @type {Promise<IDBDatabase> | null} */
  #base = null;

  /** Opens the store, or makes it; nothing is made for who only looks. @param {boolean} makes */
  #open(makes) {
    this.#base ??= (async () => {
      const opening = indexedDB.open(NAME, 1);
      opening.onupgradeneeded = () => {
        if (!makes) return opening.transaction?.abort();
        for (const store of [STATE, PAGES, MINUTES]) opening.result.createObjectStore(store);
      };
      const base = await answer(opening);
      // Some phones take the store away from a page that is not looked at; then it is opened again.
      base.onclose = base.onversionchange = () => {
        base.close();
        this.#base = null;
      };
      return base;
    })();
    return this.#base;
  }

  /**
   * Does something, and is done when it is on the disk.
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: (name: string) => IDBObjectStore) => T | Promise<T>} what
   * @returns {Promise<T>}
   */
  async #within(mode, what, again = true) {
    try {
      const base = await this.#open(mode === 'readwrite');
      const work = base.transaction([STATE, PAGES, MINUTES], mode, { durability: 'strict' });
      const done = new Promise((resolve, reject) => {
        work.oncomplete = resolve;
        work.onabort = () => reject(work.error);
      });
      const result = what((name) => work.objectStore(name));
      // A page that is killed now has nothing left to say.
      if (mode === 'readwrite') work.commit?.();
      const [value] = await Promise.all([result, done]);
      return value;
    } catch (error) {
      this.#base = null;
      if (!again) throw error;
      return this.#within(mode, what, false);
    }
  }

  /** How the page stood; null if it never did. @returns {Promise<State | null>} */
  state() {
    return this.#within('readonly', (store) => answer(store(STATE).get(ONLY))).then((state) => state ?? null, () => null);
  }

  /** @param {State} state */
  remember(state) {
    return this.#within('readwrite', (store) => void store(STATE).put(state, ONLY));
  }

  /** What was counted at a post. @param {string} place @returns {Promise<Counted>} */
  counted(place) {
    return this.#within('readonly', async (store) => {
      const [page, rows] = await Promise.all([answer(store(PAGES).get(place)), answer(store(MINUTES).getAll(minutesOf(place)))]);
      return { page: page ?? null, rows };
    });
  }

  /**
   * Writes what has changed; both or nothing.
   * @param {string} place
   * @param {{ page: import('./ledger.js').Page, rows: import('./ledger.js').Row[] }} changes
   */
  write(place, { page, rows }) {
    return this.#within('readwrite', (store) => {
      store(PAGES).put(page, place);
      for (const row of rows) store(MINUTES).put(row, [place, row.minute]);
    });
  }

  /** Leaves nothing of it on this phone. */
  async clear() {
    (await this.#base)?.close();
    this.#base = null;
    await answer(indexedDB.deleteDatabase(NAME));
  }
}
