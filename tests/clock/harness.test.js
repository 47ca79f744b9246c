// @ts-check
// A small crowd at every run of the tests; `npm run clock` is the whole one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROLS } from './controls.js';
import { failures, judge, table } from './goals.js';

const SEEDS = [1, 2, 3];

test('a crowd on five kinds of network is as near to the truth as can be, says how near, and says nothing untrue', (t) => {
  const verdicts = judge({ seeds: SEEDS, count: 60 });
  t.diagnostic(`seeds ${SEEDS.join(', ')}`);
  for (const line of table(verdicts).split('\n')) t.diagnostic(line);
  assert.deepEqual(failures(verdicts), []);
});

for (const [name, make] of Object.entries(CONTROLS)) {
  test(`the same goals are missed by ${name}`, (t) => {
    const missed = failures(judge({ seeds: SEEDS, count: 5, scenes: ['joined 2 to 20 min before', '15 min offline after 5 in contact'], setting: { make } }));
    t.diagnostic(missed.join('; '));
    assert.ok(missed.length >= 3);
  });
}
