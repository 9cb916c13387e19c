// What an edge holds, and how it opens: sections 3 and 9.

import { fromHex } from './bytes.js';
import { edgeId, keyPair, minterId, open } from './hpke.js';
import { decode } from './payload.js';
import { Refusal, Unusable } from './refusal.js';
import { checkScope, scopeOf } from './scope.js';
import { parseToken } from './token.js';
import { checkTime } from './window.js';

export class Keyring {
  #edges = new Map();
  #minters = new Map();

  /** Takes edges and minters as configuration writes them. */
  static async of({ edges, minters }) {
    const ring = new Keyring();
    for (const { private: text, retired } of edges) {
      const pair = await keyPair(fromHex(text));
      add(ring.#edges, edgeId(pair.publicBytes), { pair, retired });
    }
    for (const { psk: text, retired, scope } of minters) {
      const psk = fromHex(text);
      add(ring.#minters, minterId(psk), { psk, retired, scope: scopeOf(scope) });
    }
    return ring;
  }

  get edgeIds() {
    return [...this.#edges.keys()];
  }

  get edgePublics() {
    return [...this.#edges.values()].map(({ pair }) => pair.publicBytes);
  }

  get minterIds() {
    return [...this.#minters.keys()];
  }

  /** Opens a token at an instant; who the client is remains to be checked. */
  async open(text, now) {
    const token = parseToken(text);
    const edge = serving(this.#edges.get(token.edgeId), now, 'edge_key');
    const minter = serving(this.#minters.get(token.minterId), now, 'minter');
    const plaintext = await open(edge.pair, minter.psk, token.header, token.enc, token.ct);
    const decoded = decode(plaintext);
    checkScope(minter.scope, decoded);
    checkTime(decoded.payload, now, minter.scope.grace);
    return { minter: token.minterId, payload: decoded.payload };
  }
}

function add(map, id, entry) {
  const name = id.toString('hex');
  if (map.has(name)) throw new Unusable('duplicate_id');
  map.set(name, entry);
}

function serving(entry, now, kind) {
  if (entry === undefined) throw new Refusal(`unknown_${kind}`);
  if (entry.retired !== undefined && now >= entry.retired) throw new Refusal(`retired_${kind}`);
  return entry;
}
