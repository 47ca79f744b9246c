// @ts-check
// Keeps the screen on, where the device lets a page ask; it never shows a dialog, and a refusal changes nothing else.

/** @typedef {'off' | 'on' | 'refused'} Awake */

/**
 * Keeps the screen on while the page is looked at, until the returned function is called.
 * @param {(state: Awake) => void} [changed]
 */
export const keepAwake = (changed = () => {}) => {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let wanted = true;
  const ask = async () => {
    if (!wanted || document.visibilityState !== 'visible' || (lock && !lock.released)) return;
    try {
      // Where a page may not ask at all this is an error like any other refusal.
      lock = await navigator.wakeLock.request('screen');
      if (!wanted) return void (await lock.release());
      lock.addEventListener('release', () => wanted && changed('off'));
      changed('on');
    } catch {
      lock = null;
      if (wanted) changed('refused');
    }
  };
  document.addEventListener('visibilitychange', ask);
  void ask();
  return () => {
    wanted = false;
    document.removeEventListener('visibilitychange', ask);
    void lock?.release().catch(() => {});
    changed('off');
  };
};
