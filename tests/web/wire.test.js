// @ts-check
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { accept, elsewhere, hello, ping, read, readFirst, visible } from '../../web/wire.js';

const examples = new URL('../wire/', import.meta.url);
/** @param {string} name */
const example = (name) => readFileSync(new URL(`${name}.json`, examples), 'utf8');

const FROM_SERVER = ['welcome', 'moment', 'board', 'pong', 'refused', 'bye'];
const FROM_PAGE = { elsewhere, hello, ping, visible };
/** Further examples, of the kind before the full stop. */
const OTHER_FORMS = ['board.partial'];
/** Spoken to stewards only; the phone and the display pass it by (duty.test.js). */
const NOT_FOR_US = ['duty', 'estimate', 'kept', 'ready', 'tally'];

test('every example message is accounted for', () => {
  const names = readdirSync(examples).map((file) => file.replace('.json', '')).sort();
  assert.deepEqual([...FROM_SERVER, ...Object.keys(FROM_PAGE), ...NOT_FOR_US, ...OTHER_FORMS].sort(), names);
});

for (const name of FROM_SERVER) {
  test(`${name} is read as the example shows it`, () => {
    const raw = JSON.parse(example(name));
    const message = read(example(name));
    assert.ok(message);
    const meant = name === 'board' ? { exact: true, nodes_reporting: null, nodes_expected: null, as_of: raw.t, ...raw } : raw;
    for (const [field, value] of Object.entries(message)) assert.deepEqual(value, meant[field], field);
  });

  test(`${name} with fields from the future is read; without one of its own it is not`, () => {
    const raw = JSON.parse(example(name));
    assert.deepEqual(accept({ ...raw, colour: { of: ['tomorrow'] } }), read(example(name)));
    const field = { welcome: 'beat', moment: 'at', board: 'phones', pong: 's2', refused: 'say', bye: 'retry_ms' }[name];
    assert.equal(accept({ ...raw, [field ?? '']: undefined }), null);
    assert.equal(accept({ ...raw, [field ?? '']: {} }), null);
  });
}

for (const [name, write] of Object.entries(FROM_PAGE)) {
  test(`${name} is written as the example shows it`, () => {
    const raw = JSON.parse(example(name));
    assert.deepEqual(JSON.parse(write(raw)), raw);
  });
}

test('a board says so when a part of the whole is missing, of how many servers, and when it was whole for the last time', () => {
  const board = read(example('board.partial'));
  assert.ok(board?.type === 'board');
  const { exact, nodes_reporting, nodes_expected, as_of } = board;
  assert.deepEqual({ exact, nodes_reporting, nodes_expected, as_of }, { exact: false, nodes_reporting: 2, nodes_expected: 3, as_of: 1803128391000 });
  const { as_of: when, ...neverWhole } = JSON.parse(example('board.partial'));
  assert.deepEqual([when, accept(neverWhole)?.type === 'board' && accept(neverWhole)], [as_of, { ...board, as_of: board.t }]);
});

test('in the national room hello names no gathering', () => {
  const text = hello({ role: 'display', gathering: null, lang: 'en', visible: true });
  assert.deepEqual(JSON.parse(text), { type: 'hello', role: 'display', lang: 'en', visible: true });
});

test('a page that is not the one of its browser that counts says so', () => {
  assert.equal(JSON.parse(hello({ ...JSON.parse(example('hello')), counted: false })).counted, false);
  assert.deepEqual(JSON.parse(visible({ visible: true, counted: false })), { type: 'visible', visible: true, counted: false });
  assert.deepEqual(JSON.parse(visible({ visible: true, counted: true })), { type: 'visible', visible: true });
});

test('unknown types and things that are no messages are passed by', () => {
  for (const text of ['', 'x', 'null', '7', '[]', '{}', '{"type":7}', '{"type":"toString"}', '{"type":"confetti"}']) {
    assert.equal(read(text), null, text);
  }
  assert.equal(read(example('kept')), null);
  assert.equal(read(new ArrayBuffer(4)), null);
});

test('a national board has no "here" and no "people", and one of a quiet day nobody elsewhere and nothing signed off', () => {
  const { here, people, elsewhere, final, ...national } = JSON.parse(example('board'));
  const board = accept(national);
  assert.ok(board?.type === 'board');
  assert.deepEqual([board.here, board.people, board.elsewhere, board.final], [null, null, 0, false]);
  assert.deepEqual([here, people, elsewhere, final], [310, 435, 1_210, true]);
});

test('of what is kept a phone is told of people elsewhere, and passes by the rest', () => {
  const kept = { type: 'kept', of: 'elsewhere', party: 3, claim: '00c0ffee00c0ffee00c0ffee00c0ffee' };
  assert.deepEqual(accept({ ...kept, more: 1 }), kept);
  assert.equal(accept({ ...kept, of: 'ready' }), null);
  assert.equal(accept({ ...kept, party: '3' }), null);
});

test('a status from the future fires nothing: it is read as held', () => {
  const moment = accept({ ...JSON.parse(example('moment')), status: 'postponed' });
  assert.equal(moment?.type === 'moment' && moment.status, 'held');
});

test('what the page was born with is read, with and without a gathering; broken, it is nothing', () => {
  const moment = JSON.parse(example('moment'));
  const gathering = { slug: 'glasgow', name: 'Glasgow: demonstration', place: 'Glasgow', venue: '', joins: true, listed: true };
  const words = [['en', { until: 'until {time}' }]];
  const first = { moment, gathering, words };
  assert.deepEqual(readFirst(JSON.stringify(first))?.gathering, gathering);
  assert.equal(readFirst(JSON.stringify({ ...first, gathering: null }))?.gathering, null);
  const { type, ...untyped } = moment;
  assert.equal(type, 'moment');
  assert.equal(readFirst(JSON.stringify({ ...first, moment: untyped }))?.moment.at, moment.at);
  for (const broken of ['', '{{first}}', '{}', JSON.stringify({ ...first, moment: null }), JSON.stringify({ ...first, words: [] })]) assert.equal(readFirst(broken), null);
});
