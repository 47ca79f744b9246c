// @ts-check
// A server that takes what stewards say, in the place of the real one: it keeps the largest of each total, and can be
// told to be away, or full.

import { example } from './fakes.js';

/** @typedef {{ gathering: string, post: string, device: string, minute: number, in: number, in_undone: number, out: number, out_undone: number }} Tally */

export const PASS = 'oo1-steward-abcdefghijklmnopqrstuvwxyz234567';

/** Where the pages of a context connect to, instead of to `/live`. */
export class Pretender {
  /** @type {Map<string, Tally>} */
  minutes = new Map();
  /** @type {any[]} */
  estimates = [];
  /** Everything that was said, in order. @type {any[]} */
  heard = [];
  /** How the server's clock differs from this machine's, ms. */
  ahead = 0;
  away = false;
  full = false;
  ready = false;
  /** @type {object} */
  duty = {};
  /** @type {object} */
  moment = {};
  /** @type {Set<import('playwright-core').WebSocketRoute>} */
  #lines = new Set();

  /** @param {import('playwright-core').BrowserContext} context */
  async serve(context) {
    await context.routeWebSocket(/\/live$/, (line) => {
      if (this.away) return void line.close({ code: 1012 });
      this.#lines.add(line);
      line.onClose(() => this.#lines.delete(line));
      line.onMessage((text) => this.#hear(line, JSON.parse(String(text))));
    });
  }

  get now() {
    return Date.now() + this.ahead;
  }

  /** People at the post, as they sum up here. */
  get people() {
    return [...this.minutes.values()].reduce((sum, one) => sum + one.in - one.in_undone - one.out + one.out_undone, 0);
  }

  /** @param {string} name @param {object} change */
  say(name, change) {
    const text = JSON.stringify({ ...JSON.parse(example(name)), ...change });
    for (const line of this.#lines) line.send(text);
  }

  /** Says the duty anew. */
  tell() {
    this.say('duty', this.#duty());
  }

  /** Ends all connections. @param {number} code */
  async end(code) {
    for (const line of this.#lines) await line.close({ code });
    this.#lines.clear();
  }

  #duty() {
    const devices = new Set([...this.minutes.values()].map(({ device }) => device));
    return {
      from: this.now - 3_600_000,
      until: this.now + 3_600_000,
      ready: this.ready,
      post_people: this.people,
      devices: [...devices].map((device) => ({ device: device.slice(0, 8), counted: this.people, live: true })),
      ...this.duty,
    };
  }

  /** @param {import('playwright-core').WebSocketRoute} line @param {any} said */
  #hear(line, said) {
    const answer = (/** @type {string} */ name, /** @type {object} */ change) =>
      line.send(JSON.stringify({ ...JSON.parse(example(name)), ...change }));
    this.heard.push(said);
    if (said.type === 'hello') {
      answer('welcome', { now: this.now });
      answer('moment', { at: this.now + 1_800_000, ...this.moment });
      answer('board', { t: this.now, as_of: this.now });
      answer('duty', this.#duty());
    }
    if (said.type === 'ping') answer('pong', { seq: said.seq, c1: said.c1, s2: this.now, s3: this.now });
    if (said.type === 'ready') {
      this.ready = said.ready;
      line.send(JSON.stringify({ type: 'kept', of: 'ready', ready: said.ready }));
    }
    if (!['tally', 'estimate'].includes(said.type)) return;
    if (this.full) return void answer('refused', { of: said.type, reason: 'not_kept' });
    if (said.type === 'estimate') {
      this.estimates.push(said);
      line.send(JSON.stringify({ type: 'kept', of: 'estimate', device: said.device, seq: said.seq, held: false }));
      return;
    }
    const key = [said.gathering, said.post, said.device, said.minute].join('/');
    const before = this.minutes.get(key) ?? said;
    const most = (/** @type {'in' | 'in_undone' | 'out' | 'out_undone'} */ name) => Math.max(before[name], said[name]);
    const kept = { ...said, in: most('in'), in_undone: most('in_undone'), out: most('out'), out_undone: most('out_undone') };
    this.minutes.set(key, kept);
    line.send(JSON.stringify({ ...kept, type: 'kept', of: 'tally', held: false }));
  }
}
