// @ts-check
// Networks that let no WebSocket through, and what a page does about them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../../web/clock.js';
import { events } from '../../web/events.js';
import { Live } from '../../web/live.js';
import { Pings } from '../../web/pings.js';
import { poll } from '../../web/poll.js';
import { socket } from '../../web/socket.js';
import { FakeRequests, FakeSocket, FakeSource, Time, example, settled } from './fakes.js';

/** A fallback carries within this time, ms. */
const ENGAGED = 3_000;

const MINUTE = 60_000;
const NEAR = JSON.parse(example('moment')).at - 5 * MINUTE;
const FAR = NEAR - 60 * MINUTE;

/** @param {{ random?: () => number, role?: import('../../web/wire.js').Role }} [how] */
const world = ({ random = () => 0.5, role = 'participant' } = {}) => {
  const time = new Time();
  const who = { role, gathering: 'glasgow', lang: 'cy' };
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {FakeSource[]} */
  const sources = [];
  const requests = new FakeRequests();
  /** @type {string[]} */
  const left = [];
  /** @type {string[]} */
  const heard = [];
  const live = new Live({
    roads: [
      socket(who, () => sockets[sockets.push(new FakeSocket()) - 1] ?? new FakeSocket()),
      events(who, (path) => sources[sources.push(new FakeSource(path)) - 1] ?? new FakeSource(path), requests.get, (seat) => left.push(seat)),
      poll(who, requests.get, time.timers, random),
    ],
    timers: time.timers,
    local: () => time.now,
    random,
    visible: true,
    heard: (message) => heard.push(message.type),
    changed: () => {},
  });
  const ws = () => /** @type {FakeSocket} */ (sockets.at(-1));
  const sse = () => /** @type {FakeSource} */ (sources.at(-1));
  const open = () => [...sockets, ...sources].filter(({ closed }) => !closed).length;
  return { live, time, sockets, sources, requests, left, heard, ws, sse, open };
};

/** A page on server-sent events. @param {Parameters<typeof world>[0]} [how] */
const onEvents = (how) => {
  const page = world(how);
  page.live.start();
  page.ws().end(1006);
  page.sse().accept();
  return page;
};

/** A page that asks now and then. @param {Parameters<typeof world>[0]} [how] @param {number} [t] */
const onPoll = async (how, t = FAR) => {
  const page = world(how);
  page.live.start();
  page.ws().end(1006);
  page.sse().fail();
  await page.requests.state({ t });
  return page;
};

test('a WebSocket that is refused gives way at once to server-sent events, which bring the same', () => {
  const { live, time, sse, ws, heard } = onEvents();
  assert.equal(time.now, 0);
  assert.equal(ws().closed, true);
  assert.equal(sse().path, '/live/events?lang=cy&gathering=glasgow&role=participant');
  assert.deepEqual(heard, ['moment', 'board']);
  assert.deepEqual([live.link, live.road.name], ['live', 'events']);
});

test('a WebSocket that is silently dropped gives way in time for a board within three seconds', () => {
  const page = world();
  page.live.start();
  page.time.pass(ENGAGED - 1_000);
  assert.equal(page.ws().closed, true);
  page.sse().accept();
  assert.equal(page.live.link, 'live');
});

test('a WebSocket that opens and then brings nothing gives way as well', () => {
  const page = world();
  page.live.start();
  page.ws().onopen?.({});
  page.time.pass(ENGAGED - 1_000);
  assert.equal(page.ws().closed, true);
  assert.equal(page.sources.length, 1);
});

test('events that are held up somewhere give way to asking', async () => {
  const page = world();
  page.live.start();
  page.time.pass(2 * (ENGAGED - 1_000));
  assert.equal(page.sse().closed, true);
  assert.equal(page.requests.of('board')[0]?.path, '/api/v1/board?lang=cy&gathering=glasgow');
  await page.requests.state();
  assert.deepEqual([page.live.link, page.live.road.name], ['live', 'poll']);
  assert.deepEqual(page.heard, ['moment', 'board']);
});

test('when nothing answers it backs off, and knocks at every door only every third time', async () => {
  const page = world();
  page.live.start();
  page.ws().end(1006);
  page.sse().fail();
  page.requests.of('board')[0]?.fail();
  await settled();
  assert.equal(page.live.link, 'away');
  for (const alone of [true, true, false]) {
    const [sockets, sources] = [page.sockets.length, page.sources.length];
    page.time.pass(4_000);
    page.ws().end(1006);
    assert.deepEqual([page.sockets.length, page.sources.length], [sockets + 1, sources + (alone ? 0 : 1)]);
  }
});

test('a page whose WebSocket carried gives it three tries before it looks for another road', () => {
  const page = world();
  page.live.start();
  page.ws().accept();
  for (const sources of [0, 0, 0, 1]) {
    page.ws().end(1006);
    assert.equal(page.sources.length, sources);
    page.time.pass(4_000);
  }
});

test('a page that goes on by events gives up the seat it had, once, and not in an address', () => {
  const page = world();
  page.live.start();
  page.ws().accept();
  page.ws().end(1006);
  page.live.online();
  page.ws().end(1006);
  assert.deepEqual(page.left, [], 'not before it is somewhere else');
  page.sse().accept();
  assert.deepEqual(page.left, [JSON.parse(example('welcome')).seat]);
  assert.doesNotMatch(page.sse().path, /k3f9a2/);
  page.sse().fail();
  page.live.online();
  page.sse().accept();
  assert.equal(page.left.length, 1);
});

test('a page that was on events looks for them first when the server is back', async () => {
  const page = onEvents();
  page.time.pass(30_000);
  page.sse().fail();
  for (let round = 0; round < 12; round += 1) {
    page.time.pass(4_000);
    page.sse().fail();
    page.requests.of('board').at(-1)?.fail();
    page.ws().end(1006);
    await settled();
  }
  const sockets = page.sockets.length;
  page.live.check();
  page.sse().accept();
  assert.deepEqual([page.live.link, page.live.road.name, page.sockets.length], ['live', 'events', sockets]);
});

test('another network is given a whole round, whatever the last one did', () => {
  const page = world();
  page.live.start();
  page.ws().accept();
  page.ws().end(1006);
  page.live.online();
  page.time.pass(ENGAGED - 1_000);
  assert.equal(page.sources.length, 1);
});

test('bye on server-sent events is obeyed: it comes back exactly then, by the same road', () => {
  const page = onEvents();
  page.sse().say('bye', { retry_ms: 7_350 });
  page.sse().fail();
  assert.equal(page.sse().closed, true, 'the browser must not come back by itself');
  page.live.check();
  page.live.online();
  page.time.pass(7_349);
  assert.deepEqual([page.sources.length, page.sockets.length], [1, 1]);
  page.time.pass(1);
  assert.deepEqual([page.sources.length, page.sockets.length], [2, 1]);
});

test('a hidden page closes its events, and opens them when it is looked at', () => {
  const page = onEvents();
  page.live.look(false);
  assert.equal(page.open(), 0);
  page.time.pass(10 * MINUTE);
  assert.equal(page.open(), 0);
  page.live.look(true);
  assert.equal(page.sources.length, 2);
  page.sse().accept();
  assert.equal(page.live.link, 'live');
});

test('events that fall silent are given up before new ones are opened', () => {
  const page = onEvents();
  page.time.pass(34_999);
  assert.equal(page.live.link, 'live');
  page.time.pass(1);
  assert.equal(page.live.link, 'away');
  assert.equal(page.open(), 0);
  page.time.pass(1_000);
  assert.equal(page.sources.length, 2);
});

test('after the device slept, the events that look open are replaced', () => {
  const page = onEvents();
  page.live.renew();
  assert.equal(page.open(), 0);
  page.time.pass(1_000);
  assert.equal(page.sources.length, 2);
});

test('the WebSocket is tried again after one, two, four and then every five minutes', () => {
  const page = onEvents();
  let expected = 0;
  for (const minutes of [1, 2, 4, 5, 5]) {
    for (let ms = 0; ms < minutes * MINUTE; ms += 10_000) {
      assert.equal(page.sockets.length, 1 + expected);
      page.time.pass(10_000);
      page.sse().say('board');
    }
    expected += 1;
    assert.equal(page.sockets.length, 1 + expected, `after ${minutes} min`);
    page.ws().end(1006);
    assert.equal(page.live.link, 'live');
  }
  assert.equal(page.sources.length, 1);
});

/** Lets time pass on a page that hears a board now and then. @param {ReturnType<typeof world>} page @param {number} ms */
const hearing = (page, ms) => {
  for (let passed = 0; passed < ms; passed += 10_000) {
    page.time.pass(10_000);
    page.sse().say('board');
  }
};

test('when the WebSocket opens again the events are closed before it says that it is there', () => {
  const page = onEvents();
  hearing(page, MINUTE);
  assert.equal(page.sse().closed, false);
  const send = page.ws().send.bind(page.ws());
  page.ws().send = (text) => {
    assert.equal(page.sse().closed, true);
    send(text);
  };
  page.ws().accept();
  assert.equal(page.ws().sent[0].type, 'hello');
  assert.deepEqual([page.live.link, page.live.road.name], ['live', 'socket']);
  page.time.pass(20_000);
  assert.deepEqual([page.sockets.length, page.open()], [2, 1]);
});

test('a WebSocket that opens again and brings nothing gives way to the events in time', () => {
  const page = onEvents();
  hearing(page, MINUTE);
  page.ws().onopen?.({});
  page.time.pass(ENGAGED - 1_000);
  assert.equal(page.sources.length, 2);
  page.sse().accept();
  assert.deepEqual([page.live.link, page.live.road.name, page.open()], ['live', 'events', 1]);
});

test('a try that hangs is given up, and the page stays where it is', () => {
  const page = onEvents();
  hearing(page, MINUTE);
  page.time.pass(10_000);
  assert.equal(page.ws().closed, true);
  assert.deepEqual([page.live.link, page.open()], ['live', 1]);
});

test('when the network is back or another one, the WebSocket is tried at once', () => {
  const page = onEvents();
  page.live.online();
  assert.equal(page.sockets.length, 2);
  page.ws().accept();
  assert.equal(page.live.road.name, 'socket');
});

test('a page that is looked at for a few seconds now and then tries the WebSocket when that is due', () => {
  const page = onEvents();
  for (let glance = 0; glance < 6; glance += 1) {
    page.time.pass(5_000);
    page.live.look(false);
    page.time.pass(5_000);
    assert.equal(page.sockets.length, 1);
    page.live.look(true);
    page.sse().accept();
  }
  page.time.pass(1);
  assert.equal(page.sockets.length, 2);
});

test('asking is quick near the moment and slow otherwise, at times drawn from all of twice the pace', async () => {
  for (const [t, pace] of /** @type {const} */ ([[NEAR, 5_000], [FAR, 20_000]])) {
    for (const random of [0, 0.25, 0.999]) {
      const page = await onPoll({ random: () => random }, t);
      const wait = Math.max(1_000, 2 * pace * random);
      page.time.pass(wait - 1);
      assert.equal(page.requests.of('board').length, 1);
      page.time.pass(1);
      assert.equal(page.requests.of('board').length, 2);
    }
  }
});

test('asking stops while nobody looks, and begins again at once', async () => {
  const page = await onPoll();
  page.live.look(false);
  page.time.pass(10 * MINUTE);
  assert.equal(page.requests.of('board').length, 1);
  page.live.look(true);
  assert.equal(page.requests.of('board').length, 2);
});

test('a question that fails or is never answered is a lost link', async () => {
  const failed = await onPoll();
  failed.time.pass(20_000);
  failed.requests.of('board').at(-1)?.fail();
  await settled();
  assert.equal(failed.live.link, 'away');
  const hangs = await onPoll();
  hangs.time.pass(70_000);
  assert.equal(hangs.live.link, 'away');
  assert.equal(hangs.requests.of('board').at(1)?.signal.aborted, true);
});

test('an answer that comes after the page left that road is not listened to', async () => {
  const page = await onPoll();
  page.time.pass(20_000);
  const late = page.requests.of('board').at(-1);
  page.live.online();
  page.ws().accept();
  const before = page.heard.length;
  late?.answer({ moment: JSON.parse(example('moment')), board: JSON.parse(example('board')) });
  await settled();
  assert.equal(page.heard.length, before);
  assert.equal(page.live.road.name, 'socket');
});

test('a page that is not the one that counts says so on every road, and opens its events anew to say it', () => {
  const page = onEvents();
  page.live.count(false);
  assert.equal(page.sources.length, 2);
  assert.match(page.sse().path, /&counted=false$/);
  assert.deepEqual([page.open(), page.live.link], [1, 'live']);
  page.sse().accept();
  page.live.online();
  page.ws().accept();
  assert.equal(page.ws().sent[0].counted, false);
  page.live.count(true);
  assert.deepEqual(page.ws().sent.at(-1), { type: 'visible', visible: true });
});

test('a display asks for events as one, and an organiser, whose pass cannot come along, too', () => {
  for (const role of /** @type {const} */ (['display', 'organiser'])) {
    assert.match(onEvents({ role }).sse().path, /&role=display$/);
  }
});

test('the time is asked for beside the road, and one round trip is one ping', async () => {
  const page = onEvents();
  const { time, requests, live } = page;
  const clock = new Clock(() => time.now, 0);
  const pings = new Pings({
    clock,
    send: (text) => live.send(text),
    timers: time.timers,
    local: () => time.now,
    random: () => 0.5,
    pace: () => live.road.pings,
    left: () => Infinity,
  });
  pings.start();
  assert.equal(requests.of('time').length, 1);
  time.pass(80);
  // What a road hears goes to the page; here only the count of messages tells that the answer came through.
  const before = page.heard.length;
  requests.of('time')[0]?.answer({ now: 5_040, epoch: 7, err: 3 });
  await settled();
  assert.deepEqual(page.heard.slice(before), ['pong']);
  page.time.pass(34_920);
  assert.equal(live.link, 'away', 'an answer beside the events is no sign that they still flow');
});

/** The server's time when a test begins, Unix ms. */
const SERVED = 1_803_128_400_000;

test('a pong by request puts the clock right within half its round trip', async () => {
  const time = new Time();
  const requests = new FakeRequests();
  const clock = new Clock(() => time.now, 0);
  // Lets it see how finely it can be read.
  time.pass(0.1);
  clock.now();
  const road = poll({ role: 'participant', gathering: null, lang: 'en' }, requests.get, time.timers, () => 0.5);
  const line = road.travel({
    presence: () => ({ visible: true, counted: true }),
    opened: () => {},
    heard: () => {},
    answered: (message) => message.type === 'pong' && clock.pong(message),
    over: () => {},
  });
  line.send(JSON.stringify({ type: 'ping', ...clock.ping() }));
  time.pass(80);
  requests.of('time')[0]?.answer({ now: SERVED + 40, epoch: 7, err: 3 });
  await settled();
  assert.ok(Math.abs(clock.now() - SERVED - 80) < 0.1, `${clock.now() - SERVED}`);
  assert.equal(Math.round(clock.bound() ?? 0), 43);
  assert.equal(clock.confirmed(), true);
  line.close();
});
