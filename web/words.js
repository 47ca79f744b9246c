// @ts-check
// The words the pages say by themselves, which are in words/*.json, a file per language: `{name}` is filled in, and a
// text that depends on a number has one form for each plural category of its language. A page gets those of its
// reader's language with its HTML.

/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Plural */
/** @typedef {typeof import('./words/en.json', { with: { type: 'json' } })} English */
/** @typedef {Omit<English, `html.${string}` | '$source'> & { $draft?: boolean }} Words what a page is sent of a file */

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

/** Where words run from right to left, what is filled in keeps its own direction. @param {string} value */
const isolated = (value) => (words?.$dir === 'rtl' ? `\u2068${value}\u2069` : value);

/**
 * The form of a text for a number, with `{n}` filled in.
 * @param {Plural} forms
 * @param {number} n
 * @param {string} lang
 */
export const count = (forms, n, lang) =>
  say(forms[new Intl.PluralRules(locale(lang)).select(n)] ?? forms.other, { n: number(n, lang) });

/**
 * Dates are written the way of the country whose moment it is; plain "en" would mean the American way. Digits are
 * those of the countdown, in every language.
 * @param {string} lang
 */
const locale = (lang) => `${lang === 'en' ? 'en-GB' : lang}-u-nu-latn`;

/**
 * @param {number} n
 * @param {string} lang
 */
export const number = (n, lang) => new Intl.NumberFormat(locale(lang)).format(n);

/**
 * A moment's time on the wall where it was agreed: "13:00" and the day.
 * @param {string} civil such as "2027-02-20T13:00:00"
 * @param {string} lang
 */
export const civilTime = (civil, lang) => {
  const at = Date.parse(`${civil}Z`);
  if (Number.isNaN(at)) return { time: civil, day: '' };
  const seconds = at % 60_000 === 0 ? undefined : '2-digit';
  /** @param {Intl.DateTimeFormatOptions} parts */
  const format = (parts) => new Intl.DateTimeFormat(locale(lang), { ...parts, timeZone: 'UTC' }).format(at);
  return {
    time: format({ hour: '2-digit', minute: '2-digit', second: seconds, hourCycle: 'h23' }),
    day: format({ weekday: 'long', day: 'numeric', month: 'long' }),
  };
};

/**
 * The time of day on this device.
 * @param {number} at Unix ms
 * @param {string} lang
 */
export const timeOfDay = (at, lang) =>
  new Intl.DateTimeFormat(locale(lang), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
