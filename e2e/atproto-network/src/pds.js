// A PDS with its authorization server, which can be told when tokens end, and tells who asked for some.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import './outbound.js';
import { PDS, envToCfg, envToSecrets } from '@atproto/pds';

import { faulty } from './faults.js';
import { listen } from './listen.js';

const secret = (bytes) => randomBytes(bytes).toString('hex');

export async function addPds(network) {
  const { port, answer } = await listen();
  const folder = join(network.folder, `pds-${port}`);
  const pds = {
    url: `http://localhost:${port}`,
    grants: [],
    requests: [],
    faults: [],
    // Seconds that new access tokens of a DID live, where it is not the PDS's own hour.
    ages: new Map(),
    // Names of access tokens that are over before their time.
    over: new Set(),
  };
  await mkdir(folder);
  const env = {
    port,
    hostname: 'localhost',
    devMode: true,
    didPlcUrl: network.plc,
    inviteRequired: false,
    dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'),
    blobstoreDiskTmpLocation: join(folder, 'blobs-tmp'),
    blobUploadLimit: 104_857_600,
    jwtSecret: secret(16),
    dpopSecret: secret(32),
    adminPassword: secret(16),
    plcRotationKeyK256PrivateKeyHex: secret(32),
  };
  const server = await PDS.create(envToCfg(env), envToSecrets(env));
  pds.provider = server.ctx.oauthProvider;
  // Whoever speaks to all of them finds it with its provider, or not yet.
  network.all.push(pds);
  endTokens(pds);
  noteGrants(pds);
  await server.ctx.sequencer.start();
  answer(faulty(pds, server.app));
  return pds;
}

// Lets access tokens end when a test wants them to.
function endTokens(pds) {
  const { tokenManager: manager, signer } = pds.provider;
  const asking = new AsyncLocalStorage();
  const { createToken, rotateToken, createTokenExpiry } = manager;
  manager.createToken = (client, auth, metadata, account, ...rest) =>
    asking.run(account.sub, () =>
      createToken.call(manager, client, auth, metadata, account, ...rest),
    );
  manager.rotateToken = (client, auth, metadata, token) =>
    asking.run(token.account.sub, () => rotateToken.call(manager, client, auth, metadata, token));
  manager.createTokenExpiry = (now = new Date()) => {
    const age = pds.ages.get(asking.getStore());
    return age === undefined
      ? createTokenExpiry.call(manager, now)
      : new Date(now.getTime() + age * 1000);
  };
  const { verifyAccessToken } = signer;
  signer.verifyAccessToken = async (token, options) => {
    const verified = await verifyAccessToken.call(signer, token, options);
    // What looks a token up in order to revoke it takes expired ones too.
    if (options?.clockTolerance !== Infinity && pds.over.has(verified.payload.jti)) {
      throw new Error('"exp" claim timestamp check failed');
    }
    return verified;
  };
}

// Every request for tokens that had a good proof, with what came of it.
function noteGrants(pds) {
  const { provider } = pds;
  const { token, revoke } = provider;
  const noting = (grant, work) => async (credentials, ...rest) => {
    const noted = { grant, client_id: credentials.client_id, kid: keyOf(credentials) };
    if (grant === null) {
      noted.grant = rest[1].grant_type;
      noted.spent = rest[1].refresh_token;
    } else {
      noted.spent = rest[0].token;
    }
    pds.grants.push(noted);
    try {
      const given = await work.call(provider, credentials, ...rest);
      const { sub, scope, access_token, refresh_token } = given ?? {};
      Object.assign(noted, { sub, scope, access_token, refresh_token });
      return given;
    } catch (error) {
      noted.error = error.error ?? String(error);
      throw error;
    }
  };
  provider.token = noting(null, token);
  provider.revoke = noting('revocation', revoke);
}

// Which of its keys a confidential client signed with.
function keyOf({ client_assertion: assertion }) {
  if (assertion === undefined) return undefined;
  const [head] = assertion.split('.');
  return JSON.parse(Buffer.from(head, 'base64url').toString()).kid;
}

// Every access token that this DID has now is over.
export async function expire(pds, did) {
  const tokens = await pds.provider.tokenManager.listAccountTokens(did);
  for (const { id } of tokens) pds.over.add(id);
  return tokens.length;
}

// Clients are asked anew for their metadata and keys, which are otherwise remembered for ten minutes.
export function forgetClients(pds) {
  const { jwks, metadataGetter } = pds.provider.clientManager;
  jwks.store.clear();
  metadataGetter.store.clear();
}
