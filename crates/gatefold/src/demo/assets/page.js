// Puts the page together: the worker, the player, the link and what one can try with it.

import { LinkView } from "./link.js";
import { Player } from "./player.js";
import { Share } from "./share.js";
import { hasWorker } from "./way.js";
import { SILENT, explain } from "./words.js";

const $ = (id) => document.getElementById(id);
function notice(text, retry) {
  $("notice").hidden = !text;
  $("notice-text").textContent = text ?? "";
  $("notice-retry").onclick = retry ?? null;
}

/** Says in words why a piece does not play, which the element cannot tell. */
async function diagnose(id) {
  try {
    const link = await fetch(`/audio/${id}/url`, { cache: "no-store" });
    if (!link.ok) return "The demonstration has no link for this piece.";
    const { url } = await link.json();
    const verdict = await explain(await fetch(url, { headers: { Range: "bytes=0-0" }, cache: "no-store" }));
    if (verdict.ok) return "The connection broke off, but the link is good: trying again should help.";
    return `${verdict.head} ${verdict.text}`;
  } catch {
    return SILENT;
  }
}

async function start() {
  let tracks;
  try {
    const without = new URL(location.href).searchParams.has("no-worker");
    const [worker, response] = await Promise.all([without ? false : hasWorker(), fetch("/tracks/", { cache: "no-store" })]);
    ({ tracks } = await response.json());
    show(tracks, worker);
  } catch (error) {
    console.error(error);
    notice(SILENT, () => location.reload());
  }
}

function show(tracks, worker) {
  const player = new Player(tracks, worker);
  const view = new LinkView(player);
  new Share(view);
  document.documentElement.dataset.way = worker ? "worker" : "direct";
  $("with-worker").hidden = worker;
  $("way").textContent = worker
    ? "The player’s address never changes; a service worker answers it. It keeps the bytes by piece and version, whatever the link was, and uses what it kept for as long as there is a good link."
    : "No service worker: the player follows a redirect to the link, and asks again when its time is over.";
  if (!worker) $("log").firstElementChild.textContent = "The browser itself, which this page does not see.";
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.type === "asked") view.asked(data);
    if (data?.type === "kept") view.kept(data);
  });
  player.addEventListener("renewed", () => {
    view.say("The request failed: asked for a new link at the same position");
    view.refresh();
  });
  player.addEventListener("failed", async () => {
    notice(await diagnose(player.track.file_id), () => {
      notice(null);
      player.retry();
    });
  });
  // The browser keeps trying by itself; whether anybody is there, the link's view finds out.
  player.addEventListener("stuck", () => view.refresh());
  player.addEventListener("well", () => notice(null));
  view.addEventListener("silent", () => notice(SILENT, () => view.refresh()));
  view.addEventListener("heard", () => {
    if ($("notice-text").textContent === SILENT) notice(null);
  });
  player.choose(0, false);
}

start();
