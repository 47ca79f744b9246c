// @ts-check
// What phones see of the people, and what they say of those elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTED, enter, play } from './stage.js';
import { GATHERINGS, axe, begin, spills } from './world.js';

const MINUTE = 60_000;

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(600_000);
});

/** A phone on the stage. @param {string} path @param {import('playwright-core').BrowserContextOptions} [how] */
const phone = async (path, how) => {
  const actor = await enter(browser, how);
  await actor.goto(`${server.url}${path}`);
  return actor;
};

const BUTTON = /I’m taking part elsewhere/;

/** A phone at home, ten minutes before the moment, long enough connected. */
const home = async () => {
  const actor = await phone('/');
  await actor.moment({ left: 10 * MINUTE });
  await actor.page.getByRole('button', { name: 'Keep the screen on' }).waitFor();
  await actor.pass(12_000);
  await actor.page.getByRole('button', { name: BUTTON }).waitFor();
  return actor;
};

/** @param {import('./stage.js').Actor} actor @param {RegExp} what */
const says = ({ page }, what) => page.locator('[data-do="elsewhere"] small', { hasText: what }).waitFor();

test('people are told once gatherings have reported, and phones until then', async () => {
  const actor = await phone('/g/glasgow');
  await actor.sees('phones', /14,210/);
  await actor.seesNo('total');
  await actor.figures(COUNTED);
  await actor.pass(1_000);
  await actor.sees('total', /^109,660$/);
  await actor.sees('coverage', /^61 of 138 gatherings have reported$/);
  await actor.sees('range', /^109,310 to 110,410$/);
  await actor.sees('people', /^about 435 people at this gathering$/);
  await actor.seesNo('phones');
  await actor.figures({ final: true });
  await actor.pass(1_000);
  await actor.sees('standing', /^final$/);
  assert.deepEqual(actor.faults, []);
  await actor.leave();
});

test('numbers jump, at most once in a second, and only through what was true', async () => {
  const actor = await phone('/');
  await actor.figures({ ...COUNTED, people: null });
  await actor.pass(2_000);
  const seen = /** @type {{ at: number, total: string | null }[]} */ ([]);
  const sent = new Set([(await actor.read('total')) ?? '']);
  for (let n = 1; n <= 50; n += 1) {
    const taking_part = 109_660 + 10 * n * n;
    sent.add(taking_part.toLocaleString('en-GB'));
    await actor.figures({ taking_part });
    await actor.pass(100);
    const total = await actor.read('total');
    if (total !== seen.at(-1)?.total) seen.push({ at: n * 100, total });
  }
  assert.ok(seen.length >= 4, `${seen.length} changes in 5 s`);
  for (const [n, { at, total }] of seen.entries()) {
    assert.ok(sent.has(total ?? ''), `${total} was never sent`);
    // What was there at first may have been there for a while.
    if (n > 1) assert.ok(at - (seen[n - 1]?.at ?? 0) >= 900, `${at} after ${seen[n - 1]?.at}`);
  }
  await actor.leave();
});

test('with totals nothing of a phone is cut or leaves it, and axe finds nothing, in every phase', async () => {
  for (const [lang, path] of [['en', '/g/glasgow'], ['ar', '/g/glasgow'], ['de', '/'], ['pa', '/']]) {
    const actor = await phone(`${path}?lang=${lang}`, { viewport: { width: 320, height: 568 }, reducedMotion: 'reduce' });
    await actor.figures(path === '/' ? { ...COUNTED, people: null } : COUNTED);
    await actor.pass(1_000);
    const found = /** @type {string[]} */ ([]);
    await play(actor, async (phase) => {
      found.push(...(await spills(actor, 0)).map((what) => `${lang} ${phase}: ${what}`));
      if (['minutes', 'now', 'after'].includes(phase)) found.push(...(await axe(actor)).map((what) => `${lang} ${phase}: ${what}`));
    });
    assert.deepEqual(found, []);
    assert.deepEqual(actor.faults, []);
    await actor.leave();
  }
});

test('the button for people elsewhere is there from half an hour before the moment until an hour after, and at no gathering', async () => {
  const actor = await phone('/');
  const form = actor.page.locator('.elsewhere');
  await actor.page.getByRole('button', { name: 'Keep the screen on' }).waitFor();
  const shown = async (/** @type {number} */ left) => {
    await actor.moment({ left });
    await actor.pass(2_000);
    return form.isVisible();
  };
  assert.deepEqual([await shown(31 * MINUTE), await shown(30 * MINUTE), await shown(-59 * MINUTE), await shown(-60 * MINUTE)], [false, true, true, false]);
  await actor.leave();
  const there = await phone('/g/glasgow');
  await there.moment({ left: 10 * MINUTE });
  await there.page.getByRole('button', { name: 'Keep the screen on' }).waitFor();
  await there.pass(2_000);
  assert.equal(await there.page.locator('.elsewhere').isVisible(), false);
  await there.leave();
});

test('people elsewhere are told, changed and taken back under one claim, which is nowhere but in memory', async () => {
  const actor = await home();
  const button = actor.page.getByRole('button', { name: BUTTON });
  await says(actor, /^1 person, self-reported/);
  assert.deepEqual(await axe(actor), []);
  for (const control of await actor.page.locator('.elsewhere button').all()) {
    const box = await control.boundingBox();
    assert.ok(box && box.width >= 44 && box.height >= 44);
  }
  await actor.page.getByRole('button', { name: 'One more' }).click();
  await actor.said('elsewhere');
  await button.click();
  await says(actor, /as soon as the connection allows/);
  const [said, ...more] = await actor.said('elsewhere');
  assert.deepEqual([said.party, more], [2, []]);
  assert.match(said.claim, /^[0-9a-f]{32}$/);
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 2, claim: said.claim });
  await says(actor, /^2 people counted, self-reported/);
  assert.equal(await button.getAttribute('aria-pressed'), 'true');
  await actor.page.getByRole('button', { name: 'One more' }).click();
  assert.deepEqual(await actor.said('elsewhere'), [{ ...said, party: 3 }]);
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 3, claim: said.claim });
  const storage = () => Promise.all([indexedDB.databases(), caches.keys(), Promise.resolve([...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].filter(Boolean))]);
  assert.deepEqual(await actor.page.evaluate(storage), [[], [], []]);
  await button.click();
  assert.deepEqual(await actor.said('elsewhere'), [{ ...said, party: 0 }]);
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 0, claim: said.claim });
  await says(actor, /^3 people, self-reported/);
  assert.deepEqual(actor.faults, []);
  await actor.leave();
});

test('what was not kept is said again after the connection is back, and not before it is ten seconds old', async () => {
  const actor = await home();
  await actor.said('elsewhere');
  await actor.gone(true);
  await actor.page.getByRole('button', { name: BUTTON }).click();
  await says(actor, /as soon as the connection allows/);
  await actor.pass(60_000);
  assert.deepEqual(await actor.said('elsewhere'), []);
  await actor.gone(false);
  for (let s = 0; s < 60 && !(await actor.page.evaluate('stage.open()')); s += 1) await actor.pass(1_000);
  await actor.pass(8_000);
  assert.deepEqual(await actor.said('elsewhere'), []);
  await actor.pass(5_000);
  const [{ party, claim }] = await actor.said('elsewhere');
  assert.equal(party, 1);
  await actor.hears({ type: 'refused', of: 'elsewhere', reason: 'enough', say: 'So many.' });
  await says(actor, /^Not counted, but you take part all the same$/);
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 1, claim });
  await actor.leave();
});

test('once it is loaded the list is searched without a network, with figures, and a gathering can be chosen: the page goes on as its own', async () => {
  const actor = await home();
  const { page } = actor;
  const as_of = 1_803_128_400_000;
  await page.route('**/api/v1/figures', (route) => route.fulfill({ json: { gatherings: [{ id: 'edinburgh', people: 435, method: 'counted', as_of }, { id: 'glasgow', people: 0, method: 'counted', as_of }] } }));
  await page.getByRole('button', { name: BUTTON }).click();
  const [{ claim }] = await actor.said('elsewhere');
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 1, claim });
  const field = page.getByRole('searchbox');
  await field.fill('edinb');
  await page.getByRole('link', { name: /Edinburgh.*about 435 people · as of \d\d:\d\d/ }).waitFor();
  await actor.gone(true);
  await actor.pass(6_000);
  await field.fill('glasg');
  await page.getByRole('link', { name: /Glasgow.*fewer than 10 people/ }).waitFor();
  await field.fill('edinb');
  const at = page.url();
  await page.getByRole('link', { name: /Edinburgh/ }).click();
  await actor.pass(4_000);
  await page.locator('header .place', { hasText: 'Edinburgh' }).waitFor();
  assert.equal(page.url(), at, 'an address that may not answer is not gone to');
  await actor.sees('joins', /^Joins the moment/);
  assert.match((await page.locator('.card').textContent()) ?? '', /Edinburgh\s+rally/);
  assert.equal(await page.locator('.elsewhere').isVisible(), false);
  assert.deepEqual(await axe(actor), []);
  // When the network is back, the page is at that gathering, and nobody is elsewhere any more.
  await actor.gone(false);
  for (let s = 0; s < 60 && !(await page.evaluate('stage.open()')); s += 1) await actor.pass(1_000);
  await actor.pass(13_000);
  const said = /** @type {any[]} */ (await page.evaluate('stage.said()'));
  assert.equal(said.find(({ type }) => type === 'hello')?.gathering, 'edinburgh');
  assert.deepEqual(said.filter(({ type }) => type === 'elsewhere'), [{ type: 'elsewhere', party: 0, claim }]);
  assert.deepEqual(actor.faults, []);
  await actor.leave();
});

test('whoever chooses a gathering with a network takes back first what was said of people elsewhere', async () => {
  const actor = await home();
  await actor.page.getByRole('button', { name: BUTTON }).click();
  const [{ claim }] = await actor.said('elsewhere');
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 1, claim });
  await actor.page.getByRole('searchbox').fill('edinb');
  await actor.page.getByRole('link', { name: /Edinburgh/ }).click();
  assert.deepEqual(await actor.said('elsewhere'), [{ type: 'elsewhere', party: 0, claim }]);
  await actor.hears({ type: 'kept', of: 'elsewhere', party: 0, claim });
  await actor.page.waitForURL(`${server.url}/g/edinburgh`);
  await actor.leave();
});
