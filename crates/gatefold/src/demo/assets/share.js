// "Try to share it": hands the real link to places where it should not work.

import { SILENT, explain } from "./words.js";

const $ = (id) => document.getElementById(id);

/** Copies a text and says so on the button. */
export function copies(button, text) {
  button.addEventListener("click", async () => {
    const label = "Copy";
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      // Not allowed here: the text is selectable all the same.
      button.textContent = "Select it by hand";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

export class Share {
  #view;
  /** A link that is tried again later, and when its time is over on the page's own clock. */
  #kept = null;

  constructor(view) {
    this.#view = view;
    copies($("copy"), () => view.link.url);
    copies($("copy-curl"), () => $("curl").textContent);
    copies($("copy-forged"), () => $("curl-forged").textContent);
    view.addEventListener("link", () => this.#point());
    $("keep").addEventListener("click", () => this.#keep());
    $("try-kept").addEventListener("click", () => this.#try());
    setInterval(() => this.#tick(), 500);
  }

  #point() {
    const { url } = this.#view.link;
    // To a browser another host name is another site; the demonstration answers to both.
    const elsewhere = `http://localhost:${location.port}`;
    $("elsewhere-name").textContent = elsewhere;
    $("elsewhere").href = `${elsewhere}/elsewhere#${url}`;
    $("bare").href = url;
    $("curl").textContent = `curl -i -r 0-0 '${url}'`;
    $("curl-forged").textContent = `curl -H 'Origin: ${location.origin}' -o piece.wav '${url}'`;
  }

  #keep() {
    const { link, goodFor } = this.#view;
    if (!link) return;
    this.#kept = { url: link.url, over: performance.now() + goodFor + 1000, done: false };
    $("try-kept").hidden = false;
    $("kept").hidden = false;
    this.#tick();
  }

  #tick() {
    if (!this.#kept || this.#kept.done) return;
    const left = Math.ceil((this.#kept.over - performance.now()) / 1000);
    if (left > 0) {
      this.#say({ head: `Kept. It is tried again in ${left} s,`, text: "when its window and the grace after it are over." });
    } else {
      this.#try();
    }
  }

  async #try() {
    const kept = this.#kept;
    kept.done = true;
    try {
      // Asks the edge, whatever this browser has kept of it.
      const response = await fetch(kept.url, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
      const verdict = await explain(response);
      this.#say(verdict);
    } catch {
      this.#say({ ok: false, head: "No answer.", text: SILENT });
    }
  }

  #say({ ok, head, text, code, stage }) {
    const place = $("kept");
    const strong = document.createElement("strong");
    strong.textContent = head;
    place.replaceChildren(strong, ` ${text}`);
    place.dataset.verdict = ok === undefined ? "later" : ok ? "answered" : "refused";
    place.dataset.code = code ?? "";
    place.dataset.stage = stage ?? "";
  }
}
