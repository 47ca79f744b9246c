// @ts-check
// A page whose connection breaks and that finds another node behind the same address: it says where it sat, and what it
// knew of the other clock is void.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Proxy } from './proxy.js';
import { Server, launch, open } from './world.js';

/** How far the clock of the second node is behind that of the first, and ahead, ms: a countdown goes up, or must jump. */
const APART = [-1_600, 700];

/** How far off a page may be that was in step with the first and has not heard of the second clock, ms. */
const RIGHT = 50;

const folder = mkdtempSync(join(tmpdir(), 'oneoclock-nodes-'));
/** @type {Server[]} */
const servers = [];
const browser = await launch();
after(async () => {
  await browser.close();
  for (const server of servers) await server.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A node whose clock is off, and which vouches for it. @param {number} ms */
const node = async (ms) => {
  const file = join(folder, `clock-${servers.length}`);
  writeFileSync(file, `${ms} 2.5`);
  const server = new Server('200ms', '--test-clock', file);
  servers.push(server);
  return server.start();
};

/** What the page says first on each of its connections, and the answer. @param {import('playwright-core').Page} page */
const greetings = (page) => {
  /** @type {any[][]} */
  const all = [];
  page.on('websocket', (wire) => {
    /** @type {any[]} */
    const said = [];
    all.push(said);
    for (const event of /** @type {const} */ (['framesent', 'framereceived'])) {
      wire.on(/** @type {'framesent'} */ (event), ({ payload }) => {
        const message = JSON.parse(String(payload));
        if (message.type === 'hello' || message.type === 'welcome') said.push(message);
      });
    }
  });
  return all;
};

/** Notes whatever the countdown shows, and what it says beside it. @param {import('playwright-core').Page} page */
const watch = (page) =>
  page.evaluateHandle(() => {
    const read = (/** @type {string} */ slot) => document.querySelector(`[data-live="${slot}"]`)?.textContent ?? '';
    const seen = [{ digits: read('digits'), note: read('note') }];
    const look = () => {
      seen.push({ digits: read('digits'), note: read('note') });
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return seen;
  });

/** @param {string} digits such as 3:59:58 */
const seconds = (digits) => digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

for (const apart of APART) {
  test(`a page that finds itself on another node, whose clock is ${apart} ms off the first, says where it sat, begins anew and never counts up in silence`, async (t) => {
    const [first, second] = [await node(0), await node(apart)];
    const at = await first.moment(4 * 3_600_000);
    assert.equal(await second.moment(at - Date.now() - 500), at);
    const proxy = await new Proxy(first.url).listen();
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      const connections = greetings(page);
      await page.goto(proxy.url);
      const inStep = page.locator('[data-live="clock"]', { hasText: /^In step ±\d+/ });
      await inStep.waitFor();
      const seen = await watch(page);
      const before = (await seen.jsonValue()).at(-1);
      proxy.lead(second.url);
      proxy.cut();
      while (connections.length < 2 || (connections.at(-1)?.length ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      const [[hello, welcome], [again, other]] = /** @type {[any[], any[]]} */ ([connections[0], connections.at(-1)]);
      assert.equal(hello.was, undefined);
      assert.match(welcome.seat, /^[a-z0-9]+\.[0-9a-f]+\.[0-9a-f]{16}$/);
      assert.equal(again.was, welcome.seat, 'it says where it sat');
      assert.notEqual(other.node, welcome.node);
      assert.notEqual(other.epoch, welcome.epoch, 'every node has epochs of its own');
      // Nothing is in step before the new clock has answered; and what the old one said does not widen the bound.
      await page.locator('[data-live="clock"]:not(:has-text("In step"))').waitFor({ state: 'attached', timeout: 2_000 }).catch(() => {});
      await inStep.waitFor();
      const settled = () => page.waitForFunction(() => document.querySelector('[data-live="note"]')?.textContent === '');
      await settled();
      const { digits, wall } = await page.evaluate(() => ({ digits: document.querySelector('[data-live="digits"]')?.textContent ?? '', wall: Date.now() }));
      const left = (at - (wall + apart)) / 1_000;
      const off = seconds(digits) - left;
      assert.ok(off > -0.1 - RIGHT / 1_000 && off < 1.1 + RIGHT / 1_000, `${digits} is ${off} s off the second clock`);
      const shown = await seen.jsonValue();
      t.diagnostic(`${before?.digits} before, ${digits} after, ${shown.length} frames, said: ${[...new Set(shown.map(({ note }) => note))].join(' | ')}`);
      const silent = shown.filter(({ digits, note }, n) => n > 0 && note === '' && seconds(digits) > seconds(shown[n - 1]?.digits ?? ''));
      assert.deepEqual(silent, [], 'it counted up in silence');
      const skips = shown.filter(({ digits, note }, n) => n > 0 && note === '' && seconds(shown[n - 1]?.digits ?? '') - seconds(digits) > 1);
      assert.deepEqual(skips, [], 'it skipped in silence');
      await context.close();
    } finally {
      await proxy.remove();
    }
  });
}
