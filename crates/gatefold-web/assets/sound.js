// One <audio> element that is to play or not, whatever happens to its address in between.
//
// Tells by events: "show" that something looks different, "broken" that the element has failed, "well"
// that it can play, "ended", "stuck" that bytes are awaited for long, "blocked" that the browser plays
// nothing unasked.

/** Bytes that take longer than this, in milliseconds, are worth a word. */
const LONG = 3000;
const LOOKS = ["play", "pause", "playing", "waiting", "seeking", "seeked", "timeupdate", "progress",
  "durationchange", "loadedmetadata", "emptied"];

export class Sound extends EventTarget {
  #audio;
  /** Where to go on once the element knows how long the piece is. */
  #resume = null;
  /** Whether it should play: an element that has failed or is loading says that it is paused. */
  #wanted = false;
  /** Runs while bytes are waited for. */
  #waiting = null;

  constructor(audio) {
    super();
    this.#audio = audio;
    for (const name of LOOKS) audio.addEventListener(name, () => this.#look());
    audio.addEventListener("loadedmetadata", () => {
      if (this.#resume) audio.currentTime = this.#resume;
      this.#resume = null;
    });
    audio.addEventListener("error", () => {
      // An element without an address has none to fail at.
      if (!audio.hasAttribute("src")) return;
      this.#look();
      this.#tell("broken");
    });
    audio.addEventListener("canplay", () => this.#tell("well"));
    audio.addEventListener("ended", () => this.#tell("ended"));
  }

  get address() { return this.#audio.src; }
  get isWanted() { return this.#wanted; }
  get hasFailed() { return Boolean(this.#audio.error); }
  get isPlaying() { return this.#wanted && !this.hasFailed; }
  /** Whether it should play and has nothing to. */
  get isWaiting() { return this.isPlaying && this.#audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA; }
  /** In seconds; `duration` is NaN until the element knows. */
  get position() { return this.#resume ?? this.#audio.currentTime; }
  get duration() { return this.#audio.duration; }

  /** Up to which second it has the sound from where it is. */
  get loaded() {
    const { buffered } = this.#audio;
    let loaded = this.position;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= this.position + 1) loaded = Math.max(loaded, buffered.end(i));
    }
    return loaded;
  }

  set volume(part) { this.#audio.volume = part; }

  /** Takes an address, and goes on from `at` seconds. */
  load(address, at = 0) {
    this.#resume = at;
    this.#audio.src = address;
    this.#look();
  }

  /**
   * Has nothing to play. Called where a person asks for something, this is also what lets browsers
   * play it that want a person to have asked.
   */
  unload() {
    this.#wanted = false;
    this.#resume = null;
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  play() {
    this.#wanted = true;
    this.#look();
    this.#audio.play().catch(({ name }) => {
      // Another piece or a failure came in between, which is dealt with where it is noticed; but a
      // browser that plays nothing unasked means it.
      if (name !== "NotAllowedError") return;
      this.pause();
      this.#tell("blocked");
    });
  }

  pause() {
    this.#wanted = false;
    this.#audio.pause();
    this.#look();
  }

  /** Goes to a second; to none so near the end that nothing would be heard. */
  seek(position, length) {
    const end = this.#audio.duration || length;
    const to = Math.min(Math.max(0, position), Math.max(0, end - 0.5));
    if (this.#audio.readyState === 0) this.#resume = to;
    else this.#audio.currentTime = to;
    this.#look();
  }

  #look() {
    if (this.isWaiting) {
      this.#waiting ??= setInterval(() => this.#tell("stuck"), LONG);
    } else {
      clearInterval(this.#waiting);
      this.#waiting = null;
    }
    this.#tell("show");
  }

  #tell(what) { this.dispatchEvent(new Event(what)); }
}
