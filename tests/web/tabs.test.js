// @ts-check
// Pages of one browser are one phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tabs } from '../../web/tabs.js';
import { FakeBrowser, Time } from './fakes.js';

/** A browser with one time, and pages that come one after the other. */
const world = () => {
  const [time, browser] = [new Time(), new FakeBrowser()];
  let lot = 0.5;
  /** @param {{ gathering?: boolean }} [where] */
  const page = ({ gathering = false } = {}) => {
    const timers = { ...time.timers };
    const seen = { counted: true, changes: 0, look: (/** @type {boolean} */ _seen) => {}, crash: () => {} };
    // Each newcomer has the better lot: only the order of coming may keep it from the first place.
    lot -= 0.01;
    const mine = lot;
    const tabs = new Tabs({
      timers,
      open: () => {
        const channel = browser.open();
        seen.crash = () => {
          browser.channels.delete(channel);
          timers.set = () => 0;
          channel.postMessage = () => {};
        };
        return channel;
      },
      gathering,
      local: () => time.now,
      wall: () => 1_000_000 + time.now,
      random: () => mine,
      changed: (counted) => {
        seen.counted = counted;
        seen.changes += 1;
      },
    });
    seen.look = (visible) => tabs.look(visible);
    seen.look(true);
    return seen;
  };
  return { time, browser, page };
};

/** @param {{ counted: boolean }[]} pages */
const counted = (pages) => pages.map(({ counted }) => counted);

test('alone, a page is counted and says nothing', () => {
  const { time, page } = world();
  const only = page();
  time.pass(60_000);
  assert.deepEqual([only.counted, only.changes, time.pending], [true, 0, 0]);
});

test('of two and of three pages the first is counted, and stays so', () => {
  const { time, page } = world();
  const pages = [page()];
  time.pass(10);
  pages.push(page());
  assert.deepEqual(counted(pages), [true, false]);
  time.pass(10);
  pages.push(page());
  time.pass(60_000);
  assert.deepEqual(counted(pages), [true, false, false]);
  assert.deepEqual(pages.map(({ changes }) => changes), [0, 1, 1]);
});

test('pages that come in the same millisecond agree by lot', () => {
  const { time, page } = world();
  const pages = [page(), page(), page()];
  assert.deepEqual(counted(pages), [false, false, true]);
  time.pass(10_000);
  assert.deepEqual(counted(pages), [false, false, true]);
});

test('when the one that counts is hidden or closed the next takes over at once', () => {
  const { time, page } = world();
  const pages = [page()];
  time.pass(10);
  pages.push(page());
  time.pass(10);
  pages.push(page());
  pages[0]?.look(false);
  assert.deepEqual(counted(pages).slice(1), [true, false]);
  time.pass(10_000);
  pages[0]?.look(true);
  assert.deepEqual(counted(pages), [false, true, false], 'who comes back comes last');
  pages[1]?.look(false);
  assert.deepEqual([pages[0]?.counted, pages[2]?.counted], [false, true]);
});

test('when the one that counts is gone without a word the next takes over within four seconds', () => {
  const { time, page } = world();
  const pages = [page()];
  time.pass(10);
  pages.push(page());
  time.pass(10);
  pages.push(page());
  time.pass(10_500);
  pages[0]?.crash();
  time.pass(1_900);
  assert.deepEqual(counted(pages), [true, false, false]);
  time.pass(2_100);
  assert.deepEqual(counted(pages).slice(1), [true, false]);
  pages[1]?.crash();
  time.pass(4_000);
  assert.equal(pages[2]?.counted, true);
  assert.equal(time.pending, 0, 'and alone it is quiet again');
});

test('a page at a gathering is counted before one that is nowhere', () => {
  const { time, page } = world();
  const nowhere = page();
  time.pass(10);
  const glasgow = page({ gathering: true });
  time.pass(10);
  const leeds = page({ gathering: true });
  assert.deepEqual(counted([nowhere, glasgow, leeds]), [false, true, false]);
  glasgow.look(false);
  assert.deepEqual(counted([nowhere, leeds]), [false, true]);
});

test('pages of two browsers do not know of each other', () => {
  const [one, other] = [world(), world()];
  assert.deepEqual(counted([one.page(), other.page()]), [true, true]);
});
