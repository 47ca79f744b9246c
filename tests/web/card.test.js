// @ts-check
// What a gathering's page tells of it, and finding one by what it offers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROGRAMMES, Server, axe, begin, open, spills } from './world.js';

const HOUR = 3_600_000;
const NARROW = { viewport: { width: 320, height: 568 } };

const { server, browser } = await begin(async (server) => {
  await server.command('import', PROGRAMMES, '--apply');
  await server.moment(4 * HOUR, '--words', 'Link arms');
});

/** @param {string} path @param {import('playwright-core').BrowserContextOptions} [how] */
const visit = async (path, how) => {
  const phone = await open(browser, server.url + path, how);
  await phone.sees('clock', /\d/);
  return phone;
};

/** @param {import('./world.js').Onlooker} phone @param {string} list */
const lines = ({ page }, list) => page.locator(`.card ${list} li`).allInnerTexts();

/** Nothing is wrong with the page, and it is no wider than the screen. @param {import('./world.js').Onlooker} phone */
const isWhole = async (phone) => {
  assert.deepEqual(await axe(phone), []);
  assert.deepEqual(await spills(phone, 0), []);
  assert.ok(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'scrolls sideways');
  assert.deepEqual(phone.faults, []);
};

test('the card tells what happens and when, and what the gathering offers', async () => {
  const phone = await visit('/g/glasgow', NARROW);
  assert.deepEqual(await lines(phone, 'ol'), ['12:30\nGather', '13:00\nLink arms', '13:15\nSpeeches']);
  assert.deepEqual(await lines(phone, 'ul'), ['Step-free', 'British Sign Language', 'Toilets']);
  assert.deepEqual(await phone.page.locator('.card h3').allInnerTexts(), ['Programme', 'Access']);
  await isWhole(phone);
  await phone.leave();
});

test('in Arabic the facts are in Arabic, the organiser’s words and the digits of the times stay as they are', async () => {
  const phone = await visit('/g/london?lang=ar', NARROW);
  assert.equal((await lines(phone, 'ol'))[1], '12:45\nPoems and songs');
  assert.equal((await lines(phone, 'ul'))[0], 'طريق بلا درج');
  for (const time of await phone.page.locator('.card time').all()) assert.equal(await time.getAttribute('dir'), 'ltr');
  const [time, words] = [await phone.page.locator('.card time').first().boundingBox(), await phone.page.locator('.card ol bdi').first().boundingBox()];
  assert.ok(time && words && time.x > words.x + words.width && time.x - words.x - words.width < 20, 'words stand beside their time, where lines begin');
  await isWhole(phone);
  await phone.leave();
});

test('a gathering that keeps its own time shows its programme and both clocks', async () => {
  const phone = await visit('/g/liverpool');
  assert.deepEqual((await lines(phone, 'ol')).slice(1, 2), ['18:00\nCandles, and one minute of silence']);
  await phone.sees('joins', /time of its own/);
  await phone.sees('wall', /^It is \d\d:\d\d now$/);
  await phone.sees('digits', /^3:\d\d:\d\d$|^4:00:0\d$/);
  await isWhole(phone);
  await phone.leave();
});

test('where nothing is known nothing is said, and where only the area is told its programme is not', async () => {
  const quiet = await visit('/g/aberystwyth');
  assert.equal(await quiet.page.locator('.card :is(h3, ol, ul)').count(), 0);
  const area = await visit('/g/bristol');
  assert.deepEqual([await lines(area, 'ol'), await lines(area, 'ul')], [[], ['Toilets']]);
  assert.ok(!(await area.page.content()).includes('Town hall'));
  await Promise.all([quiet.leave(), area.leave()]);
});

test('without scripts the card says the same', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow?lang=pl`, { javaScriptEnabled: false });
  assert.equal((await lines(phone, 'ol')).length, 3);
  assert.equal((await lines(phone, 'ul'))[0], 'Dojście bez stopni');
  assert.ok(!(await phone.page.locator('.finder').isVisible()));
  await phone.leave();
});

for (const [lang, stepFree, seating, two, hasNone] of /** @type {const} */ ([
  ['en', 'Step-free', 'Seating', /^2 gatherings found\.$/, /^No gathering says that it has all of these/],
  ['ar', 'طريق بلا درج', 'أماكن للجلوس', /^وُجد تجمعان\.$/, /^لا يوجد تجمع يذكر/],
])) {
  test(`gatherings are found by what they offer, with one finger or a key, and how many is said (${lang})`, async () => {
    const phone = await visit(`/?lang=${lang}`, NARROW);
    const { page } = phone;
    const box = (/** @type {string} */ name) => page.getByRole('checkbox', { name });
    const found = (/** @type {RegExp} */ text) => page.locator('.found', { hasText: text }).waitFor();
    for (const choice of await page.getByRole('checkbox').all()) {
      const size = await choice.boundingBox();
      assert.ok(size && size.height >= 44 && size.width >= 44);
    }
    assert.equal(await page.getByRole('checkbox').count(), 6);
    // No field had the focus before: the first choice fetches the list.
    await box(stepFree).check();
    await page.locator('.finder li').nth(3).waitFor();
    await box(seating).focus();
    await page.keyboard.press('Space');
    await found(two);
    await page.locator('[data-say]', { hasText: two }).waitFor({ state: 'attached' });
    assert.deepEqual(await page.locator('.finder li a').evaluateAll((links) => links.map((link) => new URL(/** @type {any} */ (link).href).pathname)), ['/g/cardiff', '/g/london']);
    await isWhole(phone);
    await page.getByRole('searchbox').fill('glas');
    await found(hasNone);
    await box(seating).uncheck();
    await page.getByRole('link', { name: /Glasgow/ }).waitFor();
    await phone.leave();
  });
}

test('where no gathering says what it offers there is nothing to choose', async () => {
  const own = new Server();
  try {
    await own.start();
    const phone = await open(browser, `${own.url}/`);
    assert.equal(await phone.page.locator('.finder fieldset').count(), 0);
    await phone.leave();
  } finally {
    await own.remove();
  }
});
