// @ts-check
// The organiser's figures: what is held is looked at, and every total follows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATHERINGS, axe, begin, open } from './world.js';

const LAPTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 320, height: 640 } };

/** Where to leave pictures of what was seen, if anywhere. */
const SHOTS = process.env.SHOTS ?? '';

const [GATE, STAGE] = ['00c0ffee00c0ffee00c0ffee00c0ffee', '0badcafe0badcafe0badcafe0badcafe'];

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(3_600_000);
});

/** Asks the server as the organiser. @param {string} path @param {unknown} what */
const order = async (path, what) => {
  const headers = { authorization: `Bearer ${server.organise.split('#')[1]}`, 'content-type': 'application/json' };
  return (await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(what) })).json();
};

const organiser = await open(browser, server.organise, LAPTOP);
const { page } = organiser;

/** Says so many people as a steward of Glasgow, in the minute that has begun. @param {string} device @param {number} people */
const tally = async (device, people) => {
  const { pass } = /** @type {any} */ (await order('/api/v1/passes', { gathering: 'glasgow', post: 'North gate' }));
  return page.evaluate(
    ([pass, device, people]) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/live`, ['oneoclock.v1', `pass.${pass}`]);
        const say = (/** @type {unknown} */ what) => socket.send(JSON.stringify(what));
        const minute = Math.floor(Date.now() / 60_000) * 60_000;
        socket.onopen = () => {
          say({ type: 'hello', role: 'steward', lang: 'en', visible: true, device });
          say({ type: 'tally', gathering: 'glasgow', post: 'North gate', device, minute, in: people, in_undone: 0, out: 0, out_undone: 0 });
        };
        socket.onmessage = ({ data }) => {
          const said = JSON.parse(data);
          if (said.type === 'kept') (socket.close(), resolve(said.held));
          if (said.type === 'refused') reject(new Error(data));
        };
        socket.onerror = () => reject(new Error('no connection'));
      }),
    /** @type {const} */ ([pass, device, people]),
  );
};

/** @param {string} list @param {string | RegExp} text */
const entry = (list, text) => page.locator(`#${list} li`, { hasText: text });

/** @param {string} name */
const shot = async (name) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/figures-${name}.png`, fullPage: true });
};

test('before anybody has counted the page says so, and who is waited for comes first by size', async () => {
  await page.locator('#published', { hasText: 'Nothing is published yet: 0 of 138 gatherings have reported.' }).waitFor();
  await page.getByText('Nothing is held.').waitFor();
  await page.getByText('Not reported yet: 138').click();
  assert.equal(await page.locator('#silent li').count(), 138);
  await page.getByText('Not reported yet: 138').click();
  await shot('empty');
});

test('what is too much for one minute is held; accepted it counts, and a phone that is not believed leaves every total', async () => {
  assert.equal(await tally(STAGE, 40), false);
  assert.equal(await tally(GATE, 450), true);
  const held = entry('held', '450 people at North gate');
  await held.getByText('200 count, 250 are held').waitFor();
  await entry('counted', /There: 240, counted/).waitFor();
  await page.locator('#published', { hasText: '240 people taking part; 1 of 138 gatherings have reported.' }).waitFor();
  await shot('held');
  assert.deepEqual(await axe(organiser), []);
  await held.getByRole('button', { name: 'It is right' }).click();
  await entry('counted', /There: 490, counted/).waitFor();
  await page.getByText('Nothing is held.').waitFor();

  const glasgow = entry('counted', 'There: 490');
  await glasgow.locator('summary').click();
  await glasgow.locator('p', { hasText: 'Phone 00c0ffee counted 450' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Leave it as it is' }).click();
  await glasgow.locator('p', { hasText: 'Phone 00c0ffee counted 450' }).getByRole('button').click();
  await page.locator('#sure-yes').click();
  await entry('counted', /There: 40, counted/).waitFor();
  await shot('quarantined');
  await entry('quarantined', 'Phone 00c0ffee').getByRole('button', { name: 'Believe it again' }).click();
  await entry('counted', /There: 490, counted/).waitFor();
});

test('signed off, the figures are final for everybody, until that is taken back', async () => {
  const published = (/** @type {RegExp} */ standing) => page.locator('#published', { hasText: standing }).waitFor();
  await page.getByRole('button', { name: 'Sign the figures off' }).click();
  await page.locator('#sure-yes').click();
  await published(/Final\.$/);
  const { status } = /** @type {any} */ (await (await fetch(`${server.url}/api/v1/figures`)).json());
  assert.equal(status, 'final');
  await page.getByRole('button', { name: 'Make them provisional again' }).click();
  await published(/Provisional\.$/);
});

test('on a small phone nothing is cut off', async () => {
  await page.setViewportSize(PHONE.viewport);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await shot('phone');
});
