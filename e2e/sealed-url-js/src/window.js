// Windows of time: section 6. All arithmetic is on BigInt, which neither wraps nor rounds.

import { hmacSha256, toBigInt } from './bytes.js';
import { Refusal, Unusable } from './refusal.js';

const LARGEST = 2n ** 53n - 1n;
const SHORTEST_LIFETIME = 60n;
const LONGEST_LIFETIME = 604800n;
const EARLY = 5n;

const validUntil = (index, lifetime, phase) => (index + 1n) * lifetime - phase;

function areLengths(lifetime, phase) {
  return lifetime >= SHORTEST_LIFETIME && lifetime <= LONGEST_LIFETIME && phase < lifetime;
}

/** The window that holds `now`. */
export function windowAt(now, lifetimeSeconds, phaseSeconds = 0) {
  const lifetime = toBigInt(lifetimeSeconds);
  const phase = toBigInt(phaseSeconds);
  if (!areLengths(lifetime, phase)) throw new Unusable('window');
  const index = (toBigInt(now) + phase) / lifetime;
  const end = validUntil(index, lifetime, phase);
  if (end > LARGEST) throw new Unusable('window');
  const start = end > lifetime ? end - lifetime : 0n;
  return { windowIndex: Number(index), start: Number(start), validUntilUnix: Number(end) };
}

/** The phase of a minter that spreads its boundaries. */
export function phaseOf(psk, originalSource, lifetimeSeconds) {
  const first = hmacSha256(psk, 'gatefold phase v1', originalSource).readBigUInt64BE(0);
  return Number(first % toBigInt(lifetimeSeconds));
}

/** Holds a payload's fields against each other. */
export function checkWindow(payload) {
  const index = toBigInt(payload.windowIndex);
  const lifetime = toBigInt(payload.lifetimeSeconds);
  const phase = toBigInt(payload.phaseSeconds ?? 0);
  if (!areLengths(lifetime, phase)) throw new Refusal('inconsistent_payload');
  const end = validUntil(index, lifetime, phase);
  if (end > LARGEST || end !== toBigInt(payload.validUntilUnix)) {
    throw new Refusal('inconsistent_payload');
  }
}

/** Whether a checked payload is good at `now`. */
export function checkTime(payload, now, grace) {
  const lifetime = toBigInt(payload.lifetimeSeconds);
  const phase = toBigInt(payload.phaseSeconds ?? 0);
  const end = toBigInt(payload.validUntilUnix);
  const time = toBigInt(now);
  const drift = (time + phase) / lifetime - toBigInt(payload.windowIndex);
  if (drift < -1n || (drift === -1n && end - lifetime - time > EARLY)) {
    throw new Refusal('not_yet_valid');
  }
  const asked = toBigInt(grace);
  const last = end + (asked < lifetime ? asked : lifetime);
  if (drift > 1n || (drift === 1n && time > last)) throw new Refusal('expired');
}
