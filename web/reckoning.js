// @ts-check
// The organiser's figures: what the public reads, what is held for checking, and what every gathering has reported.

import { ask, part } from './desk.js';
import { element } from './passcard.js';
import { deviceOf, heard, heldInWords, publishedInWords, rollInWords, rowInWords, short, silent } from './reckoned.js';
import { askTwice } from './sure.js';

/** How often the figures are asked for while somebody looks at the page, ms. */
const READ_EVERY = 5_000;

/** What a ruling allows that believes a phone again: as many as a number can say. */
const EVERYTHING = 4_294_967_295;

const reply = part('figures-answer', HTMLElement);
const published = part('published', HTMLElement);
const roll = part('roll-call', HTMLElement);
const doubts = part('held', HTMLElement);
const every = part('counted', HTMLElement);
const banned = part('quarantined', HTMLElement);
const seal = part('sign-off', HTMLButtonElement);
const door = part('elsewhere', HTMLButtonElement);

/** What stands on the page, so that nothing is drawn twice under somebody's finger. */
let drawn = '';
let switches = { elsewhere: true, final: false };
let figuresZone = 'UTC';

/** Fetches the figures anew. */
const readFigures = async () => {
  const [counted, figures] = await Promise.all([ask('/api/v1/count'), ask('/api/v1/figures')]);
  const missed = [counted, figures].find(({ ok }) => !ok);
  if (missed) {
    published.textContent = drawn ? `${missed.say} What stands here may be out of date.` : missed.say;
    drawn &&= 'stale';
    return;
  }
  const { now, ...count } = counted.answer;
  const { now: _, ...publication } = figures.answer;
  const state = JSON.stringify([count, publication]);
  if (state === drawn) return;
  drawn = state;
  figuresZone = count.zone;
  switches = count.switches;
  published.textContent = publishedInWords(publication, figuresZone);
  roll.textContent = rollInWords(count.gatherings);
  seal.textContent = switches.final ? 'Make them provisional again' : 'Sign the figures off';
  door.textContent = switches.elsewhere ? 'Take no more from people elsewhere' : 'Let people elsewhere say so again';
  keepFocus(() => draw(count));
};

/** Whoever is at a button stays at it when the list is drawn anew. @param {() => void} redraw */
const keepFocus = (redraw) => {
  const at = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
  const open = new Set([...every.querySelectorAll('details[open]')].map((details) => details.getAttribute('data-of')));
  redraw();
  for (const details of every.querySelectorAll('details')) details.open = open.has(details.getAttribute('data-of'));
  const again = at === undefined ? null : document.querySelector(`[data-key=${CSS.escape(at)}]`);
  if (again instanceof HTMLElement) again.focus();
};

/** @param {{ gatherings: import('./reckoned.js').Row[], held: import('./reckoned.js').Held[], quarantined: string[] }} count */
const draw = ({ gatherings, held, quarantined }) => {
  const names = new Map(gatherings.map(({ id, name }) => [id, name]));
  part('no-held', HTMLElement).hidden = held.length > 0;
  doubts.replaceChildren(...held.map((one) => oneHeld(one, names.get(one.gathering) ?? one.gathering)));
  const [quiet, loud] = [silent(gatherings), heard(gatherings)];
  every.replaceChildren(...loud.map(oneOf));
  part('how-silent', HTMLElement).textContent = `Not reported yet: ${quiet.length}`;
  part('silent', HTMLElement).replaceChildren(...quiet.map(oneOf));
  part('banned', HTMLElement).hidden = quarantined.length === 0;
  banned.replaceChildren(
    ...quarantined.map((device) => {
      const item = element('li', `Phone ${short(device)}: nothing that it said counts. `);
      offer(item, `believe ${device}`, 'Believe it again', () => ruleOn({ on: 'device', device }, EVERYTHING, `What phone ${short(device)} said counts again.`));
      return item;
    }),
  );
};

/** @param {import('./reckoned.js').Held} held @param {string} name */
const oneHeld = (held, name) => {
  const { subject, said } = held;
  const item = element('li', '');
  item.append(element('p', name, { class: 'what' }), element('p', heldInWords(held, figuresZone)));
  const buttons = item.appendChild(element('div', '', { class: 'row' }));
  const key = JSON.stringify(subject);
  offer(buttons, `accept ${key}`, 'It is right', () => ruleOn(subject, said, 'It counts now.'), name);
  offer(buttons, `reject ${key}`, 'It is wrong', () => ruleOn(subject, 0, 'It does not count. The phone keeps what it counted, and so does the log.'), name);
  const device = deviceOf(subject);
  if (device) offer(buttons, `ban ${key}`, 'Believe nothing of this phone', () => ban(device), name);
  return item;
};

/** @param {import('./reckoned.js').Row} gathering */
const oneOf = (gathering) => {
  const item = element('li', '');
  item.append(element('p', gathering.name, { class: 'what' }), element('p', rowInWords(gathering, figuresZone)));
  if (!gathering.posts.length) return item;
  const details = item.appendChild(element('details', '', { 'data-of': gathering.id }));
  details.append(element('summary', `Posts and phones`));
  for (const { post, people, devices } of gathering.posts) {
    details.append(element('p', `${post}: ${people} there.`));
    for (const { device, counted, quarantined } of devices) {
      const line = element('p', `Phone ${short(device)} counted ${counted}. `);
      if (quarantined) line.append('None of it counts.');
      else offer(line, `ban ${gathering.id} ${post} ${device}`, 'Believe nothing of it', () => ban(device), `${gathering.name}, ${post}`);
      details.append(line);
    }
  }
  return item;
};

/** @param {Element} into @param {string} key @param {string} text @param {() => void} act @param {string} [of] */
const offer = (into, key, text, act, of) => {
  const made = into.appendChild(element('button', text, { type: 'button', class: 'quiet', 'data-key': key, 'aria-label': of ? `${text} (${of})` : text }));
  made.addEventListener('click', act);
};

/** @param {string} device */
const ban = (device) =>
  askTwice(`Believe nothing of phone ${short(device)}?`, 'All that it ever said leaves every total at once. It can be taken back here.', 'Believe nothing of it', () =>
    ruleOn({ on: 'device', device }, 0, `Nothing that phone ${short(device)} said counts.`),
  );

/** @param {import('./reckoned.js').Subject} subject @param {number} upto @param {string} done */
const ruleOn = (subject, upto, done) => carryOut('/api/v1/rulings', { subject, upto }, done);

/** @param {string} path @param {unknown} what @param {string} done */
const carryOut = async (path, what, done) => {
  reply.textContent = 'Asking the server…';
  const { ok, say } = await ask(path, JSON.stringify(what));
  reply.textContent = ok ? done : say;
  await readFigures();
};

seal.addEventListener('click', () => {
  if (switches.final) void carryOut('/api/v1/switches', { name: 'final', on: false }, 'The figures are provisional again, and every page says so.');
  else askTwice('Sign the figures off?', 'Every page calls them final from then on. What is still held or silent is not in them. It can be taken back.', 'Sign them off', () => carryOut('/api/v1/switches', { name: 'final', on: true }, 'The figures are final, and every page says so.'));
});

door.addEventListener('click', () => {
  const on = !switches.elsewhere;
  void carryOut('/api/v1/switches', { name: 'elsewhere', on }, on ? 'People elsewhere can say so again, from half an hour before the moment until an hour after it.' : 'Nobody can say any more that they take part elsewhere. What was said stays.');
});

/** Begins, for whoever may read them. */
export const showFigures = async () => {
  await readFigures();
  setInterval(() => document.hidden || readFigures(), READ_EVERY);
};
