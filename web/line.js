// @ts-check
// All straight lines that an offset can have followed, given what bounds it: how high and how low they reach at a
// time, and the one with the most room on both sides. Pure.
//
// A line is its value x now and its slope y. A point from above says x + g·y <= u, one from below x + g·y >= d. At a
// given y the lines that remain are an interval [low(y), high(y)]: `low` is convex, `high` concave, both are made
// of straight pieces, and so is the room between them. All that is asked for lies on a corner of one of them.

import { SKEW } from './hull.js';

/** Room that is given up for a slope nearer to none, ms: where the data hardly care, a clock that runs true is likelier. */
const INDIFFERENT = 0.2;

/** @typedef {[behind: number, bound: number][]} Hull */

/**
 * @typedef {object} Line
 * @property {number} low least possible value now
 * @property {number} high greatest possible value now
 * @property {number} x value now of the line with the most room
 * @property {number} y its slope
 */

/**
 * @param {Hull} above
 * @param {Hull} below with the sign of its values turned
 * @returns {Line | null} null if no line satisfies all, or one side is empty
 */
export const solve = (above, below) => {
  if (above.length === 0 || below.length === 0) return null;
  const slopes = [-SKEW, SKEW, ...corners(above, 1), ...corners(below, -1)].sort((a, b) => a - b);
  const highs = leasts(above, slopes);
  const lows = leasts(below, slopes.map((y) => -y).reverse()).reverse().map((v) => -v);
  const rooms = highs.map((high, n) => high - (lows[n] ?? 0));
  const most = Math.max(...rooms);
  if (!(most >= 0)) return null;
  const [from, to] = reach(slopes, rooms, 0);
  const [slow, fast] = reach(slopes, rooms, Math.max(0, most - INDIFFERENT));
  const y = Math.min(Math.max(0, slow), fast);
  // Between the ends only those corners count that leave room.
  const possible = (/** @type {number[]} */ values) => values.filter((_, n) => (rooms[n] ?? 0) >= 0);
  const [highest, lowest] = [leasts(above, [from, y, to]), leasts(below, [-to, -y, -from])];
  return {
    low: -Math.max(...lowest, ...possible(lows).map((v) => -v)),
    high: Math.max(...highest, ...possible(highs)),
    x: ((highest[1] ?? 0) - (lowest[1] ?? 0)) / 2,
    y,
  };
};

/**
 * How high lines of these slopes can lie under a hull. The steeper a line rises, the later the point that bounds it.
 * @param {Hull} hull
 * @param {number[]} slopes ascending
 */
const leasts = (hull, slopes) => {
  let n = 0;
  const under = (/** @type {number} */ n, /** @type {number} */ y) => {
    const [g, v] = hull[n] ?? [0, Infinity];
    return v - g * y;
  };
  return slopes.map((y) => {
    while (n + 1 < hull.length && under(n + 1, y) <= under(n, y)) n += 1;
    return under(n, y);
  });
};

/**
 * The slopes at which another point of a hull becomes the one that bounds.
 * @param {Hull} hull
 * @param {1 | -1} sign
 */
const corners = (hull, sign) =>
  hull.flatMap(([g, v], n) => {
    const before = hull[n - 1];
    const y = before ? (sign * (v - before[1])) / (g - before[0]) : NaN;
    return Math.abs(y) < SKEW ? [y] : [];
  });

/**
 * Between which slopes there is at least this much room. The room is concave and straight between two corners.
 * @param {number[]} slopes ascending
 * @param {number[]} rooms
 * @param {number} wanted at most the greatest
 * @returns {[number, number]}
 */
const reach = (slopes, rooms, wanted) => {
  const at = (/** @type {number} */ n) => /** @type {[number, number]} */ ([slopes[n], rooms[n]]);
  const first = rooms.findIndex((room) => room >= wanted);
  const last = rooms.findLastIndex((room) => room >= wanted);
  return [
    first > 0 ? crossing(at(first - 1), at(first), wanted) : at(first)[0],
    last < rooms.length - 1 ? crossing(at(last + 1), at(last), wanted) : at(last)[0],
  ];
};

/**
 * @param {[number, number]} outside slope, room
 * @param {[number, number]} inside
 * @param {number} wanted
 */
const crossing = ([y0, r0], [y1, r1], wanted) => y1 + ((y0 - y1) * (r1 - wanted)) / (r1 - r0);
