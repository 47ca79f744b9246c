// @ts-check
// What stands in for time, the network and a browser in the tests of the connection.

import { readFileSync } from 'node:fs';

/** @param {string} name of a message */
export const example = (name) => readFileSync(new URL(`../wire/${name}.json`, import.meta.url), 'utf8');

/** @param {string} name @param {object} [change] */
const changed = (name, change = {}) => ({ ...JSON.parse(example(name)), ...change });

/** Time that moves only when told, and timers that follow it. */
export class Time {
  now = 0;
  /** @type {Map<number, { at: number, run: () => void }>} */
  #due = new Map();
  #last = 0;
  timers = {
    set: (/** @type {() => void} */ run, /** @type {number} */ ms) => {
      this.#due.set(++this.#last, { at: this.now + ms, run });
      return this.#last;
    },
    clear: (/** @type {number} */ id) => void this.#due.delete(id),
  };
  get pending() {
    return this.#due.size;
  }
  /** @param {number} ms */
  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.#due].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (!next) break;
      this.now = next[1].at;
      this.#due.delete(next[0]);
      next[1].run();
    }
    this.now = end;
  }
}

export class FakeSocket {
  /** @type {((event: any) => void) | null} */ onopen = null;
  /** @type {((event: any) => void) | null} */ onmessage = null;
  /** @type {((event: any) => void) | null} */ onclose = null;
  closed = false;
  /** @type {any[]} */ sent = [];
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  accept() {
    this.onopen?.({});
    this.onmessage?.({ data: example('welcome') });
  }
  /** @param {string} name @param {object} [change] */
  say(name, change = {}) {
    this.onmessage?.({ data: JSON.stringify(changed(name, change)) });
  }
  /** @param {number} code */
  end(code) {
    this.onclose?.({ code });
  }
}

/** Stands in for EventSource. */
export class FakeSource {
  /** @type {((event: any) => void) | null} */ onopen = null;
  /** @type {((event: any) => void) | null} */ onmessage = null;
  /** @type {((event: any) => void) | null} */ onerror = null;
  closed = false;
  /** @param {string} path */
  constructor(path) {
    this.path = path;
  }
  close() {
    this.closed = true;
  }
  /** @param {string} name @param {object} [change] */
  say(name, change) {
    this.onmessage?.({ data: JSON.stringify(changed(name, change)) });
  }
  accept() {
    this.onopen?.({});
    this.say('moment');
    this.say('board');
  }
  fail() {
    this.onerror?.({});
  }
}

/** Stands in for `fetch`: what is asked for waits until it is answered. */
export class FakeRequests {
  /** @type {{ path: string, answer: (value: unknown) => void, fail: () => void, signal: AbortSignal }[]} */
  asked = [];
  /** @type {import('../../web/beside.js').Get} */
  get = (path, signal) =>
    new Promise((answer, reject) => this.asked.push({ path, answer, fail: () => reject(new Error('no')), signal }));
  /** Those for the state, or for the time. @param {'board' | 'time'} what */
  of(what) {
    return this.asked.filter(({ path }) => path.startsWith(`/api/v1/${what}`));
  }
  /** Answers the newest question for the state. @param {object} [board] */
  async state(board) {
    this.of('board').at(-1)?.answer({ moment: changed('moment'), board: changed('board', board) });
    await settled();
  }
}

/** Lets everything that waits for an answer go on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Stands in for the channels between the pages of one browser. */
export class FakeBrowser {
  /** @type {Set<FakeChannel>} */
  channels = new Set();
  open = () => {
    const channel = new FakeChannel(this);
    this.channels.add(channel);
    return channel;
  };
}

class FakeChannel {
  /** @type {((event: any) => void) | null} */ onmessage = null;
  /** @param {FakeBrowser} browser */
  constructor(browser) {
    this.browser = browser;
  }
  /** @param {unknown} message */
  postMessage(message) {
    for (const other of this.browser.channels) if (other !== this) other.onmessage?.({ data: structuredClone(message) });
  }
  close() {
    this.browser.channels.delete(this);
  }
}
