// @ts-check
// The public list of gatherings, and how one of them is found in it. Pure.

/**
 * @typedef {object} Listed
 * @property {string} id
 * @property {string} name
 * @property {string} place
 * @property {string} nation
 * @property {string} kind
 * @property {string} venue
 * @property {boolean} joins whether it acts with everyone else
 * @property {boolean} listed whether all of it is public; of others only the area is, and no figure is told
 * @property {string[]} access what it is known to offer; what is not named may be there all the same
 */

/** Letters that no decomposition turns into plain ones. */
const PLAIN = /** @type {Record<string, string>} */ ({ ł: 'l', ø: 'o', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ı: 'i' });

/**
 * Text as it is compared: without case, marks and punctuation, so that "Ynys Môn" is found by "ynys mon".
 * @param {string} text
 */
export const fold = (text) =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[łøđßæœþı]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/['’ʼ]/g, '')
    .replace(/[^\p{L}\p{N}\p{Mc}]+/gu, ' ')
    .trim();

/**
 * What the server sent, as far as it can be read.
 * @param {any} answer
 * @returns {Listed[]}
 */
export const listed = (answer) => {
  const rows = Array.isArray(answer?.gatherings) ? answer.gatherings : [];
  return rows.flatMap((/** @type {any} */ row) => {
    if (typeof row?.id !== 'string' || typeof row.name !== 'string') return [];
    const text = (/** @type {unknown} */ value) => (typeof value === 'string' ? value : '');
    const access = Array.isArray(row.access) ? row.access.map(text) : [];
    const known = { place: text(row.place), nation: text(row.nation), kind: text(row.kind), venue: text(row.venue), access };
    return [{ id: row.id, name: row.name, joins: row.joins !== false, listed: typeof row.venue === 'string', ...known }];
  });
};

/**
 * How many people are at each, rounded, 0 for fewer than ten, and when that was (Unix ms); of those that have reported.
 * @param {any} answer
 * @returns {Map<string, { people: number, as_of: number }>}
 */
export const figures = (answer) => {
  const rows = Array.isArray(answer?.gatherings) ? answer.gatherings : [];
  const told = rows.filter((/** @type {any} */ row) => typeof row?.id === 'string' && row.people >= 0 && row.as_of > 0);
  return new Map(told.map((/** @type {any} */ { id, people, as_of }) => [id, { people, as_of }]));
};

/**
 * The gatherings in which every word of the query begins a word, and which offer all that is needed: those whose
 * place or name begins with the query first, then the others, each in the order of their names. Nothing asked for
 * finds nothing.
 * @param {Listed[]} all
 * @param {string} query
 * @param {string[]} [needed]
 * @returns {Listed[]}
 */
export const find = (all, query, needed = []) => {
  const wanted = fold(query);
  if (!wanted && needed.length === 0) return [];
  const starts = wanted.split(' ');
  const found = all.flatMap((gathering) => {
    const { name, place, nation, kind, venue, access } = gathering;
    if (!needed.every((fact) => access.includes(fact))) return [];
    const [asPlace, asName] = [fold(place), fold(name)];
    const text = ` ${asName} ${asPlace} ${fold(`${nation} ${kind} ${venue}`)}`;
    if (!starts.every((start) => text.includes(` ${start}`))) return [];
    const rank = asPlace.startsWith(wanted) ? 0 : asName.startsWith(wanted) ? 1 : 2;
    return [{ gathering, rank, asName }];
  });
  found.sort((a, b) => a.rank - b.rank || (a.asName < b.asName ? -1 : 1));
  return found.map(({ gathering }) => gathering);
};
