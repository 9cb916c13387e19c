// Who may listen now: the sealed link of the window, and what the edge says through it about the
// object. Without one nothing is answered, not even what is kept.

/**
 * For how many seconds a grant is believed at most, however long its link lasts: whoever may not listen
 * any more does not for longer.
 */
export const TRUST = 60;

/** Somebody said no. `response` is what they said. */
export class Refused extends Error {
  constructor(response) {
    super(`refused: ${response.status}`);
    this.response = response;
  }
}

/** The object is another version by now. */
export class Changed extends Error {}

/** Whether an answer says no, as opposed to "not now". */
export function isRefusal({ status }) {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

export class Grants {
  /** id -> { grant: Promise<{ link, facts }>, until }, on the worker's own clock. */
  #known = new Map();
  /** Links that pages have been given and that nothing was asked through yet: id -> link. */
  #given = new Map();
  #fetch;
  #now;
  #store;

  constructor({ fetch, now, store }) {
    this.#fetch = fetch;
    this.#now = now;
    this.#store = store;
  }

  /**
   * The link of the current window, and the object's facts as the edge confirmed them through it;
   * `facts` is null for what cannot be kept. However many ask at once, it is fetched once.
   */
  of(id) {
    const known = this.#known.get(id);
    if (known && this.#now() < known.until) return known.grant;
    const entry = { grant: this.#open(id), until: Infinity };
    this.#known.set(id, entry);
    entry.grant.then(
      ({ link }) => { entry.until = this.#now() + trust(link); },
      () => { if (this.#known.get(id) === entry) this.#known.delete(id); },
    );
    return entry.grant;
  }

  /**
   * Hands on a page's own question for a link, and learns from the answer: a no ends what is known
   * and deletes what is kept, and another link than before means to look again.
   */
  async ask(id, request) {
    const response = await this.#fetch(request);
    if (isRefusal(response)) {
      this.#known.delete(id);
      this.#given.delete(id);
      await this.#store.drop(id);
    } else if (response.ok) {
      const link = await response.clone().json().catch(() => null);
      if (link?.url) await this.#take(id, link);
    }
    return response;
  }

  async #take(id, link) {
    const known = this.#known.get(id);
    const grant = await known?.grant.catch(() => null);
    if (grant?.link.url === link.url) {
      known.until = this.#now() + trust(link);
    } else {
      if (this.#known.get(id) === known) this.#known.delete(id);
      this.#given.set(id, link);
    }
  }

  /** The same as `of`, for an answer that has begun with these facts and must not go on with others. */
  async same(id, { etag }) {
    const grant = await this.of(id);
    if (grant.facts?.etag !== etag) throw new Changed();
    return grant;
  }

  /** Forgets a link that did not do, unless somebody has replaced it already. */
  async forget(id, link) {
    const known = this.#known.get(id);
    const grant = await known?.grant.catch(() => null);
    if (grant?.link === link && this.#known.get(id) === known) this.#known.delete(id);
  }

  /** Forgets everything: somebody else may be listening. */
  clear() {
    this.#known.clear();
    this.#given.clear();
  }

  async #open(id) {
    try {
      let link = this.#given.get(id) ?? await this.#mint(id);
      this.#given.delete(id);
      let head = await this.#look(link);
      // Its window may have ended on the edge's clock in between: once, with a new one.
      if (head.status === 403) {
        link = await this.#mint(id);
        head = await this.#look(link);
      }
      if (isRefusal(head)) throw new Refused(head);
      if (!head.ok) throw new Error(`no answer: ${head.status}`);
      const facts = factsOf(head);
      await this.#store.only(id, facts?.etag ?? null);
      return { link, facts };
    } catch (error) {
      if (error instanceof Refused) await this.#store.drop(id);
      throw error;
    }
  }

  async #mint(id) {
    const response = await this.#fetch(`/audio/${id}/url`, { cache: "no-store" });
    if (isRefusal(response)) throw new Refused(response);
    if (!response.ok) throw new Error(`no link: ${response.status}`);
    return response.json();
  }

  /** Which version there is now. An object may have changed while everything of it was kept. */
  #look({ url }) {
    return this.#fetch(url, { method: "HEAD", cache: "no-store", redirect: "error" });
  }
}

/** Milliseconds from now in which a grant with this link is believed. */
function trust({ valid_for }) {
  return Math.min(valid_for ?? TRUST, TRUST) * 1000;
}

/** What has no strong tag or no length, or gives no parts, cannot be kept by slices. */
function factsOf({ headers }) {
  const etag = headers.get("ETag");
  const len = Number(headers.get("Content-Length") ?? NaN);
  const isWhole = headers.get("Accept-Ranges") !== "bytes";
  if (!etag?.startsWith('"') || !Number.isSafeInteger(len) || isWhole) return null;
  return { etag, len, type: headers.get("Content-Type"), modified: headers.get("Last-Modified") };
}
