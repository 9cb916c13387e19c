// Answers the player's stable address, /audio/{id}, for as long as there is a sealed link for it, and
// keeps the bytes by object: what has come through one link is not fetched again through the next.
//
// The <audio> element keeps one address for as long as it plays. When a window ends, only the worker
// notices. A module, with its parts in /assets/worker/; nothing of them needs a browser to be tested.

import { Answers } from "/assets/worker/answers.mjs";
import { Grants } from "/assets/worker/grants.mjs";
import { Store } from "/assets/worker/store.mjs";

const fetch = self.fetch.bind(self);
const store = new Store({ caches: self.caches });
const grants = new Grants({ fetch, now: () => performance.now(), store });
const answers = new Answers({ grants, store, fetch });

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), store.tidy()]));
});

self.addEventListener("fetch", (event) => {
  const id = idOf(event.request);
  if (!id) return;
  const tell = (what) => event.waitUntil(say(event.clientId, { ...what, id }));
  event.respondWith(answers.answer(id, event.request, tell, (rest) => event.waitUntil(rest)));
});

// Whoever signs out leaves nothing behind.
self.addEventListener("message", (event) => {
  if (event.data?.type !== "forget") return;
  grants.clear();
  event.waitUntil(store.clear().then(() => event.source?.postMessage({ type: "forgotten" })));
});

/** The piece that a request is for; addresses with a query are the page's way around the worker. */
function idOf({ method, url }) {
  const { origin, pathname, search } = new URL(url);
  if (origin !== self.location.origin || search || !["GET", "HEAD"].includes(method)) return null;
  return /^\/audio\/([^/]+)$/.exec(pathname)?.[1] ?? null;
}

/** Tells the page where bytes came from, for people to see. */
async function say(client, what) {
  const page = client && (await self.clients.get(client));
  page?.postMessage(what);
}
