// @ts-check
// The messages that cross /live, as tests/wire/*.json shows them.

/** The WebSocket subprotocol of these messages. */
export const PROTOCOL = 'oneoclock.v1';

/** Longest time between two boards until the server has named its own beat, ms. */
export const BEAT = 20_000;

/**
 * Something to show at an offset from the moment.
 * @typedef {{ offset: number, lang: string, words: string }} Cue offset in ms; negative is before
 */

/** @typedef {'scheduled' | 'held' | 'cancelled'} Status */

/**
 * @typedef {object} Moment
 * @property {'moment'} type
 * @property {number} rev its place in its own history; 0 is the default that rolls over each day
 * @property {number} at the instant, Unix ms
 * @property {string} zone IANA name of the zone people agreed on
 * @property {string} civil the time on the wall there, such as "2027-02-20T13:00:00"
 * @property {string} name
 * @property {Status} status
 * @property {string} lang language of `words`
 * @property {string} words what to do at the moment
 * @property {Cue[]} cues in the order of their offsets
 */

/**
 * @typedef {object} Board
 * @property {'board'} type
 * @property {number} t when it was sent, Unix ms
 * @property {number} epoch of the clock that stamped it
 * @property {number} rev of the moment it goes with
 * @property {number} phones phones live everywhere; never called people
 * @property {number | null} here phones live on this gathering's page, rounded; 0 for fewer than ten; null in the national room
 * @property {number | null} [people] people at this gathering, rounded; 0 for fewer than ten; null if it has not reported,
 *   or in the national room
 * @property {number} taking_part people at gatherings that have reported, and elsewhere
 * @property {number} low
 * @property {number} high
 * @property {number} elsewhere of those taking part, people elsewhere, by their own word
 * @property {number} reported gatherings that have reported
 * @property {number} gatherings gatherings there are
 * @property {number} ready gatherings that said they are ready
 * @property {boolean} exact false while a part of the whole cannot be heard
 * @property {number | null} nodes_reporting servers that have spoken of late, if some have not
 * @property {number | null} nodes_expected servers there should be, if some are missing
 * @property {number} as_of when the figures were exact for the last time, Unix ms; left out, they are as of `t`
 * @property {boolean} final whether the organisers have signed them off; until then they are provisional
 */

/**
 * @typedef {{ type: 'welcome', node: string, epoch: number, now: number, err: number | null, beat: number, seat?: string }} Welcome
 *   err: the server's own clock bound in ms, null if unknown; beat: longest ms between boards; seat: proves the next
 *   connection of a phone to be the same phone's
 * @typedef {{ type: 'pong', seq: number, c1: number, s2: number, s3: number, epoch: number, err: number | null }} Pong
 * @typedef {{ type: 'kept', of: 'elsewhere', party: number, claim: string }} Kept what is on disk now
 * @typedef {{ type: 'refused', of: string, reason: string, say: string }} Refused
 * @typedef {{ type: 'bye', retry_ms: number }} Bye
 * @typedef {Moment | Board | Welcome | Pong | Kept | Refused | Bye} Message
 */

/** @typedef {{ slug: string, name: string, place: string, venue: string, joins: boolean, listed: boolean }} Gathering
 *   listed: whether the public is told its figure */

/**
 * What the first HTML response already holds.
 * @typedef {{ moment: Moment, gathering: Gathering | null, words: [Spoken, ...Spoken[]] }} First
 */

/** @typedef {[lang: string, words: import('./words.js').Words]} Spoken the page's own words in a language */

/** @typedef {'participant' | 'display' | 'organiser' | 'embed' | 'steward'} Role */

/** Counting is what goes without saying. @param {{ counted?: boolean }} presence */
const uncounted = ({ counted = true }) => (counted ? {} : { counted });

/** @param {{ role: Role, gathering: string | null, lang: string, device?: string, visible: boolean, counted?: boolean, was?: string }} who
 *   was: the seat of a connection that broke */
export const hello = ({ role, gathering, lang, device, visible, was, ...presence }) =>
  JSON.stringify({
    type: 'hello',
    role,
    ...(gathering === null ? {} : { gathering }),
    lang,
    device,
    visible,
    was,
    ...uncounted(presence),
  });

/** The page knows its own stamp by `seq`; its fraction would cost both ways. @param {{ seq: number, c1: number }} stamp */
export const ping = ({ seq, c1 }) => JSON.stringify({ type: 'ping', seq, c1: Math.floor(c1 * 10) / 10 });

/** @param {{ visible: boolean, counted?: boolean }} presence */
export const visible = ({ visible, ...presence }) =>
  JSON.stringify({ type: 'visible', visible, ...uncounted(presence) });

/** @param {{ party: number, claim: string }} said */
export const elsewhere = ({ party, claim }) => JSON.stringify({ type: 'elsewhere', party, claim });

/** Thrown by a reader of one field, caught by `accept`: the message is then as good as unknown. */
class Unreadable extends Error {}

/** Reads one field; some need to know another. @typedef {(value: unknown, raw: Record<string, unknown>) => unknown} Reader */

/** @type {(value: unknown) => number} */
export const finite = (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Unreadable();
  return value;
};

/** @type {(value: unknown) => string} */
export const text = (value) => {
  if (typeof value !== 'string') throw new Unreadable();
  return value;
};

/** @type {(value: unknown) => boolean} */
export const flag = (value) => {
  if (typeof value !== 'boolean') throw new Unreadable();
  return value;
};

/** @type {(value: unknown) => number | null} */
const finiteOrNull = (value) => (value === null || value === undefined ? null : finite(value));

/** Left out, it is so. @type {(value: unknown) => boolean} */
const flagUnlessNot = (value) => value === undefined || flag(value);

/** Left out, it is the time of the message. @type {Reader} */
const asOf = (value, { t }) => finite(value === undefined ? t : value);

/** Left out, it is none. @type {(value: unknown) => number} */
const finiteOrNone = (value) => (value === undefined ? 0 : finite(value));

/** Left out, it is not so. @type {(value: unknown) => boolean} */
const flagIfAny = (value) => value !== undefined && flag(value);

/** Left out, there is none. @type {(value: unknown) => string | undefined} */
const textIfAny = (value) => (value === undefined ? undefined : text(value));

/** Of what is kept, a phone is told only of this. @type {(value: unknown) => 'elsewhere'} */
const ofElsewhere = (value) => {
  if (value !== 'elsewhere') throw new Unreadable();
  return value;
};

// A status from the future is read as held: of all mistakes, firing is the one that cannot be taken back.
/** @type {(value: unknown) => Status} */
const status = (value) => (value === 'scheduled' || value === 'cancelled' ? value : 'held');

/** @type {(value: unknown) => Record<string, unknown>} */
export const record = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable();
  return /** @type {Record<string, unknown>} */ (value);
};

/** @type {(value: unknown) => Cue[]} */
const cues = (value) =>
  (Array.isArray(value) ? value : [])
    .map(record)
    .map((cue) => ({ offset: finite(cue.offset), lang: text(cue.lang), words: text(cue.words) }))
    .sort((a, b) => a.offset - b.offset);

/** @type {Record<string, Record<string, Reader>>} */
const SHAPES = {
  welcome: { node: text, epoch: finite, now: finite, err: finiteOrNull, beat: finite, seat: textIfAny },
  moment: { rev: finite, at: finite, zone: text, civil: text, name: text, status, lang: text, words: text, cues },
  board: {
    t: finite,
    epoch: finite,
    rev: finite,
    phones: finite,
    here: finiteOrNull,
    people: finiteOrNull,
    taking_part: finite,
    low: finite,
    high: finite,
    elsewhere: finiteOrNone,
    reported: finite,
    gatherings: finite,
    ready: finite,
    exact: flagUnlessNot,
    nodes_reporting: finiteOrNull,
    nodes_expected: finiteOrNull,
    as_of: asOf,
    final: flagIfAny,
  },
  pong: { seq: finite, c1: finite, s2: finite, s3: finite, epoch: finite, err: finiteOrNull },
  kept: { of: ofElsewhere, party: finite, claim: text },
  refused: { of: text, reason: text, say: text },
  bye: { retry_ms: finite },
};

/** Lets `accept` know more messages than every page does. @param {Record<string, Record<string, Reader>>} shapes */
export const understand = (shapes) => Object.assign(SHAPES, shapes);

/**
 * The message a value holds: only the fields known here, or null when it is of no known type or a field is not
 * what it should be. A newer server may say more than this page understands; that is no reason to stop.
 * @param {unknown} value
 * @returns {Message | null}
 */
export const accept = (value) => {
  try {
    const raw = record(value);
    const type = text(raw.type);
    const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
    if (!shape) return null;
    const fields = Object.entries(shape).map(([name, reader]) => [name, reader(raw[name], raw)]);
    return /** @type {Message} */ ({ type, ...Object.fromEntries(fields) });
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
};

/**
 * The message a frame's text holds, or null; see `accept`.
 * @param {unknown} frame
 * @returns {Message | null}
 */
export const read = (frame) => {
  const value = parse(frame);
  return value === undefined ? null : accept(value);
};

/**
 * What the page was born with, or null if it is not there or not readable.
 * @param {string | null | undefined} json
 * @returns {First | null}
 */
export const readFirst = (json) => {
  try {
    const raw = record(parse(json));
    const moment = accept({ ...record(raw.moment), type: 'moment' });
    if (moment?.type !== 'moment') return null;
    return {
      moment,
      gathering: raw.gathering ? gathering(raw.gathering) : null,
      words: spoken(raw.words),
    };
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
};

/** @type {(value: unknown) => Gathering} */
const gathering = (value) => {
  const raw = record(value);
  return {
    slug: text(raw.slug),
    name: text(raw.name),
    place: text(raw.place),
    venue: text(raw.venue),
    joins: flag(raw.joins),
    listed: flag(raw.listed),
  };
};

// Which words there are is not looked at: they come with the page, from the server that this script comes from.
/** @type {(value: unknown) => First['words']} */
const spoken = (value) => {
  if (!Array.isArray(value) || value.length === 0) throw new Unreadable();
  const all = value.map(([lang, words]) => [text(lang), record(words)]);
  return /** @type {First['words']} */ (all);
};

/** @type {(json: unknown) => unknown} */
const parse = (json) => {
  if (typeof json !== 'string') return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
