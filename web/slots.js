// @ts-check
// Puts words into the page: the page says what (data-live), this says how.

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
    const alike = shape(element.textContent ?? '') === shape(slot.text);
    element.textContent = slot.text;
    if (slot.lang) element.lang = slot.lang;
    else element.removeAttribute('lang');
    if (element.hasAttribute('data-fit') && !alike) fit(element);
  }
};

/**
 * Texts of one shape are equally wide: digits are tabular.
 * @param {string} text
 */
const shape = (text) => text.replace(/\d/g, '0');

/**
 * Tells the style sheet how wide a text (`--whole`) and its longest word (`--word`) are, in its own ems, so that it
 * can be set as large as there is room, in any font.
 * @param {HTMLElement} element
 */
const fit = (element) => {
  const em = Number.parseFloat(getComputedStyle(element).fontSize);
  const [whole, word] = ['max-content', 'min-content'].map((size) => {
    element.style.inlineSize = size;
    // Not what is painted: digits on a wall are painted narrower than they are.
    return element.offsetWidth / em;
  });
  element.style.inlineSize = '';
  if (!whole || !word) return;
  element.style.setProperty('--whole', whole.toFixed(3));
  element.style.setProperty('--word', word.toFixed(3));
};
