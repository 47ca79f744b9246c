// @ts-check
// Keeps the screen on, where the device lets a page ask; it never shows a dialog, and a refusal changes nothing.

/** Keeps the screen on while the page is looked at, until the returned function is called. */
export const keepAwake = () => {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let wanted = true;
  const ask = async () => {
    if (!wanted || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      if (!wanted) await lock.release();
    } catch {
      lock = null;
    }
  };
  document.addEventListener('visibilitychange', ask);
  void ask();
  return () => {
    wanted = false;
    document.removeEventListener('visibilitychange', ask);
    void lock?.release().catch(() => {});
  };
};
