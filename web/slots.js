// @ts-check
// Puts words into the page: the page says what (data-live), this says how.

/** A phrase of at most this many characters is set large, and the next in the middle. */
const SHORT = 14;
const MIDDLE = 40;

/**
 * Fills every `data-live` slot that has changed; an empty slot keeps its place.
 * @param {ParentNode} root
 * @param {Record<string, import('./view.js').Slot>} slots
 */
export const fill = (root, slots) => {
  for (const element of root.querySelectorAll('[data-live]')) {
    if (!(element instanceof HTMLElement)) continue;
    const slot = slots[element.dataset.live ?? ''];
    if (!slot || (element.textContent === slot.text && element.lang === (slot.lang ?? ''))) continue;
    const longer = element.textContent?.length !== slot.text.length;
    element.textContent = slot.text;
    if (slot.lang) element.lang = slot.lang;
    else element.removeAttribute('lang');
    element.dataset.length = slot.text.length <= SHORT ? 'short' : slot.text.length <= MIDDLE ? 'middle' : 'long';
    if (element.hasAttribute('data-fit') && longer) fit(element);
  }
};

/**
 * Tells the style sheet how wide the longest word of an element is, in its own ems, so that it can be set as large
 * as there is room, in any font.
 * @param {HTMLElement} element
 */
const fit = (element) => {
  element.style.inlineSize = 'min-content';
  const width = element.getBoundingClientRect().width / Number.parseFloat(getComputedStyle(element).fontSize);
  element.style.inlineSize = '';
  if (width > 0) element.style.setProperty('--ems', width.toFixed(3));
};
