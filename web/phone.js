// @ts-check
// The participant's page.

import { keepAwake } from './awake.js';
import { keepParameters } from './languages.js';
import { run } from './page.js';

/** A phone that went dark in the last minutes would miss the moment; before that, its battery matters more, ms. */
const AWAKE_FROM = 300_000;

/** @type {(() => void) | null} */
let sleep = null;

keepParameters(document.querySelectorAll('.languages a'));
run('participant', ({ phase, left }) => {
  const wanted = (phase === 'before' && left <= AWAKE_FROM) || phase === 'now';
  if (wanted && !sleep) sleep = keepAwake();
  if (!wanted && sleep) {
    sleep();
    sleep = null;
  }
});
