// @ts-check
// What the clock must reach, and whether a crowd did. The same goals judge the estimator and those that must fail them.

import { crowd, percentile, together } from './crowd.js';
import { PROFILES } from './links.js';

/** @typedef {import('./crowd.js').Outcome} Outcome */

/** The networks on which the error must come near to what is possible at all. */
const NEAR_FLOOR = ['Wi-Fi', 'LTE good', 'LTE crowded'];

/** How near: p95 of the errors over p95 of the floors. */
const NEAR = 1.25;

/** Share of pages whose error must be inside their bound at the moment. */
const TRUE = 0.999;

/** Most p95 of the error after a quarter of an hour without a network, on a good one before, ms. */
const OFFLINE = 25;

const MINUTE = 60_000;

/**
 * Every scene, and what it must reach.
 * @type {{ name: string, joins: [number, number], offline?: number, profiles: string[], reaches: (of: Outcome, profile: string) => string[] }[]}
 */
export const SCENES = [
  {
    name: 'joined 2 to 20 min before',
    joins: [2 * MINUTE, 20 * MINUTE],
    profiles: Object.keys(PROFILES),
    reaches: (of, profile) => (NEAR_FLOOR.includes(profile) ? nearFloor(of) : []),
  },
  {
    name: 'joined an hour before',
    joins: [60 * MINUTE, 60 * MINUTE],
    profiles: Object.keys(PROFILES),
    reaches: (of, profile) => (NEAR_FLOOR.includes(profile) ? nearFloor(of) : []),
  },
  {
    name: '15 min offline after 5 in contact',
    joins: [20 * MINUTE, 20 * MINUTE],
    offline: 15 * MINUTE,
    profiles: ['Wi-Fi', 'LTE good'],
    reaches: (of) => within(of, OFFLINE),
  },
  {
    name: '15 min offline after 45 in contact',
    joins: [60 * MINUTE, 60 * MINUTE],
    offline: 15 * MINUTE,
    profiles: ['Wi-Fi', 'LTE good'],
    reaches: (of) => within(of, OFFLINE),
  },
  { name: 'joined 20 s before', joins: [20_000, 20_000], profiles: NEAR_FLOOR, reaches: (of, profile) => within(of, { 'Wi-Fi': 6.5, 'LTE good': 12.5 }[profile] ?? Infinity) },
  { name: 'joined 3 s before', joins: [3_000, 3_000], profiles: NEAR_FLOOR, reaches: () => [] },
];

/** @param {Outcome} of */
const nearFloor = ({ errors, floors }) => {
  const ratio = percentile(errors, 0.95) / percentile(floors, 0.95);
  return ratio <= NEAR ? [] : [`p95 is ${ratio.toFixed(2)} x the floor, more than ${NEAR}`];
};

/** @param {Outcome} of @param {number} most */
const within = ({ errors }, most) => {
  const p95 = percentile(errors, 0.95);
  return p95 <= most ? [] : [`p95 is ${p95.toFixed(1)} ms, more than ${most}`];
};

/** What every scene must reach. @param {Outcome} of */
const honest = ({ errors, untrue, mislabelled }) => [
  ...(untrue <= (1 - TRUE) * errors.length ? [] : [`${untrue} of ${errors.length} were off by more than their bound`]),
  ...(mislabelled === 0 ? [] : [`${mislabelled} times a page said "in step" and was off by more than its bound`]),
];

/**
 * Runs scenes and judges them.
 * @param {object} how
 * @param {number[]} how.seeds
 * @param {number} how.count of clients per profile and seed
 * @param {string[]} [how.scenes] all, unless named
 * @param {Partial<import('./client.js').Setting>} [how.setting]
 */
export const judge = ({ seeds, count, scenes, setting }) =>
  SCENES.filter(({ name }) => !scenes || scenes.includes(name)).flatMap(({ name, joins, offline, profiles, reaches }) =>
    profiles.map((profile) => {
      const links = /** @type {import('./links.js').Profile} */ (PROFILES[profile]);
      const outcome = together(seeds.map((seed) => crowd({ profile: links, count, seed, joins, offline, setting })));
      return { name, profile, outcome, missed: [...honest(outcome), ...reaches(outcome, profile)] };
    }),
  );

/** @param {ReturnType<typeof judge>} verdicts */
export const failures = (verdicts) => verdicts.flatMap(({ name, profile, missed }) => missed.map((why) => `${name}, ${profile}: ${why}`));

/** The verdicts as a table for docs/CLOCK.md. @param {ReturnType<typeof judge>} verdicts */
export const table = (verdicts) => {
  const three = (/** @type {number[]} */ of) => [0.5, 0.95, 0.99].map((share) => percentile(of, share).toFixed(1)).join(' / ');
  const rows = verdicts.map(({ name, profile, missed, outcome: { errors, floors, bounds, untrue, mislabelled, pings } }) => {
    const ratio = (percentile(errors, 0.95) / percentile(floors, 0.95)).toFixed(2);
    const inside = (100 * (1 - untrue / errors.length)).toFixed(2);
    const bound = `${percentile(bounds, 0.5).toFixed(0)} / ${percentile(bounds, 0.95).toFixed(0)}`;
    const share = Math.round(pings / errors.length);
    return `| ${name} | ${profile} | ${three(errors)} | ${three(floors)} | ${ratio} | ${bound} | ${inside} | ${mislabelled} | ${share} | ${missed.length ? '**no**' : 'yes'} |`;
  });
  return [
    '| scene | network | error p50 / 95 / 99 | floor p50 / 95 / 99 | p95 over floor | bound p50 / 95 | inside, % | wrong "in step" | pings | met |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
};
