// @ts-check
// What is seen of a page: where its letters are, and how large.

/**
 * The ink of one piece of text, as shares of the window.
 * @typedef {object} Ink
 * @property {string} of the slot or class of the element
 * @property {string} text
 * @property {number} em font size, of the height
 * @property {number} digit height of its '0', of the height: the glyph's own box, without the room fonts leave around it
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 * @property {boolean} cut whether the element hides a part of it
 */

/**
 * All text that can be seen, a piece for each line.
 * @param {import('./world.js').Onlooker} onlooker
 * @returns {Promise<Ink[]>}
 */
export const inks = ({ page }) =>
  page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) throw new Error('no canvas');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const out = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim();
      if (!element || !text || element.closest('[data-say], script, noscript, .sr')) continue;
      if (!element.checkVisibility({ visibilityProperty: true }) || getComputedStyle(element).clipPath !== 'none') continue;
      if ([...ancestors(element)].some((one) => getComputedStyle(one).clipPath !== 'none')) continue;
      const { fontSize, fontWeight, fontFamily } = getComputedStyle(element);
      canvas.font = `${fontWeight} ${fontSize} ${fontFamily}`;
      const [whole, zero] = [canvas.measureText(text), canvas.measureText('0')];
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const { left, right, top, bottom } of range.getClientRects()) {
        if (right - left < 1) continue;
        // The box of a line is as high as its font is; letters stand on its base line.
        const base = top + ((bottom - top) * zero.fontBoundingBoxAscent) / (zero.fontBoundingBoxAscent + zero.fontBoundingBoxDescent);
        out.push({
          of: element.closest('[data-live]')?.getAttribute('data-live') ?? element.className,
          text,
          em: Number.parseFloat(fontSize) / innerHeight,
          digit: (zero.actualBoundingBoxAscent + zero.actualBoundingBoxDescent) / innerHeight,
          left: left / innerWidth,
          right: right / innerWidth,
          top: (base - whole.actualBoundingBoxAscent) / innerHeight,
          bottom: (base + whole.actualBoundingBoxDescent) / innerHeight,
          cut: getComputedStyle(element).overflow !== 'visible' && element.scrollWidth > element.clientWidth,
        });
      }
    }
    return out;

    /** @param {Element} element */
    function* ancestors(element) {
      for (let one = element.parentElement; one; one = one.parentElement) yield one;
    }
  });

/**
 * Pairs of different texts that lie on each other.
 * @param {Ink[]} all
 */
export const overlaps = (all) => {
  const out = [];
  for (const [at, one] of all.entries()) {
    for (const other of all.slice(at + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (one.of !== other.of && across > 0 && down > 0) out.push(`${one.of} "${one.text}" on ${other.of} "${other.text}" by ${(100 * down).toFixed(2)} % of the height`);
    }
  }
  return out;
};
