// @ts-check
// What was counted, as the organiser reads of it: in what order, and in which words. Pure.

/**
 * @typedef {'counted' | 'estimated-grid' | 'estimated-eye' | 'self-reported'} Method
 * @typedef {{ value: number, low: number, high: number, method: Method, as_of: number, held: number }} People
 * @typedef {{ device: string, counted: number, quarantined: boolean }} Device
 * @typedef {{ post: string, people: number, devices: Device[] }} Post
 * @typedef {{ id: string, name: string, place: string, expected: number | null, ready: boolean, people: People | null, at_moment: People | null, posts: Post[] }} Row one gathering, as `/api/v1/count` says it
 * @typedef {{ on: 'tally', gathering: string, post: string, device: string, minute: number }
 *   | { on: 'estimate', gathering: string, post?: string, device: string, at: number, value: number, low: number, high: number, method: Method, seq: number }
 *   | { on: 'gathering', gathering: string }
 *   | { on: 'device', device: string }} Subject what a ruling is about
 * @typedef {{ subject: Subject, gathering: string, said: number, people: number, rush: boolean }} Held
 */

/** @param {number} n */
const number = (n) => n.toLocaleString('en-GB');

/** @param {number} n @param {string} one @param {string} many */
const several = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;

/** @type {Record<Method, string>} */
const METHODS = {
  counted: 'counted',
  'estimated-grid': 'estimated by area',
  'estimated-eye': 'estimated by eye',
  'self-reported': 'by their own word',
};

/** Digits of a device's number by which a person tells a few apart, as its steward's screen shows them. */
const SHORT = 8;

/** @param {string} device */
export const short = (device) => device.slice(0, SHORT);

/** @param {number} at Unix ms @param {string} zone */
export const clockInWords = (at, zone) => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

/**
 * What the public reads, in one sentence that a journalist may quote.
 * @param {{ taking_part: number, low: number, high: number, elsewhere: number, reported: number, gatherings: number, as_of: number | null, status: string, exact?: boolean }} figures as `/api/v1/figures` says them
 * @param {string} zone
 */
export const publishedInWords = ({ taking_part, low, high, elsewhere, reported, gatherings, as_of, status, exact = true }, zone) => {
  const coverage = `${number(reported)} of ${several(gatherings, 'gathering has', 'gatherings have')} reported`;
  if (!reported && !taking_part) return `Nothing is published yet: ${coverage}.`;
  const range = !exact || (low === taking_part && high === taking_part) ? '' : ` (${number(low)} to ${number(high)})`;
  const least = exact ? '' : 'At least ';
  const part = exact ? '' : ' A part of the count is missing.';
  const own = elsewhere ? `, ${number(elsewhere)} of them elsewhere, by their own word` : '';
  const when = as_of === null ? '' : ` As of ${clockInWords(as_of, zone)}.`;
  return `${least}${several(taking_part, 'person', 'people')} taking part${range}${own}; ${coverage}.${when}${part} ${status === 'final' ? 'Final.' : 'Provisional.'}`;
};

/** @param {People} people @param {string} zone */
const figureInWords = ({ value, low, high, method, as_of, held }, zone) => {
  const range = low === value && high === value ? '' : ` (${number(low)} to ${number(high)})`;
  const over = held ? `, and ${number(held)} held` : '';
  return `${number(value)}${range}${over}, ${METHODS[method]}, ${clockInWords(as_of, zone)}`;
};

/**
 * One gathering's figures.
 * @param {Row} row
 * @param {string} zone
 */
export const rowInWords = ({ people, at_moment, expected }, zone) => {
  const hoped = expected ? ` ${number(expected)} expected.` : '';
  if (!people && !at_moment) return `Not reported yet.${hoped}`;
  const now = people ? `There: ${figureInWords(people, zone)}.` : '';
  const same = people && at_moment && people.value === at_moment.value && people.as_of === at_moment.as_of;
  const then = at_moment && !same ? ` At the moment: ${figureInWords(at_moment, zone)}.` : '';
  return `${now}${then}${hoped}`.trim();
};

/** Those that have said nothing, the largest first, as they are who to ring up. @param {Row[]} rows */
export const silent = (rows) => rows.filter(({ people, at_moment }) => !people && !at_moment).sort((a, b) => (b.expected ?? 0) - (a.expected ?? 0) || a.name.localeCompare(b.name, 'en'));

/** The others, the largest first. @param {Row[]} rows */
export const heard = (rows) => rows.filter(({ people, at_moment }) => people || at_moment).sort((a, b) => (b.people?.value ?? 0) - (a.people?.value ?? 0) || a.name.localeCompare(b.name, 'en'));

/**
 * Why something is held.
 * @param {Held} held
 * @param {string} zone
 */
export const heldInWords = ({ subject, said, people, rush }, zone) => {
  const rest = said - people;
  const so = rest > 0 ? ` ${number(rest)} count, ${number(people)} are held.` : ' None of them count yet.';
  if (subject.on === 'tally') {
    const what = rush ? 'faster than a hand can mean it, perhaps in a pocket' : 'more than one phone counts in a minute';
    return `${several(said, 'person', 'people')} at ${subject.post} in the minute of ${clockInWords(subject.minute, zone)}, phone ${short(subject.device)}: ${what}.${so}`;
  }
  if (subject.on === 'estimate') {
    return `${several(said, 'person', 'people')}, ${METHODS[subject.method]}${subject.post ? `, at ${subject.post}` : ''} at ${clockInWords(subject.at, zone)}, phone ${short(subject.device)}: far more than are expected.${so}`;
  }
  return `${several(said, 'person', 'people')} in all: more than three times as many as are expected.${so}`;
};

/** The phone that said it, if one did. @param {Subject} subject */
export const deviceOf = (subject) => ('device' in subject ? subject.device : null);

/** What the roll-call comes to. @param {Row[]} rows */
export const rollInWords = (rows) => {
  const waiting = rows.filter(({ ready }) => !ready);
  const named = waiting.slice(0, MOST_NAMED).map(({ name }) => name).join('; ');
  const more = waiting.length > MOST_NAMED ? `; and ${number(waiting.length - MOST_NAMED)} more` : '';
  const said = `${number(rows.length - waiting.length)} of ${several(rows.length, 'gathering', 'gatherings')} ready.`;
  return waiting.length && waiting.length < rows.length ? `${said} Not yet: ${named}${more}.` : said;
};

/** So many gatherings are named in a sentence. */
const MOST_NAMED = 12;
