// Which requests are the worker's. Pure.

/**
 * What a request of a page is for: { id, what }, where `what` is "bytes" or "link"; null for what is
 * not the worker's. Addresses with a query are the page's way around the worker, and who opens an
 * address in a tab goes to the server: there it is decided anew.
 */
export function addressed({ method, url, mode }, here) {
  const { origin, pathname, search } = new URL(url);
  if (origin !== here || search || mode === "navigate") return null;
  const [, id, rest] = /^\/audio\/([^/]+)(\/url)?$/.exec(pathname) ?? [];
  if (!id || !(rest ? ["GET"] : ["GET", "HEAD"]).includes(method)) return null;
  return { id, what: rest ? "link" : "bytes" };
}
