// The payload and its one canonical encoding: section 5.

import { Refusal, Unusable } from './refusal.js';
import { parseSource } from './source.js';
import { checkWindow } from './window.js';

const LONGEST = 4096;
const BLOCK = 64;
const INTEGERS = ['validUntilUnix', 'windowIndex', 'lifetimeSeconds', 'phaseSeconds'];
const STRINGS = ['originalSource', 'client', 'bucketFolder'];
const OPTIONAL = ['bucketFolder', 'phaseSeconds'];

/** The canonical plaintext of a payload, padded. */
export function encode(payload) {
  const ordered = {
    originalSource: payload.originalSource,
    validUntilUnix: payload.validUntilUnix,
    client: payload.client,
    // JSON.stringify leaves out what is undefined.
    bucketFolder: payload.bucketFolder,
    windowIndex: payload.windowIndex,
    lifetimeSeconds: payload.lifetimeSeconds,
    phaseSeconds: payload.phaseSeconds || undefined,
  };
  const json = Buffer.from(JSON.stringify(ordered), 'utf8');
  const padding = (BLOCK - (json.length % BLOCK)) % BLOCK;
  return Buffer.concat([json, Buffer.alloc(padding, ' ')]);
}

/** The plaintext that a minter seals. */
export function encodeForSealing(payload) {
  if (payload.client === '') throw new Unusable('client');
  // An unpaired surrogate has no UTF-8.
  if (!payload.client.isWellFormed()) throw new Unusable('client');
  const plaintext = encode(payload);
  if (plaintext.length > LONGEST) throw new Unusable('length');
  return plaintext;
}

/** Reads a plaintext. */
export function decode(plaintext) {
  const payload = parse(plaintext);
  const wellTyped =
    STRINGS.every((name) => isAbsent(payload, name) || isString(payload[name])) &&
    INTEGERS.every((name) => isAbsent(payload, name) || isInteger(payload[name])) &&
    Object.keys(payload).every((name) => STRINGS.includes(name) || INTEGERS.includes(name));
  if (!wellTyped || payload.client === '' || !encode(payload).equals(plaintext)) {
    throw new Refusal('malformed_payload');
  }
  checkWindow(payload);
  const source = parseSource(payload.originalSource, payload.bucketFolder);
  return { payload, source };
}

function parse(plaintext) {
  let payload;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext);
    payload = JSON.parse(text);
  } catch {
    throw new Refusal('malformed_payload');
  }
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) {
    throw new Refusal('malformed_payload');
  }
  return payload;
}

const isAbsent = (payload, name) => OPTIONAL.includes(name) && !Object.hasOwn(payload, name);
const isString = (value) => typeof value === 'string' && value.isWellFormed();
const isInteger = (value) => Number.isSafeInteger(value) && value >= 0;
