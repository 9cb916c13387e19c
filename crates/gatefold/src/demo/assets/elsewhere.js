// Another site, as far as browsers are concerned: tries to use a link that was sealed for the
// demonstration's own page, and says what a page can see of the refusal.

import { SILENT, explain } from "./words.js";

const $ = (id) => document.getElementById(id);

/** The link after the `#`: a sealed one on this machine, or nothing. */
function given() {
  try {
    const url = new URL(location.hash.slice(1));
    const isSealed = url.protocol === "http:" && url.pathname.startsWith("/securev1/");
    return isSealed && url.port === location.port ? url : null;
  } catch {
    return null;
  }
}

function say(way, verdict, head, words) {
  $(`${way}-verdict`).dataset.verdict = verdict;
  $(`${way}-verdict`).textContent = head;
  $(`${way}-words`).textContent = words;
}

/** Whether the server answers at all: if not, a failure means nothing. */
const isThere = () => fetch("/tracks/", { cache: "no-store" }).then(() => true, () => false);

async function withPlayer(url) {
  const audio = $("audio");
  const outcome = new Promise((resolve) => {
    audio.addEventListener("loadeddata", () => resolve("played"), { once: true });
    audio.addEventListener("error", () => resolve("failed"), { once: true });
  });
  audio.src = url;
  if ((await outcome) === "played") {
    say("audio", "answered", "It plays.", "This link is for the site that you are looking at.");
  } else if (await isThere()) {
    audio.hidden = true;
    say("audio", "refused", "It does not play.",
      "The browser asked for the bytes and said which site it asks for. The edge refused. All that a player is told is that there is nothing it can play.");
  } else {
    say("audio", "silent", "No answer.", SILENT);
  }
}

async function withScript(url) {
  try {
    const response = await fetch(url, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
    const { ok, head, text } = await explain(response);
    say("fetch", ok ? "answered" : "refused", head, text);
  } catch (error) {
    if (await isThere()) {
      say("fetch", "refused", "It cannot be read.",
        `The browser gave this page no status, no headers and no bytes, only “${error.message}”. The refusal carries no permission for other sites to read it.`);
    } else {
      say("fetch", "silent", "No answer.", SILENT);
    }
  }
}

$("here").textContent = location.origin;
$("here-again").textContent = location.origin;
const url = given();
if (url) {
  const token = url.pathname.replace("/securev1/", "");
  $("short").textContent = `${url.host}/securev1/${token.slice(0, 18)}…${token.slice(-6)}`;
  $("read").href = url.href;
  withPlayer(url.href);
  withScript(url.href);
} else {
  $("short").textContent = "none";
  $("read").removeAttribute("href");
  for (const way of ["audio", "fetch"]) {
    say(way, "nothing", "There is no link to try.", "Open this page with the button on the demonstration’s own page.");
  }
}
// Another link in the same tab: begin again.
addEventListener("hashchange", () => location.reload());
