// The tracks that a page shows: their play buttons, what they look like while they play, and the
// reason next to a track that is refused.

import { told } from "./told.js";

/** A track as a page has it. */
function trackOf(place) {
  const { file, title, artist, page, ms, support } = place.dataset;
  return { file, title, artist, page, length: Number(ms) / 1000, support: support ?? null };
}

export class Rows {
  #player;
  #places = [];

  constructor(player) {
    this.#player = player;
    player.addEventListener("show", () => this.#show());
    player.addEventListener("refused", () => this.#tell()?.scrollIntoView({ block: "nearest" }));
    player.addEventListener("skipped", ({ detail }) => this.#tell(detail));
  }

  /** The tracks that are shown. */
  get tracks() { return this.#places.map(({ track }) => track); }

  has(track) { return this.#places.some((place) => place.track.file === track?.file); }

  /** Takes the tracks of a page over: their plain links become buttons. */
  adopt(main) {
    this.#places = [...main.querySelectorAll("[data-file]")].map((element) => {
      const track = trackOf(element);
      const link = element.querySelector("a.play");
      const button = document.createElement("button");
      button.type = "button";
      button.className = link.className;
      button.append(...link.childNodes);
      link.replaceWith(button);
      button.addEventListener("click", () => {
        if (this.#player.track?.file === track.file && this.#player.state !== "idle") this.#player.toggle();
        else this.#player.start(track, this.tracks);
      });
      return { track, element, button, why: element.querySelector(".why") };
    });
    this.#player.offer(this.tracks);
    this.#show();
    this.#tell();
  }

  #show() {
    const { track, isPlaying, state } = this.#player;
    for (const { track: own, element, button, why } of this.#places) {
      const isIt = own.file === track?.file && state !== "idle";
      element.classList.toggle("current", isIt);
      button.classList.toggle("playing", isIt && isPlaying);
      const words = button.querySelector(".words");
      const act = isIt && isPlaying ? "Pause" : "Play";
      if (words) words.textContent = act;
      button.setAttribute("aria-label", `${act} ${own.title} by ${own.artist}`);
      if (isIt && !this.#player.refusal) why.replaceChildren();
    }
  }

  /** Says why next to the track; gives the place, where it is on the page. */
  #tell({ track, refusal } = this.#player) {
    const place = this.#places.find((place) => place.track.file === track?.file);
    if (!place) return null;
    const retry = () => {
      if (this.#player.track?.file === track.file) this.#player.retry();
      else this.#player.start(place.track, this.tracks);
    };
    place.why.replaceChildren(...(refusal ? told(refusal, retry) : []));
    return place.why;
  }
}
