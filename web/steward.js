// @ts-check
// A steward's page: what a tap does, and what stands on the screen. The pass comes in the URL's fragment, which a browser
// sends to nobody, and leaves the address at once; whatever is tapped is on the phone's disk before it is shown.

import { guess } from './arrival.js';
import { keepAwake } from './awake.js';
import { Courier } from './courier.js';
import { keepParameters } from './languages.js';
import { Ledger } from './ledger.js';
import { able, hold, release } from './offline.js';
import { listen, onHold } from './pads.js';
import { PRACTICE, actionWords, calm, offers, open, panel, people, question } from './panel.js';
import { Post } from './post.js';
import { Sheets } from './sheets.js';
import { fill } from './slots.js';
import { Stock, draw, placeOf } from './stock.js';
import { accept, readFirst } from './wire.js';
import { speak, words } from './words.js';

/** What a pass looks like. */
const PASS = /^oo1-steward-[a-z2-7]{32}$/;

/** Where the worker answers, and what its caches' names begin with (keeper.js). */
const SCOPE = '/steward';
const CACHES = 'oneoclock-steward ';

/** A tap is shown when it is on the disk, or after this at the latest: some disks are slow, ms. */
const SHOWN_WITHIN = 30;

/** Between two notes of what only the clock has learnt, ms. */
const NOTE_EVERY = 30_000;

/** A tap in the hand, and a hold that unlocks, ms. */
const HAPTIC = 15;
const HOLD = 1_000;

/** @type {<T extends HTMLElement>(id: string, kind: new () => T) => T} */
const part = (id, kind) => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`steward.html has no #${id}`);
  return found;
};

/** @param {string} what @returns {NodeListOf<HTMLButtonElement>} */
const buttons = (what) => document.querySelectorAll(`button[data-do="${what}"]`);

const stock = new Stock();
const pads = part('pads', HTMLElement);
const locked = part('locked', HTMLElement);
const blank = part('hidden', HTMLButtonElement);
const main = document.querySelector('main');
const title = document.title;

/** @type {import('./stock.js').State} */
const state = { device: draw(), pass: null, duty: null, clock: null, moment: null, left: false, practised: [], asked: null };

/** @type {Post | null} */
let post = null;
let ledger = new Ledger();
/** @type {Courier | null} */
let courier = null;
/** What is counted now. @type {string | null} */
let place = null;
/** @type {import('./panel.js').Screen} */
let screen = 'wait';
let practised = 0;
/** What the screen shows. */
let shown = 0;
/** Writes that are not on the disk yet. */
let writing = 0;
let saves = true;
let offline = false;
let usurped = false;
let noted = -Infinity;
/** @type {import('./ledger.js').Action | null} */
let last = null;
let lastAt = -Infinity;
/** @type {(() => void) | null} */
let sleep = null;
/** @type {number | undefined} */
let timer;

/** @param {string} method */
const methodWords = (method) => document.querySelector(`[name="method"][value="${method}"] + span`)?.textContent ?? '';

/** @returns {import('./panel.js').Known | null} */
const known = () => {
  if (!post) return null;
  const view = post.view();
  return {
    screen,
    lang: document.documentElement.lang,
    now: post.now(),
    view,
    duty: state.duty,
    device: state.device,
    practised,
    counted: shown,
    kept: ledger.kept,
    waiting: ledger.waiting,
    held: ledger.held,
    last,
    lastAt,
    final: ledger.entries.findLast(({ at }) => at === view.moment.at) ?? null,
    method: methodWords,
    asked: state.asked,
    downSince: post.downSince,
    refused: courier?.refused ?? false,
    barred: usurped ? 'window' : post.barred ? 'passGone' : '',
    saves,
    offline,
    partial: post.partial,
  };
};

const render = () => {
  window.clearTimeout(timer);
  document.body.dataset.screen = screen;
  document.body.dataset.hand = state.left ? 'left' : 'right';
  const now = known();
  if (!now) return;
  fill(document, panel(now));
  document.body.toggleAttribute('data-calm', calm(now));
  pads.inert = screen === 'count' && !open(now);
  const { asks, undo, final, figure, list } = offers(now);
  const beside = { yes: asks, change: asks, undo, list: list && ledger.actions.length > 0 };
  for (const [what, there] of Object.entries(beside)) for (const button of buttons(what)) if (button.closest('.last')) button.hidden = !there;
  for (const button of buttons('final')) button.hidden = !(button.closest('.last') ? final : figure);
  for (const button of buttons('ready')) button.setAttribute('aria-pressed', String(courier?.ready ?? state.duty?.ready ?? false));
  for (const button of buttons('hand')) button.setAttribute('aria-pressed', String(state.left));
  for (const button of buttons('forget')) button.hidden = ledger.waiting || !(figure || !open(now));
  sheets.show(ledger.actions, (action) => actionWords(action, now.lang), now.lang);
  if (!blank.hidden) document.title = blank.querySelector('[data-live]')?.textContent ?? '';
  if (performance.now() - noted > NOTE_EVERY) note();
  timer = window.setTimeout(render, 1_000 - (now.now % 1_000));
};

/** Stores how the page stands. */
const note = () => {
  if (usurped || !state.pass) return;
  noted = performance.now();
  const { clock, moment } = post?.keep() ?? state;
  Object.assign(state, { clock: clock ?? state.clock, moment });
  stock.remember(state).catch(() => (saves = false));
};

/** Stores what has been counted, shows it, and sends it. */
const save = async () => {
  const { counted } = ledger;
  if (place === null || usurped) return;
  const changes = ledger.changes();
  writing += 1;
  const written = stock.write(place, changes).then(
    () => (saves = true),
    () => {
      saves = false;
      ledger.touch(changes.rows);
    },
  );
  await Promise.race([written, new Promise((resolve) => window.setTimeout(resolve, SHOWN_WITHIN))]);
  shown = counted;
  render();
  await written;
  writing -= 1;
  // What is sent is what is on the disk: the server never knows more than the phone does after a reload.
  if (writing === 0) courier?.flush();
};

/** @param {number} n how many came in; negative is out */
const tap = (n) => {
  const now = known();
  if (!now || !locked.hidden) return;
  if (screen === 'practice') {
    navigator.vibrate?.(HAPTIC);
    practised += 1;
    if (practised >= PRACTICE) screen = 'go';
    render();
    if (screen === 'go') buttons('start')[0]?.focus();
  }
  if (screen !== 'count' || !open(now)) return;
  navigator.vibrate?.(HAPTIC);
  lastAt = Math.floor(now.now);
  last = ledger.count(n > 0 ? 'in' : 'out', Math.abs(n), lastAt);
  void save();
};

/** @param {number} id */
const undo = (id) => {
  if (!ledger.undo(id) || !post) return;
  last = ledger.actions.find((action) => action.id === id) ?? null;
  lastAt = post.now();
  void save();
};

/**
 * Takes in a typed number.
 * @param {'now' | 'final'} what
 * @param {Omit<import('./ledger.js').Estimate, 'at' | 'seq'>} said
 */
const estimate = (what, said) => {
  const now = known();
  if (!now) return;
  const at = what === 'now' ? Math.floor(now.now) : now.view.moment.at;
  ledger.estimate({ at, ...said }, now.now);
  state.asked = now.view.moment.at;
  last = null;
  note();
  void save();
};

const sheets = new Sheets({ undo, estimate });

/** Begins to count what the duty says, or goes on with it. @param {import('./duty.js').Duty} duty */
const enter = async (duty) => {
  const next = placeOf(duty);
  const same = next === place;
  const told = JSON.stringify([duty.gathering, duty.post, duty.from, duty.until, duty.name]);
  const news = !state.duty || told !== JSON.stringify([state.duty.gathering, state.duty.post, state.duty.from, state.duty.until, state.duty.name]);
  state.duty = duty;
  if (!same) {
    const { page, rows } = await stock.counted(next).catch(() => ({ page: null, rows: [] }));
    place = next;
    ledger = new Ledger(page, rows);
    courier = new Courier({
      ledger,
      who: { gathering: duty.gathering, post: duty.post, device: state.device },
      send: (text) => !usurped && post?.send(text) === true,
      timers: { set: (run, ms) => window.setTimeout(run, ms), clear: (id) => window.clearTimeout(id) },
      local: () => performance.now(),
    });
    shown = ledger.counted;
    last = null;
    practised = 0;
    screen = state.practised.includes(next) ? 'count' : 'brief';
  }
  if (news) note();
  render();
};

/** What the server says of our duty comes one after the other. */
let entering = Promise.resolve();

/** @param {string} pass @param {import('./wire.js').First} first */
const begin = (pass, first) => {
  const before = accept(state.moment);
  const newer = before?.type === 'moment' && (before.rev > first.moment.rev || (before.rev === first.moment.rev && before.at > first.moment.at));
  const old = 'kept' in document.documentElement.dataset;
  let greeted = false;
  post = new Post({
    pass,
    device: state.device,
    lang: first.words[0][0],
    moment: newer ? before : first.moment,
    // A page from the network brings the time along.
    clock: old ? state.clock : null,
    guess: guess(),
    duty: (duty) => {
      entering = entering.then(async () => {
        await enter(duty);
        if (!greeted) courier?.opened((greeted = true));
      });
    },
    kept: (kept) => {
      courier?.kept(kept);
      if (kept.of === 'ready' && state.duty) state.duty.ready = kept.ready;
      void save();
    },
    refused: (of) => {
      if (['tally', 'estimate', 'ready'].includes(of)) courier?.refuse();
      render();
    },
    changed: () => {
      if (post?.downSince !== null && greeted) courier?.opened((greeted = false));
      document.body.dataset.link = post?.downSince === null ? 'live' : 'away';
      render();
    },
  });
  if (state.duty) entering = entering.then(() => state.duty ? enter(state.duty) : undefined);
  post.start();
  offline = old;
  if (able()) void hold(SCOPE).then((held) => (offline ||= held), () => {}).then(render);
  void navigator.storage?.persist?.().catch(() => {});
  // The window that was opened last counts: two would write over each other.
  void navigator.locks?.request('oneoclock-steward', { steal: true }, () => new Promise(() => {})).catch(() => {
    usurped = true;
    courier?.opened(false);
    render();
  });
};

/** Covers the screen, or takes the cover away. @param {HTMLElement} cover @param {boolean} covered */
const cover = (cover, covered) => {
  cover.hidden = !covered;
  if (main) main.inert = covered;
  document.title = title;
  if (covered) cover.querySelector('button')?.focus();
  awake();
  render();
};

/** The screen stays on while somebody counts. */
const awake = () => {
  const wanted = screen === 'count' && locked.hidden;
  if (wanted) sleep ??= keepAwake();
  else sleep = (sleep?.(), null);
};

/** @type {Record<string, (button: HTMLElement) => void>} */
const DOES = {
  practise: () => {
    screen = 'practice';
    render();
  },
  start: () => {
    screen = 'count';
    if (place) state.practised = [...new Set([...state.practised, place])];
    note();
    awake();
    render();
  },
  undo: () => last && undo(last.id),
  yes: () => {
    const now = known();
    if (now) estimate('now', { value: people(now), low: people(now), high: people(now), method: 'counted' });
  },
  change: () => ask('now'),
  final: () => ask('final'),
  list: () => sheets.open('list'),
  more: () => sheets.open('more'),
  ready: (button) => {
    courier?.say(button.getAttribute('aria-pressed') !== 'true');
    render();
  },
  hand: () => {
    state.left = !state.left;
    note();
    render();
  },
  hide: () => cover(blank, true),
  lock: () => cover(locked, true),
  forget: () => void forget(),
};

/** @param {'now' | 'final'} what */
const ask = (what) => {
  const now = known();
  if (!now) return;
  const before = what === 'final' ? now.final : null;
  sheets.ask(what, question(what, now.view.moment), before?.value ?? people(now), before);
};

/** Leaves nothing on this phone. */
const forget = async () => {
  if (ledger.waiting) return;
  state.pass = null;
  courier?.opened(false);
  await stock.clear().catch(() => {});
  await release(SCOPE, CACHES).catch(() => {});
  location.reload();
};

/** Changes a printed code into a pass. @param {HTMLFormElement} form */
const exchange = async (form) => {
  const said = part('answer', HTMLElement);
  const fields = new FormData(form);
  const gathering = String(fields.get('gathering')).trim().toLowerCase().replace(/\s+/g, '-');
  const letters = String(fields.get('code')).toUpperCase().replace(/[^A-Z0-9]/g, '');
  said.textContent = words['steward.opening'];
  try {
    const answer = await fetch('/api/v1/steward/code', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ gathering, code: `${letters.slice(0, 4)}-${letters.slice(4)}` }),
    });
    const { pass } = answer.ok ? await answer.json() : { pass: '' };
    if (PASS.test(pass)) return pass;
    said.textContent = words[answer.status === 429 ? 'steward.codeWait' : answer.status < 500 ? 'steward.codeWrong' : 'steward.codeAway'];
  } catch {
    said.textContent = words['steward.codeAway'];
  }
  return null;
};

/** Moves a pass from the address to the phone's disk, and only then takes it out of the address; whether there was one. */
const fromAddress = async () => {
  const pass = location.hash.slice(1);
  if (PASS.test(pass) && pass !== state.pass) {
    Object.assign(state, { pass, duty: null, asked: null });
    await stock.remember(state).catch(() => (saves = false));
  }
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  return PASS.test(pass);
};

const start = async () => {
  const first = readFirst(document.getElementById('first')?.textContent);
  if (!first) return;
  speak(first.words[0][1]);
  keepParameters(document.querySelectorAll('footer a'));
  Object.assign(state, await stock.state());
  await fromAddress();
  if (state.pass) begin(state.pass, first);
  else screen = 'door';
  render();
};

listen(pads, tap);
onHold(part('unlock', HTMLButtonElement), HOLD, () => cover(locked, false));
blank.addEventListener('click', () => cover(blank, false));
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button[data-do]') : null;
  if (button instanceof HTMLButtonElement) DOES[button.dataset.do ?? '']?.(button);
});
part('door', HTMLFormElement).addEventListener('submit', async (event) => {
  event.preventDefault();
  const pass = await exchange(part('door', HTMLFormElement));
  if (!pass) return;
  // As if it had been scanned.
  location.hash = pass;
});
window.addEventListener('hashchange', async () => {
  if (await fromAddress()) location.reload();
});
for (const back of ['visibilitychange', 'online', 'pageshow', 'resume']) {
  (back === 'online' || back === 'pageshow' ? window : document).addEventListener(back, () => {
    if (document.visibilityState !== 'visible') return note();
    post?.look();
    render();
  });
}
void start();
