// Judges this implementation by every vector of testdata/sealed-url/v1.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  Keyring,
  Refusal,
  Unusable,
  checkClient,
  checkPrivate,
  clientPattern,
  fromHex,
  hostPattern,
  mint,
  parseSource,
  phaseOf,
  toHex,
  windowAt,
} from '../src/index.js';

const folder = new URL('../../../testdata/sealed-url/v1/', import.meta.url);

const judges = {
  async open(vector) {
    const ring = await Keyring.of(vector);
    const opened = await ring.open(vector.token, vector.now);
    if (vector.request) checkClient(opened.payload.client, vector.request);
    return opened;
  },
  async mint(vector) {
    const made = await mint({ ...vector, edgePublic: fromHex(vector.edgePublic), psk: fromHex(vector.psk) });
    return {
      plaintext: made.plaintext.toString('utf8'),
      header: toHex(made.header),
      ephemeralMaterial: toHex(made.ephemeralMaterial),
      enc: toHex(made.enc),
      token: made.token,
    };
  },
  async keyring(vector) {
    const ring = await Keyring.of(vector);
    return { edgePublics: ring.edgePublics.map(toHex), edgeIds: ring.edgeIds, minterIds: ring.minterIds };
  },
  window: ({ now, lifetimeSeconds, phaseSeconds }) => windowAt(now, lifetimeSeconds, phaseSeconds),
  phase: ({ psk, originalSource, lifetimeSeconds }) => ({
    phaseSeconds: phaseOf(fromHex(psk), originalSource, lifetimeSeconds),
  }),
  source: ({ originalSource, bucketFolder }) => parseSource(originalSource, bucketFolder),
  pattern: ({ of, pattern, value }) => {
    const matches = { host: hostPattern, client: clientPattern }[of](pattern);
    return { covered: matches(value) };
  },
  client: ({ originalSource, client, request }) => {
    checkPrivate(originalSource, client);
    return { identity: checkClient(client, request) };
  },
};

async function outcome(judge) {
  try {
    return await judge();
  } catch (error) {
    if (error instanceof Refusal) return { stage: error.stage, code: error.code };
    if (error instanceof Unusable) return { error: error.part };
    throw error;
  }
}

const files = readdirSync(folder);
assert.ok(files.length > 0, `no vectors in ${folder}`);

for (const file of files) {
  const vector = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  test(`${file}: ${vector.about}`, async () => {
    if (vector.kind === 'sequence') {
      const ring = await Keyring.of(vector);
      for (const { token, now, expect } of vector.steps) {
        assert.deepEqual(await outcome(() => ring.open(token, now)), expect);
      }
      return;
    }
    const judge = judges[vector.kind];
    assert.ok(judge, `vectors of kind ${vector.kind} have no judge`);
    assert.deepEqual(await outcome(async () => judge(vector)), vector.expect);
  });
}
