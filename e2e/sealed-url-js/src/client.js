// Who is the client: section 10.

import { Refusal } from './refusal.js';

/**
 * Holds a request against whom the URL is for; gives the identity that it proves.
 * `headers` are pairs of name and value; `did` is what a session proves, or null.
 */
export function checkClient(client, { headers, did }) {
  const origin = originOf(headers);
  const proven = client.startsWith('did:') ? did : origin;
  if (proven === null) throw new Refusal('no_client');
  if (proven !== client) throw new Refusal('wrong_client');
  return proven;
}

function originOf(headers) {
  const origin = single(headers, 'origin');
  const referer = single(headers, 'referer');
  if (origin !== null && origin !== 'null') return origin;
  return referer === null ? null : originOfUrl(referer);
}

function single(headers, wanted) {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  if (values.length > 1) throw new Refusal('no_client');
  if (values.length === 0) return null;
  if (!/^[ -~]*$/.test(values[0])) throw new Refusal('no_client');
  return values[0];
}

function originOfUrl(url) {
  const parts = /^(https?):\/\/([^/?#\\]+)/.exec(url);
  if (parts === null) return null;
  const [origin, scheme, authority] = parts;
  const ownPort = scheme === 'https' ? ':443' : ':80';
  const fine =
    /^[!-~]+$/.test(authority) &&
    !/[@A-Z]/.test(authority) &&
    !authority.endsWith(':') &&
    !authority.endsWith(ownPort);
  return fine ? origin : null;
}
