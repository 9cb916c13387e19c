// Scopes and patterns: section 8.

import { Refusal, Unusable } from './refusal.js';
import { isDnsName } from './source.js';

const DEFAULT_GRACE = 30;
const LONGEST_LIFETIME = 604800;

/** A matcher of https hosts. */
export function hostPattern(text) {
  if (text.startsWith('*.') && isDnsName(text.slice(2))) {
    const suffix = text.slice(1);
    return (host) => host.length > suffix.length && host.endsWith(suffix);
  }
  if (!isDnsName(text)) throw new Unusable('pattern');
  return (host) => host === text;
}

/** A matcher of clients. */
export function clientPattern(text) {
  if (text === '*') return () => true;
  if (text !== '' && !text.includes('*')) return (client) => client === text;
  if (/^did:[^*]*\*$/s.test(text)) {
    const prefix = text.slice(0, -1);
    return (client) => client.length > prefix.length && client.startsWith(prefix);
  }
  const below = /^(https?:\/\/)\*(\.([^*:]+)(?::[0-9]+)?)$/s.exec(text);
  if (below === null || !isDnsName(below[3])) throw new Unusable('pattern');
  const [, scheme, suffix] = below;
  return (client) =>
    client.length > scheme.length + suffix.length &&
    client.startsWith(scheme) &&
    client.endsWith(suffix) &&
    /^[A-Za-z0-9.-]+$/.test(client.slice(scheme.length, -suffix.length));
}

/** A scope as an operator writes it; what is absent allows nothing. */
export function scopeOf(written) {
  return {
    hosts: (written.hosts ?? []).map(hostPattern),
    folders: written.folders ?? [],
    private: written.private ?? false,
    clients: (written.clients ?? []).map(clientPattern),
    longestLifetime: written.longestLifetime ?? LONGEST_LIFETIME,
    grace: written.grace ?? DEFAULT_GRACE,
  };
}

/** Whether the minter may have sealed this. */
export function checkScope(scope, { payload, source }) {
  const allowed =
    (source.https && scope.hosts.some((matches) => matches(source.https.host))) ||
    (source.private && scope.private) ||
    (source.files && scope.folders.includes(source.files.folder));
  if (!allowed) throw new Refusal('source_out_of_scope');
  if (!scope.clients.some((matches) => matches(payload.client))) {
    throw new Refusal('client_out_of_scope');
  }
  checkPrivate(payload.originalSource, payload.client);
  if (payload.lifetimeSeconds > scope.longestLifetime) throw new Refusal('lifetime_out_of_scope');
}

/** An origin can be claimed by any tool: it never guards the private bucket (S-84). */
export function checkPrivate(originalSource, client) {
  if (originalSource.startsWith('private:') && !client.startsWith('did:')) {
    throw new Refusal('client_out_of_scope');
  }
}
