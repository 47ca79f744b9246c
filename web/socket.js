// @ts-check
// The best road: a WebSocket. It says at once what changes, and a hidden page keeps it.

import { DIRECT } from './pace.js';
import { BEAT, PROTOCOL, hello, read, visible } from './wire.js';

/** What a browser says of a connection that ended without a close. */
const BROKEN = 1006;

/** Taken from WebSocket, so that a test can stand in for it.
 * @typedef {object} Socket
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 */

/**
 * @param {import('./roads.js').Who} who
 * @param {(protocol: string) => Socket} open
 * @returns {import('./roads.js').Road}
 */
export const socket = (who, open) => ({
  name: 'socket',
  counts: true,
  beat: BEAT,
  pings: DIRECT,
  travel: ({ presence, opened, heard, over }) => {
    const wire = open(PROTOCOL);
    let greeted = false;
    const send = (/** @type {string} */ text) => {
      if (greeted) wire.send(text);
      return greeted;
    };
    wire.onopen = () => {
      opened();
      greeted = true;
      send(hello({ ...who, ...presence() }));
    };
    wire.onmessage = ({ data }) => {
      const message = read(data);
      if (message?.type === 'welcome') who.was = message.seat;
      heard(message);
    };
    wire.onclose = ({ code }) => {
      // A server that has closed knows that we are gone; of a connection that broke it may learn late.
      if (code !== BROKEN) who.was = undefined;
      over(code);
    };
    return {
      send,
      show: (now) => {
        // Before the greeting there is nothing to correct: it will say how things stand then.
        send(visible(now));
        return true;
      },
      close: () => {
        wire.onopen = wire.onmessage = wire.onclose = null;
        wire.close();
      },
    };
  },
});
