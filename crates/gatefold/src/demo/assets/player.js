// The player: one <audio> element and its controls.
//
// With the service worker the element's address is /audio/{id} and never changes while a piece
// plays. Without it, the element follows the redirect of /audio/{id}?… to the link of that moment;
// when the link's time is over, the next request for bytes fails, and the player asks again under a
// new address at the same position.

import { Sound } from "./sound.js";
import { clock, spoken } from "./words.js";

const STEP = 10;
const $ = (id) => document.getElementById(id);

export class Player extends EventTarget {
  #sound = new Sound($("audio"));
  #tracks = [];
  #index = -1;
  #worker = false;
  /** How often this piece was asked for again without having played in between. */
  #renewals = 0;
  #serial = 0;
  #isSeeking = false;

  constructor(tracks, hasWorker) {
    super();
    this.#tracks = tracks;
    this.#worker = hasWorker;
    this.#list();
    this.#controls();
    this.#listen();
    this.#keys();
    this.#sound.volume = $("volume").value / 100;
  }

  get track() { return this.#tracks[this.#index]; }
  get address() { return new URL(this.#sound.address).pathname; }
  get position() { return this.#sound.position; }
  get isPlaying() { return this.#sound.isWanted; }

  choose(index, play) {
    this.#index = (index + this.#tracks.length) % this.#tracks.length;
    const { title, artist, file_id, duration } = this.track;
    $("title").textContent = title;
    $("artist").textContent = artist;
    $("sleeve").dataset.piece = file_id;
    document.title = `${title} · gatefold`;
    $("duration").textContent = clock(duration);
    $("seek").max = duration;
    for (const [at, item] of [...$("tracks").children].entries()) {
      item.firstElementChild.toggleAttribute("aria-current", at === this.#index);
    }
    if ("mediaSession" in navigator) {
      navigator.mediaSession.metadata = new MediaMetadata({ title, artist });
    }
    this.#renewals = 0;
    this.#load(0, play);
    this.dispatchEvent(new Event("track"));
  }

  /** Asks for the piece anew and goes on where it was: after a failure, or when a person says so. */
  retry() {
    this.#renewals = 0;
    this.#renew();
  }

  #load(position, play) {
    const way = this.#worker ? "" : `?${(this.#serial += 1)}`;
    this.#sound.load(`/audio/${this.track.file_id}${way}`, position);
    if (play) this.#sound.play();
  }

  #renew() {
    this.#load(this.position, this.isPlaying);
  }

  #toggle() {
    if (!this.track) return;
    const play = this.#sound.hasFailed || !this.isPlaying;
    if (this.#sound.hasFailed) this.retry();
    if (play) this.#sound.play();
    else this.#sound.pause();
  }

  #seek(position) {
    if (this.track) this.#sound.seek(position, this.track.duration);
  }

  #listen() {
    const sound = this.#sound;
    sound.addEventListener("broken", () => {
      // A link whose time is over looks like any failure; a second one in a row is something else.
      if (this.#renewals < 1) {
        this.#renewals += 1;
        this.#renew();
        this.dispatchEvent(new Event("renewed"));
      } else {
        this.dispatchEvent(new Event("failed"));
      }
    });
    sound.addEventListener("well", () => {
      this.#renewals = 0;
      this.dispatchEvent(new Event("well"));
    });
    sound.addEventListener("stuck", () => this.dispatchEvent(new Event("stuck")));
    sound.addEventListener("ended", () => {
      if (this.#index + 1 < this.#tracks.length) this.choose(this.#index + 1, true);
      else sound.pause();
    });
    sound.addEventListener("show", () => this.#show());
  }

  #controls() {
    for (const id of ["play", "previous", "next", "back", "ahead", "seek"]) $(id).disabled = false;
    $("play").addEventListener("click", () => this.#toggle());
    $("previous").addEventListener("click", () => this.choose(this.#index - 1, this.isPlaying));
    $("next").addEventListener("click", () => this.choose(this.#index + 1, this.isPlaying));
    $("back").addEventListener("click", () => this.#seek(this.position - STEP));
    $("ahead").addEventListener("click", () => this.#seek(this.position + STEP));
    $("seek").addEventListener("input", () => {
      this.#isSeeking = true;
      this.#show();
    });
    $("seek").addEventListener("change", () => {
      this.#isSeeking = false;
      this.#seek($("seek").valueAsNumber);
    });
    $("volume").addEventListener("input", () => { this.#sound.volume = $("volume").value / 100; });
    if ("mediaSession" in navigator) {
      const actions = {
        play: () => this.#sound.play(),
        pause: () => this.#sound.pause(),
        previoustrack: () => this.choose(this.#index - 1, this.isPlaying),
        nexttrack: () => this.choose(this.#index + 1, this.isPlaying),
      };
      for (const [name, act] of Object.entries(actions)) {
        navigator.mediaSession.setActionHandler(name, act);
      }
    }
  }

  /** Keys anywhere on the page, except where they mean something already. */
  #keys() {
    const busy = "input, textarea, button, a, summary, select";
    document.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.(busy)) return;
      const acts = {
        " ": () => this.#toggle(),
        ArrowLeft: () => this.#seek(this.position - STEP),
        ArrowRight: () => this.#seek(this.position + STEP),
      };
      if (!Object.hasOwn(acts, event.key)) return;
      event.preventDefault();
      acts[event.key]();
    });
  }

  #list() {
    const items = this.#tracks.map((track, index) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      for (const [name, text] of [["title", track.title], ["artist", track.artist], ["length", clock(track.duration)]]) {
        const part = document.createElement("span");
        part.className = name;
        part.textContent = text;
        button.append(part, " ");
      }
      button.addEventListener("click", () => {
        if (index === this.#index) this.#toggle();
        else this.choose(index, true);
      });
      item.append(button);
      return item;
    });
    $("tracks").replaceChildren(...items);
  }

  #show() {
    const sound = this.#sound;
    const duration = sound.duration || this.track?.duration || 1;
    const seek = $("seek");
    if (!this.#isSeeking) seek.value = sound.position;
    const shown = seek.valueAsNumber;
    seek.max = Math.floor(duration);
    seek.setAttribute("aria-valuetext", `${spoken(shown)} of ${spoken(duration)}`);
    seek.style.setProperty("--played", `${(100 * shown) / duration}%`);
    seek.style.setProperty("--loaded", `${(100 * Math.max(shown, sound.loaded)) / duration}%`);
    $("elapsed").textContent = clock(shown);
    $("player").classList.toggle("playing", sound.isPlaying);
    $("play").setAttribute("aria-label", sound.isPlaying ? "Pause" : "Play");
    $("state").textContent = sound.isWaiting ? "waiting for bytes …" : "";
  }
}
