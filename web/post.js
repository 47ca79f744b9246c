// @ts-check
// A steward's line to the server: what time it is, when the moment is, what the duty is. It carries what the courier
// brings, whether or not somebody looks at the page.

import { Clock } from './clock.js';
import { Countdown } from './countdown.js';
import { forSteward } from './duty.js';
import { Gap } from './gap.js';
import { Live } from './live.js';
import { Pings } from './pings.js';
import { socket } from './socket.js';

/** The wall clock running ahead of the steady one by this much means that the device slept, ms. */
const SLEPT = 250;

/** The end of a connection that the pass does not allow. */
const NOT_ALLOWED = 4403;

/** So many tries in a row that ended before they began, while the server answers other questions, mean that it is the
 * pass, or a network that lets no WebSocket through. */
const TRIES = 2;

/** How long the server may take to answer whether it is there, ms. */
const ANSWERS_WITHIN = 5_000;

/**
 * @typedef {object} Parts
 * @property {string} pass
 * @property {string} device
 * @property {string} lang
 * @property {import('./wire.js').Moment} moment as it was said last
 * @property {import('./clock.js').Kept | null} clock what is remembered of it
 * @property {number} guess server minus steady local time until the server has answered, ms
 * @property {(duty: import('./duty.js').Duty) => void} duty
 * @property {(kept: import('./duty.js').Kept) => void} kept
 * @property {(of: string, reason: string) => void} refused
 * @property {() => void} changed
 */

export class Post {
  #parts;
  #clock;
  #countdown;
  #live;
  #pings;
  #lead = Date.now() - performance.now();
  #shut = 0;
  #barred = false;
  #gap = new Gap();
  /** @type {import('./wire.js').Board | null} */
  #board = null;
  /** @type {number | null} */
  #downSince;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    const local = () => performance.now();
    this.#clock = Clock.restore(local, parts.clock, Date.now()) ?? new Clock(local, parts.guess);
    this.#countdown = new Countdown(parts.moment);
    this.#downSince = this.#clock.now();
    const timers = {
      /** @type {(run: () => void, ms: number) => number} */
      set: (run, ms) => window.setTimeout(run, ms),
      /** @type {(id: number) => void} */
      clear: (id) => window.clearTimeout(id),
    };
    const chance = { timers, random: Math.random };
    this.#live = new Live({
      roads: [this.#road()],
      ...chance,
      local,
      // Also a page in the background brings what it has.
      visible: true,
      heard: (message) => this.#heard(message),
      changed: (link) => {
        this.#downSince = link === 'live' ? null : this.#clock.now();
        if (link !== 'live') this.#pings.stop();
        parts.changed();
      },
    });
    this.#pings = new Pings({
      clock: this.#clock,
      send: (text) => this.#live.send(text),
      ...chance,
      local,
      pace: () => this.#live.road.pings,
      left: () => this.#left(),
    });
  }

  /** Connects, and keeps connected from now on. */
  start() {
    this.#live.start();
  }

  /** The network may be back. */
  look() {
    this.now();
    this.#live.online();
  }

  /** @param {string} text */
  send(text) {
    return this.#live.send(text);
  }

  /** Whether the server lets nobody in with this pass, as far as that can be told. */
  get barred() {
    return this.#barred;
  }

  /** Since when there is no line, Unix ms; null while there is. */
  get downSince() {
    return this.#downSince;
  }

  /** Whether the server may lack what other phones counted. */
  get partial() {
    return this.#gap.on(this.#board, performance.now())?.exact === false;
  }

  /** The corrected time, Unix ms. */
  now() {
    const ran = Date.now() - performance.now() - this.#lead;
    this.#lead += ran;
    if (ran >= SLEPT) {
      this.#clock.slept(ran);
      this.#countdown.woke();
      this.#live.renew();
    } else if (ran <= -SLEPT) this.#pings.burst();
    return this.#clock.now();
  }

  /** The moment as it stands. */
  view() {
    return this.#countdown.read(this.now(), performance.now(), this.#clock.bound());
  }

  /** What is worth keeping over a reload. */
  keep() {
    return { clock: this.#clock.keep(Date.now()), moment: this.#countdown.moment };
  }

  #left() {
    const { status, at } = this.#countdown.moment;
    const ms = at - this.#clock.now();
    return status === 'scheduled' && ms > 0 ? ms : Infinity;
  }

  /** The only road: a steward's taps need an answer. @returns {import('./roads.js').Road} */
  #road() {
    const { pass, device, lang } = this.#parts;
    const address = new URL('/live', location.href.replace(/^http/, 'ws').replace(/#.*/, ''));
    const road = socket({ role: 'steward', gathering: null, lang, device }, (protocol) => new WebSocket(address, [protocol, `pass.${pass}`]));
    return {
      ...road,
      travel: (ears) => {
        let opened = false;
        const open = () => {
          opened = true;
          ears.opened();
        };
        const over = (/** @type {number} */ code) => {
          void this.#ended(code, opened);
          ears.over(code);
        };
        return road.travel({ ...ears, opened: open, over });
      },
    };
  }

  /** @param {number} code @param {boolean} opened */
  async #ended(code, opened) {
    this.#shut = opened ? 0 : this.#shut + 1;
    if (code === NOT_ALLOWED) this.#barred = true;
    if (this.#shut < TRIES || this.#barred) return;
    // The browser does not tell a refusal from a broken network.
    const answer = await fetch('/api/v1/time', { cache: 'no-store', signal: AbortSignal.timeout(ANSWERS_WITHIN) }).catch(() => null);
    this.#barred ||= answer?.ok === true && this.#shut >= TRIES;
    this.#parts.changed();
  }

  /** @param {import('./wire.js').Message} message */
  #heard(message) {
    this.now();
    if (message.type === 'pong') this.#pings.pong(message);
    if (message.type === 'welcome') {
      this.#clock.epoch(message.epoch);
      this.#pings.burst();
      this.#barred = false;
    }
    if (message.type === 'moment') {
      this.#countdown.learn(message, this.#clock.now());
      this.#pings.plan();
      this.#parts.changed();
    }
    if (message.type === 'board') {
      if (this.#clock.epoch(message.epoch)) this.#pings.burst();
      else this.#pings.start();
      this.#clock.stamp(message.t);
      const news = this.#board?.exact !== message.exact;
      this.#board = message;
      if (news) this.#parts.changed();
    }
    if (message.type === 'refused') this.#parts.refused(message.of, message.reason);
    const ours = forSteward(message);
    if (ours?.type === 'duty') this.#parts.duty(ours);
    if (ours?.type === 'kept') this.#parts.kept(ours);
  }
}
