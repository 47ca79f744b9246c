// @ts-check
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { turn } from '../../web/languages.js';
import { civilTime, count, say, speak } from '../../web/words.js';

/** @typedef {Record<string, string | boolean | Record<string, string>>} File */

const WEB = new URL('../../web/', import.meta.url);
const LANGUAGES = ['en', 'cy', 'pl', 'ro', 'pa', 'ur', 'pt', 'es', 'ar', 'fr', 'it', 'lt', 'bg', 'de'];
const RIGHT_TO_LEFT = ['ar', 'ur'];

/** Numbers on which plural categories are tried. */
const NUMBERS = Array.from({ length: 1_001 }, (_, n) => n);

/** @type {(lang: string) => File} */
const file = (lang) => JSON.parse(readFileSync(new URL(`words/${lang}.json`, WEB), 'utf8'));

const english = file('en');

/** Every text of a key: its only one, or one for each plural category. @param {File[string] | undefined} value @returns {[string, string][]} */
const forms = (value) => (typeof value === 'object' ? Object.entries(value) : [['', String(value)]]);

/** The names of the values a text wants. @param {string} text */
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join();

/** Words about what is in the file. @param {File} words */
const keys = (words) => Object.keys(words).filter((key) => !key.startsWith('$')).sort();

test('there is a file for every language, and none for another', () => {
  const names = readdirSync(new URL('words/', WEB)).map((name) => name.replace('.json', ''));
  assert.deepEqual(names.sort(), [...LANGUAGES].sort());
});

for (const lang of LANGUAGES) {
  const words = file(lang);

  test(`${lang} has every word that English has, and no other`, () => {
    assert.deepEqual(keys(words), keys(english));
    const plural = (/** @type {File} */ of) => keys(of).filter((key) => typeof of[key] === 'object');
    assert.deepEqual(plural(words), plural(english));
  });

  test(`${lang} says who it is, which way it runs, and who has signed it`, () => {
    assert.ok(words.$name);
    assert.equal(words.$dir, RIGHT_TO_LEFT.includes(lang) ? 'rtl' : 'ltr');
    const signed = typeof words.$reviewed === 'string' && /^\S.*, \d{4}-\d\d-\d\d$/.test(words.$reviewed);
    if (lang === 'en') assert.equal(words.$source, true);
    else assert.ok(words.$draft === true ? !('$reviewed' in words) : signed, '"$draft": true, or "$reviewed": "name, 2027-01-31"');
  });

  test(`${lang} says something everywhere, with the same values in every form`, () => {
    const rules = new Intl.PluralRules(lang);
    for (const key of keys(words)) {
      for (const [category, text] of forms(words[key])) {
        assert.match(text, /^\S(.*\S)?$/, `${key} ${category}`);
        const [first] = forms(english[key]);
        // A form for one number only may say that number in its own words.
        const numbers = NUMBERS.filter((n) => rules.select(n) === category);
        const wanted = placeholders(first?.[1] ?? '');
        const may = numbers.length === 1 ? [wanted, wanted.split(',').filter((name) => name !== 'n').join()] : [wanted];
        assert.ok(may.includes(placeholders(text)), `${key} ${category}: ${text}`);
      }
    }
  });

  test(`${lang} has exactly the plural forms that it needs`, () => {
    const { pluralCategories } = new Intl.PluralRules(lang).resolvedOptions();
    for (const key of keys(words)) {
      const value = words[key];
      if (typeof value === 'object') assert.deepEqual(Object.keys(value).sort(), [...pluralCategories].sort(), key);
    }
  });

  test(`${lang} writes a date as it is written in that language, whatever the browser knows of it`, () => {
    speak(/** @type {any} */ (words));
    const wanted = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
    // Every month, and every day of the week.
    for (let day = 0; day < 365; day += 10) {
      const at = new Date(Date.UTC(2027, 0, 1 + day, 13));
      const written = civilTime(at.toISOString().slice(0, 19));
      assert.equal(written.day.replace(/[\u2068\u2069]/g, ''), wanted.format(at));
      assert.equal(written.time, '13:00');
    }
  });
}

test('the files are laid out alike, so that two can be read side by side', () => {
  const layout = (/** @type {string} */ lang) => {
    const lines = readFileSync(new URL(`words/${lang}.json`, WEB), 'utf8').split('\n');
    return lines.map((line) => /^ {2}"(\$?)([\w.]*)/.exec(line)).map((found) => found?.[1] || found?.[2]);
  };
  for (const lang of LANGUAGES) assert.deepEqual(layout(lang), layout('en'), lang);
});

test('a number gets the form of its language, in the digits of the countdown', () => {
  /** @type {[string, number, string][]} */
  const said = [
    ['en', 1, '1 day'],
    ['pl', 22, '22 dni'],
    ['cy', 2, '2 ddiwrnod'],
    ['ro', 20, '20 de zile'],
    ['ar', 2, 'يومان'],
    ['ar', 11, '\u206811\u2069 يومًا'],
  ];
  for (const [lang, n, text] of said) {
    const words = /** @type {any} */ (file(lang));
    speak(words);
    assert.equal(count(words.days, n, lang), text);
  }
});

test('what is filled in is isolated where words run from right to left, and only there', () => {
  speak(/** @type {any} */ (file('ur')));
  assert.equal(say('{time} تک', { time: '13:00' }), '\u206813:00\u2069 تک');
  const day = say('{weekday}، {day}', { weekday: 'ہفتہ', day: '20' });
  assert.equal(say('{day} تک', { day }), '\u2068ہفتہ\u2069، \u206820\u2069 تک', 'a text of our own runs with the page');
  speak(/** @type {any} */ (english));
  assert.equal(say('until {time}, {other}', { time: '13:00' }), 'until 13:00, {other}');
});

test('a screen with two languages takes turns, and settles on the first around the moment', () => {
  const at = 1_800_000_000_000;
  const spoken = /** @type {any} */ ([['en', {}], ['cy', {}]]);
  const speaks = (/** @type {number} */ now, phase = 'before') =>
    turn(spoken, /** @type {any} */ ({ phase, moment: { at } }), now)[0];
  const from = (/** @type {number} */ start) => [0, 1, 2, 3].map((n) => speaks(start + n * 12_000));
  assert.deepEqual(from(at - 672_000), ['en', 'cy', 'en', 'cy']);
  assert.equal(speaks(at - 672_000), speaks(at - 672_000 + 11_999));
  assert.deepEqual(new Set([...from(at - 600_000), ...from(at - 24_000), ...from(at + 83_999)]), new Set(['en']));
  assert.deepEqual(new Set(from(at + 120_000)), new Set(['en', 'cy']));
  assert.equal(new Set([0, 1].map((n) => speaks(at + n * 12_000, 'held'))).size, 2, 'a moment that is held is not near');
});

test('style sheets know no left and no right', () => {
  const physical = /(^|-)(left|right|top|bottom|width|height|float|clear)(-(color|style|width|radius))?$/;
  for (const name of ['face.css', 'style.css', 'phone.css', 'display.css', 'organise.css', 'embed.css', 'missing.css', 'steward.css']) {
    const css = readFileSync(new URL(name, WEB), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    const declared = [...css.matchAll(/([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)];
    assert.ok(declared.length > 10);
    // A pair or triple of lines has a height of its own, and a line is as wide on either side.
    const neutral = ['line-height', 'stroke-width', 'border-width', 'outline-width'];
    const found = declared.filter(
      ([, property = '', value = '']) =>
        (physical.test(property) && !neutral.includes(property)) || (/^(text-align|float|clear)$/.test(property) && /left|right/.test(value)),
    );
    assert.deepEqual(found.map(([text]) => text), [], name);
  }
});
