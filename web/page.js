// @ts-check
// What the phone and the display have in common: one clock, one countdown, one connection, one tick.

import { guess } from './arrival.js';
import { Clock } from './clock.js';
import { about } from './company.js';
import { Countdown } from './countdown.js';
import { Cues, untilNextOf } from './cues.js';
import { turnTo, untilNext } from './face.js';
import { Figures } from './figures.js';
import { Frames } from './frames.js';
import { Live } from './live.js';
import { Pings } from './pings.js';
import { roads } from './roads.js';
import { fill } from './slots.js';
import { Tabs } from './tabs.js';
import { slots, state } from './view.js';
import { Voice, remaining } from './voice.js';
import { accept, elsewhere, readFirst } from './wire.js';

/** The wall clock running ahead of the steady one by this much in a tick means that the device slept, or that the wall
 * clock was set, ms. */
const SLEPT = 250;

/** Ticks that are further apart than this mean that the page could not run, ms. */
const STOOD = 3_000;

/** No page paints farther ahead than this, ms: two frames of the slowest screen. */
const FRAMES = 68;

/** @typedef {import('./countdown.js').View} View */
/** @typedef {import('./wire.js').Gathering} Gathering */

/**
 * What else a page may do while it runs.
 * @typedef {object} Page
 * @property {(slot: import('./view.js').Slot) => void} speak says something to those who listen
 * @property {() => string} remaining how much is left, in words; '' when nothing is
 * @property {(still: boolean) => void} pause lets the numbers stand still; the countdown goes on
 * @property {() => import('./kept.js').State} state what is worth keeping over a reload
 * @property {() => number} now Unix ms
 * @property {(people: number) => string} about the people of one gathering in words, rounded; 0 for fewer than ten
 * @property {(said: { party: number, claim: string }) => boolean} elsewhere speaks for people elsewhere; false if it cannot now
 * @property {() => import('./claim.js').Linked} linked
 * @property {(ear: (message: import('./wire.js').Message) => void) => void} listen hears what the server says, too
 * @property {(next: Gathering, people: number | null | undefined) => void} sit moves the page to a gathering, of which so
 *   many people are known
 */

/**
 * The moment as it was said last. The default moment keeps its place as it rolls over.
 * @param {import('./wire.js').Moment} first
 * @param {import('./wire.js').Message | null} kept
 */
const newest = (first, kept) =>
  kept?.type === 'moment' && (kept.rev > first.rev || (kept.rev === first.rev && kept.at > first.at)) ? kept : first;

/**
 * Runs a page.
 * @param {import('./wire.js').Role} role
 * @param {(view: View) => void} [painted] called after each tick
 * @param {string} [pass] proves the role, where it needs proof
 * @param {import('./kept.js').Kept | null} [kept] what this phone remembers of a page that is no news
 * @returns {Page | null} null if the page holds no moment
 */
export const run = (role, painted = () => {}, pass, kept = null) => {
  const first = readFirst(document.getElementById('first')?.textContent);
  if (!first) return null;
  const root = document.documentElement;
  const { words: spoken } = first;
  let { gathering } = first;
  const who = { role, gathering: gathering?.slug ?? null, lang: spoken[0][0] };
  const local = () => performance.now();
  const seen = () => document.visibilityState === 'visible';
  const timers = {
    /** @type {(run: () => void, ms: number) => number} */
    set: (run, ms) => window.setTimeout(run, ms),
    /** @type {(id: number) => void} */
    clear: (id) => window.clearTimeout(id),
  };
  const chance = { timers, random: Math.random };

  const clock = (kept && Clock.restore(local, kept.clock, Date.now())) ?? new Clock(local, guess());
  const moment = newest(first.moment, accept(kept?.moment));
  const countdown = new Countdown(moment, kept?.fired === moment.at || root.dataset.phase === 'now');
  const cues = new Cues();
  const voice = new Voice();
  const figures = new Figures();
  /** @type {((message: import('./wire.js').Message) => void)[]} */
  const ears = [];
  const listened = document.querySelector('[data-say]');
  /** @type {import('./wire.js').Board | null} */
  let board = null;
  let looked = seen();
  /** @type {{ board: import('./wire.js').Board | null, at: number } | null} */
  let paused = null;
  /** @type {number | null} */
  let lastHeard = kept?.heard ?? null;
  /** @type {View | null} */
  let view = null;
  /** @type {number | null} */
  let downSince = lastHeard ?? clock.now();
  /** @type {number | undefined} */
  let timer;
  let lead = Date.now() - local();
  let ticked = local();
  /** Whether anybody saw the page all the time since the last tick. */
  let watched = looked;
  /** Until when the page shows what is, local ms. */
  let ahead = -Infinity;

  const live = new Live({
    roads: roads(who, chance, pass),
    ...chance,
    local,
    visible: looked,
    heard,
    changed: (link) => {
      tabs?.look(looked && live.road.counts);
      downSince = link === 'live' ? null : clock.now();
      if (link !== 'live') pings.stop();
      tick();
    },
  });
  const frames = new Frames({
    timers,
    local,
    ask: (frame) => void window.requestAnimationFrame(frame),
    act: (early) => tick(early),
  });
  const pings = new Pings({
    clock,
    send: (text) => live.send(text),
    ...chance,
    local,
    pace: () => live.road.pings,
    left,
  });
  const tabs = role === 'participant' && 'BroadcastChannel' in window
    ? new Tabs({
        ...chance,
        local,
        wall: Date.now,
        open: () => new BroadcastChannel('oneoclock'),
        gathering: gathering !== null,
        changed: (counted) => live.count(counted),
      })
    : null;

  /** How long until the moment, ms; Infinity when there is none ahead. */
  function left() {
    const { status, at } = countdown.moment;
    const ms = at - clock.now();
    return status === 'scheduled' && ms > 0 ? ms : Infinity;
  }

  /** @param {import('./wire.js').Message} message */
  function heard(message) {
    // Before any stamp is weighed: after sleep those of before mean something else.
    wake();
    if (message.type === 'pong') pings.pong(message);
    if (message.type === 'welcome') {
      clock.epoch(message.epoch);
      pings.burst();
    }
    if (message.type === 'moment') {
      countdown.learn(message, clock.now());
      pings.plan();
    }
    if (message.type === 'board') {
      board = message;
      if (clock.epoch(message.epoch)) pings.burst();
      else pings.start();
      clock.stamp(message.t);
    }
    lastHeard = clock.now();
    for (const ear of ears) ear(message);
    tick();
  }

  /** @param {number} [early] how long before it is seen, ms */
  function tick(early = 0) {
    window.clearTimeout(timer);
    wake();
    // What was painted ahead is not taken back.
    const here = local();
    ahead = Math.max(here + early, Math.min(ahead, here + FRAMES));
    const forward = ahead - here;
    const now = clock.now() + forward;
    const bound = clock.bound();
    // A clock that has heard nothing for a day shows the moment, and does not act on it.
    view = countdown.read(now, ahead, bound, !clock.old());
    const elapsed = ahead - view.due;
    const begins = cues.reach(view.moment, elapsed);
    // First of all: whoever listens should not wait for what is painted.
    if (view.fires) tell('fires', { now: now - forward, bound });
    if (begins) tell('cue', { now: now - forward, bound, offset: begins.offset });
    pings.check();
    const lang = turnTo(view, spoken, now);
    const still = { board: figures.show(paused ? paused.board : board, here), pausedAt: paused?.at ?? null };
    const link = { downSince, counts: live.road.counts, lastHeard };
    const known = { role, lang, gathering, view, ...still, ...link, clock: clock.step(), now };
    const shown = slots(known);
    Object.assign(root.dataset, state(known));
    fill(document, shown);
    const news = voice.hear(known, shown);
    if (news) announce(news);
    painted(view);
    const next = ahead + untilNextOf(view.moment, elapsed);
    frames.aim(next);
    const wait = Math.min(ahead + untilNext(view.left || view.moment.at - now), next, figures.next) - local();
    timer = window.setTimeout(tick, Math.ceil(Math.max(0, wait)));
  }

  /**
   * Lets whoever listens know that an instant is here: it is seen with the next frame.
   * @param {'fires' | 'cue'} what
   * @param {object} detail
   */
  function tell(what, detail) {
    if (!view) return;
    const { at, rev } = view.moment;
    document.dispatchEvent(new CustomEvent(`oneoclock:${what}`, { detail: { at, rev, ...detail } }));
  }

  /** @param {boolean} visible */
  function look(visible) {
    looked = visible;
    watched &&= visible;
    tabs?.look(looked && live.road.counts);
    live.look(looked);
  }

  /** @param {import('./view.js').Slot} slot */
  function announce({ text, lang: of }) {
    if (!(listened instanceof HTMLElement)) return;
    // The same words twice are news only if they differ.
    listened.textContent = listened.textContent === text ? `${text}\u00a0` : text;
    listened.lang = of ?? root.lang;
    listened.removeAttribute('data-shown');
  }

  /**
   * The steady clock of many devices stands still while they sleep; the wall clock gives it away. But a wall clock may
   * also be set: of a page that was seen all the time nobody can tell which it was, until the server answers.
   */
  function wake() {
    const ran = Date.now() - local() - lead;
    const stood = local() - ticked > STOOD;
    const surely = !watched;
    lead += ran;
    ticked = local();
    watched = looked;
    if (ran >= SLEPT) {
      clock.slept(ran, surely);
      countdown.woke();
      live.renew();
    } else if (stood || ran <= -SLEPT) pings.burst();
  }

  const returned = () => {
    wake();
    look(seen());
    if (seen()) pings.burst();
    tick();
  };
  document.addEventListener('visibilitychange', returned);
  document.addEventListener('resume', returned);
  window.addEventListener('pageshow', ({ persisted }) => persisted && returned());
  // Whatever it was doing, a page that is left is seen no more; some browsers do not say so otherwise.
  window.addEventListener('pagehide', () => look(false));
  window.addEventListener('online', () => {
    returned();
    live.online();
  });

  tabs?.look(looked);
  tick();
  live.start();

  return {
    speak: announce,
    remaining: () => (view?.phase === 'before' ? remaining(view.left, root.lang) : ''),
    pause: (still) => {
      paused = still ? { board, at: clock.now() } : null;
      tick();
    },
    now: () => clock.now(),
    about: (people) => about(people, root.lang),
    elsewhere: (said) => live.send(elsewhere(said)),
    linked: () => ({ live: live.link === 'live', speaks: live.road.name === 'socket', since: live.since }),
    listen: (ear) => void ears.push(ear),
    sit: (next, people) => {
      gathering = next;
      who.gathering = next.slug;
      if (board) board = { ...board, here: null, people };
      tabs?.sit();
      live.renew();
      tick();
    },
    state: () => ({ moment: countdown.moment, heard: lastHeard, clock: clock.keep(Date.now()) }),
  };
};
