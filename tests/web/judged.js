// @ts-check
// A real page with a clock of its own, at the end of a road of its own, and what the referee makes of it.

import { falsify } from './falseclock.js';
import { mono, pageClock } from './referee.js';
import { Road } from './road.js';
import { DEADLINE } from './world.js';

/** What a page may be off by at the moment, beside half of what its road takes more one way, ms. */
const OFF = 3;

/** A frame of a screen at 60 Hz, ms. */
const FRAME = 1_000 / 60;

/** Between a page's look at its clock and the note that it acted, ms. */
const NOTED = 1;

/** From so much beyond the pace of the screen on, a frame was skipped, ms. */
const SKIPPED = FRAME / 2;

/** A page nobody looks at has a timer once a second, ms. */
const SELDOM = 1_000;

/**
 * @typedef {object} Setting
 * @property {string} name
 * @property {import('./road.js').Conditions} road
 * @property {import('./falseclock.js').Wrong} clock
 * @property {boolean} [single] whether it is the control, which takes the first answer for the truth
 * @property {boolean} [hidden] nobody looks: no frames, and timers once a second
 * @property {number} [held] how long it is held up across the moment, ms
 * @property {boolean} [bound] whether it is to keep to its own bound only, as a page does that was cut off
 */

/** @typedef {{ what: string, seen: number, error: number, bound: number | null, late: number, label: string, missable: boolean }} Outcome */

/** The clock that many pages on the web have: half of the first round trip, taken for the truth from then on. */
const SINGLE = `
class Clock extends Honest {
  #local; #asked = new Map(); #first = null;
  constructor(local, guess) { super(local, guess); this.#local = local; }
  ping() { const stamp = super.ping(); this.#asked.set(stamp.seq, stamp.c1); return stamp; }
  pong({ seq, s2, s3 }) {
    const [c1, c4] = [this.#asked.get(seq), this.#local()];
    if (c1 !== undefined) this.#first ??= { offset: (s2 - c1 + s3 - c4) / 2, half: (c4 - c1) / 2 };
    return true;
  }
  stamp() { return true; }
  now() { return this.#first ? this.#local() + this.#first.offset : super.now(); }
  bound() { return this.#first ? this.#first.half : null; }
  step() { return { label: this.#first ? 'close' : 'not-in-step', why: this.#first ? null : 'unasked', bound: this.bound(), confirmed: true }; }
}`;

/** Gives the page that clock. @param {import('playwright-core').Route} route */
const simplify = async (route) => {
  const response = await route.fetch();
  const text = await response.text();
  if (!text.includes('class Clock {')) throw new Error('the clock is in another script now');
  await route.fulfill({ response, body: text.replace('class Clock {', 'class Honest {') + SINGLE });
};

export class Judged {
  /** Whether its device sleeps: then nobody can ask it. */
  asleep = false;
  /** When it slept last, judge's ms. What was due then cannot be in time. */
  #slept = { from: Infinity, to: -Infinity };
  /** @type {string[]} */
  errors = [];

  /** @param {Setting} setting @param {import('playwright-core').Page} page @param {Road} road */
  constructor(setting, page, road) {
    this.setting = setting;
    this.page = page;
    this.road = road;
    this.clock = pageClock(page);
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {string} url
   * @param {Setting} setting
   * @param {number} seed
   */
  static async join(browser, url, setting, seed) {
    const road = await new Road(url, setting.road, seed).listen();
    const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
    context.setDefaultTimeout(DEADLINE);
    await context.addInitScript(falsify, setting.clock);
    const page = await context.newPage();
    if (setting.single) await page.route('**/page.js', simplify);
    // Whoever asks for this is held up so long.
    await page.route('**/held', (route) => setTimeout(() => void route.fulfill({ body: '' }), setting.held));
    const judged = new Judged(setting, page, road);
    await page.goto(road.url);
    await judged.labelled(/^(In step|Close|Approximate)/);
    if (setting.hidden) await page.evaluate('referee.look(false)');
    return judged;
  }

  /** Waits for what the page says of its clock. @param {RegExp} label */
  labelled(label) {
    return this.page.locator('[data-live="clock"]', { hasText: label }).waitFor({ state: 'attached' });
  }

  /** The server's clock it heard of last. @returns {Promise<number | null>} */
  epoch() {
    return this.page.evaluate('referee.epoch');
  }

  /** Waits for a phase. @param {import('../../web/countdown.js').Phase} phase */
  reaches(phase) {
    return this.page.locator(`html[data-phase="${phase}"]`).waitFor();
  }

  /** The device falls asleep: nothing runs, nothing comes, and its steady clock stands still. */
  async sleep() {
    this.asleep = true;
    this.#slept.from = mono();
    this.road.hush(true);
    await this.page.evaluate('referee.sleep()');
  }

  async wake() {
    await this.page.evaluate('referee.wake()');
    this.road.hush(false);
    this.#slept.to = mono();
    this.asleep = false;
  }

  /** What it has done about one moment. @param {number} at Unix ms @returns {Promise<import('./falseclock.js').Act[]>} */
  async acts(at) {
    return this.page.evaluate((at) => /** @type {any} */ (globalThis).referee.acts.filter((/** @type {any} */ act) => act.at === at), at);
  }

  /**
   * What it did at a moment, and what of that it should not have.
   * @param {number} at Unix ms
   * @param {import('./referee.js').Other} server
   * @param {(at: number) => boolean} sound whether the machine gave everybody time then, judge's ms
   */
  async judge(at, server, sound) {
    const acts = await this.acts(at);
    const faults = /** @type {string[]} */ (await this.page.evaluate('referee.faults.splice(0)'));
    const judge = mono();
    const [own, truth] = [this.clock.at(judge), server.at(judge)];
    const doubt = own.doubt + truth.doubt;
    const served = (/** @type {number} */ real) => real - own.offset + truth.offset;
    const { held = 0, hidden, single, bound: itsOwn, name } = this.setting;
    const missed = [...faults, ...this.errors.splice(0)];
    /** What was seen too late, by a page that was given no frame when it was due.
     * @type {string[]} */
    const frameless = [];
    const fires = acts.filter(({ what }) => what === 'fires').length;
    if (fires !== 1) missed.push(`fired ${fires} times`);
    const outcomes = acts.filter(({ what, real }) => what === 'fires' || sound(real - own.offset)).map(({ what, offset, now, bound, real, frame, skipped, label }) => {
      const seen = served(frame ?? real) - at - offset;
      const error = now - served(real);
      const late = now - at - offset;
      const least = what === 'fires' ? held : 0;
      const slack = doubt + NOTED;
      const may = (itsOwn ? (bound ?? 0) : OFF + this.road.half) + FRAME + doubt;
      const most = hidden ? may + SELDOM : may + least;
      const told = /^In step ±(\d+)/.exec(label);
      if (bound === null || Math.abs(error) > bound + slack) missed.push(`${what} ${offset}: its clock was ${error.toFixed(1)} off, and it said ±${bound?.toFixed(1)}`);
      if (told && Math.abs(error) > Number(told[1]) + slack) missed.push(`${what} ${offset}: "${label}" and ${error.toFixed(1)} off`);
      const due = at + offset - truth.offset;
      const missable = due > this.#slept.from && due < this.#slept.to;
      const why = `${what} ${offset}: seen ${seen.toFixed(1)} from the instant, and ${may.toFixed(1)} is allowed`;
      const waited = !hidden && !held && !single && (frame === null || (skipped ?? 0) > SKIPPED);
      if (!missable && (seen < -may || seen > most)) (waited && seen > most ? frameless : missed).push(why);
      return { what, seen, error, bound, late, label, missable };
    });
    const named = (/** @type {string[]} */ of) => of.map((why) => `${name}: ${why}`);
    return { name, control: single === true, outcomes, doubt, half: this.road.half, missed: named(missed), frameless: named(frameless) };
  }

  async leave() {
    await this.page.context().close();
    await this.road.remove();
  }
}
