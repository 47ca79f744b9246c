// @ts-check
// Everything that docs/CLOCK.md shows: node tests/clock/run.js [clients per network and seed] [seeds]

import { CONTROLS } from './controls.js';
import { failures, judge, table } from './goals.js';

const [count = 500, ...seeds] = process.argv.slice(2).map(Number);
if (seeds.length === 0) seeds.push(1);

console.log(`${count} clients per network and seed, seeds ${seeds.join(', ')}\n`);
const verdicts = judge({ seeds, count });
console.log(table(verdicts));

for (const wander of [5, 10, 20]) {
  console.log(`\nClocks that wander by ${wander} ppm:\n`);
  console.log(table(judge({ seeds, count, scenes: ['joined 2 to 20 min before', '15 min offline after 45 in contact'], setting: { wander } }).filter(({ profile }) => profile === 'LTE good')));
}

console.log('\nControls, which must fail:\n');
let passed = 0;
for (const [name, make] of Object.entries(CONTROLS)) {
  const missed = failures(judge({ seeds, count: Math.min(count, 100), setting: { make } }));
  passed += Number(missed.length === 0);
  console.log(`- ${name}: misses ${missed.length} goals; ${missed[0] ?? ''}`);
}
const missed = failures(verdicts);
console.log(missed.length || passed ? `\nmissed: ${[...missed, ...(passed ? ['a control passed'] : [])].join('; ')}` : '\nall goals met');
process.exitCode = missed.length || passed ? 1 : 0;
