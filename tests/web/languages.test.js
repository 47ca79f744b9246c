// @ts-check
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { GATHERINGS, axe, begin, open } from './world.js';

const HOUR = 3_600_000;
const WORDS = new URL('../../web/words/', import.meta.url);
const LANGUAGES = readdirSync(WORDS).map((name) => name.replace('.json', ''));
const NARROW = { viewport: { width: 320, height: 568 } };
const DISPLAY = { viewport: { width: 1920, height: 1080 } };

const { server, browser } = await begin((server) => server.command('import', GATHERINGS, '--apply'));

/** Waits until a page has said all it has to say. @param {import('./world.js').Onlooker} page */
const settled = (page) => page.sees('clock', /\d/);

test('an Arabic page runs from right to left, its digits from left to right, and axe finds nothing', async () => {
  await server.moment(30 * HOUR, '--words', 'Link arms');
  const phone = await open(browser, `${server.url}/`, { ...NARROW, locale: 'ar' });
  await settled(phone);
  assert.deepEqual(await phone.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ['ar', 'rtl']);
  assert.match((await phone.read('digits')) ?? '', /^\d\d:\d\d:\d\d$/);
  assert.equal(await phone.page.locator('[data-live="digits"]').getAttribute('dir'), 'ltr');
  assert.equal(await phone.page.locator('[data-live="words"]').getAttribute('lang'), 'en');
  await phone.page.click('.languages summary');
  assert.deepEqual(await axe(phone), []);
  await phone.leave();
});

test('the links to the other languages are there for fingers and keys, keep the address, and leave nothing behind', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow?quiet=1&lang=en`, NARROW);
  await settled(phone);
  const { page } = phone;
  await page.focus('.languages summary');
  await page.keyboard.press('Enter');
  const links = page.locator('.languages nav a');
  assert.equal(await links.count(), LANGUAGES.length);
  for (const link of await links.all()) {
    const box = await link.boundingBox();
    assert.ok(box && box.height >= 44 && box.width >= 44, await link.innerText());
  }
  await links.getByText('Cymraeg').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}/g/glasgow?quiet=1&lang=cy`);
  await phone.sees('draft', /^Drafft yw/);
  assert.equal(await page.locator('[aria-current="true"]').textContent(), 'Cymraeg');
  assert.deepEqual(await page.context().cookies(), []);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});

test('a screen with two languages shows both in turn', async () => {
  await server.moment(30 * HOUR, '--words', 'Link arms');
  const display = await open(browser, `${server.url}/display?lang=en,ar`, DISPLAY);
  for (const lang of ['ar', 'en']) await display.page.locator(`html[lang="${lang}"]`).waitFor();
  assert.deepEqual(display.faults, []);
  await display.leave();
});
