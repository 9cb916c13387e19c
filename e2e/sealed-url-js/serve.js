// Answers requests on standard input, one JSON object a line, for the tests that hold this
// implementation against the other one:
//
//   {"op":"seal","edgePublic":hex,"psk":hex,"payload":{…}}       -> {"token":…} or {"error":…}
//   {"op":"open","edges":[…],"minters":[…],"token":…,"now":…}    -> {"minter":…,"payload":{…}}
//                                                                    or {"stage":…,"code":…}

import { createInterface } from 'node:readline';

import { Keyring, Refusal, Unusable, fromHex, sealPayload } from './src/index.js';

const operations = {
  async seal({ edgePublic, psk, payload }) {
    const { token } = await sealPayload(fromHex(edgePublic), fromHex(psk), payload);
    return { token };
  },
  async open(request) {
    const ring = await Keyring.of(request);
    return ring.open(request.token, request.now);
  },
};

async function answer(line) {
  const request = JSON.parse(line);
  try {
    return await operations[request.op](request);
  } catch (error) {
    if (error instanceof Refusal) return { stage: error.stage, code: error.code };
    if (error instanceof Unusable) return { error: error.part };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
