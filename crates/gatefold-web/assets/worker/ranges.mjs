// Arithmetic of ranges and slices. Pure: numbers and header lines, no browser.

/**
 * The length of a slice in bytes; an object's last one is shorter. Small, because a seek into a slice
 * waits for what stands before it; not smaller, because every slice is a request.
 */
export const SLICE = 256 * 1024;

/**
 * What a Range header asks of `len` bytes (RFC 9110, 14.2): { first, last }, "whole" where there is
 * none that counts (another unit, several ranges, nonsense), or "unsatisfiable".
 */
export function requested(header, len) {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  if (!from && !to) return "whole";
  const last = len - 1;
  if (!from) {
    const wanted = Number(to);
    return wanted && len ? { first: Math.max(0, len - wanted), last } : "unsatisfiable";
  }
  const first = Number(from);
  if (to && Number(to) < first) return "whole";
  if (first > last) return "unsatisfiable";
  return { first, last: to ? Math.min(Number(to), last) : last };
}

/** The bytes of an object of `len` bytes that slice `index` holds; null where it has none. */
export function extent(index, len) {
  const first = index * SLICE;
  if (!Number.isSafeInteger(index) || index < 0 || first >= len) return null;
  return { first, last: Math.min(first + SLICE, len) - 1 };
}

/** The slices that `first..=last` is made of, and of each the part `from..to` inside of it. */
export function* cuts(first, last) {
  for (let index = Math.floor(first / SLICE); index * SLICE <= last; index += 1) {
    const start = index * SLICE;
    yield { index, from: Math.max(first - start, 0), to: Math.min(last + 1 - start, SLICE) };
  }
}

/** Whether a Content-Range header says exactly this. */
export function isRange(header, first, last, len) {
  return header?.trim().toLowerCase() === `bytes ${first}-${last}/${len}`;
}
