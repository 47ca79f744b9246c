// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live } from '../../web/live.js';
import { socket } from '../../web/socket.js';
import { FakeSocket, Time, example } from './fakes.js';

/** @param {{ random?: () => number }} [chance] */
const world = ({ random = () => 0.5 } = {}) => {
  const time = new Time();
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {string[]} */
  const heard = [];
  /** @type {boolean[]} whether every earlier socket was closed when one was opened */
  const alone = [];
  const live = new Live({
    roads: [
      socket({ role: 'participant', gathering: 'glasgow', lang: 'en' }, (protocol) => {
        assert.equal(protocol, 'oneoclock.v1');
        alone.push(sockets.every((socket) => socket.closed));
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      }),
    ],
    timers: time.timers,
    local: () => time.now,
    random,
    visible: true,
    heard: (message) => heard.push(message.type),
    changed: () => {},
  });
  const newest = () => /** @type {FakeSocket} */ (sockets.at(-1));
  return { live, time, sockets, heard, alone, newest };
};

/** How long after the newest socket ended with `code` the page knocks again, ms. @param {ReturnType<typeof world>} page @param {number} code */
const waits = ({ time, sockets, newest }, code) => {
  const before = sockets.length;
  newest().end(code);
  for (let ms = 0; ms <= 700_000; ms += 50) {
    if (sockets.length > before) return ms;
    time.pass(50);
  }
  return Infinity;
};

test('it says who it is when the connection opens, and is live with the welcome', () => {
  const { live, newest, heard } = world();
  live.start();
  assert.equal(live.link, 'joining');
  newest().accept();
  const { was, ...first } = JSON.parse(example('hello'));
  assert.deepEqual(newest().sent, [first]);
  assert.equal(live.link, 'live');
  newest().say('board');
  assert.deepEqual(heard, ['welcome', 'board']);
});

test('being hidden and being seen again is told once each', () => {
  const { live, newest } = world();
  live.start();
  newest().accept();
  for (const seen of [false, false, true, true]) live.look(seen);
  assert.deepEqual(newest().sent.slice(1), [{ type: 'visible', visible: false }, { type: 'visible', visible: true }]);
});

test('without a word of the server the wait is drawn from all of a window that doubles up to 30 s', () => {
  for (const random of [0, 0.25, 0.999]) {
    const page = world({ random: () => random });
    page.live.start();
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const expected = random * Math.min(30_000, 1_000 * 2 ** attempt);
      const ms = waits(page, 1006);
      assert.ok(ms >= expected && ms <= expected + 100, `attempt ${attempt}: ${ms}, expected ${expected}`);
    }
  }
});

test('a connection that held starts the window small again, one that broke at once does not', () => {
  const page = world({ random: () => 0.999 });
  page.live.start();
  for (let n = 0; n < 6; n += 1) waits(page, 1006);
  page.newest().accept();
  assert.ok(waits(page, 1006) > 20_000);
  page.newest().accept();
  page.time.pass(10_000);
  assert.ok(waits(page, 1006) <= 1_050);
});

test('told when to come back, it comes back exactly then, however hard it is looked at', () => {
  const page = world();
  page.live.start();
  page.newest().accept();
  page.newest().say('bye', { retry_ms: 7_350 });
  page.newest().end(1012);
  page.live.check();
  page.live.look(true);
  page.time.pass(7_349);
  assert.equal(page.sockets.length, 1);
  page.time.pass(1);
  assert.equal(page.sockets.length, 2);
});

test('after an ending that would repeat itself it waits at least the longest wait', () => {
  for (const code of [1000, 1002, 1003, 1007, 1009, 4400, 4403]) {
    const page = world({ random: () => 0 });
    page.live.start();
    page.newest().accept();
    const ms = waits(page, code);
    assert.ok(ms >= 30_000 && ms <= 60_000, `${code}: ${ms}`);
  }
  for (const code of [1001, 1006, 1011, 1012, 1013, 4408, 4999]) {
    const page = world({ random: () => 0.5 });
    page.live.start();
    page.newest().accept();
    assert.ok(waits(page, code) <= 1_000, `${code}`);
  }
});

test('when the server misses its beats the old connection is closed before a new one is opened', () => {
  const page = world();
  page.live.start();
  page.newest().accept();
  page.time.pass(34_999);
  assert.equal(page.newest().closed, false);
  page.newest().say('board');
  page.time.pass(34_999);
  assert.equal(page.live.link, 'live');
  page.time.pass(1);
  assert.equal(page.live.link, 'away');
  page.time.pass(1_000);
  assert.equal(page.sockets.length, 2);
  assert.deepEqual(page.alone, [true, true]);
});

test('what a given-up connection still says is not listened to', () => {
  const page = world();
  page.live.start();
  const old = page.newest();
  old.accept();
  page.live.renew();
  page.time.pass(1_000);
  page.newest().accept();
  old.say('board');
  old.end(1006);
  assert.deepEqual(page.heard, ['welcome', 'welcome']);
  assert.equal(page.live.link, 'live');
});

test('a connection that does not open within ten seconds is given up', () => {
  const page = world();
  page.live.start();
  page.time.pass(10_000);
  assert.equal(page.newest().closed, true);
  page.time.pass(1_000);
  assert.equal(page.sockets.length, 2);
  assert.deepEqual(page.alone, [true, true]);
});

test('a hidden page that lost its connection comes back when it is looked at, not before', () => {
  const page = world();
  page.live.start();
  page.newest().accept();
  page.live.look(false);
  page.time.pass(120_000);
  assert.equal(page.live.link, 'live', 'silence is not held against the server meanwhile');
  page.newest().end(4408);
  page.time.pass(600_000);
  assert.equal(page.sockets.length, 1);
  page.live.look(true);
  assert.equal(page.sockets.length, 2);
});

test('when the network is back it does not wait for the rest of its pause', () => {
  const page = world({ random: () => 0.999 });
  page.live.start();
  for (let n = 0; n < 8; n += 1) waits(page, 1006);
  page.newest().end(1006);
  const before = page.sockets.length;
  page.live.check();
  assert.equal(page.sockets.length, before + 1);
});

test('coming back to a page whose server fell silent in the meantime finds out at once', () => {
  const page = world();
  page.live.start();
  page.newest().accept();
  page.live.look(false);
  page.time.pass(60_000);
  page.live.look(true);
  assert.equal(page.live.link, 'away');
});
