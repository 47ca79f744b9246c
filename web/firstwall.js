// @ts-check
// Stands in the HTML of a display itself: its edges and its digits, before anything else has come.

import { face } from './face.js';
import { frame, resize } from './screen.js';

frame();
face(resize);
