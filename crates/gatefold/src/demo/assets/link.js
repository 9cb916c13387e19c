// Shows the link of the current window, how long it lasts, and what a new window changed.

import { clock, spoken } from "./words.js";

const $ = (id) => document.getElementById(id);
/** What stands before the part that differs: the prefix, and nine bytes that name the keys. */
const HEAD = "EC".length + 12;
const LINES = 5;

/** Start and end of a link, enough to tell two apart. */
export const shorten = (url) => {
  const { host, pathname } = new URL(url);
  const token = pathname.replace("/securev1/", "");
  return `${host}/securev1/${token.slice(0, HEAD + 4)}…${token.slice(-6)}`;
};
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const tail = (url) => `…${url.slice(-8)}`;

export class LinkView extends EventTarget {
  #player;
  /** The link of the current window, and when that ends on the page's own clock. */
  #link = null;
  #ends = 0;
  #asking = null;
  /** When to ask again after nobody answered. */
  #patience = 0;
  /** What is known of the bytes behind each link: url -> Promise of a version. */
  #versions = new Map();
  /** The line of the log that the last bytes stand in, and which bytes: { how, from, to, line }. */
  #run = null;

  constructor(player) {
    super();
    this.#player = player;
    setInterval(() => this.#tick(), 250);
    player.addEventListener("track", () => this.#start());
    document.addEventListener("visibilitychange", () => this.#tick());
  }

  get link() { return this.#link; }

  /** Milliseconds until nobody can use the current link any more. */
  get goodFor() { return this.#ends - performance.now() + (this.#link?.grace ?? 0) * 1000; }

  /** Takes note of bytes that were asked from the edge for the player. */
  asked({ id, link, range, status }) {
    if (id !== this.#player.track?.file_id) return;
    const by = link ? `, link ${tail(link.url)}` : "";
    this.#bytes(range, status ? `answered ${status}${by}` : "no answer", { status });
    if (link && link.url !== this.#link?.url) this.#take(link);
  }

  /** Takes note of bytes that the player got from what is kept. */
  kept({ id, range }) {
    if (id === this.#player.track?.file_id) this.#bytes(range, "kept from before, not fetched", {});
  }

  /** One line for bytes that follow on each other in the same way. */
  #bytes(range, how, { status }) {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [null, "0", ""];
    const [from, to] = [Number(first), last ? Number(last) + 1 : NaN];
    const run = this.#run;
    const goes = run?.how === how && run.to === from && run.line === $("log").firstElementChild;
    const start = goes ? run.from : from;
    const where = to ? `${megabytes(start)} to ${megabytes(to)} MB` : start ? `from ${megabytes(start)} MB on` : "from the start";
    const words = `Bytes ${where}: ${how}`;
    if (goes) run.line.textContent = words;
    else this.say(words, { status });
    this.#run = { how, from: start, to, line: $("log").firstElementChild };
  }

  say(words, { status } = {}) {
    if ($("log").firstElementChild?.textContent === words) return;
    const line = document.createElement("li");
    line.textContent = words;
    if (status !== undefined) line.dataset.status = status;
    const log = $("log");
    if (log.querySelector(".muted")) log.replaceChildren();
    log.prepend(line);
    while (log.children.length > LINES) log.lastChild.remove();
  }

  /** Asks for the link of the current window. */
  refresh() {
    const id = this.#player.track?.file_id;
    if (!id) return Promise.resolve();
    this.#asking ??= fetch(`/audio/${id}/url`, { cache: "no-store" })
      .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
      .then((link) => {
        if (link.file_id === this.#player.track.file_id) this.#take(link);
        this.dispatchEvent(new Event("heard"));
      })
      .catch(() => {
        this.#patience = performance.now() + 3000;
        this.dispatchEvent(new Event("silent"));
      })
      .finally(() => { this.#asking = null; });
    return this.#asking;
  }

  #start() {
    this.#link = null;
    this.#asking = null;
    this.#versions.clear();
    if (!$("log").querySelector(".muted")) $("log").replaceChildren();
    $("change-table").hidden = true;
    $("change-none").hidden = false;
    this.refresh();
  }

  #take(link) {
    const before = this.#link;
    this.#link = link;
    this.#ends = performance.now() + link.valid_for * 1000;
    $("short").textContent = shorten(link.url);
    $("whole").value = link.url;
    $("copy").disabled = false;
    for (const place of document.querySelectorAll("[data-lifetime]")) place.textContent = link.lifetime;
    this.#tick();
    this.#version(link.url);
    if (before && before.url !== link.url) this.#compare(before, link);
    this.dispatchEvent(new Event("link"));
  }

  async #compare(before, link) {
    const { address, position, isPlaying } = this.#player;
    const [was, is] = await Promise.all([this.#version(before.url), this.#version(link.url)]);
    if (link !== this.#link) return;
    $("was-token").textContent = tail(before.url);
    $("is-token").textContent = tail(link.url);
    $("stable").textContent = address;
    $("etag").textContent = is ?? "unknown";
    $("etag-word").textContent = was && is ? (was === is ? "the same" : "changed") : "";
    $("went-on").textContent = `${clock(position)}, ${isPlaying ? "and playing on" : "paused"}`;
    $("change-none").hidden = true;
    $("change-table").hidden = false;
  }

  /** The version of the bytes behind a link, asked while the link is good. */
  #version(url) {
    if (!this.#versions.has(url)) {
      this.#versions.set(url, fetch(url, { method: "HEAD", cache: "no-store" })
        .then((head) => (head.ok ? head.headers.get("ETag")?.replaceAll('"', "").slice(0, 12) : null))
        .catch(() => null));
    }
    return this.#versions.get(url);
  }

  #tick() {
    if (!this.#link) return;
    const left = Math.max(0, this.#ends - performance.now());
    const seconds = Math.ceil(left / 1000);
    $("left").textContent = left ? `${seconds} s` : "now";
    $("left-words").textContent = "until a new window begins";
    $("left").setAttribute("aria-label", spoken(seconds));
    $("meter").style.setProperty("--left", `${Math.min(100, left / this.#link.lifetime / 10)}%`);
    if (!left && !document.hidden && performance.now() > this.#patience) this.refresh();
  }
}
