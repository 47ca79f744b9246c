// @ts-check
// The roads to the server, the best first: the same moment and boards arrive on each, only the pace differs.

import { giveUp, latest } from './beside.js';
import { events } from './events.js';
import { poll } from './poll.js';
import { socket } from './socket.js';

/** Who travels. `was`: the seat it was given last, to be given up when it comes back: in memory only, and not for long.
 * @typedef {{ role: import('./wire.js').Role, gathering: string | null, lang: string, device?: string, was?: string }} Who */

/** How a page stands: whether somebody can see it, and whether it is the one of its browser that counts as a phone.
 * @typedef {{ visible: boolean, counted: boolean }} Presence */

/**
 * @typedef {object} Road
 * @property {'socket' | 'events' | 'poll'} name
 * @property {boolean} counts whether a phone on it is counted
 * @property {number} beat longest time between two words of the server, until it names its own, ms
 * @property {import('./pace.js').Pace} pings how often the time may be asked for
 * @property {(ears: Ears) => Line} travel begins to connect
 */

/** What a line tells; nothing any more once it is closed, and nothing before `travel` has returned.
 * @typedef {object} Ears
 * @property {() => Presence} presence
 * @property {() => void} opened the server let us in, and has not been told yet that we are here
 * @property {(message: import('./wire.js').Message | null) => void} heard a word of the server, perhaps not understood
 * @property {(pong: import('./wire.js').Message) => void} answered by another way than the line's own: no sign that
 *   the line itself lives
 * @property {(code: number) => void} over with the close code of a WebSocket
 */

/** One connection, or what goes for one.
 * @typedef {object} Line
 * @property {(text: string) => boolean} send false if it cannot
 * @property {(presence: Presence) => boolean} show false if it takes a new line, or none, to stand like that
 * @property {() => void} close
 */

/**
 * The roads of a page in a browser.
 * @param {Who} who
 * @param {Pick<import('./live.js').Parts, 'timers' | 'random'>} chance
 * @param {string} [pass] proves the role, where it needs proof
 * @returns {[Road, ...Road[]]}
 */
export const roads = (who, { timers, random }, pass) => {
  const address = new URL('/live', location.href.replace(/^http/, 'ws').replace(/#.*/, ''));
  return [
    socket(who, (protocol) => new WebSocket(address, pass ? [protocol, `pass.${pass}`] : protocol)),
    events(who, (path) => new EventSource(path), latest, giveUp),
    poll(who, latest, timers, random),
  ];
};
