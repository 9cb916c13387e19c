// A link to bytes, and how long it is good. Pure; `heard` is when it was given, on the page's own clock
// in milliseconds, because a person's clock may be wrong.

/** A server's answer as a link. */
export function linkOf(answer, heard) {
  return { ...answer, heard };
}

/** Whether it is sealed, and so for one listener and a time. */
export const isSealed = ({ valid_until: until }) => until !== undefined;

/** Milliseconds for which it is good still; none for what is over, and no end for what is public. */
export function goodFor(link, now) {
  if (!isSealed(link)) return Infinity;
  return Math.max(0, link.heard + (link.valid_for + (link.grace ?? 0)) * 1000 - now);
}

/** Start and end of it, enough to tell two apart. */
export function shorten(url) {
  const { host, pathname } = new URL(url);
  const [, folder, name] = /^(.*\/)([^/]*)$/.exec(pathname);
  // A sealed one names its keys first, which are the same for all.
  return `${host}${folder}${name.length > 32 ? `${name.slice(0, 18)}…${name.slice(-6)}` : name}`;
}

/** What to say of a copy of it; `ends` is when that is, in words. */
export function promise(link, ends) {
  return isSealed(link)
    ? `Copied. This link works for you alone, in this browser, until ${ends}.`
    : "Copied. This track is for everybody, and so is its link.";
}
