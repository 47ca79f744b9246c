// @ts-check
// The connection: always coming back, never hammering. The countdown does not depend on it.

import { PROTOCOL, hello, read, visible } from './wire.js';

/** First step of the exponential wait, ms. */
const BASE = 1_000;

/** Longest ordinary wait, and the least wait after an ending that will most likely repeat itself, ms. */
const CAP = 30_000;

/** Longest wait a server may ask for, ms. */
const BYE_CAP = 600_000;

/** How long a connection may take to open, ms. */
const OPENS_WITHIN = 10_000;

/** A connection that lasted this long was a good one: the next wait starts small again, ms. */
const SETTLED = 10_000;

/** The beat before the server has named its own, ms. */
const BEAT = 20_000;

/** Endings that say "not like this": protocol, data, size; and this server's "bad message" and "not allowed". */
const FUTILE = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010, 4400, 4403]);

/** Taken from WebSocket, so that a test can stand in for it.
 * @typedef {object} Socket
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 */

/** `joining`: not yet connected since the page was opened; `away`: was, or should have been by now.
 * @typedef {'joining' | 'live' | 'away'} Link */

/** Why nothing is open: not started, opening, told when to come back, backing off, or nobody is looking.
 * @typedef {'idle' | 'opening' | 'open' | 'told' | 'backoff' | 'unseen'} State */

/**
 * @typedef {object} Parts
 * @property {import('./wire.js').Role} role
 * @property {string | null} gathering
 * @property {string} lang
 * @property {(protocol: string) => Socket} open
 * @property {import('./pings.js').Timers} timers
 * @property {() => number} local steady clock, ms
 * @property {() => number} random at least 0, below 1
 * @property {boolean} visible
 * @property {(message: import('./wire.js').Message) => void} heard
 * @property {(link: Link) => void} changed
 */

export class Live {
  #parts;
  /** @type {State} */
  #state = 'idle';
  /** @type {Link} */
  #link = 'joining';
  /** @type {Socket | null} */
  #socket = null;
  /** @type {number | undefined} */
  #timer;
  #visible;
  #attempts = 0;
  #opened = 0;
  #heard = 0;
  #beat = BEAT;
  /** @type {number | null} */
  #told = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#visible = parts.visible;
  }

  /** How the page stands to the server. */
  get link() {
    return this.#link;
  }

  /** Connects, and keeps connected from now on. */
  start() {
    if (this.#state === 'idle') this.#connect();
  }

  /**
   * Sends if there is a connection; false if not.
   * @param {string} text
   */
  send(text) {
    if (this.#state !== 'open' || !this.#socket) return false;
    this.#socket.send(text);
    return true;
  }

  /** @param {boolean} seen whether somebody can see the page */
  look(seen) {
    if (seen !== this.#visible) {
      this.#visible = seen;
      this.send(visible(seen));
    }
    if (seen) this.check();
    else if (this.#state === 'open') this.#wait(null, 0);
  }

  /** Something happened (the network came back, the page woke up): makes sure at once that the link holds. */
  check() {
    if (this.#state === 'unseen' || this.#state === 'backoff') this.#connect();
    else if (this.#state === 'open') this.#listen();
  }

  /** The device slept: whatever was open is not to be trusted. */
  renew() {
    if (this.#state === 'open' || this.#state === 'opening') this.#lose(1006);
    else this.check();
  }

  #connect() {
    this.#wait(null, 0);
    if (!this.#visible) {
      this.#state = 'unseen';
      return;
    }
    this.#state = 'opening';
    const socket = this.#parts.open(PROTOCOL);
    this.#socket = socket;
    socket.onopen = () => socket === this.#socket && this.#greet(socket);
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(data);
    socket.onclose = ({ code }) => socket === this.#socket && this.#lose(code);
    this.#wait(() => this.#lose(1006), OPENS_WITHIN);
  }

  /** @param {Socket} socket */
  #greet(socket) {
    const { role, gathering, lang, local } = this.#parts;
    this.#state = 'open';
    this.#opened = this.#heard = local();
    socket.send(hello({ role, gathering, lang, visible: this.#visible }));
    this.#listen();
  }

  /** @param {unknown} data */
  #take(data) {
    this.#heard = this.#parts.local();
    this.#listen();
    const message = read(data);
    if (!message) return;
    if (message.type === 'welcome') {
      this.#beat = Math.max(1_000, message.beat);
      this.#say('live');
    }
    if (message.type === 'bye') this.#told = Math.min(Math.max(0, message.retry_ms), BYE_CAP);
    this.#parts.heard(message);
  }

  /** Waits for the next word of the server; while the page is hidden, timers are too lame to judge by. */
  #listen() {
    if (!this.#visible) return;
    const patience = 1.5 * this.#beat + 5_000;
    const silent = this.#parts.local() - this.#heard;
    if (silent >= patience) this.#lose(1006);
    else this.#wait(() => this.#listen(), patience - silent);
  }

  /** @param {number} code */
  #lose(code) {
    const socket = this.#socket;
    this.#socket = null;
    if (this.#state === 'open' && this.#parts.local() - this.#opened >= SETTLED) this.#attempts = 0;
    this.#state = this.#told !== null || FUTILE.has(code) ? 'told' : 'backoff';
    // The old one goes first: two at once would be counted twice.
    socket?.close();
    this.#say('away');
    this.#wait(() => this.#connect(), this.#pause(code));
  }

  /** @param {number} code */
  #pause(code) {
    const { random } = this.#parts;
    const told = this.#told;
    this.#told = null;
    if (told !== null) return told;
    if (FUTILE.has(code)) return CAP + random() * CAP;
    return random() * Math.min(CAP, BASE * 2 ** this.#attempts++);
  }

  /** @param {Link} link */
  #say(link) {
    if (link === this.#link) return;
    this.#link = link;
    this.#parts.changed(link);
  }

  /**
   * @param {(() => void) | null} run
   * @param {number} ms
   */
  #wait(run, ms) {
    const { timers } = this.#parts;
    if (this.#timer !== undefined) timers.clear(this.#timer);
    this.#timer = run ? timers.set(run, ms) : undefined;
  }
}
