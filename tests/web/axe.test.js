// @ts-check
// What axe finds: nothing, on any page, in any phase, whatever the language and the light.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enter, play } from './stage.js';
import { GATHERINGS, axe, begin, open } from './world.js';

const LONG = 'Stand still together for one whole minute and think of everybody who is not here';
const OWN_TIME = 'id,name,place,nation,venue,kind,lat,lon,expected,joins\nown-time,Perth: vigil,Perth,Scotland,North Inch,vigil,,,,no\n';

/** @typedef {{ colorScheme?: 'light' | 'dark', forcedColors?: 'active' | 'none' }} Light */

const DAY = /** @type {Light} */ ({ colorScheme: 'light', forcedColors: 'none' });
const NIGHT = /** @type {Light} */ ({ colorScheme: 'dark', forcedColors: 'none' });
const FORCED = /** @type {Light} */ ({ colorScheme: 'dark', forcedColors: 'active' });

const PAGES = {
  phone: { path: '/g/glasgow', viewport: { width: 320, height: 568 } },
  display: { path: '/display/glasgow', viewport: { width: 1920, height: 1080 } },
};

const { server, browser } = await begin(async (server) => {
  await server.command('import', GATHERINGS, '--apply');
  await server.read(OWN_TIME);
  await server.moment(600_000);
});

for (const [name, { path, viewport }] of Object.entries(PAGES)) {
  for (const lang of ['en', 'ar']) {
    test(`axe finds nothing on the ${name} in ${lang}, whatever the phase and the light`, async (t) => {
      const actor = await enter(browser, { viewport, reducedMotion: 'reduce' });
      await actor.goto(`${server.url}${path}?lang=${lang}`);
      await actor.moment({ words: LONG });
      let looks = 0;
      /** @type {string[]} */
      const found = [];
      await play(actor, async (phase) => {
        for (const light of lang === 'en' ? [DAY, NIGHT, FORCED] : [DAY, NIGHT]) {
          await actor.page.emulateMedia(light);
          await actor.still();
          found.push(...(await axe(actor, { forced: light === FORCED })).map((fault) => `${phase} ${Object.values(light)}: ${fault}`));
          looks += 1;
        }
      });
      t.diagnostic(`${looks} looks`);
      assert.deepEqual(found, []);
      assert.deepEqual(actor.faults, []);
      await actor.leave();
    });
  }
}

test('axe finds nothing where a gathering keeps its own time, on the page that is not there, on the organiser’s, and with scripts off', async () => {
  for (const lang of ['en', 'ar']) {
    const own = await enter(browser, { viewport: PAGES.phone.viewport, reducedMotion: 'reduce' });
    for (const path of ['/g/own-time', '/display/own-time']) {
      await own.goto(`${server.url}${path}?lang=${lang}`);
      for (const light of [DAY, NIGHT]) {
        await own.page.emulateMedia(light);
        await own.still();
        assert.deepEqual(await axe(own), [], `${path} ${lang}`);
      }
    }
    await own.leave();
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      const how = { viewport: PAGES.phone.viewport, colorScheme };
      const lost = await open(browser, `${server.url}/nowhere?lang=${lang}`, how);
      assert.deepEqual(await axe(lost), []);
      await lost.leave();
      for (const { path } of Object.values(PAGES)) {
        const still = await open(browser, `${server.url}${path}?lang=${lang}`, { ...how, javaScriptEnabled: false });
        assert.deepEqual(await axe(still, { scripts: false }), [], `${path} ${lang}, no script`);
        await still.leave();
      }
    }
  }
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const organiser = await open(browser, server.organise, { viewport: { width: 1024, height: 900 }, colorScheme });
    await organiser.reaches('before');
    for (const status of ['', 'hold', 'cancel']) {
      if (status) await server.command('moment', status);
      if (status) await organiser.reaches(status === 'hold' ? 'held' : 'cancelled');
      assert.deepEqual(await axe(organiser), [], `organise ${status}`);
    }
    await server.moment(600_000);
    await organiser.leave();
  }
});
