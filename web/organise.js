// @ts-check
// The organiser's page. Each of its sections is a module of its own; here is only who may see them.

import { run } from './page.js';
import { readFirst } from './wire.js';
import { ask, hasPass, part, pass } from './desk.js';
import { showFigures } from './reckoning.js';
import { takeLists } from './intake.js';
import { handOut, reload } from './links.js';
import { watchNodes } from './nodes.js';
import { showMoment, takeOrders } from './orders.js';

const said = part('answer', HTMLElement);

const start = async () => {
  if (!hasPass) {
    said.textContent = 'This page needs the organiser’s link, which the server prints when it starts: it ends in #oo1-organiser- and 32 letters and digits.';
    return;
  }
  showMoment(readFirst(document.getElementById('first')?.textContent)?.moment);
  // Changes nothing, and so tells whether the pass is good.
  const { ok, reason, say } = await ask('/api/v1/pace', '{}');
  if (!ok) said.textContent = say;
  const page = reason === 'pass' ? null : run('organiser', () => {}, pass);
  if (page) watchNodes(page);
  const frame = Object.assign(document.createElement('iframe'), { src: `${location.origin}/embed`, title: 'Countdown', width: '100%', height: '320' });
  part('frame', HTMLElement).textContent = frame.outerHTML;
  part('orders', HTMLElement).hidden = !ok;
  if (!ok) return;
  takeLists(reload);
  await Promise.all([takeOrders(), showFigures(), handOut()]);
};

start();
