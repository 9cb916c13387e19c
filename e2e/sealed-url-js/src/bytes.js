// Bytes: base64url in its one spelling, hexadecimal digits, hashes.

import { createHash, createHmac } from 'node:crypto';

/** The bytes that canonical base64url without padding encodes, or null. */
export function fromBase64url(text) {
  // Node decodes leniently; what does not encode back to itself was not canonical.
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

export const toBase64url = (bytes) => Buffer.from(bytes).toString('base64url');

export const toHex = (bytes) => Buffer.from(bytes).toString('hex');

export function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new TypeError('not lower-case hexadecimal digits');
  return Buffer.from(text, 'hex');
}

export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function hmacSha256(key, ...parts) {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** A whole number from 0 to 2^53 - 1, as a BigInt. */
export function toBigInt(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not an integer from 0 to 2^53 - 1');
  return BigInt(value);
}
