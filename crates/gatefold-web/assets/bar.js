// The player's controls: the bar below the page, keys anywhere on it, and those of the system.

import { goodFor, isPassing, promise } from "./link.mjs";
import { clock, spoken } from "./time.mjs";
import { told } from "./told.js";

const STEP = 10;
const VOLUME = "gatefold-volume";
const $ = (id) => document.getElementById(id);

export class Bar {
  #player;
  #say;
  #isElsewhere;
  #isSeeking = false;

  /** `say` tells those who do not see; `isElsewhere` is whether a track is not on the page. */
  constructor(player, say, isElsewhere) {
    this.#player = player;
    this.#say = say;
    this.#isElsewhere = isElsewhere;
    player.addEventListener("track", () => this.#name());
    player.addEventListener("show", () => this.#show());
    player.addEventListener("refused", () => {
      this.#why();
      this.#say(`${player.track.title}: ${player.refusal.text}`);
    });
    player.addEventListener("skipped", ({ detail: { track, refusal } }) => {
      this.#say(`${track.title} was passed over. ${refusal.text}`);
    });
    this.#controls();
    this.#volume();
    this.#keys();
    this.#system();
  }

  /** Another page is shown. */
  turned() { this.#why(); }

  #name() {
    const { title, artist, page, length } = this.#player.track;
    $("player").hidden = false;
    $("now-title").textContent = title;
    $("now-title").href = page;
    $("now-artist").textContent = artist;
    $("length").textContent = clock(length);
    $("seek").max = Math.max(1, Math.floor(length));
    $("copied").textContent = "";
    if (this.#player.state !== "idle" && "mediaSession" in navigator) this.#announce();
  }

  #announce() {
    const { title, artist } = this.#player.track;
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist });
  }

  #controls() {
    const player = this.#player;
    $("toggle").addEventListener("click", () => player.toggle());
    $("previous").addEventListener("click", () => player.skip(-1));
    $("next").addEventListener("click", () => player.skip(1));
    $("seek").addEventListener("input", () => {
      this.#isSeeking = true;
      this.#show();
    });
    $("seek").addEventListener("change", () => {
      this.#isSeeking = false;
      player.seek($("seek").valueAsNumber);
    });
    $("copy-link").addEventListener("click", () => this.#copy());
  }

  async #copy() {
    const link = await this.#player.linkNow();
    const left = link ? goodFor(link, performance.now()) : 0;
    let words = "There is no link to copy.";
    if (link) {
      const ends = isPassing(link)
        ? new Date(Date.now() + left).toLocaleTimeString([], { timeStyle: left < 120_000 ? "medium" : "short" })
        : "";
      try {
        await navigator.clipboard.writeText(link.url);
        words = promise(link, ends);
      } catch {
        words = "This browser did not let the link be copied.";
      }
    }
    $("copied").textContent = words;
    this.#say(words);
  }

  /** Remembered by the browser, where it lets us. */
  #volume() {
    const volume = $("volume");
    const set = () => { this.#player.volume = volume.valueAsNumber / 100; };
    try {
      const before = Number(localStorage.getItem(VOLUME) ?? NaN);
      if (before >= 0 && before <= 100) volume.value = before;
    } catch {
      // Then it is what it is.
    }
    set();
    volume.addEventListener("input", set);
    volume.addEventListener("change", () => {
      try {
        localStorage.setItem(VOLUME, volume.value);
      } catch {
        // As above.
      }
    });
  }

  /** Keys anywhere on the page, except where they mean something already. */
  #keys() {
    const busy = "input, textarea, button, a, summary, select";
    const player = this.#player;
    document.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest?.(busy)) return;
      const acts = {
        " ": () => player.toggle(),
        ArrowLeft: () => player.seek(player.position - STEP),
        ArrowRight: () => player.seek(player.position + STEP),
      };
      if (!player.track || !Object.hasOwn(acts, event.key)) return;
      event.preventDefault();
      acts[event.key]();
    });
  }

  #system() {
    if (!("mediaSession" in navigator)) return;
    const player = this.#player;
    const acts = {
      play: () => player.play(),
      pause: () => player.pause(),
      previoustrack: () => player.skip(-1),
      nexttrack: () => player.skip(1),
      seekto: ({ seekTime }) => player.seek(seekTime),
      seekbackward: ({ seekOffset }) => player.seek(player.position - (seekOffset ?? STEP)),
      seekforward: ({ seekOffset }) => player.seek(player.position + (seekOffset ?? STEP)),
    };
    for (const [name, act] of Object.entries(acts)) {
      try {
        navigator.mediaSession.setActionHandler(name, act);
      } catch {
        // A key that this browser does not know.
      }
    }
  }

  #show() {
    const { isPlaying, isWaiting, position, loaded, duration, next, previous, state } = this.#player;
    const seek = $("seek");
    const length = duration || 1;
    seek.max = Math.max(1, Math.floor(length));
    if (!this.#isSeeking) seek.value = position;
    const shown = seek.valueAsNumber;
    seek.setAttribute("aria-valuetext", `${spoken(shown)} of ${spoken(length)}`);
    seek.style.setProperty("--played", `${Math.min(100, (100 * shown) / length)}%`);
    seek.style.setProperty("--loaded", `${Math.min(100, (100 * Math.max(shown, loaded)) / length)}%`);
    $("elapsed").textContent = clock(shown);
    $("length").textContent = clock(duration);
    $("player").classList.toggle("playing", isPlaying);
    $("player").classList.toggle("waiting", isWaiting);
    $("toggle").setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    $("previous").disabled = !previous && position < 1;
    $("next").disabled = !next;
    $("copy-link").disabled = state !== "ready";
    if (state !== "refused") $("now-why").replaceChildren();
    if (!("mediaSession" in navigator)) return;
    if (state !== "idle" && !navigator.mediaSession.metadata) this.#announce();
    navigator.mediaSession.playbackState = isPlaying ? "playing" : "paused";
    if (duration >= position) navigator.mediaSession.setPositionState?.({ duration, position });
  }

  /** The reason stands next to its track; here only when that is not on the page. */
  #why() {
    const { track, refusal } = this.#player;
    const isHere = refusal && this.#isElsewhere(track);
    $("now-why").replaceChildren(...(isHere ? told(refusal, () => this.#player.retry()) : []));
  }
}
