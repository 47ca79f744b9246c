// @ts-check
// Stands in the HTML itself: counts down before anything else has come.

import { face } from './face.js';

face();
