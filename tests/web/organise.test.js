// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATHERINGS, axe, begin, open } from './world.js';

const year = new Date().getFullYear() + 1;
/** The last Sunday of March, on which the clocks of Europe go forward. */
const forward = 31 - new Date(Date.UTC(year, 2, 31)).getUTCDay();

const { server, browser } = await begin();

/** @param {import('./world.js').Onlooker} organiser @param {RegExp} what */
const answered = ({ page }, what) => page.locator('#answer', { hasText: what }).waitFor();

/** The organiser's word for a clock that nothing vouches for, as that of a machine that runs tests.
 * @param {import('playwright-core').Page} page */
const allTheSame = (page) => page.getByLabel('Set, move or go ahead all the same');

test('the organiser sets, holds and resumes the moment, and a phone hears of it', async () => {
  const organiser = await open(browser, server.organise, { viewport: { width: 1024, height: 900 } });
  const phone = await open(browser, `${server.url}/`);
  const { page } = organiser;
  await page.getByLabel('Name', { exact: true }).fill('One day without us');
  await page.getByLabel('Time on the wall').fill(`${year}-02-20T13:00:00`);
  await page.getByLabel('What to do').fill('Link arms');
  await allTheSame(page).check();
  await page.getByRole('button', { name: 'Set the moment' }).click();
  await answered(organiser, /^Kept, as revision 1/);
  await phone.sees('name', /^One day without us$/);
  await phone.sees('words', /^Link arms$/);
  await page.getByRole('button', { name: 'Hold' }).click();
  await answered(organiser, /^Kept, as revision 2/);
  await phone.reaches('held');
  await organiser.reaches('held');
  await allTheSame(page).check();
  await page.getByRole('button', { name: 'Go ahead' }).click();
  await phone.reaches('before');
  assert.deepEqual([...organiser.faults, ...phone.faults], []);
  await Promise.all([organiser.leave(), phone.leave()]);
});

test('what cannot be is refused in words, and what is meant in the last minutes must be typed', async () => {
  const organiser = await open(browser, server.organise, { viewport: { width: 1024, height: 900 } });
  const { page } = organiser;
  await page.getByLabel('Time on the wall').fill(`${year}-03-${forward}T01:30:00`);
  await page.getByRole('button', { name: 'Set the moment' }).click();
  await answered(organiser, /the clocks go forward over it/);
  await server.moment(120_000);
  await organiser.sees('note', /Moved/);
  await page.getByRole('button', { name: 'Cancel the moment' }).click();
  await page.getByLabel('Type cancel to confirm').fill('cancel');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await answered(organiser, /^Kept/);
  await organiser.reaches('cancelled');
  await organiser.leave();
});

test('by a clock that nothing vouches for the organiser arms the moment by giving a word, which is shown', async () => {
  const organiser = await open(browser, server.organise, { viewport: { width: 1024, height: 900 } });
  const { page } = organiser;
  await page.getByText('Nothing vouches for it.').waitFor();
  await page.getByLabel('Time on the wall').fill(`${year}-02-20T13:00:00`);
  await page.getByRole('button', { name: 'Set the moment' }).click();
  await answered(organiser, /nothing vouches for the server's clock/);
  await allTheSame(page).check();
  await page.getByRole('button', { name: 'Set the moment' }).click();
  await answered(organiser, /^Kept/);
  await page.getByText('on the word of the organiser').waitFor();
  assert.equal(await allTheSame(page).isChecked(), false, 'a word is for one order');
  assert.deepEqual(await axe(organiser), []);
  await organiser.leave();
});

test('the organiser reads the list of gatherings in, after seeing what would change', async () => {
  const organiser = await open(browser, server.organise, { viewport: { width: 1024, height: 900 } });
  const { page } = organiser;
  await page.getByLabel('A table as CSV').setInputFiles(GATHERINGS);
  await page.getByRole('button', { name: 'See what would change' }).click();
  await answered(organiser, /^138 new/);
  assert.equal((await fetch(`${server.url}/g/glasgow`)).status, 404, 'nothing has changed yet');
  await page.getByRole('button', { name: 'Make these changes' }).click();
  await answered(organiser, /made and kept/);
  assert.equal((await fetch(`${server.url}/g/glasgow`)).status, 200);
  assert.deepEqual(await axe(organiser), []);
  await organiser.leave();
});

test('without the pass the page says which link it needs, and with a wrong one it offers nothing', async () => {
  const stranger = await open(browser, `${server.url}/organise`);
  await answered(stranger, /needs the organiser’s link/);
  assert.equal(await stranger.page.locator('#orders').isVisible(), false);
  await stranger.leave();
  const guesser = await open(browser, `${server.url}/organise#oo1-organiser-${'a'.repeat(32)}`);
  await answered(guesser, /needs the organiser's pass/);
  assert.equal(await guesser.page.locator('#orders').isVisible(), false);
  await guesser.leave();
});
