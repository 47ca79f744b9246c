// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Claim } from '../../web/claim.js';

/** Somebody at home, and the server's ear. */
class Home {
  now = 60_000;
  /** @type {import('../../web/claim.js').Linked} */
  link = { live: true, speaks: true, since: 0 };
  /** @type {{ party: number, claim: string }[]} */
  said = [];
  drawn = 0;
  claim = new Claim({
    draw: () => `${++this.drawn}`,
    send: (said) => (this.said.push(said), true),
    linked: () => this.link,
    local: () => this.now,
  });
  /** What was said since the last look, in numbers. */
  get numbers() {
    return this.said.splice(0).map(({ party }) => party);
  }
  /** @param {number} party */
  keep(party, claim = '1') {
    return this.claim.heard({ type: 'kept', of: 'elsewhere', party, claim });
  }
  /** @param {string} reason */
  refuse(reason, of = 'elsewhere') {
    return this.claim.heard({ type: 'refused', of, reason, say: '' });
  }
  /** @param {number} ms */
  pass(ms) {
    this.now += ms;
    this.claim.look();
  }
}

test('a number is said under one claim, changed and taken back, and known to be kept only when the server says so', () => {
  const home = new Home();
  assert.deepEqual([home.claim.state, home.drawn], ['none', 0], 'nothing is drawn before a tap');
  home.claim.say(3);
  assert.equal(home.claim.state, 'waits');
  home.keep(3);
  assert.equal(home.claim.state, 'kept');
  home.claim.say(5);
  assert.equal(home.claim.state, 'waits');
  home.keep(5);
  home.claim.say(0);
  assert.equal(home.claim.state, 'waits');
  home.keep(0);
  assert.equal(home.claim.state, 'none');
  assert.deepEqual(home.said, [3, 5, 0].map((party) => ({ party, claim: '1' })));
});

test('it waits until the connection is old enough, and for one that carries it', () => {
  const home = new Home();
  home.link = { live: true, speaks: true, since: home.now - 4_000 };
  home.claim.say(2);
  home.pass(6_000);
  assert.deepEqual(home.numbers, []);
  home.pass(1_000);
  assert.deepEqual(home.numbers, [2]);
  const poor = new Home();
  poor.link = { live: true, speaks: false, since: 0 };
  poor.claim.say(2);
  assert.equal(poor.claim.state, 'road');
  poor.link = { live: false, speaks: true, since: 0 };
  assert.equal(poor.claim.state, 'waits');
  assert.deepEqual(poor.numbers, []);
});

test('a new connection hears again what is not known to be kept, and nothing else', () => {
  const home = new Home();
  home.claim.say(2);
  home.pass(1_000);
  home.link = { live: true, speaks: true, since: home.now };
  home.pass(11_000);
  assert.deepEqual(home.numbers, [2, 2]);
  home.keep(2);
  home.link = { live: true, speaks: true, since: home.now };
  home.pass(60_000);
  assert.deepEqual(home.numbers, []);
});

test('a change whose end is not known is put right, even when the old number is wanted again', () => {
  const home = new Home();
  home.claim.say(3);
  home.keep(3);
  home.claim.say(5);
  home.claim.say(3);
  assert.deepEqual(home.numbers, [3, 5, 3]);
  home.keep(5);
  assert.equal(home.claim.settled, false);
  home.keep(3);
  assert.equal(home.claim.state, 'kept');
});

test('without an answer it is said again after a while, and a refusal that passes is waited out', () => {
  const home = new Home();
  home.claim.say(1);
  home.pass(14_000);
  assert.deepEqual(home.numbers, [1]);
  home.pass(1_000);
  assert.deepEqual(home.numbers, [1]);
  for (const reason of ['too_soon', 'busy', 'not_kept']) assert.ok(home.refuse(reason));
  assert.equal(home.claim.state, 'waits');
  home.pass(15_000);
  assert.deepEqual(home.numbers, [1]);
});

test('a refusal for good is not tried again unless somebody taps, and leaves what was kept as it was', () => {
  const home = new Home();
  home.claim.say(1);
  home.refuse('enough');
  home.pass(60_000);
  assert.deepEqual([home.claim.state, home.claim.party, home.numbers], ['refused', 0, [1]]);
  home.claim.say(1);
  home.keep(1);
  home.claim.say(4);
  home.refuse('not_now');
  assert.deepEqual([home.claim.state, home.claim.party], ['kept', 1]);
});

test('what others are told is no answer', () => {
  const home = new Home();
  home.claim.say(1);
  assert.equal(home.keep(1, '2'), false);
  assert.equal(home.refuse('unknown_gathering', 'hello'), false);
  assert.equal(home.claim.state, 'waits');
  home.claim.say(40);
  assert.equal(home.claim.party, 9);
});
