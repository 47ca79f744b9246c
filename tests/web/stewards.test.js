// @ts-check
// Stewards in real browsers against the real server: what they tap is what is counted, once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Proxy } from './proxy.js';
import { DEADLINE, GATHERINGS, begin } from './world.js';

const HOUR = 3_600_000;

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(HOUR);
});

/** Asks as the organiser. @param {string} path @param {object} [body] */
const organiser = async (path, body) => {
  const headers = { authorization: `Bearer ${server.organise.split('#')[1]}`, 'content-type': 'application/json' };
  const answer = await fetch(server.url + path, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
  return /** @type {any} */ (await answer.json());
};

/** A pass for a post. @param {string} post @param {object} [more] */
const pass = (post, more = {}) => organiser('/api/v1/passes', { gathering: 'glasgow', post, ...more });

/** People that the server has at Glasgow. */
const people = async () => {
  const { gatherings } = await organiser('/api/v1/count');
  return gatherings.find((/** @type {any} */ one) => one.id === 'glasgow');
};

/** @param {import('playwright-core').Page} page @param {string} slot @param {RegExp} what */
const sees = (page, slot, what) => page.locator(`[data-live="${slot}"]`, { hasText: what }).waitFor({ state: 'attached' });

/** @param {import('playwright-core').Page} page @param {number} n */
const taps = async (page, n, times = 1) => {
  for (let i = 0; i < times; i++) {
    await page.locator(`[data-tap="${n}"]`).dispatchEvent('pointerdown', { button: 0, pointerId: 1, clientX: 100, clientY: 500, bubbles: true });
  }
};

/** A steward who has practised. @param {string} address */
const steward = async (address) => {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  context.setDefaultTimeout(DEADLINE);
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('[data-do="practise"]').click();
  await taps(page, 1, 5);
  await page.locator('[data-do="start"]').click();
  return page;
};

test('two phones on one post count together, know of each other, and the server has the sum', async () => {
  const { pass: token } = await pass('North gate');
  const [one, other] = [await steward(`${server.url}/steward#${token}`), await steward(`${server.url}/steward#${token}`)];
  await taps(one, 10, 2);
  await taps(other, 5, 3);
  await sees(one, 'kept', /^✓ 20 /);
  await sees(other, 'kept', /^✓ 15 /);
  await sees(one, 'notice', /^2 phones are counting North gate: 35 people together\.$/);
  await sees(other, 'notice', /^2 phones are counting North gate: 35 people together\.$/);
  await one.context().close();
  await other.context().close();
});

test('taps made while the server is killed and started again are all there, once', async () => {
  const { pass: token } = await pass('South gate');
  const page = await steward(`${server.url}/steward#${token}`);
  const before = (await people()).people?.value ?? 0;
  let truth = 0;
  for (let round = 0; round < 3; round++) {
    await taps(page, 1, 10);
    truth += 10;
    await server.end('SIGKILL');
    await taps(page, 5, 2);
    truth += 10;
    await page.reload().catch(() => {});
    await sees(page, 'number', new RegExp(`^${truth}$`));
    await server.start();
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await sees(page, 'kept', new RegExp(`^✓ ${truth} `));
  }
  const there = await people();
  assert.equal(there.people.value - before, truth, JSON.stringify(there));
  await page.context().close();
});

test('with the network cut the phone is reloaded, counts on, and brings everything later', async () => {
  const proxy = await new Proxy(server.url).listen();
  const { pass: token } = await pass('West gate');
  const page = await steward(`${proxy.url}/steward#${token}`);
  await taps(page, 5);
  await sees(page, 'kept', /^✓ 5 /);
  await page.waitForFunction(async () => (await caches.keys()).some((name) => name.startsWith('oneoclock-steward ')));
  proxy.rules = [['/steward', 'cut'], ['/live', 'cut'], ['/keeper.js', 'cut'], ['/api/v1/time', 'cut']];
  await page.reload();
  await sees(page, 'number', /^5$/);
  await taps(page, 10, 4);
  await sees(page, 'number', /^45$/);
  await page.reload();
  await sees(page, 'number', /^45$/);
  proxy.rules = [];
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await sees(page, 'kept', /^✓ 45 /);
  await page.context().close();
  await proxy.remove();
});

test('a revoked pass is let in no more; a new one for the same post brings what was tapped meanwhile', async () => {
  const { pass: token, id } = await pass('East gate');
  const page = await steward(`${server.url}/steward#${token}`);
  await taps(page, 5);
  await sees(page, 'kept', /^✓ 5 /);
  await organiser(`/api/v1/passes/${id}`, { do: 'revoke' });
  await sees(page, 'notice', /^This phone is not let in\./);
  await taps(page, 1, 2);
  await sees(page, 'number', /^7$/);
  const again = await pass('East gate');
  await page.evaluate((token) => {
    location.hash = token;
  }, again.pass);
  await sees(page, 'kept', /^✓ 7 /);
  await page.context().close();
});

test('whoever cannot scan types a code, and is ready says so for the gathering', async () => {
  const { code } = await pass('Stage', { code: true });
  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  context.setDefaultTimeout(DEADLINE);
  const page = await context.newPage();
  await page.goto(`${server.url}/steward`);
  await page.locator('#gathering').fill('Glasgow');
  await page.locator('#code').fill('ZZZZ ZZZZ');
  await page.locator('#door .main').click();
  await page.locator('#answer', { hasText: /^That did not match/ }).waitFor();
  await page.locator('#code').fill(code.toLowerCase().replace('-', ''));
  await page.locator('#door .main').click();
  await sees(page, 'counting', /Stage\.$/);
  await page.locator('[data-do="practise"]').click();
  await taps(page, 1, 5);
  await page.locator('[data-do="start"]').click();
  await page.locator('[data-do="more"]').click();
  await page.locator('[data-do="ready"]').click();
  await page.locator('[data-do="ready"][aria-pressed="true"]').waitFor();
  for (const deadline = Date.now() + DEADLINE; !(await people())?.ready; ) assert.ok(Date.now() < deadline, 'the server knows');
  await context.close();
});

test('what is implausible is held, and the steward sees that', async () => {
  const { pass: token } = await pass('Car park');
  const page = await steward(`${server.url}/steward#${token}`);
  await taps(page, 10, 25);
  await sees(page, 'notice', /^Held for checking/);
  await page.context().close();
});
