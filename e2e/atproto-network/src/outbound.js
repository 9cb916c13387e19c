// Where the PDS may go: to this machine. A client of atproto has an https name that the whole world can
// look up; here such a name leads to the server under test. Loaded before the PDS, which takes what
// `fetch` is then.

const real = globalThis.fetch;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
const servers = new Map();

// From now on `https://HOST/…` is what the server at `base` says; with null, it cannot be reached.
export function lead(host, base) {
  if (base === null) servers.delete(host);
  else servers.set(host, base);
}

globalThis.fetch = function fetch(input, init) {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (loopback.has(url.hostname)) return real(request);
  const base = url.protocol === 'https:' ? servers.get(url.host) : undefined;
  if (base === undefined) return Promise.reject(new TypeError(`no way to ${url.host}`));
  return real(new Request(new URL(url.pathname + url.search, base), request));
};
