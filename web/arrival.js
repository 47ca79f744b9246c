// @ts-check
// What time it is at the server, as far as the page itself tells.

/**
 * Server minus local time until the server has answered a ping, in ms: the time that came with the page (its
 * Server-Timing header, as the page itself is the same for all) belongs to the instant the page began to arrive. A
 * page out of a cache is older than that; then the device knows better.
 */
export const guess = () => {
  const [arrival] = performance.getEntriesByType('navigation');
  const known = arrival instanceof PerformanceNavigationTiming ? arrival : null;
  // Some browsers know only at the end how much has come; by then, a page that was in a cache is long there.
  const coming = known?.responseEnd === 0 && known.type !== 'back_forward';
  const fresh = known && (coming || known.transferSize > 0) ? known : null;
  const now = fresh?.serverTiming.find(({ name }) => name === 'now')?.duration;
  return fresh && now ? now - fresh.responseStart : Date.now() - performance.now();
};
