// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Countdown } from '../../web/countdown.js';
import { Voice, remaining } from '../../web/voice.js';
import { speak } from '../../web/words.js';

const AT = 1_803_128_400_000;
const MINUTE = 60_000;

/** @param {string} lang */
const words = (lang) => JSON.parse(readFileSync(new URL(`../../web/words/${lang}.json`, import.meta.url), 'utf8'));
speak(words('en'));

/** @type {import('../../web/wire.js').Moment} */
const moment = {
  type: 'moment',
  rev: 3,
  at: AT,
  zone: 'Europe/London',
  civil: '2027-02-20T13:00:00',
  name: 'One day without us',
  status: 'scheduled',
  lang: 'cy',
  words: 'Link arms',
  cues: [],
};

/** Somebody who listens to a page. */
class Listener {
  countdown = new Countdown(moment);
  voice = new Voice();
  phones = '9';
  total = '';
  note = '';
  partial = '';
  /** @type {(string | undefined)[]} */
  heard = [];

  /** @param {number} now */
  at(now) {
    const view = this.countdown.read(now);
    const big = { before: '', now: 'Link arms', after: 'Link arms', held: 'Held', cancelled: 'Cancelled' }[view.phase];
    const slots = {
      big: { text: big, lang: 'cy' },
      note: { text: this.note },
      words: { text: view.phase === 'before' ? 'Link arms' : '' },
      caption: { text: view.phase === 'held' ? 'Wait' : '' },
      total: { text: this.total },
      totalLabel: { text: this.total && 'taking part' },
      coverage: { text: this.total && '61 of 138 gatherings have reported' },
      phones: { text: this.total ? '' : this.phones },
      phonesLabel: { text: 'phones with you' },
      least: { text: this.partial && 'at least' },
      partial: { text: this.partial },
    };
    const said = this.voice.hear({ view, lang: 'en', now }, slots);
    if (said) this.heard.push(said.text);
    return said;
  }

  /** @param {number} from @param {number} to @param {number} step */
  during(from, to, step) {
    for (let now = from; now <= to; now += step) this.at(now);
    return this.heard;
  }
}

test('in the hour before the moment each call is said once, then the moment', () => {
  const listener = new Listener();
  const calls = ['1 hour left', '30 minutes left', '10 minutes left', '5 minutes left', '1 minute left', '30 seconds left', '10 seconds left'];
  assert.deepEqual(listener.during(AT - 61 * MINUTE, AT, 250), [...calls, 'Link arms']);
});

test('nothing is said as a page opens, whatever stands on it', () => {
  for (const now of [AT - 50 * MINUTE, AT - 9_000, AT + MINUTE]) assert.equal(new Listener().at(now), null);
});

test('ticks that come late say what is really left, once, and skip what they have missed', () => {
  const listener = new Listener();
  listener.at(AT - 31 * MINUTE);
  assert.equal(listener.at(AT - 4 * MINUTE - 20_000)?.text, '4 minutes, 20 seconds left');
  assert.equal(listener.at(AT - 4 * MINUTE - 19_000), null);
  assert.equal(listener.at(AT - MINUTE + 900)?.text, '1 minute left');
});

test('a clock that is put back makes no call twice', () => {
  const listener = new Listener();
  listener.during(AT - 6 * MINUTE, AT - 4 * MINUTE, 1_000);
  assert.deepEqual(listener.during(AT - 6 * MINUTE, AT - 4 * MINUTE, 1_000), ['5 minutes left']);
});

test('a moment that is moved is said, and its calls begin anew', () => {
  const listener = new Listener();
  listener.during(AT - 6 * MINUTE, AT - 4 * MINUTE, 1_000);
  listener.countdown.learn({ ...moment, rev: 4, at: AT + 30 * MINUTE }, AT - 4 * MINUTE);
  listener.note = 'Moved to 13:30';
  listener.during(AT - 4 * MINUTE, AT + 26 * MINUTE, 1_000);
  assert.deepEqual(listener.heard, ['5 minutes left', 'Moved to 13:30', '30 minutes left', '10 minutes left', '5 minutes left']);
});

test('held is said with its reason', () => {
  const listener = new Listener();
  listener.at(AT - 6 * MINUTE);
  listener.countdown.learn({ ...moment, rev: 4, status: 'held' }, AT - 5 * MINUTE);
  listener.at(AT - 5 * MINUTE);
  assert.deepEqual(listener.during(AT - 5 * MINUTE, AT + MINUTE, 1_000), ['Held. Wait']);
});

test('after the moment the count is said when it changes, at most once a minute', () => {
  const listener = new Listener();
  listener.during(AT - 1_000, AT + 59_000, 1_000);
  assert.deepEqual(listener.heard, ['Link arms']);
  let phones = 100;
  for (let now = AT + MINUTE; now < AT + 4 * MINUTE; now += 1_000) {
    listener.phones = `${(phones += 1)}`;
    listener.at(now);
  }
  assert.deepEqual(listener.heard.slice(1), ['101 phones with you', '161 phones with you', '221 phones with you']);
  listener.during(AT + 4 * MINUTE, AT + 9 * MINUTE, 1_000);
  assert.equal(listener.heard.length, 5, 'a count that stands still is said once');
});

test('once gatherings have reported it is people who are said, with how many have, at most once a minute', () => {
  const listener = new Listener();
  listener.during(AT - 1_000, AT + 59_000, 1_000);
  for (let now = AT + MINUTE; now < AT + 3 * MINUTE; now += 1_000) {
    listener.total = `${now - AT}`;
    listener.at(now);
  }
  const people = (/** @type {number} */ n) => `${n} taking part. 61 of 138 gatherings have reported`;
  assert.deepEqual(listener.heard.slice(1), [people(60_000), people(120_000)]);
});

test('a gap in the figures is said once, and once that it is closed, but not as a page opens nor in the last seconds', () => {
  const listener = new Listener();
  listener.at(AT - 8 * MINUTE);
  listener.partial = 'Part of the count is missing since 12:52';
  listener.during(AT - 8 * MINUTE + 1_000, AT - 7 * MINUTE, 1_000);
  listener.partial = '';
  assert.deepEqual(listener.during(AT - 7 * MINUTE, AT - 6 * MINUTE, 1_000), ['Part of the count is missing since 12:52', 'The count is whole again.']);
  const late = new Listener();
  late.partial = 'Part of the count is missing';
  late.during(AT - 9_000, AT - 5_000, 1_000);
  late.partial = '';
  assert.deepEqual(late.during(AT - 5_000, AT - 1_000, 1_000), [], 'what came and went while it was quiet');
  late.at(AT);
  late.partial = 'Part of the count is missing';
  assert.deepEqual(late.during(AT + MINUTE, AT + MINUTE + 5_000, 1_000).length, 2);
});

test('the words of an organiser are said in their own language', () => {
  const listener = new Listener();
  listener.at(AT - 1_000);
  assert.deepEqual(listener.at(AT), { text: 'Link arms', lang: 'cy' });
});

test('what is left is said in the two greatest units', () => {
  const left = (/** @type {number} */ ms) => remaining(ms, 'en');
  assert.equal(left(3 * 86_400_000 + 2 * 3_600_000 + 5), '3 days, 2 hours left');
  assert.equal(left(3_600_000 + 1_000), '1 hour, 1 second left');
  assert.equal(left(59_001), '1 minute left');
  assert.equal(left(800), '1 second left');
});
