// @ts-check
// Digits for a wall: as tall as the wall allows, made narrower where that takes less than they would lose.

/** Digits made narrower than this no longer look like digits, as a share of their own width. */
const NARROWEST = 0.72;

/** The tallest digits, as a share of the window's height, for each span: there is more to show, the farther off. */
const TALLEST = { days: 0.32, hours: 0.4, minutes: 0.52, seconds: 0.8, '': 0 };

/** The largest unit beside a number of days, as a share of the window's height. */
const UNIT = 0.15;

/** How much of the room the digits have under days that are written as a word, as some languages do with one and two. */
const UNDER_A_WORD = 0.7;

/** What is left free at the sides and above, as a share of the room. */
const AIR = 0.98;

/** Between two shifts of the whole picture, so that nothing burns in, ms. */
const SHIFT_EVERY = 300_000;

/** How far, px, and where to: round a small square. */
const SHIFT = 2;
const SQUARE = [
  [0, 0],
  [SHIFT, 0],
  [SHIFT, SHIFT],
  [0, SHIFT],
];

/**
 * The font size, in px, and how much narrower than its own the digits are to be.
 * @param {object} room
 * @param {number} room.width px
 * @param {number} room.height px
 * @param {number} room.tallest px
 * @param {number} room.em width of the text in its own ems
 * @param {number} room.tall height of a digit in its own ems
 */
export const fitted = ({ width, height, tallest, em, tall }) => {
  const glyph = Math.min(tallest, AIR * height);
  const size = glyph / tall;
  const narrow = Math.min(1, (AIR * width) / (size * em));
  if (narrow >= NARROWEST) return { size, narrow };
  return { size: (size * narrow) / NARROWEST, narrow: NARROWEST };
};

/**
 * Where the picture stands, in px, so long after the page was opened.
 * @param {number} ms
 */
export const shifted = (ms) => {
  const [x = 0, y = 0] = SQUARE[Math.floor(ms / SHIFT_EVERY) % SQUARE.length] ?? [];
  return { x, y };
};

/** @type {CanvasRenderingContext2D | null} */
let canvas = null;

/**
 * Height of a digit in its own ems, and how far below the middle of its line it stands: fonts leave more room above
 * digits than below, or the other way.
 * @param {HTMLElement} element
 */
const measured = (element) => {
  canvas ??= document.createElement('canvas').getContext('2d');
  if (!canvas) return { tall: 0.72, low: 0 };
  const { fontWeight, fontFamily } = getComputedStyle(element);
  canvas.font = `${fontWeight} 100px ${fontFamily}`;
  const digit = canvas.measureText('0');
  const tall = digit.actualBoundingBoxAscent / 100;
  return { tall, low: (digit.fontBoundingBoxAscent - digit.fontBoundingBoxDescent) / 200 - tall / 2 };
};

/**
 * Sets the digits; what the tallest measure then, as a share of the window's height. Days before, that is the number
 * of days.
 * @param {HTMLElement} element
 * @param {import('./countdown.js').Span} span
 */
export const setDigits = (element, span) => {
  const face = element.parentElement;
  const big = face?.querySelector('.big');
  if (!face || !(big instanceof HTMLElement)) return 0;
  const number = span === 'days' ? /\d+(?:\D\d+)*/.exec(big.textContent ?? '')?.[0] : undefined;
  face.classList.toggle('worded', span === 'days' && number === undefined);
  big.style.fontSize = big.style.translate = element.style.fontSize = element.style.transform = '';
  if (number !== undefined) return setNumber(big, number, face.clientWidth);
  const em = Number.parseFloat(element.style.getPropertyValue('--word'));
  const tallest = TALLEST[span] * innerHeight;
  if (!em || !tallest) return 0;
  const { tall, low } = measured(element);
  const height = face.clientHeight * (span === 'days' ? UNDER_A_WORD : 1);
  const { size, narrow } = fitted({ width: face.clientWidth, height, tallest, em, tall });
  element.style.fontSize = `${size.toFixed(1)}px`;
  element.style.transform = `translateY(${(-low).toFixed(3)}em) scaleX(${narrow.toFixed(3)})`;
  return (size * tall) / innerHeight;
};

/**
 * Sets a number of days as tall as it is to be, and its unit in what is left of the width.
 * @param {HTMLElement} big
 * @param {string} number
 * @param {number} width px
 */
const setNumber = (big, number, width) => {
  const [before = '', after = ''] = (big.textContent ?? '').split(number);
  const figure = document.createElement('span');
  figure.textContent = number;
  big.replaceChildren(before, figure, after);
  const { tall, low } = measured(big);
  const size = (TALLEST.days * innerHeight) / tall;
  const whole = Number.parseFloat(big.style.getPropertyValue('--whole'));
  const own = (canvas?.measureText(number).width ?? 0) / 100;
  const unit = Math.min(UNIT * innerHeight, (AIR * width - size * own) / (whole - own));
  big.style.fontSize = `${unit.toFixed(1)}px`;
  big.style.translate = `0 ${(-low * size).toFixed(1)}px`;
  figure.style.fontSize = `${size.toFixed(1)}px`;
  return TALLEST.days;
};
