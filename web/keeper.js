// @ts-check
// The service worker behind "keep on this phone", which only a tap brings here (keep.js). It holds one page and the
// scripts of that page, shows them when the network does not bring newer ones, and answers for nothing else. It never
// asks for anything while no page is opened.
//
// A steward's page has one of its own, so that neither takes the place of the other: the same script in another scope.

/** How long the network may take to bring the page before the kept one is shown, ms: where a crowd is, there often is a
 * network that brings nothing. */
const PATIENCE = 3_000;

/** The types of browsers know pages only. @type {any} */
const worker = globalThis;

/** Whether this is a steward's. */
const STEWARDS = new URL(worker.registration.scope).pathname === '/steward';

/** The pages that may be kept: a phone's, for the country or at a gathering; or a steward's. */
const PAGE = STEWARDS ? /^\/steward$/ : /^\/(g\/[^/.]+)?$/;

/** Where scripts are: a folder whose name is another one when any of them is. */
const FOLDER = /^\/a\/[0-9a-f]+\//;

/** The script of a page, and the folder of all it imports. */
const ROOT = /<script type="module" src="(\/a\/[0-9a-f]+\/)(\w+\.js)"/;

/** What a script says of another that it imports, now or later. */
const IMPORTED = /'\.\/(\w+\.js)'/g;

/** What the caches of ours are called, before the folder of their scripts. */
const OURS = STEWARDS ? 'oneoclock-steward ' : 'oneoclock ';

/** What of a page's head was true only as it came; the server's time above all. */
const PASSING = ['server-timing', 'content-encoding', 'content-length', 'etag', 'date'];

/** There is one page per address, whatever language or form it came in. */
const LOOSELY = { ignoreSearch: true, ignoreVary: true };

/** @typedef {Event & { waitUntil: (done: Promise<unknown>) => void }} Lasting */
/** @typedef {Lasting & { request: Request, respondWith: (answer: Promise<Response>) => void }} Asked */
/** @typedef {Lasting & { data: unknown, ports: MessagePort[] }} Told */

/** What is being done to the caches, one thing after the other.
 * @type {Promise<unknown>} */
let busy = Promise.resolve();

/** @param {() => Promise<unknown>} next */
const inTurn = (next) => {
  const done = busy.then(next);
  busy = done.catch(() => {});
  return done;
};

/**
 * All scripts that a page needs, by their paths.
 * @param {string} html
 * @returns {Promise<[folder: string, scripts: Map<string, Response>]>}
 */
const scriptsOf = async (html) => {
  const [, folder, root] = ROOT.exec(html) ?? [];
  if (!folder || !root) throw new Error('this is no page of ours');
  /** @type {Map<string, Response>} */
  const found = new Map();
  const seen = new Set();
  /** @param {string} name @returns {Promise<void>} */
  const visit = async (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const path = folder + name;
    const script = (await caches.match(path, LOOSELY)) ?? (await fetch(path));
    if (!script.ok) throw new Error(`${path} did not come`);
    found.set(path, script.clone());
    await Promise.all([...(await script.text()).matchAll(IMPORTED)].map(([, next = '']) => visit(next)));
  };
  await visit(root);
  return [folder, found];
};

/**
 * Keeps a page with all it needs in place of whatever was kept; all of it or nothing.
 * @param {string} path
 * @param {Response} answer
 */
const keep = async (path, answer) => {
  const html = await answer.text();
  const [folder, scripts] = await scriptsOf(html);
  const headers = new Headers(answer.headers);
  for (const name of PASSING) headers.delete(name);
  // The page itself must know that it is no news.
  const page = new Response(html.replace('<html ', '<html data-kept '), { headers });
  const cache = await caches.open(OURS + folder);
  await Promise.all([...scripts].map(([path, script]) => cache.put(path, script)));
  await cache.put(path, page);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== path && !scripts.has(pathname)) await cache.delete(url);
  }
  await forget(OURS + folder);
};

/** @param {string} [but] */
const forget = async (but) => {
  for (const name of await caches.keys()) if (name.startsWith(OURS) && name !== but) await caches.delete(name);
};

/** A server that has this worker no more wants nothing kept; but what a steward has counted. */
const retire = async () => {
  const { status } = await fetch(worker.location.href, { method: 'HEAD', cache: 'no-store' });
  if (status !== 404 && status !== 410) return;
  await worker.registration.unregister();
  await forget();
  if (!STEWARDS) indexedDB.deleteDatabase('oneoclock');
};

/**
 * What came from the network takes the place of what is kept, if that page is.
 * @param {string} path
 * @param {Response} answer
 */
const renew = async (path, answer) => {
  if (!answer.ok) return;
  await inTurn(async () => (await caches.match(path, LOOSELY)) && keep(path, answer));
  await worker.registration.update().catch(retire);
};

/**
 * The page as the network has it, or the kept one if that does not come. Of a page that is not kept, whatever comes.
 * @param {string} path
 * @param {Promise<Response>} coming
 */
const page = async (path, coming) => {
  /** @type {Promise<null>} */
  const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE));
  const fresh = await Promise.race([coming, late]).catch(() => null);
  if (fresh && fresh.status < 500) return fresh;
  return (await caches.match(path, LOOSELY)) ?? coming;
};

/** @param {Request} request */
const script = async (request) => (await caches.match(request, LOOSELY)) ?? fetch(request);

worker.addEventListener('install', () => worker.skipWaiting());

worker.addEventListener('activate', (/** @type {Lasting} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (/** @type {Asked} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin) return;
  if (FOLDER.test(pathname)) event.respondWith(script(request));
  if (request.mode !== 'navigate' || !PAGE.test(pathname)) return;
  // Browsers go back to what they have without asking; that may be older than what is kept.
  const coming = fetch(request, { cache: 'no-cache' });
  const copy = coming.then((answer) => answer.clone());
  event.respondWith(page(pathname, coming));
  // Also what comes too late for this time.
  event.waitUntil(copy.then((answer) => renew(pathname, answer)).catch(() => {}));
});

worker.addEventListener('message', (/** @type {Told} */ event) => {
  const { origin, pathname, href } = new URL(String(event.data), worker.location.origin);
  const [port] = event.ports;
  const done = inTurn(async () => {
    if (origin !== worker.location.origin || !PAGE.test(pathname)) throw new Error(`${pathname} is not to be kept`);
    const answer = await fetch(href, { cache: 'no-cache' });
    if (!answer.ok) throw new Error(`${pathname} did not come`);
    await keep(pathname, answer);
  });
  event.waitUntil(done.then(() => port?.postMessage(true), () => port?.postMessage(false)));
});
