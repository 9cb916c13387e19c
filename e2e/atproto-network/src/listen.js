// Listening on this machine alone, on a port of the system's choice.

import { once } from 'node:events';
import { createServer } from 'node:http';

// Listens, for `answer` to be set when there is something to answer with: a server has to know its own
// URL before it can be made. Until then connections wait.
export async function listen() {
  let ready;
  const waiting = new Promise((resolve) => {
    ready = resolve;
  });
  const server = createServer(async (request, response) => (await waiting)(request, response));
  server.keepAliveTimeout = 90_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, answer: ready };
}
