// The token's outer form: section 2.

import { fromBase64url, toBase64url } from './bytes.js';
import { Refusal } from './refusal.js';

const LONGEST = 5542;
const HEADER = 9;
const ENC = 32;
const TAG = 16;

/** Takes a token apart. Nothing about the parts is authentic yet. */
export function parseToken(text) {
  if (text.length > LONGEST || !text.startsWith('EC') || text.length === 2) {
    throw new Refusal('malformed_token');
  }
  const bytes = fromBase64url(text.slice(2));
  if (bytes === null || bytes.length === 0) throw new Refusal('malformed_token');
  if (bytes[0] !== 1) throw new Refusal('unknown_version');
  const length = bytes.length - HEADER - ENC - TAG;
  if (length <= 0 || length % 64 !== 0) throw new Refusal('malformed_token');
  return {
    header: bytes.subarray(0, HEADER),
    edgeId: bytes.toString('hex', 1, 5),
    minterId: bytes.toString('hex', 5, 9),
    enc: bytes.subarray(HEADER, HEADER + ENC),
    ct: bytes.subarray(HEADER + ENC),
  };
}

export const header = (edgeId, minterId) => Buffer.concat([Buffer.of(1), edgeId, minterId]);

export const formatToken = (head, enc, ct) => `EC${toBase64url(Buffer.concat([head, enc, ct]))}`;
