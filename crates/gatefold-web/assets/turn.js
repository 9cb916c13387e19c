// Turns from one page with a player to another without stopping it: the new page's <main> takes the
// place of the old one's. Whatever is unusual is a visit like any other.

/** The pages that have a player. */
const PAGES = /^\/(track\/[^/]+)?$/;

export class Turning {
  #adopt;
  #say;
  #under = null;
  /** The page that is shown. */
  #shown = location.pathname + location.search;

  /** `adopt` gets every new <main>, `say` the name of its page. */
  constructor(adopt, say) {
    this.#adopt = adopt;
    this.#say = say;
    history.scrollRestoration = "manual";
    document.addEventListener("click", (event) => this.#click(event));
    addEventListener("popstate", ({ state }) => {
      // A jump inside of the page also comes by here.
      if (location.pathname + location.search !== this.#shown) this.#turn(new URL(location.href), state?.y ?? 0);
    });
    addEventListener("pagehide", () => this.#keepPlace());
    const { y } = history.state ?? {};
    if (y) scrollTo(0, y);
  }

  #click(event) {
    if (event.defaultPrevented || event.button || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || link.download || link.origin !== location.origin || link.hash) return;
    if (!PAGES.test(link.pathname)) return;
    event.preventDefault();
    this.#keepPlace();
    const url = new URL(link.href);
    this.#turn(url, 0, () => history.pushState({}, "", url));
  }

  /** Where the person was on the page, for when they come back. */
  #keepPlace() {
    history.replaceState({ ...history.state, y: scrollY }, "");
  }

  async #turn(url, y, push = () => {}) {
    this.#under?.abort();
    const { signal } = (this.#under = new AbortController());
    const main = document.querySelector("main");
    main.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(url, { signal, headers: { Accept: "text/html" }, cache: "no-store" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (!response.ok || response.redirected || !isLike(page)) return location.assign(url);
      push();
      this.#shown = url.pathname + url.search;
      const fresh = document.adoptNode(page.querySelector("main"));
      main.replaceWith(fresh);
      document.title = page.title;
      this.#adopt(fresh);
      scrollTo(0, y);
      const heading = fresh.querySelector("h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
      this.#say(page.title);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    } finally {
      main.removeAttribute("aria-busy");
    }
  }
}

/** Whether a page is for the same listener, from the same version of the site, and has a player. */
function isLike(page) {
  const facts = (of) => [
    of.getElementById("player")?.dataset.listener,
    ...[...of.querySelectorAll("link[rel=stylesheet], script[src]")].map((it) => it.getAttribute("href") ?? it.getAttribute("src")),
  ];
  const [here, there] = [facts(document), facts(page)];
  return there[0] !== undefined && here.join(" ") === there.join(" ");
}
