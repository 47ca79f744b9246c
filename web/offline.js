// @ts-check
// Has the service worker (keeper.js) hold this page for when there is no network.

/** How long a phone may take to fetch all there is to keep, ms. */
const KEEPS_WITHIN = 30_000;

/** Private windows and plain http have no workers. */
export const able = () => 'serviceWorker' in navigator && 'caches' in window && 'indexedDB' in window;

/**
 * Has the worker keep this page.
 * @param {string} scope where the worker answers
 * @returns {Promise<boolean>} false if that did not work
 */
export const hold = async (scope) => {
  const registration = await navigator.serviceWorker.register('/keeper.js', { scope, updateViaCache: 'none' });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (!worker) return false;
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), KEEPS_WITHIN);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data === true);
    const tell = () => {
      if (worker.state === 'redundant') resolve(false);
      if (worker.state !== 'activated') return;
      worker.removeEventListener('statechange', tell);
      worker.postMessage(location.pathname + location.search, [port2]);
    };
    worker.addEventListener('statechange', tell);
    tell();
  });
};

/**
 * Leaves nothing that the worker of this scope has kept.
 * @param {string} scope
 * @param {string} ours what its caches' names begin with
 */
export const release = async (scope, ours) => {
  const here = new URL(scope, location.href).href;
  for (const registration of await navigator.serviceWorker.getRegistrations()) {
    if (registration.scope === here) await registration.unregister();
  }
  for (const name of await caches.keys()) if (name.startsWith(ours)) await caches.delete(name);
};
