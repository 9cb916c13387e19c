// Answers the player's stable address, /audio/{id}, for as long as there is a sealed link for it, and
// keeps the bytes by object: what has come through one link is not fetched again through the next.
//
// The <audio> element keeps one address for as long as it plays. When a window ends, only the worker
// notices. A module, with its parts in worker/; nothing of them needs a browser to be tested.

import { Answers } from "./worker/answers.mjs";
import { Grants } from "./worker/grants.mjs";
import { addressed } from "./worker/requests.mjs";
import { Store } from "./worker/store.mjs";

const fetch = self.fetch.bind(self);
const store = new Store({ caches: self.caches });
const grants = new Grants({ fetch, now: () => performance.now(), store });
const answers = new Answers({ grants, store, fetch });

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), store.tidy()]));
});

self.addEventListener("fetch", (event) => {
  const asked = addressed(event.request, self.location.origin);
  if (!asked) return;
  const { id, what } = asked;
  if (what === "link") return event.respondWith(grants.ask(id, event.request));
  const tell = (news) => event.waitUntil(say(event.clientId, { ...news, id }));
  event.respondWith(answers.answer(id, event.request, tell, (rest) => event.waitUntil(rest)));
});

self.addEventListener("message", (event) => {
  const { type, listener } = event.data ?? {};
  // Whoever signs out leaves nothing behind.
  if (type === "forget") {
    grants.clear();
    event.waitUntil(store.clear().then(() => event.source?.postMessage({ type: "forgotten" })));
  }
  // Nor does whoever is no longer the one that listens here, however they went.
  if (type === "listener") {
    event.waitUntil(store.belongsTo(String(listener), () => grants.clear()));
  }
});

/** Tells the page where bytes came from, for people to see. */
async function say(client, what) {
  const page = client && (await self.clients.get(client));
  page?.postMessage(what);
}
