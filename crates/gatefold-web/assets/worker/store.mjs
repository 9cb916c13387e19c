// Keeps slices in the browser's Cache API: beyond this worker's life, for this site alone, and no
// more than a bound. An entry is a whole slice or not there, whenever the worker is ended.

import { extent, SLICE } from "./ranges.mjs";
import { address, parse, Shelf } from "./shelf.mjs";

/** How much is kept at most, in bytes: an hour or so of music without loss. */
export const LIMIT = 256 * 1024 * 1024;

const PREFIX = "gatefold-bytes-";
/** Slices of another length, or kept in another way, are in a cache of another name. */
const NAME = `${PREFIX}1-${SLICE}`;
/** Says for whom they are kept. */
const LISTENER = "gatefold-listener";

export class Store {
  #caches;
  #limit;
  #opened = null;
  /** Another one after everything was cleared. What was begun in an earlier one is not kept. */
  era = 0;
  /** Changes happen one after the other, so that the list and the cache stay the same. */
  #changes = Promise.resolve();

  constructor({ caches, limit = LIMIT }) {
    this.#caches = caches;
    this.#limit = limit;
  }

  /** A slice's bytes, or null. A store that fails has nothing: what it should keep is fetched. */
  async take(id, facts, index) {
    try {
      const { cache, shelf } = await this.#open();
      if (!shelf.has(id, facts, index)) return null;
      const entry = await cache.match(address(id, facts, index));
      const bytes = entry && new Uint8Array(await entry.arrayBuffer());
      if (bytes?.length === length(index, facts)) {
        shelf.touch(id, facts);
        return bytes;
      }
      // The browser has cleaned up, or something is wrong with it.
      shelf.remove(id, facts, index);
    } catch {
      this.#opened = null;
    }
    return null;
  }

  /** Keeps a slice if there is room for it. */
  keep(id, facts, index, bytes) {
    return this.#change(async ({ cache, shelf }) => {
      if (bytes.length !== length(index, facts) || shelf.has(id, facts, index)) return;
      const gone = shelf.makeRoom(id, facts, index, this.#limit);
      if (!gone) return;
      await remove(cache, gone);
      const put = () => cache.put(address(id, facts, index), new Response(bytes));
      try {
        await put();
      } catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
        // The browser allows less than we do: once, with what was used longest ago out of the way.
        const oldest = shelf.dropOldest(id, facts);
        if (!oldest.length) return;
        await remove(cache, oldest);
        await put();
      }
      shelf.add(id, facts, index);
    });
  }

  /** Keeps no version of an object but this one. */
  only(id, etag) {
    return this.#change(({ cache, shelf }) => remove(cache, shelf.drop(id, etag)));
  }

  /** Keeps nothing of an object. */
  drop(id) {
    return this.#change(({ cache, shelf }) => remove(cache, shelf.drop(id)));
  }

  /** Keeps nothing at all. */
  clear() {
    this.era += 1;
    return this.#change(async () => {
      this.#opened = null;
      await this.#sweep(() => true);
    });
  }

  /**
   * Keeps nothing that was kept for somebody else; `changed` is called where it is another listener.
   * Where it cannot be told, it is.
   */
  async belongsTo(listener, changed) {
    const kept = async () => (await this.#caches.open(LISTENER)).match("/listener");
    const before = await kept().then((entry) => entry?.text(), () => null);
    if (before === listener) return;
    changed();
    await this.clear();
    try {
      await (await this.#caches.open(LISTENER)).put("/listener", new Response(listener));
    } catch {
      // Then it is cleared again next time.
    }
  }

  /** Removes what earlier versions of this worker kept. */
  tidy() {
    return this.#sweep((name) => name !== NAME);
  }

  async #sweep(wanted) {
    const names = (await this.#caches.keys()).filter((name) => name.startsWith(PREFIX) && wanted(name));
    await Promise.all(names.map((name) => this.#caches.delete(name)));
  }

  #change(change) {
    this.#changes = this.#changes
      .then(() => this.#open())
      .then(change)
      // Whatever failed, the list is made anew from what is there.
      .catch(() => { this.#opened = null; });
    return this.#changes;
  }

  #open() {
    this.#opened ??= this.#list();
    return this.#opened;
  }

  /** What the last worker kept. The browser lists it in the order in which it came. */
  async #list() {
    const cache = await this.#caches.open(NAME);
    const shelf = new Shelf();
    for (const { url } of await cache.keys()) {
      const known = parse(url);
      if (known) shelf.add(known.id, known.facts, known.index);
      else await cache.delete(url);
    }
    return { cache, shelf };
  }
}

function length(index, { len }) {
  const { first, last } = extent(index, len);
  return last - first + 1;
}

async function remove(cache, addresses) {
  await Promise.all(addresses.map((address) => cache.delete(address)));
}
