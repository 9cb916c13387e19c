// Sealing and opening: section 4, on @hpke/core.

import { createPrivateKey, createPublicKey } from 'node:crypto';

import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';

import { hmacSha256, sha256 } from './bytes.js';
import { Refusal, Unusable } from './refusal.js';

const kem = new DhkemX25519HkdfSha256();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const INFO = Buffer.from('gatefold/securev1');

// The libraries take what `buffer` gives as a whole; Node's small buffers share one.
const own = (bytes) => new Uint8Array(bytes).buffer;

export const edgeId = (publicKey) => sha256(publicKey).subarray(0, 4);

export const minterId = (psk) => sha256('gatefold minter v1', psk).subarray(0, 4);

/** An edge's key pair. */
export async function keyPair(privateBytes) {
  const privateKey = await suite.kem.importKey('raw', own(privateBytes), false);
  const publicBytes = publicOf(privateBytes);
  const publicKey = await suite.kem.importKey('raw', own(publicBytes), true);
  return { privateKey, publicKey, publicBytes };
}

function publicOf(privateBytes) {
  // The fixed beginning of an X25519 private key in PKCS #8 (RFC 8410, section 7).
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateBytes]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** The material of the ephemeral key (S-21). */
export const ephemeralMaterial = (psk, head, publicBytes, plaintext) =>
  hmacSha256(psk, 'gatefold ephemeral v1', head, publicBytes, plaintext);

export async function seal(publicBytes, psk, head, plaintext) {
  const recipientPublicKey = await suite.kem.importKey('raw', own(publicBytes), true);
  let context;
  try {
    context = await suite.createSenderContext({
      recipientPublicKey,
      info: own(INFO),
      psk: { id: own(minterId(psk)), key: own(psk) },
      ekm: own(ephemeralMaterial(psk, head, publicBytes, plaintext)),
    });
  } catch {
    throw new Unusable('edge');
  }
  const ct = await context.seal(own(plaintext), own(head));
  return { enc: Buffer.from(context.enc), ct: Buffer.from(ct) };
}

export async function open(pair, psk, head, enc, ct) {
  try {
    const context = await suite.createRecipientContext({
      recipientKey: { privateKey: pair.privateKey, publicKey: pair.publicKey },
      enc: own(enc),
      info: own(INFO),
      psk: { id: own(minterId(psk)), key: own(psk) },
    });
    return Buffer.from(await context.open(own(ct), own(head)));
  } catch {
    throw new Refusal('not_authentic');
  }
}
