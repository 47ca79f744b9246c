// @ts-check
// The messages that only stewards and the server exchange, as tests/wire/*.json shows them.

import { finite, flag, record, text, understand } from './wire.js';

/** @typedef {import('./ledger.js').Totals} Totals */

/** Something is on disk now: of a tally the totals that are kept, of an estimate its number.
 * @typedef {{ type: 'kept', of: string, device: string, minute: number, seq: number, totals: Totals, held: boolean, ready: boolean }} Kept */

/** Whoever counts at a post: the first digits of the device's number, what it has counted, whether it is connected.
 * @typedef {{ device: string, counted: number, live: boolean }} DeviceAtPost */

/** What a steward counts, and what is known of it. Times in Unix ms.
 * @typedef {{ type: 'duty', gathering: string, name: string, place: string, post: string, from: number, until: number,
 *   ready: boolean, post_people: number, people: number, held: number, devices: DeviceAtPost[] }} Duty */

/** @typedef {{ gathering: string, post: string, device: string }} Who whose taps they are */

const total = (/** @type {unknown} */ value) => (value === undefined ? 0 : finite(value));
const told = (/** @type {unknown} */ value) => value === true;
const nameOr = (/** @type {unknown} */ value) => (value === undefined ? '' : text(value));

/** @type {(value: unknown) => DeviceAtPost[]} */
const devices = (value) =>
  (Array.isArray(value) ? value : [])
    .map(record)
    .map((one) => ({ device: text(one.device), counted: finite(one.counted), live: flag(one.live) }));

understand({
  kept: { of: text, device: nameOr, minute: total, seq: total, in: total, in_undone: total, out: total, out_undone: total, rush: told, held: told, ready: told },
  duty: {
    gathering: text,
    name: text,
    place: text,
    post: text,
    from: finite,
    until: finite,
    ready: flag,
    post_people: finite,
    people: finite,
    held: finite,
    devices,
  },
});

/**
 * A message that `understand` has added, as it is used here; null if it is for every page.
 * @param {unknown} message
 * @returns {Kept | Duty | null}
 */
export const forSteward = (message) => {
  const { type, ...rest } = /** @type {any} */ (message);
  if (type === 'duty') return { type, ...rest };
  if (type !== 'kept') return null;
  const { in: came, in_undone, out, out_undone, rush, ...identity } = rest;
  return { type, ...identity, totals: { in: came, in_undone, out, out_undone, rush } };
};

/** @param {Who} who @param {{ minute: number, totals: Totals }} tally */
export const tally = ({ gathering, post, device }, { minute, totals: { rush, ...totals } }) =>
  JSON.stringify({ type: 'tally', gathering, post, device, minute, ...totals, ...(rush ? { rush } : {}) });

/** @param {Who} who @param {import('./ledger.js').Estimate} estimate */
export const typedNumber = ({ gathering, post, device }, { at, seq, value, low, high, method }) =>
  JSON.stringify({ type: 'estimate', at, seq, gathering, post, device, value, low, high, method });

/** @param {boolean} ready */
export const rollCall = (ready) => JSON.stringify({ type: 'ready', ready });
