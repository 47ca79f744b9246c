// @ts-check
// Brings what is in the ledger to the server, and says again what is not yet on its disk, for as long as that takes. It
// never gives up and never sends faster than the server reads.

import { rollCall, tally, typedNumber } from './duty.js';

/** At most so many messages at once, and one more each so many ms: with the questions for the time, far below the 100 in
 * two seconds that the server takes. */
const AT_ONCE = 10;
const EACH = 40;

/** An answer that takes longer than this is waited for no more, ms: to say it again harms nothing. */
const KEPT_WITHIN = 15_000;

/** The wait after the server could not keep something, ms: twice as long each time, up to the most. */
const AGAIN_AFTER = 1_000;
const AGAIN_AT_MOST = 30_000;

export class Courier {
  #parts;
  #open = false;
  #tokens = AT_ONCE;
  #filled;
  /** How often in a row the server could not keep something, and whether we wait because of that. */
  #refusals = 0;
  #waits = false;
  /** Until more may be sent, or is sent again; and until an answer is missed.
   * @type {number | undefined} */
  #next;
  /** @type {number | undefined} */
  #patience;
  /** What is to be said in the roll-call, until that is kept. @type {{ ready: boolean, sent: boolean } | null} */
  #call = null;

  /**
   * @param {object} parts
   * @param {import('./ledger.js').Ledger} parts.ledger
   * @param {import('./duty.js').Who} parts.who
   * @param {(text: string) => boolean} parts.send false if there is no connection
   * @param {import('./pings.js').Timers} parts.timers
   * @param {() => number} parts.local steady clock, ms
   */
  constructor(parts) {
    this.#parts = parts;
    this.#filled = parts.local();
  }

  /** Whether the server said that it cannot keep what it was sent. */
  get refused() {
    return this.#refusals > 0;
  }

  /** What will be said in the roll-call as soon as that is possible; null if nothing. */
  get ready() {
    return this.#call?.ready ?? null;
  }

  /** The server knows who we are, or it is gone. @param {boolean} open */
  opened(open) {
    this.#open = open;
    this.#refusals = 0;
    this.#resume();
  }

  /** @param {boolean} ready */
  say(ready) {
    this.#call = { ready, sent: false };
    this.flush();
  }

  /** Sends what is to be sent, as far as it may be. */
  flush() {
    if (!this.#open || this.#waits) return;
    const { ledger, who, send } = this.#parts;
    const room = this.#refill();
    const call = this.#call && !this.#call.sent && room > 0 ? [rollCall(this.#call.ready)] : [];
    if (this.#call && call.length > 0) this.#call.sent = true;
    const { estimates, tallies } = ledger.due(room - call.length);
    const all = [...call, ...estimates.map((one) => typedNumber(who, one)), ...tallies.map((one) => tally(who, one))];
    this.#tokens -= all.length;
    for (const text of all) send(text);
    if (this.#tokens === 0) this.#next ??= this.#parts.timers.set(() => this.#again(), EACH);
    if (all.length > 0) this.#patience ??= this.#parts.timers.set(() => this.#resume(), KEPT_WITHIN);
  }

  /**
   * Takes in what is on disk now.
   * @param {import('./duty.js').Kept} kept
   */
  kept({ of, device, minute, seq, totals, held, ready }) {
    const { ledger, who } = this.#parts;
    if (of === 'ready' && ready === this.#call?.ready) this.#call = null;
    if (of === 'tally' && device === who.device) ledger.keptMinute(minute, totals, held);
    if (of === 'estimate' && device === who.device) ledger.keptEstimate(seq, held);
    this.#refusals = 0;
    if (!ledger.waiting && !this.#call) this.#rest();
    this.flush();
  }

  /** The server could not keep something; it does not say what. */
  refuse() {
    this.#rest();
    this.#waits = true;
    this.#next = this.#parts.timers.set(() => this.#resume(), Math.min(AGAIN_AFTER * 2 ** this.#refusals, AGAIN_AT_MOST));
    this.#refusals += 1;
  }

  /** Says everything again that is not known to be kept. */
  #resume() {
    this.#rest();
    this.#waits = false;
    if (this.#call) this.#call.sent = false;
    this.#parts.ledger.lost();
    this.flush();
  }

  /** More may be sent by now. */
  #again() {
    this.#next = undefined;
    this.flush();
  }

  /** How many messages may be sent now. */
  #refill() {
    const now = this.#parts.local();
    const more = Math.floor((now - this.#filled) / EACH);
    this.#tokens = Math.min(AT_ONCE, this.#tokens + more);
    this.#filled += more * EACH;
    return this.#tokens;
  }

  #rest() {
    const { timers } = this.#parts;
    if (this.#next !== undefined) timers.clear(this.#next);
    if (this.#patience !== undefined) timers.clear(this.#patience);
    this.#next = this.#patience = undefined;
  }
}
