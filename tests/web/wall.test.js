// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitted, shifted } from '../../web/wall.js';

const room = { width: 1_700, height: 400, tallest: 340, em: 2, tall: 0.72 };

test('digits are as tall as they may be, and made narrower rather than lower', () => {
  assert.deepEqual(fitted(room), { size: 340 / 0.72, narrow: 1 });
  const { size, narrow } = fitted({ ...room, em: 4.5 });
  assert.equal(size, 340 / 0.72);
  assert.ok(narrow > 0.72 && narrow < 1, `${narrow}`);
  assert.ok(size * 4.5 * narrow <= room.width);
});

test('digits too many to be narrowed to their height are lower', () => {
  const { size, narrow } = fitted({ ...room, em: 9 });
  assert.equal(narrow, 0.72);
  assert.ok(size < 340 / 0.72 && size * 9 * narrow <= room.width);
});

test('the picture goes round a square of two pixels, a step each five minutes', () => {
  const steps = [0, 1, 2, 3, 4].map((step) => shifted(step * 300_000 + 1));
  assert.deepEqual(steps, [{ x: 0, y: 0 }, { x: 2, y: 0 }, { x: 2, y: 2 }, { x: 0, y: 2 }, { x: 0, y: 0 }]);
});
