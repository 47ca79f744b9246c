// @ts-check
// The second road: server-sent events, for networks that let no WebSocket through. It is counted while it is open,
// so a hidden page has none; and it carries one way only, so the time is asked for beside it.

import { addressed, timeBeside } from './beside.js';
import { DIRECT } from './pace.js';
import { BEAT, read } from './wire.js';

/** Taken from EventSource, so that a test can stand in for it.
 * @typedef {object} Source
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onerror
 * @property {() => void} close
 */

/**
 * @param {import('./roads.js').Who} who
 * @param {(path: string) => Source} open
 * @param {import('./beside.js').Get} get
 * @param {(seat: string) => void} giveUp
 * @returns {import('./roads.js').Road}
 */
export const events = (who, open, get, giveUp) => ({
  name: 'events',
  counts: true,
  beat: BEAT,
  pings: DIRECT,
  travel: ({ presence, opened, heard, answered, over }) => {
    const { counted } = presence();
    // An organiser's pass cannot come along; the page is shown what a display is.
    const role = who.role === 'participant' ? 'participant' : 'display';
    const source = open(addressed('/live/events', who, { role, ...(counted ? {} : { counted: 'false' }) }));
    const beside = new AbortController();
    source.onopen = () => {
      opened();
      if (who.was) giveUp(who.was);
      who.was = undefined;
    };
    source.onmessage = ({ data }) => heard(read(data));
    // The browser would come back by itself, at a pace that nobody agreed on.
    source.onerror = () => over(1006);
    return {
      send: timeBeside(get, beside.signal, answered),
      show: (now) => now.visible && now.counted === counted,
      close: () => {
        source.onopen = source.onmessage = source.onerror = null;
        source.close();
        beside.abort();
      },
    };
  },
});
