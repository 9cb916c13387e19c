// How tests steer the network: POST one JSON object, `{"do": NAME, …}`, and get one back; an error is
// `{"error": TEXT}` with status 400.

import { randomBytes } from 'node:crypto';
import { json } from 'node:stream/consumers';

import { setFaults } from './faults.js';
import { listen } from './listen.js';
import { lead } from './outbound.js';
import { addPds, expire, forgetClients } from './pds.js';

// Its URL.
export async function control(network) {
  const { port, answer } = await listen();
  answer(async (request, response) => {
    let [status, said] = [200, {}];
    try {
      const { do: name, ...wish } = await json(request);
      if (!Object.hasOwn(orders, name)) throw new Error(`there is nothing called ${name}`);
      said = (await orders[name](network, wish)) ?? {};
    } catch (error) {
      [status, said] = [400, { error: String(error) }];
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said));
  });
  return `http://127.0.0.1:${port}`;
}

function named(network, url) {
  const pds = network.all.find((each) => each.url === url);
  if (pds === undefined) throw new Error(`there is no PDS at ${url}`);
  return pds;
}

const orders = {
  // Another PDS.
  pds: async (network) => ({ url: (await addPds(network)).url }),

  // A new account, whose handle begins with `name`.
  account: async (network, { pds, name }) => {
    const unique = randomBytes(4).toString('hex');
    const handle = `${name}-${unique}.test`;
    const password = randomBytes(12).toString('base64url');
    const answer = await fetch(`${named(network, pds).url}/xrpc/com.atproto.server.createAccount`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ handle, password, email: `${name}-${unique}@example.com` }),
    });
    const made = await answer.json();
    if (!answer.ok) throw new Error(`no account ${handle}: ${made.message}`);
    return { did: made.did, handle, password };
  },

  // `https://HOST` is the server at `base` from now on, or nobody; nothing is remembered of clients.
  client: (network, { host, base }) => {
    lead(host, base);
    network.all.forEach(forgetClients);
  },

  // Every access token of `did` has expired.
  expire: async (network, { pds, did }) => ({ tokens: await expire(named(network, pds), did) }),

  // Access tokens that `did` gets from now on live `seconds`; null: as long as they otherwise do.
  token_age: (network, { pds, did, seconds }) => {
    const { ages } = named(network, pds);
    if (seconds === null) ages.delete(did);
    else ages.set(did, seconds);
  },

  // Requests for tokens, and to revoke some, by one client.
  grants: (network, { pds, client_id }) => ({
    grants: named(network, pds).grants.filter((grant) => grant.client_id === client_id),
  }),

  // Every request to a PDS.
  requests: (network, { pds }) => ({ requests: named(network, pds).requests }),

  // What is wrong with a PDS from now on, instead of what was.
  faults: (network, { pds, faults }) => setFaults(named(network, pds), faults),
};
