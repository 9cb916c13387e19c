// What a worker finds around itself, made up: an edge with a minter, and the browser's caches.

import { Answers } from "../../crates/gatefold-web/assets/worker/answers.mjs";
import { Grants } from "../../crates/gatefold-web/assets/worker/grants.mjs";
import { SLICE } from "../../crates/gatefold-web/assets/worker/ranges.mjs";
import { Store } from "../../crates/gatefold-web/assets/worker/store.mjs";

/** The seconds that a window lasts. */
export const WINDOW = 60;

/** Bytes that look different at every place, and in every version. */
export function content(len, seed = 1) {
  return Uint8Array.from({ length: len }, (_, at) => (at * 31 + (at >> 8) * seed + seed) & 0xff);
}

/** One object, and who may have it. */
export class Edge {
  bytes;
  etag = '"v1"';
  headers = { "Accept-Ranges": "bytes", "Content-Type": "audio/wav" };
  window = 0;
  /** The seconds for which links are said to be good; undefined for what is public. */
  validFor = WINDOW;
  /** What the minter says instead of a link. */
  refusal = null;
  /** After how many bytes answers are cut off, one after the other. */
  cuts = [];
  /** Requests for links, for heads, and the ranges of requests for bytes. */
  minted = 0;
  looked = 0;
  asked = [];
  /** Bytes that have been taken out of it. */
  sent = 0;
  /** Where set, bodies wait for it after their first piece. */
  gate = null;

  constructor(len = 3 * SLICE + 1000) {
    this.bytes = content(len);
  }

  change(seed = 2, len = this.bytes.length) {
    this.bytes = content(len, seed);
    this.etag = `"v${seed}"`;
  }

  fetch = async (url, { method = "GET", headers = {} } = {}) => {
    await null;
    if (url.endsWith("/url")) {
      this.minted += 1;
      if (this.refusal) return new Response("{}", { status: this.refusal });
      return Response.json({ url: `/securev1/${this.window}`, valid_for: this.validFor });
    }
    if (method === "HEAD") this.looked += 1;
    if (url !== `/securev1/${this.window}`) return new Response("{}", { status: 403 });
    const { bytes } = this;
    const about = { ...this.headers, ETag: this.etag };
    headers = new Headers(headers);
    if (method === "HEAD") return new Response(null, { headers: { ...about, "Content-Length": bytes.length } });
    const asked = headers.get("Range");
    this.asked.push(asked);
    if (!asked || (headers.get("If-Range") ?? this.etag) !== this.etag) {
      return new Response(this.#body(bytes), { headers: { ...about, "Content-Length": bytes.length } });
    }
    const [first, last] = asked.slice("bytes=".length).split("-").map(Number);
    return new Response(this.#body(bytes.slice(first, last + 1)), {
      status: 206,
      headers: { ...about, "Content-Range": `bytes ${first}-${last}/${bytes.length}` },
    });
  };

  #body(bytes) {
    const end = this.cuts.length ? this.cuts.shift() : Infinity;
    let at = 0;
    return new ReadableStream({
      pull: async (controller) => {
        if (at && this.gate) await this.gate;
        if (at >= end) return controller.error(new TypeError("network error"));
        if (at >= bytes.length) return controller.close();
        const piece = bytes.slice(at, Math.min(at + 50_000, end));
        at += piece.length;
        this.sent += piece.length;
        controller.enqueue(piece);
      },
    }, { highWaterMark: 0 });
  }
}

/** The browser's caches, with a quota in bytes. */
export class FakeCaches {
  #caches = new Map();
  quota = Infinity;
  /** Everything fails. */
  broken = false;

  async open(name) {
    if (this.broken) throw new Error("no storage");
    if (!this.#caches.has(name)) this.#caches.set(name, new Map());
    const entries = this.#caches.get(name);
    const path = (key) => (typeof key === "string" ? new URL(key, "http://here.example").href : key.url);
    return {
      match: async (key) => entries.get(path(key)) && new Response(entries.get(path(key))),
      delete: async (key) => entries.delete(path(key)),
      keys: async () => [...entries.keys()].map((url) => ({ url })),
      put: async (key, response) => {
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (this.bytes + bytes.length > this.quota) throw new DOMException("full", "QuotaExceededError");
        entries.set(path(key), bytes);
      },
    };
  }

  async keys() { return [...this.#caches.keys()]; }
  async delete(name) { return this.#caches.delete(name); }

  get entries() { return [...this.#caches.values()].flatMap((entries) => [...entries.entries()]); }
  get bytes() { return this.entries.reduce((sum, [, { length }]) => sum + length, 0); }
}

/** A worker at an edge. A second one with the same caches is the same worker, started again. */
export class Worker {
  now = 0;
  told = [];
  /** What it would be kept alive for. */
  rest = [];

  constructor(edge, { caches = new FakeCaches(), limit } = {}) {
    this.caches = caches;
    const store = new Store({ caches, limit });
    this.grants = new Grants({ fetch: edge.fetch, now: () => this.now, store });
    this.store = store;
    this.answers = new Answers({ grants: this.grants, store, fetch: edge.fetch });
    this.edge = edge;
  }

  /** A window ends, for the edge and on the worker's own clock. */
  passWindow() {
    this.edge.window += 1;
    this.now += WINDOW * 1000;
  }

  ask(headers = {}, { id = "piece", method = "GET" } = {}) {
    const request = { method, headers: new Headers(headers), signal: undefined };
    return this.answers.answer(id, request, (what) => this.told.push(what), (rest) => this.rest.push(rest));
  }

  async bytes(headers, options) {
    const response = await this.ask(headers, options);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Whatever is still going on has come to its end. */
  async settle() {
    await Promise.all(this.rest);
  }
}
