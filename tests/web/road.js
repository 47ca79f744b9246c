// @ts-check
// A way to the server that takes time: a TCP proxy with a queue up and a queue down, which keep their order. What it
// may do to a page is what networks do; the simulated ones are in tests/clock/links.js.

import { connect, createServer } from 'node:net';
import { Chance } from '../clock/links.js';
import { mono } from './referee.js';

/**
 * All in ms.
 * @typedef {object} Conditions
 * @property {number} up least delay
 * @property {number} down
 * @property {number} [jitter] mean of what comes on top, each way
 * @property {number} [wakes] what the radio takes after it was idle
 * @property {[every: number, lasts: number]} [stalls] how often nothing passes for how long
 * @property {[lasts: number, deep: number]} [fills] how long the queue up is full after the page came, and how deep
 */

/** After so much silence a radio sleeps, ms. */
const IDLE = 2_000;

/** Packets of this size and less may be questions and answers about the time, and are of no use to a measure of delays if larger, bytes. */
const SMALL = 300;

/** @typedef {'up' | 'down'} Way */

export class Road {
  #server = createServer({ noDelay: true }, (socket) => this.#take(socket));
  #target;
  #conditions;
  #chance;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  #carried = -Infinity;
  #began = Infinity;
  #open = true;
  #still = false;
  /** @type {(() => void)[]} */
  #waiting = [];
  /** The least that small packets took, ms: what no estimator can see is half of the difference. */
  least = { up: Infinity, down: Infinity };

  /** @param {string} url of the server @param {Conditions} conditions @param {number} seed */
  constructor(url, conditions, seed) {
    this.#target = Number(new URL(url).port);
    this.#conditions = conditions;
    this.#chance = new Chance(seed);
  }

  get url() {
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  /** Half of what one way takes more, ms. */
  get half() {
    return Math.abs(this.least.up - this.least.down) / 2;
  }

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(null)));
    return this;
  }

  /** Breaks every connection, as a network does that gives a phone another address. */
  reset() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** No way through, until it is mended. */
  cut() {
    this.#open = false;
    this.reset();
  }

  mend() {
    this.#open = true;
  }

  /** Lets nothing through, and loses nothing. @param {boolean} still */
  hush(still) {
    this.#still = still;
    if (!still) for (const go of this.#waiting.splice(0)) go();
  }

  async remove() {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import('node:net').Socket} socket */
  #take(socket) {
    if (!this.#open) return void socket.resetAndDestroy();
    this.#began = Math.min(this.#began, mono());
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true });
    for (const one of [socket, server]) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        socket.destroy();
        server.destroy();
      });
    }
    this.#lane('up', socket, server);
    this.#lane('down', server, socket);
  }

  /** @param {Way} way @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  #lane(way, from, to) {
    let last = 0;
    from.on('data', (bytes) => {
      const came = mono();
      last = Math.max(last, came + this.#delay(way, came));
      setTimeout(() => {
        if (bytes.length <= SMALL) this.least[way] = Math.min(this.least[way], mono() - came);
        if (this.#still) this.#waiting.push(() => to.write(bytes));
        else to.write(bytes);
      }, last - came);
    });
  }

  /** @param {Way} way @param {number} now */
  #delay(way, now) {
    const { jitter = 0, wakes = 0, stalls: [every, lasts] = [1, 0], fills: [full, deep] = [0, 0], ...base } = this.#conditions;
    const asleep = now - this.#carried > IDLE ? wakes : 0;
    this.#carried = now + asleep;
    const stalled = Math.max(0, lasts - (now % every));
    const queue = way === 'up' && now - this.#began < full ? deep : 0;
    return base[way] + this.#chance.around(jitter) + asleep + stalled + queue;
  }
}
