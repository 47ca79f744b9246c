// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Countdown, digits, span } from '../../web/countdown.js';

const AT = 1_803_128_400_000;

/** @param {Partial<import('../../web/wire.js').Moment>} [change] @returns {import('../../web/wire.js').Moment} */
const moment = (change) => ({
  type: 'moment',
  rev: 3,
  at: AT,
  zone: 'Europe/London',
  civil: '2027-02-20T13:00:00',
  name: 'One day without us',
  status: 'scheduled',
  lang: 'en',
  words: 'Link arms',
  cues: [
    { offset: -60_000, lang: 'en', words: 'Get ready' },
    { offset: 0, lang: 'en', words: 'Link arms' },
    { offset: 120_000, lang: 'en', words: 'Thank you' },
  ],
  ...change,
});

/** How often it fires while it is read at each of the given times. @param {Countdown} countdown @param {number[]} times */
const fires = (countdown, times) => times.filter((time) => countdown.read(time).fires).length;

test('the digits run down and nothing is left exactly at the moment', () => {
  const shown = (/** @type {number} */ ms) => digits(ms).text;
  assert.deepEqual(digits(3 * 86_400_000 + 3_723_000), { days: 3, text: '01:02:03' });
  assert.equal(shown(4 * 3_600_000 + 12 * 60_000 + 9_000), '4:12:09');
  assert.equal(shown(3_600_000), '1:00:00');
  assert.equal(shown(3_599_000), '59:59');
  assert.equal(shown(60_000), '1:00');
  assert.equal(shown(59_000), '59');
  assert.equal(shown(1), '1');
  assert.equal(shown(0), '0');
});

test('a page is laid out anew a day, ten minutes and ten seconds before', () => {
  const spans = [86_400_001, 86_400_000, 600_001, 600_000, 10_001, 10_000, 1].map(span);
  assert.deepEqual(spans, ['days', 'hours', 'hours', 'minutes', 'minutes', 'seconds', 'seconds']);
  assert.equal(new Countdown(moment()).read(AT).span, '');
});

test('before, at and after the moment, for a page that was there', () => {
  const countdown = new Countdown(moment());
  assert.equal(countdown.read(AT - 3_600_000).phase, 'before');
  assert.equal(countdown.read(AT - 90_000).cue, null);
  assert.equal(countdown.read(AT - 30_000).cue?.words, 'Get ready');
  assert.equal(countdown.read(AT - 1).left, 1);
  const now = countdown.read(AT);
  assert.deepEqual([now.phase, now.fires, now.left, now.cue?.words], ['now', true, 0, 'Link arms']);
  assert.equal(countdown.read(AT + 119_999).phase, 'now');
  const after = countdown.read(AT + 120_000);
  assert.deepEqual([after.phase, after.cue?.words], ['after', 'Thank you']);
});

test('a page that comes after the moment sees what is up by then, and never a counter', () => {
  const early = new Countdown(moment()).read(AT + 10_000);
  assert.deepEqual([early.phase, early.fires, early.left, early.cue?.words], ['after', false, 0, 'Link arms']);
  const late = new Countdown(moment({ cues: [] })).read(AT + 61_000);
  assert.deepEqual([late.phase, late.fires, late.left, late.cue], ['after', false, 0, null]);
});

test('it fires exactly once, even if the clock is put back, the words change or the server repeats itself', () => {
  const countdown = new Countdown(moment());
  assert.equal(fires(countdown, [AT - 1_000, AT - 1, AT, AT + 1, AT + 16]), 1);
  assert.equal(countdown.read(AT - 300).phase, 'now', 'not undone by a clock that was ahead');
  countdown.learn(moment({ rev: 4, words: 'Sing' }), AT - 200);
  assert.equal(fires(countdown, [AT - 100, AT, AT + 50]), 0);
});

test('a page that slept through the moment does not fire late', () => {
  const countdown = new Countdown(moment());
  assert.equal(fires(countdown, [AT - 60_000, AT + 45 * 60_000]), 0);
  assert.equal(countdown.read(AT + 45 * 60_000).phase, 'after');
});

test('while it is held nothing counts and nothing fires, also when it is resumed too late', () => {
  const countdown = new Countdown(moment());
  countdown.read(AT - 3_000);
  countdown.learn(moment({ rev: 4, status: 'held' }), AT - 3_000);
  assert.deepEqual([countdown.read(AT - 2_000).phase, countdown.read(AT - 2_000).left], ['held', 0]);
  assert.equal(fires(countdown, [AT, AT + 1]), 0);
  countdown.learn(moment({ rev: 5 }), AT + 2_000);
  assert.equal(fires(countdown, [AT + 2_001, AT + 2_500]), 0);
  assert.equal(countdown.read(AT + 2_500).phase, 'after');
});

test('when it is resumed in time it says so and fires', () => {
  const countdown = new Countdown(moment({ status: 'held' }));
  countdown.learn(moment({ rev: 4 }), AT - 9_000);
  assert.equal(countdown.read(AT - 9_000).note, 'resumed');
  assert.equal(fires(countdown, [AT - 1, AT]), 1);
});

test('cancelled is cancelled', () => {
  const countdown = new Countdown(moment());
  countdown.read(AT - 1_000);
  countdown.learn(moment({ rev: 4, status: 'cancelled' }), AT - 500);
  assert.equal(countdown.read(AT + 1).phase, 'cancelled');
  assert.equal(fires(countdown, [AT, AT + 1]), 0);
});

test('it goes up only when it is moved, and says so', () => {
  const countdown = new Countdown(moment());
  countdown.read(AT - 10_000);
  countdown.learn(moment({ rev: 4, at: AT + 300_000, civil: '2027-02-20T13:05:00' }), AT - 9_000);
  const view = countdown.read(AT - 9_000);
  assert.deepEqual([view.left, view.note], [309_000, 'moved']);
  assert.equal(fires(countdown, [AT, AT + 1, AT + 300_000]), 1);
});

test('an older word of the organiser changes nothing, and the same word twice changes nothing', () => {
  const countdown = new Countdown(moment());
  countdown.learn(moment({ rev: 2, status: 'cancelled' }), AT - 10_000);
  countdown.learn(moment(), AT - 10_000);
  const view = countdown.read(AT - 10_000);
  assert.deepEqual([view.phase, view.left, view.note], ['before', 10_000, null]);
});

test('the default moment rolls over to the next day, but not while people act on it', () => {
  const today = moment({ rev: 0, cues: [] });
  const tomorrow = moment({ rev: 0, cues: [], at: AT + 86_400_000 });
  const countdown = new Countdown(today);
  countdown.read(AT - 1);
  countdown.read(AT);
  countdown.learn(tomorrow, AT + 1);
  assert.equal(countdown.read(AT + 2).phase, 'now');
  assert.equal(countdown.read(AT + 60_000).left, 86_340_000);

  const late = new Countdown(today);
  late.learn(tomorrow, AT + 1);
  assert.deepEqual([late.read(AT + 1).phase, late.read(AT + 1).note], ['before', null]);
});

test('a clock that was a little ahead runs slowly; one that was far ahead is put back aloud, then quiet', () => {
  const countdown = new Countdown(moment());
  /** Reads it at a local time with a clock that is so much ahead. @param {number} left @param {number} ahead */
  const read = (left, ahead) => countdown.read(AT - left + ahead, AT - left);
  assert.equal(read(20_000, 400).left, 19_600);
  assert.equal(read(19_900, 0).left, 19_510);
  assert.equal(read(10_000, 0).left, 10_000);
  assert.deepEqual([read(9_000, -50_000).left, read(9_000, -50_000).note], [59_000, 'corrected']);
  const quiet = countdown.read(AT - 45_000, AT + 5_000);
  assert.deepEqual([quiet.left, quiet.note], [45_000, null]);
});

test('digits that would go up by a few seconds stand still instead, and it says why', () => {
  const countdown = new Countdown(moment());
  countdown.read(AT - 9_000, 1_000);
  const still = countdown.read(AT - 12_000, 1_000);
  assert.deepEqual([still.left, still.note], [9_000, 'resync']);
  assert.equal(countdown.read(AT - 11_000, 2_000).left, 9_000);
  countdown.read(AT - 9_800, 3_200);
  assert.equal(countdown.read(AT - 9_700, 3_300).note, null);
});

test('the moment is acted on by the estimate, whatever is shown by then', () => {
  const countdown = new Countdown(moment());
  countdown.read(AT - 2_500, 0, 20);
  countdown.read(AT - 2_300, 400, 20);
  assert.equal(countdown.read(AT - 1, 2_699, 20).phase, 'before');
  assert.equal(countdown.read(AT, 2_700, 20).fires, true);
});

/** A small generator of its own, so that a failure can be repeated. @param {number} seed */
const chance = (seed) => () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

test('whatever the clock does, what is shown never goes up in silence, nor skips a quarter of a second', (t) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = chance(seed);
    const countdown = new Countdown(moment());
    let last = { left: NaN, local: NaN };
    let error = 0;
    for (let local = AT - 60_000; local < AT + 5_000; local += 1 + 90 * random()) {
      if (random() < 0.05) error = (random() - 0.5) * (random() < 0.1 ? 20_000 : 900);
      const { left, note, phase } = countdown.read(local + error, local, random() * 100);
      assert.ok(left >= 0);
      const fell = last.left - left;
      const passed = local - last.local;
      if (phase !== 'before' || note === 'corrected') {
        last = { left, local };
        continue;
      }
      assert.ok(!(fell < 0), `seed ${seed}: ${last.left} to ${left}`);
      assert.ok(!(fell > passed * 1.1 + 1e-3), `seed ${seed}: ${last.left} to ${left} in ${passed} ms`);
      last = { left, local };
    }
  }
  t.diagnostic('seeds 1 to 40');
});

test('whatever the clock does and the organiser says, it fires at most once per moment and never while it is held', (t) => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = chance(seed);
    let held = moment();
    const countdown = new Countdown(held);
    /** @type {Map<number, number>} */
    const fired = new Map();
    let disturbed = false;
    let error = 0;
    for (let local = AT - 10_000; local < AT + 60_000; local += 1 + 200 * random()) {
      if (random() < 0.02) error = (random() - 0.5) * 3_000;
      if (random() < 0.01) {
        disturbed = true;
        const status = random() < 0.3 ? 'held' : 'scheduled';
        held = moment({ rev: held.rev + 1, status, at: random() < 0.5 ? held.at : local + 20_000 * random() });
        countdown.learn(held, local + error);
      }
      const view = countdown.read(local + error, local, 50 * random());
      if (!view.fires) continue;
      assert.equal(held.status, 'scheduled');
      assert.equal(view.moment.at, held.at);
      fired.set(held.at, (fired.get(held.at) ?? 0) + 1);
    }
    for (const [at, times] of fired) assert.equal(times, 1, `seed ${seed}, ${at}`);
    if (!disturbed) assert.equal(fired.get(AT), 1, `seed ${seed}`);
  }
  t.diagnostic('seeds 1 to 200');
});
