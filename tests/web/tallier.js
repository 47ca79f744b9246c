// @ts-check
// Stewards with real browsers and a server that only pretends: what the tests of their page are made of.

import { PASS, Pretender } from './pretend.js';
import { DEADLINE, Onlooker } from './world.js';

/** @typedef {import('playwright-core').BrowserContextOptions & { lang?: string, pretend?: (pretender: Pretender) => void, pass?: string }} How */

/**
 * Lets stewards come, each with a phone and a server that only pretends.
 * @param {{ server: import('./world.js').Server, browser: import('playwright-core').Browser }} world
 */
export const stewards = ({ server, browser }) => /**
 * A steward who has opened the link.
 * @param {How} [how]
 * @param {import('playwright-core').BrowserContext} [context]
 */ async ({ lang = 'en', pretend = () => {}, pass = PASS, ...how } = {}, context) => {
  const phone = context ?? (await browser.newContext({ viewport: { width: 360, height: 640 }, ...how }));
  phone.setDefaultTimeout(DEADLINE);
  /** @type {string[]} */
  const faults = [];
  phone.on('weberror', (fault) => faults.push(String(fault.error())));
  phone.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  const pretender = new Pretender();
  pretend(pretender);
  await pretender.serve(phone);
  const page = await phone.newPage();
  await page.goto(`${server.url}/steward?lang=${lang}#${pass}`);
  return new Steward(page, pretender, faults);
};

export class Steward extends Onlooker {
  /** @param {import('playwright-core').Page} page @param {Pretender} pretender @param {string[]} faults */
  constructor(page, pretender, faults) {
    super(page, [], faults);
    this.pretender = pretender;
  }

  /** @param {string} screen */
  async stands(screen) {
    await this.page.locator(`body[data-screen="${screen}"]`).waitFor();
  }

  /** @param {string} what */
  async does(what, inside = '') {
    await this.page.locator(`${inside} button[data-do="${what}"]:visible`).click();
  }

  /** @param {number} n */
  async taps(n, times = 1) {
    for (let i = 0; i < times; i++) {
      await this.page.locator(`[data-tap="${n}"]`).dispatchEvent('pointerdown', { button: 0, pointerId: 1, clientX: 100, clientY: 500, bubbles: true });
    }
  }

  /** From the link to the first real tap. */
  async begins() {
    await this.stands('brief');
    await this.does('practise');
    await this.stands('practice');
    await this.taps(1, 5);
    await this.does('start');
    await this.stands('count');
  }

  /** @param {string | number} n */
  async shows(n) {
    await this.sees('number', new RegExp(`^${n}$`));
  }

  /** Waits until so many are kept, and nothing is left to be sent. @param {string | number} n */
  async keeps(n) {
    await this.sees('kept', new RegExp(`^✓ ${n} `));
  }

  async offline() {
    this.pretender.away = true;
    await this.page.context().setOffline(true);
    await this.pretender.end(1012);
  }

  async online() {
    this.pretender.away = false;
    await this.page.context().setOffline(false);
    await this.page.evaluate(() => window.dispatchEvent(new Event('online')));
  }
}

/** Waits until the page can be opened without a network. @param {Steward} one */
export const held = (one) => one.page.waitForFunction(async () => (await caches.keys()).some((name) => name.startsWith('oneoclock-steward ')));
