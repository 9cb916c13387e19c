// Fetches a part of one version of an object through the link that is good at each moment.

import { Changed, isRefusal, Refused } from "./grants.mjs";
import { isRange } from "./ranges.mjs";

/** How often in a row a request may bring nothing, and how often one may be refused. */
const PATIENCE = 2;

/**
 * The bytes `first..=last`, as they come. An answer that is cut off, as at the end of a window, goes
 * on with the rest; one of another version never does.
 */
export async function* part({ grants, fetch }, id, facts, first, last, tell) {
  let at = first;
  let vain = 0;
  let refused = 0;
  while (at <= last) {
    const { link } = await grants.same(id, facts);
    const range = `bytes=${at}-${last}`;
    const response = await fetch(link.url, {
      headers: { Range: range, "If-Range": facts.etag },
      // Kept once, by us.
      cache: "no-store",
      redirect: "error",
    });
    if (response.status === 403 && (refused += 1) < PATIENCE) {
      // Its time may have passed on the edge's clock before it did on ours.
      await grants.forget(id, link);
      continue;
    }
    tell({ type: "asked", link, range, status: response.status, etag: response.headers.get("ETag") });
    if (!isPart(response, at, last, facts)) {
      await response.body?.cancel();
      await grants.forget(id, link);
      if (response.status === 416 || response.ok) throw new Changed();
      throw isRefusal(response) ? new Refused(response) : new Error(`no bytes: ${response.status}`);
    }
    vain += 1;
    try {
      for await (const chunk of chunks(response.body)) {
        // More than was said is an error of the edge, and nothing of it is used.
        if (at + chunk.length > last + 1) throw new Changed();
        at += chunk.length;
        vain = refused = 0;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof Changed || vain >= PATIENCE) throw error;
    }
    if (at <= last && vain >= PATIENCE) throw new Error("nothing comes");
  }
}

function isPart({ status, headers }, first, last, { etag, len }) {
  return status === 206 && headers.get("ETag") === etag && isRange(headers.get("Content-Range"), first, last, len);
}

/** A body piece by piece; left early, it is cancelled. Not every browser iterates over streams. */
async function* chunks(body) {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
