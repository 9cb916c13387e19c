// "What just happened", on a demonstration: who asked, what the server answered, and what becomes of
// the link elsewhere. All answers are real ones.

import { explain } from "./edge-words.mjs";
import { isPassing, shorten } from "./link.mjs";

const MOST = 3;
/** Where a link waits while whoever has it becomes somebody else. */
const POCKET = "gatefold-carried-link";

export class Tried {
  #place;
  #list;
  #who;

  constructor(player, place) {
    this.#place = place;
    this.#list = place.querySelector("ol");
    this.#who = place.dataset.who;
    player.addEventListener("tried", ({ detail }) => this.#tell(detail));
    this.#unpack();
  }

  #tell({ track, answer: { status, body } }) {
    const entry = this.#entry(`${this.#who} asked for “${track.title}”.`);
    if (status === 0) return entry.say("refused", "No answer.", "Is the demonstration still running?");
    if (status !== 200) {
      const { code, detail } = body ?? {};
      return entry.say("refused", `The server answered ${status}${code ? `, ${code}` : ""}.`, sentence(detail ?? ""));
    }
    const words = isPassing(body)
      ? `A sealed link, for ${this.#who} alone, and for ${Math.ceil((body.valid_for + (body.grace ?? 0)))} seconds.`
      : "The track is for everybody, and so is its link.";
    entry.say("answered", "The server answered 200.", words);
    entry.offer(body.url, this.#others(), (other) => this.#become(other, { url: body.url, title: track.title }));
  }

  /** The people that one can be instead, with the forms that make one be them. */
  #others() {
    const forms = [...document.querySelectorAll(".personas form")];
    return forms
      .filter((form) => !form.querySelector("[aria-pressed=true]"))
      .map((form) => ({ form, name: form.querySelector("strong").textContent }));
  }

  /** Takes the link along, and becomes somebody else: the page that follows tries it. */
  #become({ form }, link) {
    sessionStorage.setItem(POCKET, JSON.stringify({ ...link, by: this.#who }));
    form.requestSubmit();
  }

  async #unpack() {
    let carried;
    try {
      carried = JSON.parse(sessionStorage.getItem(POCKET) ?? "null");
      sessionStorage.removeItem(POCKET);
    } catch {
      return;
    }
    if (!carried) return;
    const { url, title, by } = carried;
    const entry = this.#entry(`${this.#who} tries the link that ${by} got for “${title}”.`);
    await entry.attempt(url);
    entry.offer(url, this.#others(), (other) => this.#become(other, { url, title }));
    this.#place.scrollIntoView({ block: "nearest" });
  }

  #entry(title) {
    const entry = new Entry(title);
    this.#place.querySelector("[data-nothing]")?.remove();
    this.#list.prepend(entry.element);
    while (this.#list.children.length > MOST) this.#list.lastChild.remove();
    return entry;
  }
}

/** One attempt, with what came of it. */
class Entry {
  element = document.createElement("li");
  #verdict = verdict();

  constructor(title) {
    const heading = document.createElement("h3");
    heading.textContent = title;
    this.element.append(heading, this.#verdict);
  }

  say(...words) { said(this.#verdict, ...words); }
  attempt(url, options) { return attempt(this.#verdict, url, options); }

  /** Shows the link, and what one can try with it. */
  offer(url, others, become) {
    const line = document.createElement("p");
    line.className = "token";
    const code = document.createElement("code");
    code.textContent = shorten(url);
    line.append(code, button("Copy", ({ currentTarget: copy }) => navigator.clipboard.writeText(url).then(
      () => { copy.textContent = "Copied"; },
      () => { copy.textContent = "Not allowed here"; },
    )));
    const row = document.createElement("p");
    row.className = "row";
    const outcome = verdict();
    outcome.hidden = true;
    row.append(
      ...others.map((other) => button(`Try it as ${other.name}`, () => become(other))),
      button("Try it signed out", () => {
        outcome.hidden = false;
        return attempt(outcome, url, { credentials: "omit" });
      }),
    );
    this.element.append(line, row, outcome);
  }
}

/** Asks the edge for one byte through a link, whatever this browser has kept, and says what it says. */
async function attempt(place, url, options = {}) {
  try {
    const response = await fetch(url, { headers: { Range: "bytes=0-0" }, cache: "no-store", ...options });
    const { ok, head, text } = await explain(response);
    said(place, ok ? "answered" : "refused", head, text);
  } catch {
    said(place, "refused", "No answer that this page may read.", "The site may have stopped, or gives none to other sites.");
  }
}

function verdict() {
  const place = document.createElement("p");
  place.className = "verdict";
  return place;
}

function said(place, verdict, head, text) {
  const strong = document.createElement("strong");
  strong.textContent = head;
  place.dataset.verdict = verdict;
  place.replaceChildren(strong, ` ${text}`);
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function sentence(words) {
  return words && `${words[0].toUpperCase()}${words.slice(1)}.`;
}
