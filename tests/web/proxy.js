// @ts-check
// A bad network: a TCP proxy in front of a server that spoils what it is told to spoil, over a line as bad as one wants,
// and counts the bytes.

import { connect, createServer } from 'node:net';

/** What it does to a request: lets it through, cuts the connection, or swallows it without a word.
 * @typedef {'pass' | 'cut' | 'swallow'} Treatment */

export class Proxy {
  #server = createServer((socket) => this.#take(socket));
  #target;
  #line;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  /** By the start of the address, the first that fits.
   * @type {[path: string, treatment: Treatment][]} */
  rules = [];
  /** What becomes of a request that no rule is about.
   * @type {Treatment} */
  rest = 'pass';
  /** Bytes that came from pages, and that went to them, without what the line adds. */
  up = 0;
  down = 0;
  /** What was asked for, and when (local ms).
   * @type {{ path: string, at: number }[]} */
  asked = [];

  /**
   * @param {string} url the server behind it
   * @param {import('./line.js').Line | null} [line] between the pages and this proxy; loopback if there is none
   */
  constructor(url, line = null) {
    this.#target = Number(new URL(url).port);
    this.#line = line;
  }

  get url() {
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(null)));
    return this;
  }

  /** Leads to another server from now on, as a balancer does when one is gone. @param {string} url */
  lead(url) {
    this.#target = Number(new URL(url).port);
  }

  /** Cuts everything that goes through it. */
  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Goes, and cuts everything that goes through it. */
  async remove() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import('node:net').Socket} socket */
  #take(socket) {
    const server = connect(this.#target, '127.0.0.1');
    for (const one of [socket, server]) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        this.#sockets.delete(one);
        socket.destroy();
        server.destroy();
      });
    }
    const line = this.#line;
    const from = line?.connects() ?? 0;
    server.on('data', (bytes) => {
      this.down += bytes.length;
      if (line) line.down.carry(bytes, from, (packet) => socket.write(packet));
      else socket.write(bytes);
    });
    socket.on('data', (bytes) => {
      this.up += bytes.length;
      // The head of a page's request is never longer than its first packet here.
      const path = /^GET (\S+)/.exec(bytes.subarray(0, 2_048).toString('latin1'))?.[1];
      if (path) this.asked.push({ path, at: performance.now() });
      const treatment = path ? (this.rules.find(([start]) => path.split('?')[0] === start)?.[1] ?? this.rest) : 'pass';
      if (treatment === 'cut') socket.destroy();
      if (treatment !== 'pass') return;
      if (line) line.up.carry(bytes, from, (packet) => server.write(packet));
      else server.write(bytes);
    });
  }
}
