// @ts-check
// The words the pages say by themselves, which are in words/*.json, a file per language: `{name}` is filled in, and a
// text that depends on a number has one form for each plural category of its language. A page gets those of its
// reader's language with its HTML.

/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Plural */
/** @typedef {typeof import('./words/en.json', { with: { type: 'json' } })} English */
/** @typedef {Omit<English, `html.${string}` | '$source'> & { $draft?: boolean }} Words what a page is sent of a file */

/** Unicode's marks around a text whose direction is its own. */
const [ISOLATE, END] = ['\u2068', '\u2069'];

/** The words of the page's language; `speak` sets them.
 * @type {Words} */
export let words;

/** Lets the page say everything in these words from now on. @param {Words} next */
export const speak = (next) => {
  words = next;
};

/**
 * A text with its values filled in.
 * @param {string} text
 * @param {Record<string, string>} [values]
 */
export const say = (text, values = {}) =>
  text.replace(/\{(\w+)\}/g, (all, name) => {
    const value = values[name];
    return value === undefined ? all : isolated(value);
  });

/**
 * Where words run from right to left, a value that is filled in keeps its own direction. One that was filled in itself
 * is made of the page's words, and runs with them.
 * @param {string} value
 */
const isolated = (value) => (words?.$dir === 'rtl' && !value.includes(ISOLATE) ? ISOLATE + value + END : value);

/**
 * The form of a text for a number, with `{n}` filled in, and what else it wants.
 * @param {Plural} forms
 * @param {number} n
 * @param {string} lang
 * @param {Record<string, string>} [values]
 */
export const count = (forms, n, lang, values = {}) =>
  say(forms[new Intl.PluralRules(lang).select(n)] ?? forms.other, { n: number(n, lang), ...values });

/**
 * How numbers are written: in the digits of the countdown, in every language; as in the country whose moment it is,
 * where a browser does not know the language (plain "en" would mean the American way).
 * @param {string} lang
 */
const locales = (lang) => (lang === 'en' ? ['en-GB'] : [`${lang}-u-nu-latn`, 'en-GB']);

/**
 * @param {number} n
 * @param {string} lang
 */
export const number = (n, lang) => new Intl.NumberFormat(locales(lang)).format(n);

/**
 * A moment's time on the wall where it was agreed: "13:00" and the day. The names are our own: browsers that know how
 * to write a date in Welsh or Punjabi are few.
 * @param {string} civil such as "2027-02-20T13:00:00"
 */
export const civilTime = (civil) => {
  const at = new Date(`${civil}Z`);
  if (Number.isNaN(at.getTime())) return { time: civil, day: '' };
  const weekday = words.weekdays.split(', ')[(at.getUTCDay() + 6) % 7] ?? '';
  const month = words.months.split(', ')[at.getUTCMonth()] ?? '';
  return {
    time: civil.slice(11, at.getUTCSeconds() ? 19 : 16),
    day: say(words.date, { weekday, day: `${at.getUTCDate()}`, month }),
  };
};

/**
 * The time of day on this device.
 * @param {number} at Unix ms
 * @param {string} lang
 */
export const timeOfDay = (at, lang) =>
  new Intl.DateTimeFormat(locales(lang), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
