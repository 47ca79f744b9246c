// @ts-check
// The big screen's page: nobody is there to touch it.

import { keepAwake } from './awake.js';
import { run } from './page.js';

/** Most of the width and height that can be given away as a margin on each side, %. */
const MOST_MARGIN = 20;

const options = new URLSearchParams(location.search);
const root = document.documentElement;

const safe = Number.parseFloat(options.get('safe') ?? '');
if (safe >= 0) root.style.setProperty('--safe', `${Math.min(safe, MOST_MARGIN)}`);
if (options.get('bg') === 'transparent') root.dataset.bg = 'transparent';

keepAwake();
run('display');
