// @ts-check
// Stewards' links as the organiser reads of them: in what order, and in which words. Pure.

/**
 * @typedef {object} Listed one link, as `/api/v1/passes` says it
 * @property {string} id
 * @property {'steward' | 'organiser'} role
 * @property {string} gathering
 * @property {string | null} name of the gathering
 * @property {string} post
 * @property {string} label
 * @property {number} from Unix ms
 * @property {number} until Unix ms
 * @property {'valid' | 'not_yet' | 'expired' | 'revoked'} state
 * @property {boolean} covers_moment
 * @property {boolean} code whether it has a short code
 * @property {number} devices how many the code let in
 * @property {string | null} by_code_of
 * @property {number} open connections now
 * @property {number | null} seen Unix ms
 * @property {Record<string, number>} refused times by reason
 * @property {number | null} refused_at Unix ms
 */

/** Most devices that one code lets in. */
const DEVICES = 5;

/** Since when a link is refused, by the reason, as the server counts them. */
const SINCE = /** @type {Record<string, string>} */ ({
  expired: 'since it ended',
  revoked: 'since it was revoked',
  not_yet: 'before its time',
  foreign: 'for something that it is not for',
  too_many: `because its code had let in ${DEVICES} phones`,
});

/**
 * A day and a time as people write them, in the zone of the moment.
 * @param {number} at Unix ms
 * @param {string} zone
 */
export const whenInWords = (at, zone) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

/** @param {number} n @param {string} one @param {string} many */
const times = (n, one, many) => (n === 1 ? one : `${n} ${many}`);

/**
 * Whether a link is good, and when.
 * @param {Listed} link
 * @param {string} zone
 */
export const stateInWords = ({ state, from, until }, zone) => {
  const [begins, ends] = [whenInWords(from, zone), whenInWords(until, zone)];
  if (state === 'revoked') return 'Revoked.';
  if (state === 'expired') return `Over since ${ends}.`;
  if (state === 'not_yet') return `Good from ${begins} until ${ends}.`;
  return `Good until ${ends}.`;
};

/**
 * What became of a link, a sentence each.
 * @param {Listed} link
 * @param {string} zone
 * @returns {string[]}
 */
export const newsInWords = (link, zone) => {
  const { state, open, seen, refused, refused_at, code, devices, by_code_of } = link;
  const news = [];
  if (by_code_of) news.push(`Had for the code of ${by_code_of}.`);
  if (open) news.push(`${times(open, 'One phone is', 'phones are')} connected now.`);
  else if (seen) news.push(`Last seen ${whenInWords(seen, zone)}.`);
  else if (state !== 'revoked') news.push('Not opened yet, as far as the server remembers.');
  if (code) news.push(`Its code has let in ${devices} of ${DEVICES} phones.`);
  const last = refused_at ? `, last ${whenInWords(refused_at, zone)}` : '';
  for (const [reason, n] of Object.entries(refused)) news.push(`Refused ${n === 1 ? 'once' : `${n} times`} ${SINCE[reason] ?? ''}${last}.`);
  return news;
};

/**
 * A link as the list names it: an organiser's has no gathering and no post.
 * @param {Listed} link
 * @returns {Listed}
 */
export const named = (link) => (link.role === 'organiser' ? { ...link, gathering: '', name: 'Organisers', post: 'A server’s own pass' } : link);

/**
 * The gatherings that have links, each with its own: by name, then by post; those that are of no more use are apart.
 * @param {Listed[]} all
 * @returns {{ name: string, links: Listed[], gone: Listed[] }[]}
 */
export const byGathering = (all) => {
  /** @type {Map<string, { name: string, links: Listed[], gone: Listed[] }>} */
  const groups = new Map();
  for (const link of all) {
    const group = groups.get(link.gathering) ?? { name: link.name ?? link.gathering, links: [], gone: [] };
    groups.set(link.gathering, group);
    (link.state === 'revoked' ? group.gone : group.links).push(link);
  }
  const order = (/** @type {Listed} */ link) => `${link.post}\n${link.by_code_of ?? link.id}\n${link.by_code_of ? link.id : ''}`;
  const compare = (/** @type {Listed} */ a, /** @type {Listed} */ b) => order(a).localeCompare(order(b), 'en');
  for (const { links, gone } of groups.values()) [links, gone].forEach((list) => list.sort(compare));
  return [...groups.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
};

/**
 * The gathering that somebody typed: by its id, by the whole of its name, or by as much of it as no other begins with.
 * @param {{ id: string, name: string }[]} gatherings
 * @param {string} typed
 */
export const meant = (gatherings, typed) => {
  const text = typed.trim().toLowerCase();
  if (!text) return null;
  const exact = gatherings.find(({ id, name }) => id === text || name.toLowerCase() === text || choice({ id, name }).toLowerCase() === text);
  const begun = gatherings.filter(({ name }) => name.toLowerCase().startsWith(text));
  return exact ?? (begun.length === 1 ? (begun[0] ?? null) : null);
};

/** A gathering as it is offered to choose. @param {{ id: string, name: string }} gathering */
export const choice = ({ id, name }) => `${name} (${id})`;
