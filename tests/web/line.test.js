// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grain } from '../../web/grain.js';
import { SKEW, Side, WANDER } from '../../web/hull.js';
import { solve } from '../../web/line.js';

/** A small generator of its own, so that a failure can be repeated. @param {number} seed */
const chance = (seed) => () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

/** Points over and under a true line, as answers of a network leave them. @param {number} seed @param {number} count */
const measured = (seed, count) => {
  const random = chance(seed);
  const slope = (random() - 0.5) * 2e-4;
  const truth = (/** @type {number} */ at) => 3 + slope * at;
  const above = [];
  const below = [];
  for (let n = 0, at = 0; n < count; n += 1) {
    at += random() < 0.8 ? 60 : 20_000 * random();
    above.push({ at, most: truth(at) + 5 - 40 * Math.log(random()) });
    below.push({ at: at + 30, most: -(truth(at + 30) - 5 + 30 * Math.log(random())) });
  }
  return { truth, above, below, ends: Math.max(...below.map(({ at }) => at)) };
};

/** What a fine comb finds of the same: least and greatest value of any line, and the most room of one.
 * @param {{ at: number, most: number }[]} above @param {{ at: number, most: number }[]} below @param {number} now */
const combed = (above, below, now) => {
  let [low, high, room] = [Infinity, -Infinity, -Infinity];
  for (let n = -4_000; n <= 4_000; n += 1) {
    const y = (SKEW * n) / 4_000;
    const over = Math.min(...above.map(({ at, most }) => most + WANDER * (now - at) - (at - now) * y));
    const under = Math.max(...below.map(({ at, most }) => -most - WANDER * (now - at) - (at - now) * y));
    room = Math.max(room, over - under);
    if (over >= under) [low, high] = [Math.min(low, under), Math.max(high, over)];
  }
  return { low, high, room };
};

/** @param {{ at: number, most: number }[]} points */
const side = (points) => {
  const side = new Side();
  for (const point of points) side.add(point);
  return side;
};

test('the edges are those that a fine comb over all lines finds, and no wider', (t) => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const { above, below, ends } = measured(seed, 25);
    const now = ends + seed * 10_000;
    const line = solve(side(above).hull(now), side(below).hull(now));
    const { low, high } = combed(above, below, now);
    assert.ok(line);
    // The comb misses the very corner by one tooth at most.
    const tooth = ((SKEW / 4_000) * now) + 1e-6;
    assert.ok(line.low <= low + 1e-9 && line.low >= low - tooth, `seed ${seed}: ${line.low}, ${low}`);
    assert.ok(line.high >= high - 1e-9 && line.high <= high + tooth, `seed ${seed}: ${line.high}, ${high}`);
  }
  t.diagnostic('seeds 1 to 30');
});

test('the truth is inside however many points there were, and no more than 64 are kept', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const { above, below, ends, truth } = measured(seed, 900);
    const sides = [side(above), side(below)];
    for (const { points } of sides) assert.ok(points.length <= 64);
    const [over, under] = sides.map((one) => one.hull(ends));
    const line = solve(over ?? [], under ?? []);
    assert.ok(line && line.low <= truth(ends) && truth(ends) <= line.high);
    const all = combed(above, below, ends);
    assert.ok(line.high - line.low <= all.high - all.low + 1.5, 'thinning costs little');
  }
});

test('points that come in another order say the same', () => {
  const { above, ends } = measured(5, 40);
  const shuffled = above.map((point, n) => ({ point, n: (n * 17) % 40 })).sort((a, b) => a.n - b.n);
  assert.deepEqual(side(shuffled.map(({ point }) => point)).hull(ends), side(above).hull(ends));
});

test('bounds that contradict each other leave no line, and one side alone bounds nothing', () => {
  assert.equal(solve([[0, 5]], [[0, -6]]), null);
  assert.equal(solve([], [[0, 1]]), null);
  assert.equal(solve([[0, 1]], []), null);
});

test('where nothing tells how the clocks drift apart they are taken not to', () => {
  assert.equal(solve([[-30, 10]], [[0, 10]])?.y, 0);
});

test('how finely a clock can be read is found out from its readings', () => {
  for (const [step, wanted] of [[0.005, 0.1], [0.1, 0.1], [1, 1], [16.667, 16.667], [100, 100]]) {
    const random = chance(3);
    const grain = new Grain();
    assert.equal(grain.step, 100, 'the worst, until it is known');
    for (let n = 0, t = 1_234; n < 12; n += 1, t += 300 * random()) grain.see(Math.floor(t / (step ?? 1)) * (step ?? 1));
    assert.ok(Math.abs(grain.step - (wanted ?? 0)) < 0.03, `${step}: ${grain.step}`);
  }
});
