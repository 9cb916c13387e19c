// The player: one <audio> element and its controls.
//
// With the service worker the element's address is /audio/{id} and never changes while a piece
// plays. Without it, the element follows the redirect of /audio/{id}?… to the link of that moment;
// when the link's time is over, the next request for bytes fails, and the player asks again under a
// new address at the same position.

import { clock, spoken } from "./words.js";

const STEP = 10;
/** Bytes that take longer than this, in milliseconds, are worth a word. */
const LONG = 3000;
const $ = (id) => document.getElementById(id);

export class Player extends EventTarget {
  #audio = $("audio");
  #tracks = [];
  #index = -1;
  #worker = false;
  /** How often this piece was asked for again without having played in between. */
  #renewals = 0;
  #serial = 0;
  /** Where to go on once the element knows how long the piece is. */
  #resume = null;
  #isSeeking = false;
  /** Whether it should play: an element that has failed or is loading says that it is paused. */
  #wanted = false;
  /** Runs while bytes are waited for. */
  #waiting = null;

  constructor(tracks, hasWorker) {
    super();
    this.#tracks = tracks;
    this.#worker = hasWorker;
    this.#list();
    this.#controls();
    this.#element();
    this.#keys();
    $("audio").volume = $("volume").value / 100;
  }

  get track() { return this.#tracks[this.#index]; }
  get address() { return new URL(this.#audio.src).pathname; }
  get position() { return this.#audio.currentTime; }
  get isPlaying() { return this.#wanted; }

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
    this.#resume = position;
    const way = this.#worker ? "" : `?${(this.#serial += 1)}`;
    this.#audio.src = `/audio/${this.track.file_id}${way}`;
    this.#show();
    if (play) this.#play();
  }

  #renew() {
    this.#load(this.#resume ?? this.position, this.#wanted);
  }

  #play() {
    this.#wanted = true;
    this.#audio.play().catch(({ name }) => {
      // Another piece or a failure came in between, which is dealt with where it is noticed; but a
      // browser that plays nothing unasked means it.
      if (name === "NotAllowedError") this.#pause();
    });
  }

  #pause() {
    this.#wanted = false;
    this.#audio.pause();
    this.#show();
  }

  #toggle() {
    if (!this.track) return;
    const play = this.#audio.error || !this.#wanted;
    if (this.#audio.error) this.retry();
    if (play) this.#play();
    else this.#pause();
  }

  #seek(position) {
    if (!this.track) return;
    const end = this.#audio.duration || this.track.duration;
    const to = Math.min(Math.max(0, position), Math.max(0, end - 0.5));
    if (this.#audio.readyState === 0) this.#resume = to;
    else this.#audio.currentTime = to;
    this.#show();
  }

  #element() {
    const audio = this.#audio;
    audio.addEventListener("loadedmetadata", () => {
      if (this.#resume) audio.currentTime = this.#resume;
      this.#resume = null;
    });
    audio.addEventListener("error", () => {
      this.#show();
      // A link whose time is over looks like any failure; a second one in a row is something else.
      if (this.#renewals < 1) {
        this.#renewals += 1;
        this.#renew();
        this.dispatchEvent(new Event("renewed"));
      } else {
        this.dispatchEvent(new Event("failed"));
      }
    });
    audio.addEventListener("canplay", () => {
      this.#renewals = 0;
      this.dispatchEvent(new Event("well"));
    });
    audio.addEventListener("ended", () => {
      if (this.#index + 1 < this.#tracks.length) this.choose(this.#index + 1, true);
      else this.#pause();
    });
    for (const name of ["play", "pause", "playing", "waiting", "seeking", "seeked", "timeupdate",
      "progress", "durationchange", "loadedmetadata"]) {
      audio.addEventListener(name, () => this.#show());
    }
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
    $("volume").addEventListener("input", () => { this.#audio.volume = $("volume").value / 100; });
    if ("mediaSession" in navigator) {
      const actions = {
        play: () => this.#play(),
        pause: () => this.#pause(),
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
    const audio = this.#audio;
    const duration = audio.duration || this.track?.duration || 1;
    const seek = $("seek");
    if (!this.#isSeeking) seek.value = this.#resume ?? audio.currentTime;
    const shown = seek.valueAsNumber;
    seek.max = Math.floor(duration);
    seek.setAttribute("aria-valuetext", `${spoken(shown)} of ${spoken(duration)}`);
    const { buffered } = audio;
    let loaded = shown;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= shown + 1) loaded = Math.max(loaded, buffered.end(i));
    }
    seek.style.setProperty("--played", `${(100 * shown) / duration}%`);
    seek.style.setProperty("--loaded", `${(100 * loaded) / duration}%`);
    $("elapsed").textContent = clock(shown);
    const playing = this.#wanted && !audio.error;
    $("player").classList.toggle("playing", playing);
    $("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    const isWaiting = playing && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    $("state").textContent = isWaiting ? "waiting for bytes …" : "";
    if (isWaiting) {
      this.#waiting ??= setInterval(() => this.dispatchEvent(new Event("stuck")), LONG);
    } else {
      clearInterval(this.#waiting);
      this.#waiting = null;
    }
  }
}
