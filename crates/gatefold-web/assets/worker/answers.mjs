// Answers a player's request from slices: those that are kept, and those that are fetched for it.

import { Flights } from "./flights.mjs";
import { Changed, Refused } from "./grants.mjs";
import { cuts, extent, requested } from "./ranges.mjs";
import { part } from "./source.mjs";

export class Answers {
  #grants;
  #store;
  #fetch;
  #flights = new Flights();

  constructor({ grants, store, fetch }) {
    this.#grants = grants;
    this.#store = store;
    this.#fetch = fetch;
  }

  /**
   * Answers a GET or HEAD for an object. `tell` hears where bytes came from; `until` gets promises
   * of what has to be finished although the answer is under way or over.
   */
  async answer(id, request, tell, until) {
    try {
      const { link, facts } = await this.#grants.of(id);
      if (!facts) return await this.#pass(link, request, tell);
      const { status, headers, body } = plan(request, facts);
      const bytes = request.method === "GET" && body;
      return new Response(bytes ? this.#stream(id, facts, bytes, tell, until) : null, { status, headers });
    } catch (error) {
      // Others may be given the same one.
      if (error instanceof Refused) return error.response.clone();
      // The player sees a network error, which is what it is; the page explains it.
      if (error.name !== "AbortError") tell({ type: "asked", link: null, range: request.headers.get("Range"), status: 0, etag: null });
      return Response.error();
    }
  }

  /** Bytes as they are asked for: a player that takes none has none fetched. */
  #stream(id, facts, { first, last }, tell, until) {
    const pieces = this.#pieces(id, facts, first, last, tell, until);
    let finish;
    until(new Promise((resolve) => { finish = resolve; }));
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        finish();
      },
      cancel() {
        finish();
        // Not waited for: it may stand in the middle of a fetch that others use.
        pieces.return();
      },
    }, { highWaterMark: 0 });
  }

  async *#pieces(id, facts, first, last, tell, until) {
    for (const { index, from, to } of cuts(first, last)) {
      // For every slice: an answer may outlive its window, and then somebody has to allow it again.
      await this.#grants.same(id, facts);
      const kept = await this.#store.take(id, facts, index);
      if (kept) {
        const start = extent(index, facts.len).first;
        tell({ type: "kept", range: `bytes=${start + from}-${start + to - 1}` });
        yield kept.subarray(from, to);
      } else {
        yield* this.#fetched(id, facts, index, tell, until).read(from, to);
      }
    }
  }

  #fetched(id, facts, index, tell, until) {
    const { first, last } = extent(index, facts.len);
    const name = JSON.stringify([id, facts.etag, facts.len, index]);
    const pieces = () => this.#guarded(id, part({ grants: this.#grants, fetch: this.#fetch }, id, facts, first, last, tell));
    const { era } = this.#store;
    const keep = async (bytes) => {
      // Allowed still, and the same still: what was dropped in the meantime does not come back.
      await this.#grants.same(id, facts);
      if (era === this.#store.era) await this.#store.keep(id, facts, index, bytes);
    };
    const flight = this.#flights.join(name, pieces, keep);
    until(flight.landed);
    return flight;
  }

  /** What the edge refuses, or has no longer, is not kept either. */
  async *#guarded(id, pieces) {
    try {
      yield* pieces;
    } catch (error) {
      if (error instanceof Refused || error instanceof Changed) await this.#store.drop(id);
      throw error;
    }
  }

  /** Hands a request on for what cannot be kept. */
  async #pass(link, request, tell) {
    const headers = new Headers();
    for (const name of ["Range", "If-Range"]) {
      if (request.headers.has(name)) headers.set(name, request.headers.get(name));
    }
    const { method, signal } = request;
    const response = await this.#fetch(link.url, { method, headers, signal, redirect: "error" });
    tell({ type: "asked", link, range: request.headers.get("Range"), status: response.status, etag: response.headers.get("ETag") });
    return response;
  }
}

/** Status, headers and range of the answer to a request for a known object. */
export function plan({ method, headers: wanted }, { etag, len, type, modified }) {
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    // Whoever asks again is looked at again.
    "Cache-Control": "no-store",
    // The edge says these of its own site; here they are of ours.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    ETag: etag,
  });
  if (modified) headers.set("Last-Modified", modified);
  // A part makes sense of the version only that the player has a part of already.
  const condition = wanted.get("If-Range");
  const applies = method === "GET" && (condition === null || condition === etag);
  const range = applies ? requested(wanted.get("Range"), len) : "whole";
  if (range === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${len}`);
    return { status: 416, headers, body: null };
  }
  if (type) headers.set("Content-Type", type);
  if (!/^(audio|video)\//.test(type ?? "")) headers.set("Content-Disposition", "attachment");
  const body = range === "whole" ? { first: 0, last: len - 1 } : range;
  headers.set("Content-Length", String(body.last - body.first + 1));
  if (range !== "whole") headers.set("Content-Range", `bytes ${body.first}-${body.last}/${len}`);
  return { status: range === "whole" ? 200 : 206, headers, body: len ? body : null };
}
