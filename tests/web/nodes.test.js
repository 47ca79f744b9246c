// @ts-check
// A page whose connection breaks and that finds another node behind the same address: it says where it sat, and what it
// knew of the other clock is void.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Proxy } from './proxy.js';
import { DEADLINE, Server, launch } from './world.js';

/** How far the clock of the second node is off that of the first, ms: the countdown would go up, or must jump; and what
 * the page says of it. */
const APART = /** @type {const} */ ([[-1_600, 'Re-synchronising'], [700, 'Corrected by the network’s clock']]);

/** How far from its second the digits may turn on a busy machine, ms. */
const RIGHT = 100;

/** Questions for the time that a page asks in a row when it begins anew. */
const BURST = 10;

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

/** What the page says first on each of its connections, and the answers to it and to its questions. @param {import('playwright-core').Page} page */
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
        if (['hello', 'welcome', 'pong'].includes(message.type)) said.push(message);
      });
    }
  });
  return all;
};

/** Notes whatever the countdown shows, and what it says beside it. @param {import('playwright-core').Page} page */
const watch = (page) =>
  page.evaluateHandle(() => {
    const read = (/** @type {string} */ slot) => document.querySelector(`[data-live="${slot}"]`)?.textContent ?? '';
    const seen = [{ digits: read('digits'), note: read('note'), wall: Date.now() }];
    const look = () => {
      seen.push({ digits: read('digits'), note: read('note'), wall: Date.now() });
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return seen;
  });

/** @param {string} digits such as 3:59:58 */
const seconds = (digits) => digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

for (const [apart, says] of APART) {
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
      await inStep.waitFor();
      await page.locator('[data-live="note"]:empty').waitFor({ state: 'attached' });
      // It runs a little slower or faster until it agrees with the second clock.
      const off = async () => {
        const shown = await seen.jsonValue();
        const turn = shown.findLastIndex(({ digits }, n) => n > 0 && digits !== shown[n - 1]?.digits);
        const { digits = '', wall = NaN } = shown[turn] ?? {};
        return at - (wall + apart) - 1_000 * seconds(digits);
      };
      const deadline = Date.now() + DEADLINE;
      while (!(Math.abs(await off()) <= RIGHT)) {
        assert.ok(Date.now() < deadline, `${await off()} ms off the second clock`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const pongs = connections.at(-1)?.filter(({ type }) => type === 'pong') ?? [];
      assert.ok(pongs.length >= BURST && pongs.every(({ epoch }) => epoch === other.epoch), `${pongs.length} answers`);
      const shown = await seen.jsonValue();
      t.diagnostic(`${before?.digits} before, ${shown.at(-1)?.digits} after, ${shown.length} frames, said: ${[...new Set(shown.map(({ note }) => note))].join(' | ')}`);
      assert.ok(shown.some(({ note }) => note === says), `it never said "${says}"`);
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
