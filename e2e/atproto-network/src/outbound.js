// Where the PDS may go: to this machine. A client of atproto has an https name that the whole world can
// look up; here such a name leads to the server under test. Loaded before the PDS, which takes what
// `fetch` is then.

import http from 'node:http';
import { Readable } from 'node:stream';

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
  return ask(new URL(url.pathname + url.search, base), url.host, request);
};

// As a proxy that has taken TLS off passes it on: with the name that was asked for, which `fetch` does
// not let anybody say. Clients are only asked for documents.
function ask(url, host, { method, headers, signal }) {
  return new Promise((resolve, reject) => {
    const named = { ...Object.fromEntries(headers), host };
    const asking = http.request(url, { method, headers: named, signal }, (answer) => {
      const isEmpty = answer.statusCode === 204 || answer.statusCode === 304;
      const body = isEmpty ? null : Readable.toWeb(answer);
      const pairs = Object.entries(answer.headersDistinct);
      const told = pairs.flatMap(([name, values]) => values.map((value) => [name, value]));
      resolve(new Response(body, { status: answer.statusCode, headers: told }));
    });
    asking.on('error', (cause) => reject(new TypeError(`no answer from ${host}`, { cause })));
    asking.end();
  });
}
