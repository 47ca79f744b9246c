// @ts-check
// What one phone has counted at one post. Pure: time is an argument, and always the corrected one.
//
// It holds totals per minute that only grow: of each the server keeps the largest it ever heard, so that nothing is
// harmed by saying the same again, late or out of order. An estimate replaces everything up to the end of its minute.

/** @typedef {'in' | 'out'} Way */

/** People in and out in one minute, and how many of these were taken back; `rush` if there were more taps than a hand
 * can mean.
 * @typedef {{ in: number, in_undone: number, out: number, out_undone: number, rush: boolean }} Totals */

/** One minute: what was counted, what of it is on the server's disk, and whether an organiser is to look at it.
 * @typedef {{ minute: number, totals: Totals, kept: Totals, held: boolean }} Row */

/** One tap; `undone` once it was taken back.
 * @typedef {{ id: number, way: Way, n: number, minute: number, at: number, undone: boolean }} Action */

/** @typedef {'counted' | 'estimated-grid' | 'estimated-eye' | 'self-reported'} Method */

/** A number that was typed or confirmed, about the instant `at`.
 * @typedef {{ at: number, seq: number, value: number, low: number, high: number, method: Method }} Estimate */

/** @typedef {Estimate & { kept: boolean, held: boolean }} Entry an estimate, and what became of it */

/** All but the minutes: these are many, and stored one by one.
 * @typedef {{ seq: number, actions: Action[], entries: Entry[] }} Page */

/** Minutes are numbered by the Unix time of their start, ms. */
const MINUTE = 60_000;

/** Taps that can be taken back, the newest. */
const UNDOABLE = 50;

/** More taps than this within so long are a pocket or a game: five in a second for ten seconds, ms. */
const RUSH = { taps: 50, within: 10_000 };

/** @param {number} at Unix ms */
const minuteOf = (at) => Math.floor(at / MINUTE) * MINUTE;

/** @returns {Totals} */
const none = () => ({ in: 0, in_undone: 0, out: 0, out_undone: 0, rush: false });

/** The greater of each. @param {Totals} a @param {Totals} b @returns {Totals} */
const merged = (a, b) => ({
  in: Math.max(a.in, b.in),
  in_undone: Math.max(a.in_undone, b.in_undone),
  out: Math.max(a.out, b.out),
  out_undone: Math.max(a.out_undone, b.out_undone),
  rush: a.rush || b.rush,
});

/** People who came, less those who went. @param {Totals} totals */
const net = (totals) => totals.in - totals.in_undone - (totals.out - totals.out_undone);

/** @param {Totals} a @param {Totals} b */
const alike = (a, b) =>
  a.in === b.in && a.in_undone === b.in_undone && a.out === b.out && a.out_undone === b.out_undone && a.rush === b.rush;

/** The one that others are read from. @param {Estimate[]} estimates */
const newest = (estimates) =>
  estimates.reduce((/** @type {Estimate | null} */ last, one) => (last && (last.at - one.at || last.seq - one.seq) > 0 ? last : one), null);

export class Ledger {
  /** @type {Map<number, Row>} */
  #rows = new Map();
  /** @type {Page} */
  #page;
  /** When the newest taps were, Unix ms. @type {number[]} */
  #taps = [];
  /** Minutes that changed since somebody asked. @type {Set<number>} */
  #touched = new Set();
  /** What was sent and is not answered yet: minutes, and numbers of estimates. @type {Set<number>} */
  #sent = new Set();

  /**
   * @param {Page | null} [page] as it was stored, if it was
   * @param {Row[]} [rows]
   */
  constructor(page = null, rows = []) {
    this.#page = structuredClone(page ?? { seq: 0, actions: [], entries: [] });
    for (const row of rows) this.#rows.set(row.minute, structuredClone(row));
  }

  /** The number on the screen: what this phone has counted, from the newest number that was typed on it. */
  get counted() {
    return this.#sum(this.#page.entries, (row) => row.totals);
  }

  /** The same from what is on the server's disk. */
  get kept() {
    return this.#sum(this.#page.entries.filter((entry) => entry.kept), (row) => row.kept);
  }

  /** Whether anything is still to be sent. */
  get waiting() {
    return this.#page.entries.some((entry) => !entry.kept) || [...this.#rows.values()].some(unkept);
  }

  /** Whether an organiser is to look at something first. */
  get held() {
    return [...this.#rows.values(), ...this.#page.entries].some(({ held }) => held);
  }

  /** What can be taken back and what has been, the newest first. @returns {readonly Action[]} */
  get actions() {
    return this.#page.actions.toReversed();
  }

  /** What was typed, in the order of the times it is about. @returns {readonly Entry[]} */
  get entries() {
    return this.#page.entries.toSorted((a, b) => a.at - b.at || a.seq - b.seq);
  }

  /**
   * Counts people.
   * @param {Way} way
   * @param {number} n
   * @param {number} now Unix ms
   * @returns {Action}
   */
  count(way, n, now) {
    const minute = this.#minute(now);
    const row = this.#row(minute);
    row.totals[way] += n;
    row.totals.rush ||= this.#rushes(now);
    const action = { id: ++this.#page.seq, way, n, minute, at: now, undone: false };
    this.#page.actions = [...this.#page.actions, action].slice(-UNDOABLE);
    return action;
  }

  /** Takes a tap back; false if it is not there, or already was. @param {number} id */
  undo(id) {
    const action = this.#page.actions.find((one) => one.id === id && !one.undone);
    if (!action) return false;
    action.undone = true;
    this.#row(action.minute).totals[`${action.way}_undone`] += action.n;
    return true;
  }

  /**
   * Takes in a number for all that was counted up to `at`. What was tapped later in that very minute would be replaced
   * as well: so if there was any, it is about the end of that.
   * @param {Omit<Estimate, 'seq'>} estimate
   * @param {number} now Unix ms
   */
  estimate(estimate, now) {
    const last = Math.max(...[...this.#rows.values()].filter(({ totals }) => !alike(totals, none())).map(({ minute }) => minute), 0);
    const at = estimate.at >= now ? Math.max(estimate.at, last) : estimate.at;
    this.#page.entries.push({ ...estimate, at, seq: ++this.#page.seq, kept: false, held: false });
    // What came before is in the number: to take it back would change nothing.
    this.#page.actions = this.#page.actions.filter(({ minute }) => minute > minuteOf(at));
  }

  /**
   * What is to be sent next; at most one version of each minute is on its way.
   * @param {number} most
   * @returns {{ tallies: { minute: number, totals: Totals }[], estimates: Estimate[] }}
   */
  due(most) {
    const estimates = this.#page.entries.filter(({ kept, seq }) => !kept && !this.#sent.has(seq)).slice(0, most);
    const rows = [...this.#rows.values()].filter((row) => unkept(row) && !this.#sent.has(row.minute));
    const tallies = rows.sort((a, b) => b.minute - a.minute).slice(0, most - estimates.length);
    for (const { seq } of estimates) this.#sent.add(seq);
    for (const { minute } of tallies) this.#sent.add(minute);
    return {
      estimates: estimates.map(({ kept, held, ...estimate }) => estimate),
      tallies: tallies.map(({ minute, totals }) => ({ minute, totals: { ...totals } })),
    };
  }

  /** Nothing that is on its way may be counted on: the line broke, or the server could not keep it. */
  lost() {
    this.#sent.clear();
  }

  /**
   * Hears that a minute is on disk, with these totals at least.
   * @param {number} minute
   * @param {Totals} totals
   * @param {boolean} held
   */
  keptMinute(minute, totals, held) {
    this.#sent.delete(minute);
    const row = this.#row(minute);
    row.kept = merged(row.kept, totals);
    row.totals = merged(row.totals, totals);
    row.held = held;
  }

  /** Hears that an estimate is on disk. @param {number} seq @param {boolean} held */
  keptEstimate(seq, held) {
    this.#sent.delete(seq);
    const entry = this.#page.entries.find((one) => one.seq === seq);
    if (entry) Object.assign(entry, { kept: true, held });
  }

  /** What is to be stored since this was last asked. @returns {{ page: Page, rows: Row[] }} */
  changes() {
    const rows = [...this.#touched].flatMap((minute) => this.#rows.get(minute) ?? []);
    this.#touched.clear();
    return structuredClone({ page: this.#page, rows });
  }

  /** These could not be stored: they are to be stored the next time. @param {Row[]} rows */
  touch(rows) {
    for (const { minute } of rows) this.#touched.add(minute);
  }

  /**
   * @param {Estimate[]} estimates
   * @param {(row: Row) => Totals} of
   */
  #sum(estimates, of) {
    const base = newest(estimates);
    const since = base ? minuteOf(base.at) : -Infinity;
    const later = [...this.#rows.values()].filter(({ minute }) => minute > since);
    return later.reduce((sum, row) => sum + net(of(row)), base?.value ?? 0);
  }

  /** The minute that a tap belongs to: one that no estimate replaces. @param {number} now Unix ms */
  #minute(now) {
    const base = newest(this.#page.entries);
    return Math.max(minuteOf(now), base ? minuteOf(base.at) + MINUTE : 0);
  }

  /** @param {number} minute */
  #row(minute) {
    const row = this.#rows.get(minute) ?? { minute, totals: none(), kept: none(), held: false };
    this.#rows.set(minute, row);
    this.#touched.add(minute);
    return row;
  }

  /** @param {number} now Unix ms */
  #rushes(now) {
    this.#taps = [...this.#taps, now].slice(-RUSH.taps - 1);
    const [first = now] = this.#taps;
    return this.#taps.length > RUSH.taps && now - first <= RUSH.within;
  }
}

/** @param {Row} row */
const unkept = ({ totals, kept }) => !alike(totals, kept);
