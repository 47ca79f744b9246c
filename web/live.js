// @ts-check
// The connection: always coming back, never hammering. The countdown does not depend on it.
//
// There are several roads to the server (roads.js). A round tries one after the other, beginning with the one that
// carried last; on a worse one the best is tried again now and then (climb.js). One line is open at a time: two at
// once would be counted twice.

import { Climb } from './climb.js';

/** First step of the exponential wait, ms. */
const BASE = 1_000;

/** Longest ordinary wait, and the least wait after an ending that will most likely repeat itself, ms. */
const CAP = 30_000;

/** Longest wait a server may ask for, ms. */
const BYE_CAP = 600_000;

/** How long a line may take to bring its first word, ms. */
const OPENS_WITHIN = 10_000;

/** The same while there is another road to try: leaves that one a second for a board within three, ms. */
const NEXT_AFTER = 2_000;

/** One try in so many is a whole round, the others are of one road: a server that is gone is not helped by knocking
 * at all its doors. The first try is a round. */
const ROUND_EVERY = 3;

/** A connection that lasted this long was a good one: the next wait starts small again, ms. */
const SETTLED = 10_000;

/** Endings that say "not like this": protocol, data, size; and this server's "bad message" and "not allowed". */
const FUTILE = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010, 4400, 4403]);

/** `joining`: not yet connected since the page was opened; `away`: was, or should have been by now.
 * @typedef {'joining' | 'live' | 'away'} Link */

/** @typedef {import('./roads.js').Road} Road */
/** @typedef {import('./roads.js').Line} Line */

/** Why nothing is open: not started, opening, told when to come back, backing off, or nobody is looking.
 * @typedef {'idle' | 'opening' | 'open' | 'told' | 'backoff' | 'unseen'} State */

/**
 * @typedef {object} Parts
 * @property {[Road, ...Road[]]} roads the best first
 * @property {import('./pings.js').Timers} timers
 * @property {() => number} local steady clock, ms
 * @property {() => number} random at least 0, below 1
 * @property {boolean} visible
 * @property {(message: import('./wire.js').Message) => void} heard
 * @property {(link: Link) => void} changed the link, or the road it is on
 */

export class Live {
  #parts;
  /** @type {State} */
  #state = 'idle';
  /** @type {Link} */
  #link = 'joining';
  /** @type {Line | null} */
  #line = null;
  /** Which road is travelled, and how many more this round may try.
   * @type {number} */
  #at = 0;
  #more = 0;
  /** The road that was last said to carry.
   * @type {Road} */
  #road;
  #climb;
  /** @type {number | undefined} */
  #timer;
  #visible;
  #counted = true;
  #attempts = 0;
  #opened = 0;
  #heard = 0;
  #beat = 0;
  /** @type {number | null} */
  #told = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#visible = parts.visible;
    const [best] = parts.roads;
    this.#road = best;
    this.#climb = new Climb({
      ...parts,
      dial: (opened, failed) => this.#dial(best, opened, failed),
      arrived: (line) => this.#move(line),
    });
  }

  /** How the page stands to the server. */
  get link() {
    return this.#link;
  }

  /** The road that carries, or did last. */
  get road() {
    return this.#road;
  }

  /** Since when it has carried, local ms. */
  get since() {
    return this.#opened;
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
    return this.#state === 'open' && this.#line !== null && this.#line.send(text);
  }

  /** @param {boolean} seen whether somebody can see the page */
  look(seen) {
    if (seen !== this.#visible) {
      this.#visible = seen;
      this.#show();
    }
    if (seen) this.check();
    else if (this.#state === 'open') this.#wait(null, 0);
  }

  /** @param {boolean} counted whether this page is the one of its browser that counts as a phone */
  count(counted) {
    if (counted === this.#counted) return;
    this.#counted = counted;
    this.#show();
  }

  /** Something happened (the page woke up): makes sure at once that the link holds. */
  check() {
    if (this.#state === 'unseen' || this.#state === 'backoff') this.#connect();
    else if (this.#state === 'open') this.#listen();
  }

  /** The network is back, or is another one: another road may be the best now. */
  online() {
    this.#attempts = 0;
    this.check();
    if (this.#visible && this.#state === 'open' && this.#at > 0) this.#climb.now();
  }

  /** The device slept, or the page is somebody else now: whatever was open is not to be trusted. */
  renew() {
    // That is no fault of the road.
    this.#more = 0;
    if (this.#state === 'open' || this.#state === 'opening') this.#lose(1006);
    else this.check();
  }

  /** Begins a round, or a try of one road. */
  #connect() {
    this.#wait(null, 0);
    if (!this.#visible) {
      this.#state = 'unseen';
      return;
    }
    this.#more = this.#attempts % ROUND_EVERY === 0 ? this.#parts.roads.length - 1 : 0;
    this.#open();
  }

  #open() {
    const road = this.#parts.roads[this.#at] ?? this.#parts.roads[0];
    this.#state = 'opening';
    this.#beat = road.beat;
    this.#line = this.#dial(road);
    this.#wait(() => this.#lose(1006), this.#more > 0 ? NEXT_AFTER : OPENS_WITHIN);
  }

  /**
   * A line of a road; what it says goes for ours while it is the one that is travelled.
   * @param {Road} road
   * @param {() => void} opened
   * @param {() => void} failed
   */
  #dial(road, opened = () => {}, failed = () => {}) {
    /** @type {Line} */
    const line = road.travel({
      presence: () => ({ visible: this.#visible, counted: this.#counted }),
      opened: () => line !== this.#line && opened(),
      heard: (message) => line === this.#line && this.#hear(message),
      answered: (pong) => line === this.#line && this.#parts.heard(pong),
      over: (code) => (line === this.#line ? this.#lose(code) : failed()),
    });
    return line;
  }

  /** Moves to a line of the best road, which is open; if it brings nothing, the others are tried again.
   * @param {Line} line */
  #move(line) {
    this.#line?.close();
    this.#line = line;
    this.#at = 0;
    this.#more = this.#parts.roads.length - 1;
    this.#state = 'opening';
    this.#beat = this.#parts.roads[0].beat;
    this.#wait(() => this.#lose(1006), NEXT_AFTER);
  }

  /** Lets the server know how the page stands; a line that cannot is given up, and another opened if it is needed. */
  #show() {
    if (!this.#visible) this.#climb.pause();
    if (!this.#line || this.#line.show({ visible: this.#visible, counted: this.#counted })) return;
    this.#line.close();
    this.#line = null;
    this.#connect();
    if (!this.#visible) this.#say('away');
  }

  /** @param {import('./wire.js').Message | null} message */
  #hear(message) {
    this.#heard = this.#parts.local();
    if (this.#state === 'opening') this.#carried();
    this.#listen();
    if (!message) return;
    if (message.type === 'welcome') this.#beat = Math.max(1_000, message.beat);
    if (message.type === 'bye') this.#told = Math.min(Math.max(0, message.retry_ms), BYE_CAP);
    else this.#say('live');
    this.#parts.heard(message);
  }

  #carried() {
    this.#wait(null, 0);
    this.#state = 'open';
    this.#opened = this.#heard;
    if (this.#at > 0) this.#climb.start();
    else this.#climb.stop();
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
    const { roads, local } = this.#parts;
    this.#climb.pause();
    // The old one goes first: two at once would be counted twice.
    this.#line?.close();
    this.#line = null;
    const final = this.#told !== null || FUTILE.has(code);
    if (this.#state === 'opening' && !final && this.#visible && this.#more > 0) {
      this.#more -= 1;
      this.#at = (this.#at + 1) % roads.length;
      this.#open();
      return;
    }
    // The next try begins with the road that carried last, or with the best.
    this.#at = roads.indexOf(this.#road);
    if (this.#state === 'open' && local() - this.#opened >= SETTLED) this.#attempts = 0;
    this.#state = final ? 'told' : 'backoff';
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
    const road = (link === 'live' && this.#parts.roads[this.#at]) || this.#road;
    if (link === this.#link && road === this.#road) return;
    this.#link = link;
    this.#road = road;
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
