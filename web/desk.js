// @ts-check
// What every section of the organiser's page has in common: the pass, and the way to the server. The pass is in the
// URL's fragment, which a browser sends to nobody; it is kept nowhere else.

/** What a pass looks like. */
const PASS = /^oo1-organiser-[a-z2-7]{32}$/;

export const pass = location.hash.slice(1);

/** Whether the page was opened by an organiser's link. */
export const hasPass = PASS.test(pass);

/**
 * A part of the page.
 * @template {Element} E
 * @param {string} id
 * @param {new () => E} kind
 */
export const part = (id, kind) => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`organise.html has no #${id}`);
  return found;
};

/** @typedef {{ ok: boolean, reason: string, say: string, answer: any }} Answer */

/**
 * Asks the server: for something, or with a body for something to be done. Whatever goes wrong comes back as a sentence.
 * @param {string} path
 * @param {string | Blob} [body]
 * @param {string} [type]
 * @returns {Promise<Answer>}
 */
export const ask = async (path, body, type = 'application/json') => {
  const authorization = `Bearer ${pass}`;
  /** @type {RequestInit} */
  const how = body === undefined ? { headers: { authorization } } : { method: 'POST', headers: { authorization, 'content-type': type }, body };
  try {
    const response = await fetch(path, how);
    const said = await response.json();
    return { ok: response.ok, reason: said.reason ?? '', say: said.say ?? '', answer: said };
  } catch {
    const say = body === undefined ? 'The server did not answer; try again.' : 'The server did not answer. Nothing is known to have changed; try again.';
    return { ok: false, reason: 'away', say, answer: null };
  }
};
