// @ts-check
// A page on a stage: a real page of the real server, but its time and what it hears over its WebSocket are moved by
// hand. Every phase is one step away, and twelve hours pass in seconds.

import { readFileSync } from 'node:fs';
import { Onlooker, open } from './world.js';

const HOUR = 3_600_000;

/** @param {string} name of a message */
const example = (name) => JSON.parse(readFileSync(new URL(`../wire/${name}.json`, import.meta.url), 'utf8'));

/** What runs in the page before anything of its own.
 * @param {{ moment: any, board: any, welcome: any, pong: any }} examples */
const machinery = (examples) => {
  const real = { set: window.setTimeout, clear: window.clearTimeout, began: Date.now(), origin: performance.now() };
  let passed = 0;
  let last = 0;
  let gone = false;
  /** @type {Map<number, { at: number, run: () => void }>} */
  const due = new Map();
  const now = () => real.began + passed;
  const set = (/** @type {() => void} */ run, ms = 0) => {
    due.set(++last, { at: passed + Math.max(1, ms), run });
    return last;
  };
  const fakeTimers = () => Object.assign(window, { setTimeout: set, clearTimeout: (/** @type {number} */ id) => due.delete(id) });
  fakeTimers();
  performance.now = () => real.origin + passed;
  window.Date = /** @type {any} */ (
    class extends Date {
      /** @param {any[]} parts */
      constructor(...parts) {
        super(.../** @type {[]} */ (parts.length ? parts : [now()]));
      }
      static now() {
        return now();
      }
    }
  );

  const { epoch } = examples.welcome;
  let moment = { ...examples.moment, words: 'Link arms', cues: [], born: false };
  /** Begins with what the page was born with, so that there is nothing to be said about a change. */
  const born = () => {
    const { at, rev } = JSON.parse(document.getElementById('first')?.textContent ?? '').moment;
    moment = { ...moment, at, rev, born: true };
  };
  /** @type {Record<string, any>} what the board says; nobody has counted people yet */
  let figures = { phones: 14_210, here: 310, people: null, taking_part: 0, low: 0, high: 0, elsewhere: 0, reported: 0, ready: 0, final: false };
  const messages = {
    welcome: () => ({ ...examples.welcome, now: now(), err: 1 }),
    moment: () => ({ ...moment, civil: new Date(moment.at).toISOString().slice(0, 19) }),
    board: () => ({ ...examples.board, as_of: now(), ...figures, epoch, rev: moment.rev, t: now() }),
  };

  /** @type {object[]} what the page said, but for its questions */
  const said = [];
  /** @type {Set<Line>} */
  const lines = new Set();
  /** What the page takes for its WebSocket. */
  class Line {
    /** @type {((event: any) => void) | null} */ onopen = null;
    /** @type {((event: any) => void) | null} */ onmessage = null;
    /** @type {((event: any) => void) | null} */ onclose = null;
    constructor() {
      if (!moment.born) born();
      lines.add(this);
      queueMicrotask(() => (gone ? this.cut() : this.onopen?.({})));
    }
    /** @param {string} text */
    send(text) {
      const { type, seq, c1 } = JSON.parse(text);
      if (type !== 'ping') said.push(JSON.parse(text));
      queueMicrotask(() => {
        if (type === 'hello') for (const one of /** @type {const} */ (['welcome', 'moment', 'board'])) this.hear(messages[one]());
        if (type === 'ping') this.hear({ ...examples.pong, seq, c1, s2: now(), s3: now(), epoch, err: 1 });
      });
    }
    /** @param {object} message */
    hear(message) {
      if (lines.has(this)) this.onmessage?.({ data: JSON.stringify(message) });
    }
    cut() {
      if (lines.delete(this)) this.onclose?.({ code: 1006 });
    }
    close() {
      lines.delete(this);
    }
  }
  const Events = window.EventSource;
  const fetches = window.fetch;
  Object.assign(window, {
    WebSocket: Line,
    EventSource: class {
      constructor() {
        return gone ? { close: () => {} } : new Events('/live/events');
      }
    },
    fetch: (/** @type {any[]} */ ...asked) => (gone ? Promise.reject(new TypeError('no network')) : fetches(.../** @type {[any]} */ (asked))),
  });
  let pace = 10_000;
  let told = 0;
  const beat = () => {
    told += 1;
    figures = { ...figures, phones: 1_000 + ((figures.phones + 7_919) % 90_000), here: (figures.here + 31) % 900 };
    tell('board');
    set(beat, pace);
  };
  set(beat, pace);
  const tell = (/** @type {'moment' | 'board'} */ what) => lines.forEach((line) => line.hear(messages[what]()));

  Object.assign(window, {
    stage: {
      now,
      open: () => lines.size,
      /** Lets time pass, and everything happen that is due. @param {number} ms */
      pass: async (ms) => {
        const end = passed + ms;
        for (;;) {
          let [first, next] = /** @type {[number, { at: number, run: () => void } | null]} */ ([0, null]);
          for (const [id, one] of due) if (one.at <= end && (!next || one.at < next.at)) [first, next] = [id, one];
          if (!next) break;
          passed = next.at;
          due.delete(first);
          next.run();
          await null;
        }
        passed = end;
      },
      /** Sets the moment `left` ms from now, without a word about it, or with. @param {any} change */
      moment: ({ left, aloud = false, ...change }) => {
        if (left !== undefined) change.at = Math.ceil((now() + left) / 1_000) * 1_000;
        moment = { ...moment, ...change, rev: moment.rev + (aloud ? 1 : 0) };
        tell('moment');
        tell('board');
      },
      /** Other figures, and a board with them. @param {object} change */
      figures: (change) => {
        Object.assign(figures, change);
        tell('board');
      },
      /** What the page has said since it was last asked. */
      said: () => said.splice(0),
      /** Something else the server says. @param {object} message */
      say: (message) => lines.forEach((line) => line.hear(message)),
      /** A board each so many ms from now on; how many there have been. @param {number} ms */
      boards: (ms) => {
        pace = ms;
        return told;
      },
      /** @param {boolean} away whether the server is */
      gone: (away) => {
        gone = away;
        if (gone) for (const line of [...lines]) line.cut();
      },
      /** Runs something that needs the real timers. @param {() => Promise<unknown>} run */
      really: async (run) => {
        Object.assign(window, { setTimeout: real.set, clearTimeout: real.clear });
        try {
          return await run();
        } finally {
          fakeTimers();
        }
      },
    },
  });
};

/**
 * A page on the stage, with the moment five minutes off and everything quiet.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [how]
 */
export const enter = async (browser, how) => {
  const { page, requests, faults } = await open(browser, 'about:blank', how);
  const [moment, board, welcome, pong] = ['moment', 'board', 'welcome', 'pong'].map(example);
  await page.context().addInitScript(machinery, { moment, board, welcome, pong });
  return new Actor(page, requests, faults);
};

/** Somebody who reads a page on the stage, and directs it. */
export class Actor extends Onlooker {
  /** Opens an address of a server whose moment is near: a display far from it begins with its test card.
   * @param {string} url */
  async goto(url) {
    await this.page.goto(url);
    await this.sees('clock', /\d/);
  }

  /** @param {number} ms */
  pass(ms) {
    return this.page.evaluate(`stage.pass(${ms})`);
  }

  /** @param {boolean} away */
  gone(away) {
    return this.page.evaluate(`stage.gone(${away})`);
  }

  /** @param {number} ms */
  boards(ms) {
    return this.page.evaluate(`stage.boards(${ms})`);
  }

  /** @param {Partial<import('../../web/wire.js').Board>} change */
  figures(change) {
    return this.page.evaluate(`stage.figures(${JSON.stringify(change)})`);
  }

  /** What the page has said since it was last asked, of one type. @param {string} type */
  async said(type) {
    const all = /** @type {any[]} */ (await this.page.evaluate('stage.said()'));
    return all.filter((message) => message.type === type);
  }

  /** The server says something. @param {object} message */
  hears(message) {
    return this.page.evaluate(`stage.say(${JSON.stringify(message)})`);
  }

  /** @param {{ left?: number, status?: import('../../web/wire.js').Status, words?: string, name?: string, aloud?: boolean, cues?: import('../../web/wire.js').Cue[] }} change */
  moment(change) {
    return this.page.evaluate(`stage.moment(${JSON.stringify(change)})`);
  }

  /** Lets the style sheet's colours arrive at once. */
  async still() {
    await this.page.evaluate(() => {
      for (const animation of document.getAnimations()) animation.finish();
    });
  }
}

/** Figures of a day on which people were counted. @type {Partial<import('../../web/wire.js').Board>} */
export const COUNTED = { people: 435, taking_part: 109_660, low: 109_310, high: 110_410, elsewhere: 1_210, reported: 61, gatherings: 138, ready: 118 };

/**
 * How a page gets into each phase, in an order in which each follows from the one before; and what `html` is then.
 * @type {Record<string, { state: string, begin: (actor: Actor) => Promise<unknown> }>}
 */
export const PHASES = {
  days: { state: '[data-span="days"]', begin: (actor) => actor.moment({ left: 80.7 * HOUR }) },
  hours: { state: '[data-span="hours"]', begin: (actor) => actor.moment({ left: 22.3 * HOUR }) },
  minutes: { state: '[data-span="minutes"]', begin: (actor) => actor.moment({ left: 587_000 }) },
  seconds: { state: '[data-span="seconds"]', begin: (actor) => actor.moment({ left: 8_900 }) },
  now: { state: '[data-phase="now"]', begin: (actor) => actor.pass(11_000) },
  after: { state: '[data-phase="after"]', begin: (actor) => actor.pass(61_000) },
  late: { state: '[data-phase="after"]', begin: (actor) => actor.moment({ left: -20_000 }) },
  held: { state: '[data-phase="held"]', begin: (actor) => actor.moment({ left: 2 * HOUR, status: 'held', aloud: true }) },
  cancelled: { state: '[data-phase="cancelled"]', begin: (actor) => actor.moment({ status: 'cancelled', aloud: true }) },
  movedDays: { state: '[data-span="days"]', begin: (actor) => actor.moment({ left: 80.7 * HOUR, status: 'scheduled', aloud: true }) },
  moved: { state: '[data-span="hours"]', begin: (actor) => actor.moment({ left: 3 * HOUR, aloud: true }) },
  away: { state: '[data-link="away"]', begin: (actor) => actor.gone(true).then(() => actor.pass(70_000)) },
};

/**
 * Goes through all phases.
 * @param {Actor} actor
 * @param {(phase: string) => Promise<unknown>} look
 */
export const play = async (actor, look) => {
  for (const [phase, { state, begin }] of Object.entries(PHASES)) {
    await begin(actor);
    await actor.page.locator(`html${state}`).waitFor({ state: 'attached', timeout: 5_000 });
    await actor.still();
    await look(phase);
  }
  await actor.gone(false);
};
