// The PLC directory, which keeps its entries in memory.

import plc from '@did-plc/server';

import { listen } from './listen.js';

// Its URL. By name: the PDS refuses hosts that are addresses.
export async function directory() {
  const { port, answer } = await listen();
  const server = plc.PlcServer.create({ db: plc.Database.mock(), port });
  answer(server.app);
  return `http://localhost:${port}`;
}
