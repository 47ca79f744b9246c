// @ts-check
// What can be done on the phone's page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATHERINGS, axe, begin, open } from './world.js';

const HOUR = 3_600_000;

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.moment(4 * HOUR, '--words', 'Link arms');
});

/** A button of the page. @param {import('./world.js').Onlooker} onlooker @param {string | RegExp} name */
const button = ({ page }, name) => page.getByRole('button', { name });

/** Waits until the page has said something to those who listen. @param {import('./world.js').Onlooker} onlooker @param {RegExp} what */
const hears = ({ page }, what) => page.locator('[data-say]', { hasText: what }).waitFor({ state: 'attached' });

test('a gathering is found by its name, by keyboard alone, and the list is fetched only then', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  const fetches = () => phone.requests.filter((url) => url.endsWith('/api/v1/gatherings')).length;
  assert.equal(fetches(), 0);
  const field = phone.page.getByRole('searchbox', { name: /^Find your gathering/ });
  await field.focus();
  await phone.page.keyboard.type('edinb');
  const link = phone.page.getByRole('link', { name: /Edinburgh: rally/ });
  await link.waitFor();
  await hears(phone, /^1 gathering found\.$/);
  assert.equal(fetches(), 1);
  assert.deepEqual(await axe(phone), []);
  await phone.page.keyboard.press('ArrowDown');
  await phone.page.keyboard.press('Enter');
  await phone.page.waitForURL(`${server.url}/g/edinburgh`);
  assert.match((await phone.page.locator('.card').textContent()) ?? '', /City centre, Edinburgh\s+rally/);
  await phone.sees('joins', /^Joins the moment/);
  assert.deepEqual(phone.faults, []);
  await phone.leave();
});

test('a search that finds nothing, or too much, says so', async () => {
  const phone = await open(browser, `${server.url}/`);
  const field = phone.page.getByRole('searchbox');
  const note = (/** @type {RegExp} */ text) => phone.page.locator('.found', { hasText: text }).waitFor();
  await field.fill('atlantis');
  await note(/^No gathering of that name/);
  await field.fill('england');
  await note(/gatherings found\. Showing the first 8/);
  assert.equal(await phone.page.locator('.finder li').count(), 8);
  await field.press('Escape');
  assert.equal(await field.inputValue(), '');
  assert.equal(await phone.page.locator('.finder li').count(), 0);
  await phone.leave();
});

test('a list that does not come says why, and comes at the second try', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  let broken = true;
  await phone.page.route('**/api/v1/gatherings', (route) => (broken ? route.fulfill({ status: 503, body: '' }) : route.continue()));
  await phone.page.getByRole('searchbox').fill('swan');
  await phone.page.locator('.found', { hasText: 'The list did not come' }).waitFor();
  broken = false;
  await button(phone, 'Try again').click();
  await phone.page.getByRole('link', { name: /^Swansea/ }).waitFor();
  assert.equal(await button(phone, 'Try again').count(), 0);
  await phone.leave();
});

test('without a network the search says so, and goes on when the network is back', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('clock', /^In step/);
  // The search itself is there; its list is not.
  await phone.page.evaluate("import(document.querySelector('script[type=module]').src.replace('phone.js', 'finder.js'))");
  await phone.page.context().setOffline(true);
  await phone.page.getByRole('searchbox').fill('swan');
  await phone.page.locator('.found', { hasText: 'No connection' }).waitFor();
  await phone.page.context().setOffline(false);
  await phone.page.getByRole('link', { name: /^Swansea/ }).waitFor();
  await phone.leave();
});

test('the screen is kept on after a tap, again when the page is seen again, and no longer after another', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.page.evaluate(() => {
    const kept = /** @type {any} */ (window).kept = { asked: 0, lock: /** @type {any} */ (null) };
    const request = async () => {
      kept.asked += 1;
      kept.lock = Object.assign(new EventTarget(), {
        released: false,
        release: async () => {
          kept.lock.released = true;
          kept.lock.dispatchEvent(new Event('release'));
        },
      });
      return kept.lock;
    };
    Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true });
  });
  const asked = () => phone.page.evaluate('window.kept.asked');
  const awake = button(phone, /^Keep the screen on/);
  assert.match((await awake.textContent()) ?? '', /Off$/);
  await awake.click();
  await button(phone, 'Keep the screen on On. Tap to stop').waitFor();
  assert.equal(await awake.getAttribute('aria-pressed'), 'true');
  // The browser lets go when the page is hidden.
  await phone.page.evaluate('window.kept.lock.release()');
  await button(phone, 'Keep the screen on Off').waitFor();
  await phone.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await button(phone, /On\. Tap/).waitFor();
  assert.equal(await asked(), 2);
  await awake.click();
  await button(phone, 'Keep the screen on Off').waitFor();
  assert.equal(await awake.getAttribute('aria-pressed'), 'false');
  assert.equal(await phone.page.evaluate('window.kept.lock.released'), true);
  await phone.leave();
});

test('a phone that does not let a page keep its screen on is told of in words', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.page.evaluate(() => {
    Object.defineProperty(navigator, 'wakeLock', { value: { request: () => Promise.reject(new DOMException('', 'NotAllowedError')) } });
  });
  await button(phone, /^Keep the screen on/).click();
  await button(phone, /does not allow it now/).waitFor();
  await phone.leave();
});

test('where nothing can be shared with, the link is copied, and the page says so', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await phone.page.evaluate(() => Object.defineProperty(navigator, 'share', { value: undefined }));
  await button(phone, 'Share this page').click();
  await hears(phone, /^The link is copied/);
  assert.ok(await phone.page.locator('[data-say][data-shown]').isVisible());
  assert.equal(await phone.page.evaluate(() => navigator.clipboard.readText()), `${server.url}/g/glasgow`);
  await phone.leave();
});

test('where nothing can be copied either, the address is shown in letters', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow`);
  await phone.page.evaluate(() => {
    Object.defineProperty(navigator, 'share', { value: undefined });
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  await button(phone, 'Share this page').click();
  await phone.page.locator('#code').getByText(`${server.url.replace('http://', '')}/g/glasgow`).waitFor();
  await phone.leave();
});

test('a code for the person beside you is fetched only when it is asked for', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow`);
  await phone.page.route('**/qr.svg?*', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>' }),
  );
  const show = button(phone, 'Show a code to the person beside you');
  await phone.sees('clock', /^In step/);
  assert.ok(!phone.requests.some((url) => url.includes('/qr.svg')));
  await show.click();
  await phone.page.getByRole('img', { name: 'QR code of this page' }).waitFor();
  assert.ok(phone.requests.includes(`${server.url}/qr.svg?path=%2Fg%2Fglasgow`));
  assert.deepEqual(await axe(phone), []);
  await show.click();
  await phone.page.locator('#code').waitFor({ state: 'hidden' });
  await phone.leave();
});

test('the time is read out when it is asked for, each time', async () => {
  const phone = await open(browser, `${server.url}/`);
  await button(phone, 'Read me the time').click();
  await hears(phone, /^[34] hours?, \d+ minutes? left/);
  assert.ok(await phone.page.locator('[data-say][data-shown]').isVisible());
  await phone.leave();
});

test('numbers stand still when they are paused, the countdown does not, and both go on after', async () => {
  const phone = await open(browser, `${server.url}/`);
  await phone.sees('phones', /^1$/);
  const pause = button(phone, 'Pause the numbers');
  await pause.click();
  await phone.sees('asOf', /^paused at \d\d:\d\d$/);
  const first = await phone.read('digits');
  const other = await open(browser, `${server.url}/`);
  await other.sees('phones', /^2$/);
  await phone.page.waitForFunction((first) => document.querySelector('[data-live="digits"]')?.textContent !== first, first);
  assert.equal(await phone.read('phones'), '1');
  assert.equal(await pause.getAttribute('aria-pressed'), 'true');
  await pause.click();
  await phone.sees('phones', /^2$/);
  await phone.seesNo('asOf');
  await Promise.all([phone.leave(), other.leave()]);
});

test('everything that can be tapped is large enough for a thumb', async () => {
  const phone = await open(browser, `${server.url}/g/glasgow`, { viewport: { width: 320, height: 568 } });
  await phone.sees('clock', /^In step/);
  const small = await phone.page.evaluate(() =>
    [...document.querySelectorAll('a, button, input')]
      .filter((target) => target.checkVisibility({ visibilityProperty: true }))
      .filter((target) => target.getBoundingClientRect().height < 44 || target.getBoundingClientRect().width < 44)
      .map(({ outerHTML }) => outerHTML),
  );
  assert.deepEqual(small, []);
  await phone.leave();
});
