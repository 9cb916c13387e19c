// What is kept, as a list: which slices of which version of which object, and how many bytes that
// makes. Pure; the bytes themselves are in the store.

import { extent } from "./ranges.mjs";

const size = (index, len) => {
  const { first, last } = extent(index, len);
  return last - first + 1;
};

/** Where a slice is kept. The address says everything, so that the list can be made anew from it. */
export function address(id, { etag, len }, index) {
  return `/kept/${encodeURIComponent(id)}?${new URLSearchParams({ etag, len, slice: index })}`;
}

/** What an address says: { id, facts: { etag, len }, index }, or null if it is none of ours. */
export function parse(url) {
  const { pathname, searchParams } = new URL(url, "http://worker.invalid");
  const id = /^\/kept\/([^/]+)$/.exec(pathname)?.[1];
  const etag = searchParams.get("etag");
  const [len, index] = [searchParams.get("len"), searchParams.get("slice")].map((text) => Number(text ?? NaN));
  if (!id || !etag || !Number.isSafeInteger(len) || !extent(index, len)) return null;
  return { id: decodeURIComponent(id), facts: { etag, len }, index };
}

export class Shelf {
  /** Versions of objects, the one that was used last at the end. */
  #versions = new Map();
  #bytes = 0;

  /** Of everything together. */
  get bytes() { return this.#bytes; }

  has(id, facts, index) {
    return this.#versions.get(key(id, facts))?.slices.has(index) ?? false;
  }

  /** Adds a slice; its object was used last from now on. */
  add(id, facts, index) {
    const version = this.#versions.get(key(id, facts)) ?? { id, facts, slices: new Set(), bytes: 0 };
    if (!version.slices.has(index)) {
      version.slices.add(index);
      version.bytes += size(index, facts.len);
      this.#bytes += size(index, facts.len);
    }
    this.#versions.delete(key(id, facts));
    this.#versions.set(key(id, facts), version);
  }

  /** Its object was used last from now on. */
  touch(id, facts) {
    const version = this.#versions.get(key(id, facts));
    if (!version) return;
    this.#versions.delete(key(id, facts));
    this.#versions.set(key(id, facts), version);
  }

  remove(id, facts, index) {
    const version = this.#versions.get(key(id, facts));
    if (!version?.slices.delete(index)) return;
    version.bytes -= size(index, facts.len);
    this.#bytes -= size(index, facts.len);
    if (!version.slices.size) this.#versions.delete(key(id, facts));
  }

  /** Takes all versions of an object off; all but one where `but` names it. Gives their addresses. */
  drop(id, but = null) {
    const gone = [...this.#versions.values()].filter((v) => v.id === id && v.facts.etag !== but);
    return gone.flatMap((version) => this.#take(version));
  }

  /** Takes the object off that has not been used for longest, other than this version. */
  dropOldest(id, facts) {
    for (const [name, version] of this.#versions) {
      if (name !== key(id, facts)) return this.#take(version);
    }
    return [];
  }

  /** Takes off what has to go for a slice to have room below `limit`; null where it has none. */
  makeRoom(id, facts, index, limit) {
    const wanted = size(index, facts.len);
    const own = this.#versions.get(key(id, facts))?.bytes ?? 0;
    if (own + wanted > limit) return null;
    const gone = [];
    while (this.#bytes + wanted > limit) gone.push(...this.dropOldest(id, facts));
    return gone;
  }

  #take({ id, facts, slices, bytes }) {
    this.#versions.delete(key(id, facts));
    this.#bytes -= bytes;
    return [...slices].map((index) => address(id, facts, index));
  }
}

const key = (id, { etag, len }) => JSON.stringify([id, etag, len]);
