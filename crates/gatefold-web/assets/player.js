// What is played, and why not: the queue, the question for a link before every start, and the way on
// when something fails. It draws nothing; it tells by events:
//
// - "track": another track is the one. "show": something looks different.
// - "tried": the server was asked for a link; `detail` is { track, answer }.
// - "refused": it is not heard; see `refusal`. "skipped": `detail` is { track, refusal }.

import { goodFor, isBearer, isPassing, linkOf } from "./link.mjs";
import { beside, queueFor } from "./queue.mjs";
import { broken, refusalOf } from "./refusal.mjs";
import { Sound } from "./sound.js";

/** For how long an answer is believed when somebody goes on after a pause, in milliseconds. */
const FRESH = 30_000;
/** How often it is tried again without anybody asking. */
const PATIENCE = 3;
/** Going back within these first seconds means the track before. */
const BEGINNING = 3;
/** Reasons for which the next track is played when nobody chose this one. */
const PASSED_OVER = ["sign_in", "support", "gone"];

export class Player extends EventTarget {
  #sound;
  #queue = [];
  #track = null;
  #link = null;
  #refusal = null;
  /** "idle", "asking", "ready" or "refused". */
  #state = "idle";
  /** Whether somebody wants to hear it. */
  #wants = false;
  /** Where to begin, in seconds, while there is no sound yet. */
  #from = 0;
  /** Another one for every question: only the last one's answer counts. */
  #turn = 0;
  #renewals = 0;
  #failedAt = 0;
  #automatic = 0;
  #later = null;

  constructor(audio) {
    super();
    this.#sound = new Sound(audio);
    this.#sound.addEventListener("show", () => {
      if (this.#sound.position > this.#failedAt + 1) this.#renewals = 0;
      this.#show();
    });
    this.#sound.addEventListener("broken", () => this.#mend());
    this.#sound.addEventListener("ended", () => this.#goOn());
    this.#sound.addEventListener("blocked", () => {
      this.#wants = false;
      this.#show();
    });
    addEventListener("online", () => {
      if (this.#refusal?.kind === "silent") this.retry();
    });
    navigator.serviceWorker?.addEventListener("message", ({ data }) => {
      // The worker has another link by now.
      const isOurs = data?.type === "asked" && data.link && data.id === this.#track?.file;
      if (isOurs && data.link.url !== this.#link?.url) this.#link = linkOf(data.link, performance.now());
    });
  }

  get track() { return this.#track; }
  get state() { return this.#state; }
  get refusal() { return this.#refusal; }
  get isPlaying() { return this.#wants && (this.#state === "asking" || this.#state === "ready"); }
  get isWaiting() { return this.isPlaying && (this.#state === "asking" || this.#sound.isWaiting); }
  get position() { return this.#state === "ready" ? this.#sound.position : this.#from; }
  get duration() { return (this.#state === "ready" && this.#sound.duration) || this.#track?.length || 0; }
  get loaded() { return this.#state === "ready" ? this.#sound.loaded : this.#from; }
  get next() { return beside(this.#queue, this.#track, 1); }
  get previous() { return beside(this.#queue, this.#track, -1); }
  set volume(part) { this.#sound.volume = part; }

  /** Has the first of a page's tracks ready, where nothing was chosen yet. */
  offer(tracks) {
    if (this.#track || !tracks.length) return;
    this.#queue = tracks;
    this.#take(tracks[0]);
  }

  /** Plays a track from a page that shows these; somebody asked for it. */
  start(track, shown = this.#queue) {
    this.#queue = queueFor(track, this.#queue, shown);
    this.#automatic = 0;
    this.#begin(track);
  }

  toggle() {
    if (!this.#track) return;
    if (this.isPlaying) return this.pause();
    this.play();
  }

  pause() {
    this.#wants = false;
    this.#sound.pause();
    this.#show();
  }

  play() {
    if (!this.#track || this.isPlaying) return;
    if (this.#state === "idle") return this.start(this.#track);
    if (this.#state === "refused") return this.retry();
    this.#wants = true;
    if (this.#state === "asking") return this.#show();
    const isFresh = performance.now() - this.#link.heard < FRESH && goodFor(this.#link, performance.now()) > 0;
    if (isFresh && !this.#sound.hasFailed) this.#sound.play();
    else this.#ask({ stays: true });
  }

  skip(by) {
    if (by < 0 && this.position > BEGINNING) return this.seek(0);
    const track = by < 0 ? this.previous : this.next;
    if (track) this.start(track);
    else if (by < 0) this.seek(0);
  }

  seek(position) {
    if (!this.#track) return;
    if (this.#state === "ready") this.#sound.seek(position, this.#track.length);
    else this.#from = Math.min(Math.max(0, position), Math.max(0, this.#track.length - 0.5));
    this.#show();
  }

  /** Asks again, where it was: after a refusal, or when a person says so. */
  retry() {
    this.#wants = true;
    this.#renewals = 0;
    this.#ask();
  }

  /** The link as it is now, for somebody who wants to see it. */
  async linkNow() {
    if (this.#link && goodFor(this.#link, performance.now()) > 0) return this.#link;
    const answer = await question(this.#track);
    if (isLink(answer)) this.#link = linkOf(answer.body, performance.now());
    return isLink(answer) ? this.#link : null;
  }

  #take(track) {
    this.#track = track;
    this.#link = this.#refusal = null;
    this.#state = "idle";
    this.#from = this.#renewals = this.#failedAt = 0;
    this.dispatchEvent(new Event("track"));
    this.#show();
  }

  #begin(track, { byItself = false } = {}) {
    // At once, while it counts as what a person did.
    this.#sound.unload();
    this.#take(track);
    this.#wants = true;
    this.#ask({ byItself });
  }

  /**
   * Asks the server whether and where it is to be heard, and goes on from where it is. `stays` keeps
   * what is loaded if that is good still; `byItself` is when nobody chose this track.
   */
  async #ask({ stays = false, byItself = false } = {}) {
    const turn = (this.#turn += 1);
    clearTimeout(this.#later);
    if (this.#state === "ready") this.#from = this.#sound.position;
    const before = this.#link;
    this.#state = "asking";
    this.#refusal = null;
    this.#show();
    const track = this.#track;
    const answer = await question(track);
    this.#tell("tried", { track, answer });
    if (turn !== this.#turn) return;
    if (!isLink(answer)) return this.#refuse(refusalOf(answer, track, signIn()), { byItself });
    this.#link = linkOf(answer.body, performance.now());
    this.#state = "ready";
    this.#automatic = 0;
    const address = new URL(addressOf(track, this.#link), location.href).href;
    const isGood = this.#sound.address === address || (before && goodFor(before, performance.now()) > 0);
    if (!stays || this.#sound.hasFailed || !isGood) this.#sound.load(address, this.#from);
    if (this.#wants) this.#sound.play();
    this.#show();
  }

  /** A link whose time is over looks like any failure. What fails again and again is something else. */
  #mend() {
    if (this.#state !== "ready") return;
    this.#failedAt = this.#sound.position;
    this.#renewals += 1;
    if (this.#renewals <= 2) return void this.#ask();
    this.#from = this.#failedAt;
    this.#refuse(broken());
  }

  #refuse(refusal, { byItself = false } = {}) {
    const track = this.#track;
    if (byItself && this.next && PASSED_OVER.includes(refusal.kind)) {
      this.#tell("skipped", { track, refusal });
      return this.#begin(this.next, { byItself });
    }
    this.#sound.unload();
    this.#wants = false;
    this.#state = "refused";
    this.#refusal = refusal;
    if (refusal.wait !== null && (this.#automatic += 1) <= PATIENCE) {
      this.#later = setTimeout(() => this.retry(), refusal.wait * 1000);
    } else if (refusal.wait !== null) {
      this.#refusal = { ...refusal, wait: null };
    }
    this.dispatchEvent(new Event("refused"));
    this.#show();
  }

  #goOn() {
    const { next } = this;
    if (next) return this.#begin(next, { byItself: true });
    this.#wants = false;
    this.#sound.pause();
    this.#show();
  }

  #show() { this.dispatchEvent(new Event("show")); }
  #tell(what, detail) { this.dispatchEvent(new CustomEvent(what, { detail })); }
}

/** What the server says when asked for a link: { status, body, retryAfter }; status 0 if nothing. */
async function question({ file }) {
  try {
    const response = await fetch(`/audio/${file}/url`, { cache: "no-store", headers: { Accept: "application/json" } });
    const body = await response.json().catch(() => null);
    return { status: response.status, body, retryAfter: Number(response.headers.get("Retry-After")) };
  } catch {
    return { status: 0, body: null, retryAfter: 0 };
  }
}

/** How one signs in, and comes back; on a demonstration, one chooses whom to be. */
function signIn() {
  return document.getElementById("people")
    ? { label: "Be somebody who is signed in", href: "#people" }
    : { label: "Sign in", href: `/sign-in?next=${encodeURIComponent(location.pathname)}` };
}

const isLink = ({ status, body }) => status === 200 && typeof body?.url === "string";

/**
 * What the element is given: the address that the service worker answers, whose link it renews; or the
 * link itself, where there is no worker, and for what the element may have from elsewhere: a worker could
 * not read it there.
 */
function addressOf({ file }, link) {
  return isPassing(link) && !isBearer(link) && navigator.serviceWorker?.controller ? `/audio/${file}` : link.url;
}
