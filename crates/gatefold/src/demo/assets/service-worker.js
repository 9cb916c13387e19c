// Answers the player's stable address, /audio/{id}, with bytes from the link that is good now.
//
// The <audio> element keeps one address for as long as it plays. Each time it asks for bytes (at the
// start, after a seek, after a connection has ended) this worker looks up the sealed link of the
// current window and hands the request on. When a window ends, only the worker notices.

/** The links that are good now: id -> { link: Promise<Link>, until } on the worker's own clock. */
const links = new Map();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const id = idOf(event.request);
  if (id) event.respondWith(answer(id, event.request, event.clientId));
});

/** The piece that a request is for; addresses with a query are the page's way around the worker. */
function idOf({ method, url }) {
  const { origin, pathname, search } = new URL(url);
  if (origin !== self.location.origin || search || !["GET", "HEAD"].includes(method)) return null;
  return /^\/audio\/([^/]+)$/.exec(pathname)?.[1] ?? null;
}

async function answer(id, request, client) {
  try {
    let link = await linkOf(id);
    let response = await ask(link, request);
    if (response.status === 403) {
      // Its time may have passed on the edge's clock before it did on ours: once, try a new one.
      await forget(id, link);
      link = await linkOf(id);
      response = await ask(link, request);
    }
    tell(client, id, link, request, response);
    return response;
  } catch (error) {
    // The element sees a network error, which is what it is; the page explains it.
    if (error.name !== "AbortError") tell(client, id, null, request, null);
    return Response.error();
  }
}

/** The link of the current window. However many ask at once, it is fetched once. */
function linkOf(id) {
  const known = links.get(id);
  if (known && performance.now() < known.until) return known.link;
  const entry = { link: mint(id), until: Infinity };
  links.set(id, entry);
  entry.link.then(
    ({ valid_for }) => { entry.until = performance.now() + valid_for * 1000; },
    () => { if (links.get(id) === entry) links.delete(id); },
  );
  return entry.link;
}

async function mint(id) {
  const response = await fetch(`/audio/${id}/url`, { cache: "no-store" });
  if (!response.ok) throw new Error(`no link: ${response.status}`);
  return response.json();
}

/** Forgets a link that was refused, unless somebody has replaced it already. */
async function forget(id, refused) {
  const known = links.get(id);
  if (known && (await known.link.catch(() => refused)) === refused && links.get(id) === known) {
    links.delete(id);
  }
}

function ask(link, request) {
  const headers = new Headers();
  for (const name of ["Range", "If-Range"]) {
    if (request.headers.has(name)) headers.set(name, request.headers.get(name));
  }
  return fetch(link.url, { method: request.method, headers, signal: request.signal, redirect: "error" });
}

/** Tells the page what was asked and answered, for people to see. */
async function tell(client, id, link, request, response) {
  const page = client && (await self.clients.get(client));
  page?.postMessage({
    type: "asked",
    id,
    link,
    range: request.headers.get("Range"),
    status: response?.status ?? 0,
    etag: response?.headers.get("ETag") ?? null,
  });
}
