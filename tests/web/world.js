// @ts-check
// A real server, a real browser, and people who look at pages: what the tests of the pages are made of.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const BIN = process.env.ONEOCLOCK_BIN ?? fileURLToPath(new URL('../../target/debug/oneoclock', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const GATHERINGS = fileURLToPath(new URL('../data/gatherings.csv', import.meta.url));
/** Six of them, with programmes and access facts. */
export const PROGRAMMES = fileURLToPath(new URL('../data/programmes.csv', import.meta.url));

/** Longest wait for anything that should happen, ms: generous, because the machine may be busy. */
export const DEADLINE = 20_000;

export const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A server with a journal of its own, which survives its process. */
export class Server {
  #data = mkdtempSync(join(tmpdir(), 'oneoclock-pages-'));
  #port = 0;
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null;
  #more;

  /** @param {string} [pace] shortest time between two boards @param {string[]} more flags */
  constructor(pace = '200ms', ...more) {
    this.pace = pace;
    this.#more = more;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The organiser's link, with the pass in the fragment. */
  get organise() {
    return `${this.url}/organise#${readFileSync(join(this.#data, 'organiser.pass'), 'utf8').trim()}`;
  }

  /** Starts, at the address it had before if there was one, and waits until it says where it is. */
  async start() {
    const child = spawn(BIN, ['serve', '--listen', `127.0.0.1:${this.#port}`, '--data', this.#data, '--pace', this.pace, ...this.#more], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1];
      if (!port) continue;
      clearTimeout(deadline);
      this.#port = Number(port);
      child.stdout.resume();
      return this;
    }
    throw new Error(`${BIN} did not say where it listens`);
  }

  /** @param {NodeJS.Signals} signal */
  async end(signal) {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
    await ended;
    clearTimeout(deadline);
  }

  /** Ends for good, and takes its journal along. */
  async remove() {
    await this.end('SIGTERM');
    rmSync(this.#data, { recursive: true, force: true });
  }

  /**
   * What an organiser types. Machines that run tests have a clock that nothing vouches for, so whatever arms the
   * moment is given on the organiser's word.
   * @param {string[]} args
   */
  async command(...args) {
    const arms = args[0] === 'moment' && ['set', 'move', 'resume'].includes(args[1] ?? '');
    return promisify(execFile)(BIN, [...args, ...(arms ? ['--unconfirmed-clock'] : []), '--server', this.url, '--data', this.#data], { timeout: DEADLINE });
  }

  /** Reads a list of gatherings in. @param {string} csv */
  async read(csv) {
    const file = join(this.#data, 'more.csv');
    writeFileSync(file, csv);
    await this.command('import', file, '--apply');
  }

  /**
   * Sets the moment so many ms from now, to a whole second, and says when that is (Unix ms).
   * @param {number} ms
   * @param {string[]} more
   */
  async moment(ms, ...more) {
    const at = Math.ceil((Date.now() + ms) / 1_000) * 1_000;
    const civil = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
    const name = 'One day without us';
    await this.command('moment', 'set', civil, '--zone', 'UTC', '--name', name, '--confirm', civil, ...more);
    return at;
  }
}

/** @param {{ remembers?: boolean }} [how] whether it keeps the pages that are left, to go back to */
export const launch = ({ remembers = false } = {}) =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: QUIET,
    ignoreDefaultArgs: remembers ? ['--disable-back-forward-cache'] : [],
  });

/**
 * A server and a browser for all tests of a file, until the last has ended.
 * @param {(server: Server) => Promise<unknown>} [ready] what the server needs before anybody comes
 */
export const begin = async (ready) => {
  const server = new Server();
  /** @type {import('playwright-core').Browser | null} */
  let browser = null;
  after(async () => {
    await browser?.close();
    await server.remove();
  });
  await server.start();
  await ready?.(server);
  browser = await launch();
  return { server, browser };
};

/**
 * A page, and everything it did that nobody should have to do.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [how]
 */
export const open = async (browser, url, how) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, ...how });
  context.setDefaultTimeout(DEADLINE);
  await context.addInitScript(() => {
    const fires = /** @type {any} */ (window).fires = /** @type {object[]} */ ([]);
    document.addEventListener('oneoclock:fires', (event) => {
      fires.push({ .../** @type {CustomEvent} */ (event).detail, wall: Date.now() });
    });
  });
  /** @type {string[]} */
  const requests = [];
  /** @type {string[]} */
  const faults = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('weberror', (fault) => faults.push(String(fault.error())));
  context.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_CONNECTION_REFUSED|status of 404/.test(message.text())) faults.push(message.text());
  });
  const page = await context.newPage();
  await page.goto(url);
  return new Onlooker(page, requests, faults);
};

/** Somebody who reads a page. */
export class Onlooker {
  /**
   * @param {import('playwright-core').Page} page
   * @param {string[]} requests addresses asked for
   * @param {string[]} faults errors and broken promises of the page
   */
  constructor(page, requests, faults) {
    this.page = page;
    this.requests = requests;
    this.faults = faults;
  }

  /** @param {string} slot */
  read(slot) {
    return this.page.locator(`[data-live="${slot}"]`).textContent();
  }

  /** Waits until a slot says something. @param {string} slot @param {RegExp} what */
  async sees(slot, what) {
    await this.page.locator(`[data-live="${slot}"]`, { hasText: what }).waitFor({ state: 'attached' });
  }

  /** Waits until a slot says nothing. @param {string} slot */
  async seesNo(slot) {
    await this.page.locator(`[data-live="${slot}"]:empty`).waitFor({ state: 'attached' });
  }

  /** Waits for a phase. @param {import('../../web/countdown.js').Phase} phase */
  async reaches(phase) {
    await this.page.locator(`html[data-phase="${phase}"]`).waitFor();
  }

  /** @returns {Promise<{ at: number, rev: number, now: number, bound: number | null, wall: number }[]>} */
  fires() {
    return this.page.evaluate('window.fires');
  }

  leave() {
    return this.page.context().close();
  }
}

/**
 * Phones without a browser, each an event stream, until the signal.
 * @param {Server} server
 * @param {number} phones
 * @param {string} query
 * @param {AbortSignal} signal
 */
export const crowd = (server, phones, query, signal) =>
  Promise.all(Array.from({ length: phones }, () => fetch(`${server.url}/live/events${query}`, { signal })));

/**
 * What axe finds wrong with a page.
 * @param {Onlooker} onlooker
 * @param {{ forced?: boolean, scripts?: boolean }} [how] whether the colours are the reader's own, which the browser
 *   sees to and axe cannot see; and whether the page's scripts are on: where they are off, timers never ring
 */
export const axe = async ({ page }, { forced = false, scripts = true } = {}) => {
  if (!scripts) await page.evaluate('window.setTimeout = (run) => (Promise.resolve().then(run), 0)');
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const run = `axe.run({ rules: { 'color-contrast': { enabled: ${!forced} } } })`;
  const { violations } = /** @type {{ violations: { id: string, nodes: { html: string }[] }[] }} */ (
    await page.evaluate(`window.stage ? stage.really(() => ${run}) : ${run}`)
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
};

/**
 * Slots that reach over the edge they were given, as a share of the window.
 * @param {Onlooker} onlooker
 * @param {number} margin
 */
export const spills = ({ page }, margin) =>
  page.evaluate((margin) => {
    const [width, height] = [innerWidth * margin, innerHeight * margin];
    const out = [...document.querySelectorAll('[data-live]:not(:empty), .address, .tools > *, .finder')].filter((slot) => {
      if (!slot.checkVisibility({ visibilityProperty: true })) return false;
      const box = slot.getBoundingClientRect();
      const sides = box.left < width - 1 || box.right > innerWidth - width + 1;
      return sides || (margin > 0 && (box.top < height - 1 || box.bottom > innerHeight - height + 1));
    });
    return out.map((slot) => slot.outerHTML);
  }, margin);
