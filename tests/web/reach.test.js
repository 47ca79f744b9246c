// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gapInWords, remediesInWords } from '../../web/reach.js';

const board = JSON.parse(readFileSync(new URL('../wire/board.json', import.meta.url), 'utf8'));

test('the organiser reads since when how many servers are heard, and that nothing is lost', () => {
  const gap = { ...board, exact: false, nodes_reporting: 2, nodes_expected: 3 };
  assert.match(gapInWords(gap, '12:58'), /^Partial since 12:58: .* hears 2 of 3, itself included\. Nothing that was counted is lost/);
  const bare = gapInWords({ ...gap, nodes_reporting: null, nodes_expected: null }, '');
  assert.match(bare, /^Partial: /);
  assert.doesNotMatch(bare, /null|hears/);
});

test('each word of /readyz comes with what is to be done, also one that is not known here', () => {
  assert.match(remediesInWords(['engine']), /NATS/);
  assert.match(remediesInWords(['nodes', 'twin']), /start it again.*copy/);
  assert.equal(remediesInWords(['flood']), 'The server says: flood.');
  assert.equal(remediesInWords(undefined), '');
});
