// The reference PDS and PLC directory on this machine: `node src/network.js FOLDER`. FOLDER, which has
// to exist, takes what they store. When they answer, one line of JSON on standard output says where;
// when standard input ends, so do they.

import './outbound.js';
import { control } from './control.js';
import { directory } from './directory.js';
import { addPds } from './pds.js';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node src/network.js FOLDER');

// Data in memory and in files that nobody needs any more: there is nothing to put in order.
process.stdin.resume().on('end', () => process.exit(0));

const plc = await directory();
const network = { folder, plc, all: [] };
const pds = await addPds(network);
const steering = await control(network);
process.stdout.write(`${JSON.stringify({ plc, pds: pds.url, control: steering })}\n`);

// What one test does to the PDS is no reason to take it from the others.
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, console.error);
