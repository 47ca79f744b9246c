// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byGathering, meant, named, newsInWords, stateInWords } from '../../web/passlist.js';

const LONDON = 'Europe/London';
const at = (/** @type {string} */ utc) => Date.parse(`${utc}Z`);

/** @param {Partial<import('../../web/passlist.js').Listed>} more @returns {import('../../web/passlist.js').Listed} */
const link = (more) => ({
  id: 'kfmwqz',
  role: 'steward',
  gathering: 'bath',
  name: 'Bath: rally',
  post: 'North gate',
  label: '',
  from: at('2027-06-19T12:00:00'),
  until: at('2027-06-20T18:00:00'),
  state: 'valid',
  covers_moment: true,
  code: false,
  devices: 0,
  by_code_of: null,
  open: 0,
  seen: null,
  refused: {},
  refused_at: null,
  ...more,
});

test('a link says when it is good, by the clocks of the moment', () => {
  assert.equal(stateInWords(link({}), LONDON), 'Good until Sun 20 Jun, 19:00.');
  assert.equal(stateInWords(link({ state: 'not_yet' }), LONDON), 'Good from Sat 19 Jun, 13:00 until Sun 20 Jun, 19:00.');
  assert.equal(stateInWords(link({ state: 'expired' }), 'UTC'), 'Over since Sun 20 Jun, 18:00.');
  assert.equal(stateInWords(link({ state: 'revoked' }), LONDON), 'Revoked.');
});

test('a link says what became of it, and why it was refused', () => {
  assert.deepEqual(newsInWords(link({}), LONDON), ['Not opened yet, as far as the server remembers.']);
  assert.deepEqual(newsInWords(link({ open: 1, seen: 0 }), LONDON), ['One phone is connected now.']);
  const refused = { state: /** @type {const} */ ('expired'), seen: at('2027-06-20T12:00:00'), refused: { expired: 3 }, refused_at: at('2027-06-20T19:30:00') };
  assert.deepEqual(newsInWords(link(refused), LONDON), ['Last seen Sun 20 Jun, 13:00.', 'Refused 3 times since it ended, last Sun 20 Jun, 20:30.']);
  assert.deepEqual(newsInWords(link({ open: 2, code: true, devices: 5, refused: { too_many: 1 } }), LONDON), [
    '2 phones are connected now.',
    'Its code has let in 5 of 5 phones.',
    'Refused once because its code had let in 5 phones.',
  ]);
  assert.deepEqual(newsInWords(link({ state: 'revoked' }), LONDON), []);
});

test('links stand under their gatherings by post, what came by a code under its card, and revoked ones apart', () => {
  const groups = byGathering([
    link({ id: 'zzz', gathering: 'york', name: 'York: vigil' }),
    link({ id: 'ccc', post: 'South gate' }),
    link({ id: 'aaa', by_code_of: 'bbb' }),
    link({ id: 'bbb' }),
    link({ id: 'ddd', state: 'revoked' }),
    link({ id: 'eee', gathering: 'gone', name: null }),
  ]);
  assert.deepEqual(
    groups.map(({ name, links, gone }) => [name, links.map(({ id }) => id), gone.map(({ id }) => id)]),
    [['Bath: rally', ['bbb', 'aaa', 'ccc'], ['ddd']], ['gone', ['eee'], []], ['York: vigil', ['zzz'], []]],
  );
});

test('a pass of a server is listed among those of organisers, though it has no gathering', () => {
  const own = /** @type {import('../../web/passlist.js').Listed} */ (/** @type {unknown} */ ({ ...link({ role: 'organiser' }), gathering: null, name: null, post: null }));
  assert.deepEqual(byGathering([link({}), own].map(named)).map(({ name }) => name), ['Bath: rally', 'Organisers']);
});

test('a gathering is meant when no other can be', () => {
  const all = [
    { id: 'glasgow', name: 'Glasgow: demonstration' },
    { id: 'glasgow-campus', name: 'Glasgow: campus' },
    { id: 'york', name: 'York: vigil' },
  ];
  for (const typed of ['york', ' YORK: VIGIL ', 'york: v', 'York: vigil (york)']) assert.equal(meant(all, typed)?.id, 'york', typed);
  assert.equal(meant(all, 'glasgow')?.id, 'glasgow', 'an id goes before the beginning of a name');
  for (const typed of ['', '  ', 'glas', 'atlantis']) assert.equal(meant(all, typed), null, typed);
});
