// Puts a page with a player together. Without it, the page is a list with plain links.

import { Bar } from "./bar.js";
import { Player } from "./player.js";
import { Rows } from "./rows.js";
import { Tried } from "./tried.js";
import { Turning } from "./turn.js";
import { hasWorker } from "./way.js";

/** Tells those who do not see what has changed; also when it is the same again. */
function say(text) {
  const place = document.getElementById("said");
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 50);
}

const player = new Player(document.getElementById("audio"));
const rows = new Rows(player);
const bar = new Bar(player, say, (track) => !rows.has(track));
const adopt = (main) => {
  rows.adopt(main);
  bar.turned();
};
adopt(document.querySelector("main"));
new Turning(adopt, say);
if (document.getElementById("tried")) new Tried(player, document.getElementById("tried"));

// What the worker keeps belongs to whoever listens here: it deletes it when that is somebody else.
const { listener } = document.getElementById("player").dataset;
if (await hasWorker()) navigator.serviceWorker.controller?.postMessage({ type: "listener", listener });
document.documentElement.dataset.way = navigator.serviceWorker?.controller ? "worker" : "direct";
