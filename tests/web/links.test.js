// @ts-check
// Stewards' links on the organiser's page, from making one to taking it back.

import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { GATHERINGS, axe, begin, open } from './world.js';

const LAPTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 320, height: 640 } };

/** Where to leave pictures of what was seen, if anywhere. */
const SHOTS = process.env.SHOTS ?? '';

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(3_600_000);
});

/** @param {import('./world.js').Onlooker} onlooker @param {string} name */
const shot = async ({ page }, name) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

/** @param {import('./world.js').Onlooker} organiser @param {RegExp} what */
const told = ({ page }, what) => page.locator('#link-answer', { hasText: what }).waitFor();

/** @param {import('./world.js').Onlooker} organiser @param {string} gathering @param {string} post */
const make = async (organiser, gathering, post) => {
  const { page } = organiser;
  await page.getByLabel('Gathering', { exact: true }).fill(gathering);
  await page.getByLabel('Post', { exact: true }).fill(post);
  await page.getByRole('button', { name: 'Make the link' }).click();
  await told(organiser, /^The link is made/);
  const link = await page.locator('.passcard').first().getByRole('textbox').inputValue();
  const id = /Link (\w+) /.exec((await page.locator('.passcard').first().getAttribute('aria-label')) ?? '')?.[1] ?? '';
  return { link, id };
};

/** What `/live` answers to whoever shows the pass of a link: 101, or a refusal. @param {string} link */
const status = (link) =>
  new Promise((resolve, reject) => {
    const protocols = `oneoclock.v1, pass.${link.split('#')[1]}`;
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13, 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol': protocols };
    const asked = get(`${server.url}/live`, { headers });
    asked.on('upgrade', (answer, socket) => (socket.destroy(), resolve(answer.statusCode)));
    asked.on('response', (answer) => (answer.resume(), resolve(answer.statusCode)));
    asked.on('error', reject);
  });

test('the organiser makes a link, sees its card once, and the link opens the door', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  await page.getByText('No links yet').waitFor();
  const { link, id } = await make(organiser, 'Glasgow: demonstration', 'North gate');
  assert.match(link, new RegExp(`^${server.url}/steward#oo1-steward-[a-z2-7]{32}$`));
  assert.equal(await status(link), 101);
  const card = page.locator('.passcard');
  for (const text of ['Glasgow: demonstration', 'North gate', 'Count everyone present, children too. Count once.', '/steward']) {
    await card.getByText(text, { exact: false }).first().waitFor();
  }
  assert.match((await card.locator('.short').textContent()) ?? '', /^[A-Z2-9]{4}-[A-Z2-9]{4}$/);
  const drawn = await card.locator('svg').evaluate((svg) => svg.getBoundingClientRect().width);
  assert.ok(drawn >= 150, `${drawn} px is too small to scan`);
  assert.equal(await card.evaluate((one) => one === document.activeElement), true, 'whoever listens is at the card');
  await page.locator('#links', { hasText: id }).getByText('North gate').waitFor();
  assert.deepEqual(await axe(organiser), []);
  await shot(organiser, 'laptop');
  await card.getByRole('button', { name: 'Put away' }).click();
  assert.equal(await card.count(), 0);
  assert.equal((await page.content()).includes(link.split('#')[1] ?? ''), false, 'and nothing of it is left on the page');
  await page.reload();
  await page.locator('#links', { hasText: id }).waitFor();
  assert.equal(await card.count(), 0, 'it is shown once');
  assert.deepEqual(organiser.faults, []);
  assert.equal(organiser.requests.filter((url) => url.includes('steward-') || url.includes('/qr.svg')).length, 0, 'no address holds a pass');
  await organiser.leave();
});

test('the link is copied by a button, and selected where there is no clipboard', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const { link } = await make(organiser, 'york', 'Town hall');
  await page.getByRole('button', { name: 'Copy the link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), link);
  await page.context().clearPermissions();
  await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error())');
  await page.locator('.passcard').getByRole('button').first().click();
  await page.waitForFunction('getSelection().toString().includes("oo1-steward-")');
  await organiser.leave();
});

test('on paper there is the card and nothing else', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  await make(organiser, 'york', 'Market');
  await make(organiser, 'york', 'Station');
  await page.emulateMedia({ media: 'print' });
  const seen = await page.evaluate(() =>
    [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && one.children.length === 0 && one.textContent?.trim()).map((one) => one.closest('.passcard')?.querySelector('.post')?.textContent ?? `outside: ${one.textContent}`),
  );
  assert.deepEqual(new Set(seen), new Set(['Market', 'Station']));
  const inputs = await page.locator('input:visible').count();
  assert.equal(inputs, 0, 'a link is not to be read off a wall');
  await shot(organiser, 'paper');
  if (SHOTS) await page.pdf({ path: `${SHOTS}/paper.pdf`, format: 'A4' });
  await organiser.leave();
});

test('revoking asks first, says what it means, and can be left alone by Escape', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  const { link, id } = await make(organiser, 'york', 'Bridge');
  const item = page.locator('#links li', { hasText: id });
  await item.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog', { name: 'Revoke the link for Bridge, York: testimonials?' }).waitFor();
  assert.equal(await page.evaluate('document.activeElement.value'), 'no', 'Enter does no harm');
  assert.deepEqual(await axe(organiser), []);
  await shot(organiser, 'sure');
  await page.keyboard.press('Escape');
  assert.equal(await status(link), 101);
  await item.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke it for good' }).click();
  await told(organiser, /^The link is revoked/);
  assert.equal(await page.locator('.passcard').count(), 0, 'its card is not to be printed any more');
  assert.equal(await status(link), 403);
  await page.locator('#links').getByText('Revoked: 1').click();
  await item.getByText('Revoked.').waitFor();
  // What is asked for anew says how often it was refused since, and the folded part stays open.
  await item.getByText('Refused once since it was revoked').waitFor();
  assert.equal(await item.getByRole('button').count(), 0);
  assert.deepEqual(organiser.faults.filter((fault) => !fault.includes('403')), []);
  await organiser.leave();
});

test('an exchanged link gets a new card, and the old one opens nothing', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  const old = await make(organiser, 'york', 'Castle');
  await page.locator('#links li', { hasText: old.id }).getByRole('button', { name: 'Exchange' }).click();
  await page.getByRole('button', { name: 'Exchange it' }).click();
  await told(organiser, /The new one is shown this once/);
  const link = await page.locator('.passcard').first().getByRole('textbox').inputValue();
  assert.notEqual(link, old.link);
  assert.deepEqual([await status(old.link), await status(link)], [403, 101]);
  await organiser.leave();
});

test('a link is found among others by its gathering, post, label or id', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  const { id } = await make(organiser, 'leeds', 'Fountain');
  await make(organiser, 'york', 'Fountain');
  const seen = () => page.locator('#links li:visible').count();
  assert.ok((await seen()) > 2);
  for (const [words, found] of /** @type {const} */ ([[id, 1], ['fountain', 2], ['LEEDS fount', 1], ['fountain atlantis', 0]])) {
    await page.getByLabel('Find one').fill(words);
    assert.equal(await seen(), found, words);
  }
  await organiser.leave();
});

test('a list of gatherings that is read in can be chosen from at once', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  const list = Buffer.from('id,name,place,visibility\nshelter,A quiet place,Hull,unlisted\n');
  await page.getByLabel('A table as CSV').setInputFiles({ name: 'more.csv', mimeType: 'text/csv', buffer: list });
  await page.getByRole('button', { name: 'See what would change' }).click();
  await page.getByRole('button', { name: 'Make these changes' }).click();
  await page.locator('#gatherings option[value="A quiet place (shelter)"]').waitFor({ state: 'attached' });
  await make(organiser, 'A quiet place (shelter)', 'Door');
  await organiser.leave();
});

test('a link that the moment has left behind says so, and follows it at a tap', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  const { id } = await make(organiser, 'york', 'Library');
  await server.moment(10 * 24 * 3_600_000);
  const item = page.locator('#links li', { hasText: id });
  await item.getByText('It is not good at the moment.').waitFor();
  await item.getByRole('button', { name: 'Make it good on the day of the moment' }).click();
  await told(organiser, /good on the day of the moment now/);
  await item.getByText(/Good from .* until/).waitFor();
  assert.equal(await item.getByText('It is not good at the moment.').count(), 0);
  await server.moment(3_600_000);
  await organiser.leave();
});

test('what cannot be is said in words where it was asked, and the field that is wrong is gone to', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  await page.getByLabel('Gathering', { exact: true }).fill('Atlantis');
  await page.getByLabel('Post', { exact: true }).fill('Gate');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await told(organiser, /“Atlantis” is none of the gatherings/);
  assert.equal(await page.evaluate('document.activeElement.id'), 'link-gathering');
  await page.getByLabel('Gathering', { exact: true }).fill('york');
  await page.getByText('Another time than').click();
  await page.getByLabel('until', { exact: true }).fill('2020-02-20T13:00');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await told(organiser, /end before|ends before|over already|later than the beginning/);
  await organiser.leave();
});

test('without the server the list stays, says that it may be old, and comes back', async () => {
  const organiser = await open(browser, server.organise, LAPTOP);
  const { page } = organiser;
  const { id } = await make(organiser, 'york', 'Minster');
  await page.route('**/api/v1/passes*', (route) => route.abort());
  await page.getByText('The list may be out of date').waitFor();
  await page.locator('#links li', { hasText: id }).waitFor();
  await page.unroute('**/api/v1/passes*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('The list may be out of date').waitFor({ state: 'detached' });
  await organiser.leave();
});

test('it all works on a phone, by day and by night: large enough to tap, nothing over the edge, and axe finds nothing', async () => {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const organiser = await open(browser, server.organise, { ...PHONE, colorScheme });
    const { page } = organiser;
    await make(organiser, 'york', 'A post with rather a long name, no less');
    await page.locator('#links li').first().waitFor();
    await page.getByText('Another time than').click();
    const found = await page.evaluate(() => {
      const small = [...document.querySelectorAll('#stewards :is(button, input, summary, label:has([type=checkbox]))')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44);
      return { small: small.map((one) => one.outerHTML), wide: document.documentElement.scrollWidth - innerWidth };
    });
    assert.deepEqual(found, { small: [], wide: 0 });
    assert.deepEqual(await axe(organiser), []);
    await shot(organiser, `phone-${colorScheme}`);
    await organiser.leave();
  }
});
