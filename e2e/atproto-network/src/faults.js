// What may be wrong with a PDS. It is the real one that misbehaves, so its URLs, its metadata and its
// tokens stay its own.
//
// A fault is {kind, path, times}: it meets requests whose path begins with `path` (all, if there is
// none), `times` of them (all, if there is none). Of several that meet a request the first does.

import { randomBytes } from 'node:crypto';

const PAGE = '<!doctype html><title>Bad gateway</title><h1>Nobody is at home</h1>\n';
const LONGEST_LIST = 10_000;

// What each kind does with a request; `pass` gives it to the PDS.
const kinds = {
  down: ({ request }) => request.socket.resetAndDestroy(),
  hang: ({ request, pds }) => pds.held.push(request.socket),
  slow: ({ pass, fault }) => setTimeout(pass, fault.milliseconds),
  html: ({ response }) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end(PAGE);
  },
  status: ({ response, fault }) => {
    const error = JSON.stringify({ error: 'server_error', error_description: 'a fault' });
    response.writeHead(fault.status, { 'content-type': 'application/json' }).end(error);
  },
  // The PDS does what it was asked to, and nobody hears of it.
  lost: (met) => answering(met, () => null),
  replace: (met) => editing(met, (answer) => ({ ...answer, [met.fault.field]: met.fault.value })),
  drop_scope: (met) =>
    editing(met, ({ scope = '', ...answer }) => ({
      ...answer,
      scope: scope
        .split(' ')
        .filter((word) => word !== met.fault.scope)
        .join(' '),
    })),
};

// Replaces the faults of a PDS; whoever was left hanging is cut off.
export function setFaults(pds, faults) {
  for (const { kind } of faults) {
    if (!(kind in kinds) && !(kind in nonces)) throw new Error(`there is no fault ${kind}`);
  }
  const nonce = faults.find(({ kind }) => kind in nonces);
  const manager = pds.provider.dpopManager;
  pds.nonce ??= manager.dpopNonce;
  manager.dpopNonce = nonce === undefined ? pds.nonce : nonces[nonce.kind]();
  pds.faults = faults.filter(({ kind }) => kind in kinds);
  for (const socket of pds.held.splice(0)) socket.destroy();
}

// What takes the place of a PDS's nonces, which are the same for a minute and good for three.
const nonces = {
  // Each is good for one request.
  nonce_once: () => {
    const given = new Set();
    return {
      next: () => {
        const nonce = randomBytes(16).toString('base64url');
        given.add(nonce);
        return nonce;
      },
      check: (nonce) => given.delete(nonce),
    };
  },
  // None is ever good.
  nonce_never: () => ({
    next: () => randomBytes(16).toString('base64url'),
    check: () => false,
  }),
};

// The PDS's handler with its faults before it.
export function faulty(pds, handler) {
  pds.held = [];
  return (request, response) => {
    const [path] = request.url.split('?');
    const seen = { method: request.method, path };
    if (pds.requests.push(seen) > LONGEST_LIST) pds.requests.shift();
    response.on('finish', () => {
      seen.status = response.statusCode;
    });
    const pass = () => handler(request, response);
    const meets = ({ path: prefix = '/', times = 1 }) => times > 0 && path.startsWith(prefix);
    const fault = pds.faults.find(meets);
    if (fault === undefined) return pass();
    if (fault.times !== undefined) fault.times -= 1;
    return kinds[fault.kind]({ request, response, pass, fault, pds });
  };
}

// Changes an answer that is a JSON object.
function editing(met, change) {
  answering(met, (body) => {
    try {
      return Buffer.from(JSON.stringify(change(JSON.parse(body))));
    } catch {
      return body;
    }
  });
}

// Has the request answered, and changes the body before it is sent; null cuts the connection instead.
function answering({ request, response, pass }, change) {
  delete request.headers['accept-encoding'];
  const body = [];
  const keep = (chunk, encoding) => {
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') {
      body.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
    }
  };
  response.writeHead = (status, ...rest) => {
    response.statusCode = status;
    for (const [name, value] of Object.entries(rest.at(-1) ?? {})) response.setHeader(name, value);
    return response;
  };
  response.flushHeaders = () => {};
  response.write = (chunk, encoding, done) => {
    keep(chunk, encoding);
    done?.();
    return true;
  };
  response.end = (chunk, encoding) => {
    keep(chunk, encoding);
    // Back to the methods of every answer.
    for (const name of ['writeHead', 'flushHeaders', 'write', 'end']) delete response[name];
    const changed = change(Buffer.concat(body));
    if (changed === null) {
      request.socket.resetAndDestroy();
      return response;
    }
    response.setHeader('content-length', changed.length);
    return response.end(changed);
  };
  pass();
}
