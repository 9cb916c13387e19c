// The service worker, where the browser has one for this site.

/** How long a worker may take to be in control before a page does without it, in milliseconds. */
const PATIENCE = 4000;

/**
 * Whether the service worker answers for this page; it never does in some private windows, and
 * not in browsers that know no modules there.
 */
export async function hasWorker() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return false;
  const inControl = new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", () => resolve(true), { once: true });
    setTimeout(() => resolve(false), PATIENCE);
  });
  try {
    await serviceWorker.register("/service-worker.js", { type: "module" });
  } catch {
    return false;
  }
  return Boolean(serviceWorker.controller) || inControl;
}
