// Minting: what a minter does, sections 2 to 7.

import { edgeId, ephemeralMaterial, minterId, seal } from './hpke.js';
import { encodeForSealing } from './payload.js';
import { Refusal, Unusable } from './refusal.js';
import { parseSource } from './source.js';
import { formatToken, header } from './token.js';
import { windowAt } from './window.js';

/** Seals a payload that is already complete. */
export async function sealPayload(edgePublic, psk, payload) {
  const plaintext = encodeForSealing(payload);
  const head = header(edgeId(edgePublic), minterId(psk));
  const { enc, ct } = await seal(edgePublic, psk, head, plaintext);
  return {
    plaintext,
    header: head,
    ephemeralMaterial: ephemeralMaterial(psk, head, edgePublic, plaintext),
    enc,
    token: formatToken(head, enc, ct),
  };
}

/** Seals a source for a client in the window that holds `now`. */
export async function mint({ edgePublic, psk, now, originalSource, client, bucketFolder, lifetimeSeconds, phaseSeconds }) {
  try {
    parseSource(originalSource, bucketFolder);
  } catch (error) {
    throw error instanceof Refusal ? new Unusable('source') : error;
  }
  const { windowIndex, validUntilUnix } = windowAt(now, lifetimeSeconds, phaseSeconds);
  return sealPayload(edgePublic, psk, {
    originalSource,
    validUntilUnix,
    client,
    bucketFolder,
    windowIndex,
    lifetimeSeconds,
    phaseSeconds,
  });
}
