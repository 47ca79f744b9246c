// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cues, untilNextOf } from '../../web/cues.js';
import { Frames } from '../../web/frames.js';
import { Time } from './fakes.js';

/** A page that is shown a frame every so many ms, and when it acted. @param {number} every @param {number} phase of the frames, ms */
const screen = (every, phase) => {
  const time = new Time();
  /** @type {{ early: number, seen: number }[]} */
  const acted = [];
  let looks = 0;
  const frames = new Frames({
    timers: time.timers,
    local: () => time.now,
    ask: (frame) => {
      looks += 1;
      const stamp = phase + (Math.floor((time.now - phase) / every) + 1) * every;
      time.timers.set(() => frame(stamp), stamp - time.now);
    },
    act: (early) => acted.push({ early, seen: time.now + every }),
  });
  return { time, frames, acted, looks: () => looks };
};

test('it acts once, on the frame that is seen nearest to the instant, on fast and slow screens', () => {
  for (const hertz of [30, 60, 90, 120, 144]) {
    const every = 1_000 / hertz;
    for (let phase = 0; phase < every; phase += every / 7) {
      const { time, frames, acted } = screen(every, phase);
      frames.aim(1_000);
      time.pass(2_000);
      assert.equal(acted.length, 1, `${hertz} Hz`);
      const [{ seen, early } = { seen: NaN, early: NaN }] = acted;
      assert.ok(Math.abs(seen - 1_000) <= every / 2 + 1e-6, `${hertz} Hz: seen at ${seen}`);
      assert.ok(seen - every + early >= 1_000 && early < 2 * every + 1, 'it acts as if the instant were there');
    }
  }
});

test('frames are asked for shortly before the instant only, and an instant that is far off costs nothing', () => {
  const page = screen(1_000 / 60, 3);
  page.frames.aim(3_600_000);
  assert.equal(page.time.pending, 0);
  page.frames.aim(1_500);
  page.time.pass(1_399);
  assert.equal(page.looks(), 0);
  page.time.pass(101);
  assert.ok(page.looks() >= 2 && page.looks() <= 8);
});

test('an instant that is moved, or called off, while frames are looked at is not acted on', () => {
  for (const to of [Infinity, 60_000]) {
    const { time, frames, acted } = screen(1_000 / 60, 0);
    frames.aim(1_000);
    time.pass(940);
    frames.aim(to);
    time.pass(5_000);
    assert.deepEqual(acted, []);
  }
});

test('a page that was held up acts with the first frame it gets', () => {
  const { time, frames, acted } = screen(400, 0);
  frames.aim(970);
  time.pass(1_300);
  assert.deepEqual(acted, [{ early: 0, seen: 1_600 }]);
});

/** @returns {import('../../web/wire.js').Moment} */
const moment = (at = 1_000_000) => /** @type {any} */ ({ at, cues: [-60_000, 0, 120_000].map((offset) => ({ offset, lang: 'en', words: `${offset}` })) });

test('a cue begins once, with the instant it is due; that of the moment is the moment', () => {
  const cues = new Cues();
  const begun = [-90_000, -60_001, -60_000, -59_999, -61_000, -60_000, -1, 0, 1, 119_000, 120_010, 120_500].map((elapsed) => cues.reach(moment(), elapsed)?.offset ?? null);
  assert.deepEqual(begun, [null, null, -60_000, null, null, null, null, null, null, null, 120_000, null]);
});

test('what had begun when the page came, or while it slept, or when the moment was moved, does not begin', () => {
  const cues = new Cues();
  assert.equal(cues.reach(moment(), -59_999), null);
  assert.equal(cues.reach(moment(), 130_000), null, 'slept');
  assert.equal(cues.reach(moment(9_000_000), -90_000), null);
  assert.equal(cues.reach(moment(9_000_000), -Infinity), null, 'held');
  assert.equal(cues.reach(moment(9_000_000), -59_990)?.offset, -60_000, 'moved, and due again');
});

test('the next instant is the moment, or the cue before it', () => {
  assert.deepEqual([-90_000, -60_000, -1, 0, 120_000, -Infinity].map((elapsed) => untilNextOf(moment(), elapsed)), [30_000, 60_000, 1, 120_000, Infinity, Infinity]);
});
