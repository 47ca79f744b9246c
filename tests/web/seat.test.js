// @ts-check
// A page that comes back proves which seat was its own, and knows it no longer than it has to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socket } from '../../web/socket.js';
import { FakeSocket, example } from './fakes.js';

const HELLO = JSON.parse(example('hello'));
const { seat: FIRST } = JSON.parse(example('welcome'));
const SECOND = HELLO.was;

const world = () => {
  /** @type {FakeSocket[]} */
  const sockets = [];
  const road = socket({ role: 'participant', gathering: 'glasgow', lang: 'en' }, () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
  const nothing = () => {};
  /** @param {string | null} [seat] the one it is given, if it is greeted at all */
  const comes = (seat = FIRST) => {
    const ears = { presence: () => ({ visible: true, counted: true }), opened: nothing, heard: nothing, answered: nothing, over: nothing };
    const line = road.travel(ears);
    const wire = /** @type {FakeSocket} */ (sockets.at(-1));
    wire.onopen?.({});
    if (seat) wire.say('welcome', { seat });
    return { line, wire, was: wire.sent[0].was };
  };
  return { comes };
};

test('a page that was never seated claims no seat', () => {
  assert.equal(world().comes().was, undefined);
});

test('a connection that broke is told of on the next one, and each time by the newest seat', () => {
  const { comes } = world();
  comes(SECOND).wire.end(1006);
  const back = comes(FIRST);
  assert.deepEqual(back.wire.sent, [HELLO]);
  back.wire.end(1006);
  assert.equal(comes().was, FIRST);
});

test('a connection that the page gave up itself is told of too: its close may not have arrived', () => {
  const { comes } = world();
  comes().line.close();
  assert.equal(comes().was, FIRST);
});

test('a connection that broke before it was greeted leaves the seat before it to be told of', () => {
  const { comes } = world();
  comes().wire.end(1006);
  comes(null).wire.end(1006);
  assert.equal(comes().was, FIRST);
});

test('a seat that the server itself took back is forgotten', () => {
  for (const code of [1000, 1012, 4408, 4410]) {
    const { comes } = world();
    comes().wire.end(code);
    assert.equal(comes().was, undefined, `${code}`);
  }
});
