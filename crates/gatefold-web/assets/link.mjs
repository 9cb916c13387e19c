// A link to bytes, and how long it is good. Pure; `heard` is when it was given, on the page's own clock
// in milliseconds, because a person's clock may be wrong.

/** A server's answer as a link. */
export function linkOf(answer, heard) {
  return { ...answer, heard };
}

/** Whether it is for a time alone. */
export const isPassing = ({ valid_until: until }) => until !== undefined;

/** Whether whoever has it may hear what it names, as long as it is good. */
export const isBearer = ({ delivery }) => delivery === "presigned";

/** Milliseconds for which it is good still; none for what is over, and no end for what is public. */
export function goodFor(link, now) {
  if (!isPassing(link)) return Infinity;
  return Math.max(0, link.heard + (link.valid_for + (link.grace ?? 0)) * 1000 - now);
}

/** Start and end of it, enough to tell two apart. */
export function shorten(url) {
  const { host, pathname } = new URL(url);
  const [, folder, name] = /^(.*\/)([^/]*)$/.exec(pathname);
  // What is for one listener names first what is the same for all.
  return `${host}${folder}${name.length > 32 ? `${name.slice(0, 18)}…${name.slice(-6)}` : name}`;
}

/** What to say of a copy of it; `ends` is when that is, in words. */
export function promise(link, ends) {
  if (!isPassing(link)) return "Copied. This track is for everybody, and so is its link.";
  return isBearer(link)
    ? `Copied. This link works for whoever has it, until ${ends}: keep it to yourself.`
    : `Copied. This link works for you alone, in this browser, until ${ends}.`;
}
