// @ts-check
// One side of what is known of an offset that drifts: points that it passes under, or over. Pure.

/** Two quartz clocks run apart by at most this much, ms per ms: twice what phones are seen to do. */
export const SKEW = 150e-6;

/** How much that may change while a point is remembered (it gets warmer in a pocket), ms per ms. */
export const WANDER = 8e-6;

/** Most points that are kept; twenty minutes' worth are thinned to one in nineteen seconds, which costs 2.8 ms at worst. */
const MOST = 64;

/**
 * The offset at local time `at` is at most `most` (or, on the other side, minus it is); both ms.
 * @typedef {{ at: number, most: number }} Point
 */

/** Points that bound an offset from above. For those from below, give and take the offset with its sign turned. */
export class Side {
  /** In the order of their times.
   * @type {Point[]} */
  #points = [];

  /** The points held, oldest first. @returns {readonly Point[]} */
  get points() {
    return this.#points;
  }

  /** @param {Point} point in any order; a late answer is as true as an early one */
  add(point) {
    const points = this.#points;
    let place = points.length;
    while (place > 0 && /** @type {Point} */ (points[place - 1]).at > point.at) place -= 1;
    const later = points[place];
    if (later && says(later, point)) return;
    // What an older point says is said by this one, whatever the clocks do: it will never be needed again.
    let from = place;
    while (from > 0 && says(point, /** @type {Point} */ (points[from - 1]))) from -= 1;
    points.splice(from, place - from, point);
    if (points.length > MOST) this.#thin();
  }

  /** Forgets what is older. @param {number} at */
  since(at) {
    const first = this.#points.findIndex((point) => point.at >= at);
    this.#points.splice(0, first < 0 ? this.#points.length : first);
  }

  /** Of the two that are closest in time the looser goes: its neighbour says nearly the same. */
  #thin() {
    const points = this.#points;
    let closest = 1;
    for (let n = 2; n < points.length; n += 1) if (gap(points, n) < gap(points, closest)) closest = n;
    const [one, other] = /** @type {[Point, Point]} */ (points.slice(closest - 1, closest + 1));
    points.splice(one.most > other.most ? closest - 1 : closest, 1);
  }

  /**
   * The points that bound a straight line at `now`, by their distance from it in time (0 or less), each looser by what
   * the clocks may have wandered since: their lower hull.
   * @param {number} now local ms
   * @returns {[behind: number, most: number][]}
   */
  hull(now) {
    /** @type {[number, number][]} */
    const hull = [];
    for (const { at, most } of this.#points) {
      const g = at - now;
      const v = most + WANDER * Math.abs(g);
      for (let last = hull.at(-1); last; last = hull.at(-1)) {
        const before = hull.at(-2);
        const under = last[0] === g ? v <= last[1] : before && bends(before, last, g, v);
        if (!under) break;
        hull.pop();
      }
      if (hull.at(-1)?.[0] !== g) hull.push([g, v]);
    }
    return hull;
  }
}

/**
 * Whether the newer point implies the older, at any skew there may be.
 * @param {Point} newer
 * @param {Point} older
 */
const says = (newer, older) => newer.most + SKEW * (newer.at - older.at) <= older.most;

/** @param {readonly Point[]} points @param {number} n */
const gap = (points, n) => (points[n]?.at ?? 0) - (points[n - 1]?.at ?? 0);

/**
 * Whether `last` lies on or over the line from `before` to (g, v), and so bounds nothing.
 * @param {[number, number]} before
 * @param {[number, number]} last
 * @param {number} g
 * @param {number} v
 */
const bends = (before, last, g, v) => (last[1] - before[1]) * (g - before[0]) >= (v - before[1]) * (last[0] - before[0]);
