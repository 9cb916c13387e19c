// Why a sealed URL is refused: section 9 of docs/spec/sealed-url.md.

const STAGES = {
  malformed_token: 'token',
  unknown_version: 'token',
  unknown_edge_key: 'key',
  retired_edge_key: 'key',
  unknown_minter: 'key',
  retired_minter: 'key',
  not_authentic: 'open',
  malformed_payload: 'payload',
  inconsistent_payload: 'payload',
  unsupported_source: 'payload',
  source_out_of_scope: 'scope',
  client_out_of_scope: 'scope',
  lifetime_out_of_scope: 'scope',
  not_yet_valid: 'window',
  expired: 'window',
  no_client: 'client',
  wrong_client: 'client',
};

/** A refusal, with its stage and its code. */
export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.code = code;
    this.stage = STAGES[code];
    if (this.stage === undefined) throw new TypeError(`${code} is not a code`);
  }
}

/** Something that cannot be made or configured; `part` says what is wrong with it. */
export class Unusable extends Error {
  constructor(part) {
    super(part);
    this.part = part;
  }
}
