// The sealed URL, version 1, written from docs/spec/sealed-url.md.

export { fromHex, toHex } from './bytes.js';
export { checkClient } from './client.js';
export { Keyring } from './keyring.js';
export { mint, sealPayload } from './mint.js';
export { Refusal, Unusable } from './refusal.js';
export { checkPrivate, clientPattern, hostPattern } from './scope.js';
export { parseSource } from './source.js';
export { phaseOf, windowAt } from './window.js';
