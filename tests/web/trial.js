// @ts-check
// A trial: pages, a server, and a moment they are to act at. What it found out about is worth no more than the machine
// it ran on: a trial in which that stood still is void, and is held again, but not for ever. So is one in which a page was
// seen too late because no frame came when one was due: whether the machine was busy or the page kept itself busy cannot
// be told from one such trial, but what the page does by itself it does again.

import { DOUBT, Stalls, mono } from './referee.js';

/** So often a trial is held before it is given up as void. */
const TRIES = 3;

/** So long around the moment the machine must not have stood still, ms, */
const WATCHED = { before: 60, after: 40 };

/** and so long nobody is asked anything. */
const QUIET = 250;

/** Between looks at all the clocks, ms. */
const LOOKS = 200;

/** Whether the machine gives anybody time. */
export const stalls = new Stalls();

/** @typedef {import('./judged.js').Judged} Judged */
/** @typedef {Awaited<ReturnType<Judged['judge']>>} Verdict */

/** Lets time pass up to an instant of the judge's, and keeps the clocks known. @param {number} at @param {import('./referee.js').Other[]} clocks @param {number} [quiet] when nobody is to be asked */
export const until = async (at, clocks, quiet = Infinity) => {
  while (mono() < at) {
    const looks = Math.abs(mono() + LOOKS / 2 - quiet) > QUIET + LOOKS / 2;
    if (looks) for (const clock of clocks) await clock.look().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(LOOKS, at - mono()))));
  }
};

/**
 * @typedef {object} Trial
 * @property {number} at the moment, Unix ms by the server
 * @property {number} judged when it is over, ms after the moment
 * @property {{ before: number, run: () => Promise<unknown> | unknown }[]} [events] what happens so long before the moment, ms
 * @property {Judged[]} pages those to be judged
 */

/**
 * Holds a trial.
 * @param {import('./referee.js').Other} server
 * @param {Trial} trial
 */
export const hold = async (server, { at, judged, events = [], pages }) => {
  await server.look(10);
  const instant = () => at - server.at(mono()).offset;
  const clocks = () => [server, ...pages.filter(({ asleep }) => !asleep).map(({ clock }) => clock)];
  for (const { before, run } of [...events].sort((a, b) => b.before - a.before)) {
    await until(instant() - before, clocks(), instant());
    await run();
  }
  await until(instant() + judged, clocks(), instant());
  for (const { clock } of pages) await clock.look(10);
  const when = instant();
  const verdicts = await Promise.all(pages.map((page) => page.judge(at, server, (when) => stalled(when) <= DOUBT)));
  const doubt = Math.max(...verdicts.map(({ doubt }) => doubt));
  const stall = stalled(when);
  return { verdicts, doubt, stall, sound: doubt <= DOUBT && stall <= DOUBT };
};

/** For how long the machine stood still around an instant, ms. @param {number} at judge's ms */
const stalled = (at) => stalls.worst(at - WATCHED.before, at + WATCHED.after);

/** @typedef {Awaited<ReturnType<typeof hold>>} Report */

/**
 * Holds trials until one is sound; if none is, the test is void, which is neither passed nor failed, and null is given.
 * If all are, but pages were seen too late for want of a frame in each of them, that is what they missed.
 * @param {import('node:test').TestContext} test
 * @param {(attempt: number) => Promise<Report>} attempt
 */
export const soundly = async (test, attempt) => {
  const say = (/** @type {string} */ line) => test.diagnostic(line);
  let voids = 0;
  for (let tried = 1; tried <= TRIES; tried += 1) {
    const report = await attempt(tried);
    const frameless = report.verdicts.flatMap(({ frameless }) => frameless);
    const all = report.verdicts.map((verdict) => ({ ...verdict, missed: [...verdict.missed, ...verdict.frameless] }));
    const machine = `the judge is sure to ±${report.doubt.toFixed(2)} ms, the machine stood still for ${report.stall.toFixed(1)} ms`;
    if (report.sound && (!frameless.length || (tried === TRIES && !voids))) {
      say(machine);
      return all;
    }
    if (report.sound) {
      // Only lateness is for another trial to tell: nothing else that was missed is forgiven.
      const missed = report.verdicts.filter(({ control }) => !control).flatMap(({ missed }) => missed);
      if (missed.length) return all;
      say(`HELD AGAIN, trial ${tried} of ${TRIES}: no frame came when one was due: ${frameless.join('; ')}`);
      continue;
    }
    voids += 1;
    say(`VOID, trial ${tried} of ${TRIES}: ${machine}; more than ${DOUBT} ms proves nothing`);
    if (tried === TRIES) for (const line of lines(report.verdicts)) say(`(void) ${line}`);
  }
  test.skip(`VOID: ${TRIES} trials, and this machine was too busy in each for any of them to prove anything`);
  return null;
};

/** What there is to tell of verdicts. @param {Verdict[]} verdicts */
export const lines = (verdicts) =>
  verdicts.map(({ name, outcomes, half, missed }) => {
    const fired = outcomes.find(({ what }) => what === 'fires');
    const told = fired ? `seen ${fired.seen.toFixed(1)}, clock ${fired.error.toFixed(2)} off, said ±${fired.bound?.toFixed(1)}, called ${fired.late.toFixed(1)} after, "${fired.label}"` : 'did not fire';
    return `${name}: ${told}, asymmetry/2 ${half.toFixed(1)}${missed.length ? `; MISSED: ${missed.join('; ')}` : ''}`;
  });

/** @param {number[]} of @param {number} share */
export const percentile = (of, share) => [...of].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * of.length) - 1)] ?? NaN;
