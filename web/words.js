// @ts-check
// Every word the pages say by themselves, in one place, so that another language is one more object.
// `{name}` is filled in; a text that depends on a number has one form for each plural category it needs.

/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }} Plural */

export const words = {
  until: 'until {time}',
  was: 'The moment was at {time}',
  wasFor: 'It was set for {time}',
  days: /** @type {Plural} */ ({ one: '{n} day and', other: '{n} days and' }),
  doing: 'Then, all together',
  cueNow: 'Now',
  now: 'Now',
  begun: 'It has begun',
  after: 'Thank you',
  held: 'Held',
  heldWhy: 'Wait for word from the organiser',
  cancelled: 'Cancelled',
  cancelledWhy: 'Nothing will happen at {time}',
  moved: 'Moved to {time}',
  resumed: 'Going ahead at {time}',
  corrected: 'Corrected by the network’s clock',
  ownTime: 'This gathering keeps a time of its own; this is the country’s.',

  phones: /** @type {Plural} */ ({ one: 'phone so far: yours', other: 'phones with you' }),
  phonesOnDisplay: /** @type {Plural} */ ({ one: 'phone with us', other: 'phones with us' }),
  here: /** @type {Plural} */ ({ one: '{n} of them here', other: '{n} of them here' }),
  atLeast: '{n} or more',
  asOf: 'as of {time}',

  joining: 'Connecting.',
  live: 'Connected.',
  away: 'No connection: the countdown goes on by itself.',
  inStep: 'In step within {n} ms.',
  inStepAmong: 'In step within {n} ms; true time not confirmed.',
  notInStep: 'Not in step yet: the clock may be {n} ms off.',
  ownClock: 'Using this phone’s own clock until the network answers.',
  ownClockOnDisplay: 'Using this screen’s own clock until the network answers.',

  minutesLeft: /** @type {Plural} */ ({ one: '{n} minute left', other: '{n} minutes left' }),
  secondsLeft: /** @type {Plural} */ ({ one: '{n} second left', other: '{n} seconds left' }),

  wholeDays: /** @type {Plural} */ ({ one: '{n} day', other: '{n} days' }),
  remaining: '{time} left',
  pausedAt: 'paused at {time}',
  lastHeard: 'Last heard {time}.',
  joins: 'Joins the moment with everyone else',
  timeNow: 'It is {time} now',

  keepAwake: 'Keep the screen on',
  awakeOff: 'Off',
  awakeOn: 'On. Tap to stop',
  awakeRefused: 'This phone does not allow it now',
  share: 'Share this page',
  linkCopied: 'The link is copied. Paste it into a message.',
  calendar: 'Add to calendar',
  code: 'Show a code to the person beside you',
  codeOf: 'QR code of this page',
  codeFailed: 'The code could not be fetched. This is the address:',
  readTime: 'Read me the time',
  pauseNumbers: 'Pause the numbers',

  find: 'Find your gathering',
  findHint: 'Type a name or a place.',
  finding: 'Fetching the list',
  found: /** @type {Plural} */ ({ one: '{n} gathering found.', other: '{n} gatherings found.' }),
  foundMore: 'Showing the first {n}. Type more to see fewer.',
  foundNone: 'No gathering of that name or place. You can take part wherever you are.',
  listEmpty: 'No gatherings are listed yet. You can take part wherever you are.',
  listFailed: 'The list did not come.',
  listOffline: 'No connection: the list comes when the network is back.',
  tryAgain: 'Try again',

  testCard: 'Test card',
  testSize: '{width} × {height}. Digits {share} of the height.',
  testReads: '{n} m',
  testReadsFrom: 'How far away each can be read, on a 55-inch screen',
  testFrame: 'The frame must be whole. If an edge is cut off, add ?safe=85 to this page’s address.',
  onPhones: 'On your phone: {address}',
};

/**
 * @param {string} text
 * @param {Record<string, string>} [values]
 */
export const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/**
 * The form of a text for a number, with `{n}` filled in.
 * @param {Plural} forms
 * @param {number} n
 * @param {string} lang
 */
export const count = (forms, n, lang) =>
  say(forms[new Intl.PluralRules(locale(lang)).select(n)] ?? forms.other, { n: number(n, lang) });

/** Dates are written the way of the country whose moment it is; plain "en" would mean the American way.
 * @param {string} lang
 */
const locale = (lang) => (lang === 'en' ? 'en-GB' : lang);

/**
 * @param {number} n
 * @param {string} lang
 */
export const number = (n, lang) => new Intl.NumberFormat(locale(lang)).format(n);

/**
 * A moment's time on the wall where it was agreed: "13:00" and the day.
 * @param {string} civil such as "2027-02-20T13:00:00"
 * @param {string} lang
 */
export const civilTime = (civil, lang) => {
  const at = Date.parse(`${civil}Z`);
  if (Number.isNaN(at)) return { time: civil, day: '' };
  const seconds = at % 60_000 === 0 ? undefined : '2-digit';
  /** @param {Intl.DateTimeFormatOptions} parts */
  const format = (parts) => new Intl.DateTimeFormat(locale(lang), { ...parts, timeZone: 'UTC' }).format(at);
  return {
    time: format({ hour: '2-digit', minute: '2-digit', second: seconds, hourCycle: 'h23' }),
    day: format({ weekday: 'long', day: 'numeric', month: 'long' }),
  };
};

/**
 * The time of day on this device.
 * @param {number} at Unix ms
 * @param {string} lang
 */
export const timeOfDay = (at, lang) =>
  new Intl.DateTimeFormat(locale(lang), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
