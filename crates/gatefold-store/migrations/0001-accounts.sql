-- Accounts, what they gave, and what is shown for it.
--
-- Moments are whole milliseconds since 1970 UTC. Ids are hexadecimal text. What is secret is here as
-- a SHA-256 (`*_hash`) or encrypted (`sealed`, under the key `key_id`), and in no other way.

CREATE TABLE accounts (
    did        TEXT      NOT NULL PRIMARY KEY,
    handle     TEXT,
    first_seen {integer} NOT NULL,
    last_seen  {integer} NOT NULL
) {strict};

-- No session refers to its grant by a constraint: an authorization server may end a grant whose
-- session goes on.
CREATE TABLE grants (
    id          TEXT      NOT NULL PRIMARY KEY,
    did         TEXT      NOT NULL,
    sealed      {bytes}   NOT NULL,
    key_id      {integer} NOT NULL,
    fence       {integer} NOT NULL,
    holder      TEXT,
    lease_until {integer},
    expires     {integer},
    created     {integer} NOT NULL,
    refreshed   {integer} NOT NULL,
    CHECK ((holder IS NULL) = (lease_until IS NULL))
) {strict};
CREATE INDEX grants_by_key ON grants (key_id, id);
CREATE INDEX grants_by_refresh ON grants (refreshed, id);
CREATE INDEX grants_by_creation ON grants (created, id);

CREATE TABLE pending_authorizations (
    state_hash {bytes}   NOT NULL PRIMARY KEY,
    sealed     {bytes}   NOT NULL,
    key_id     {integer} NOT NULL,
    expires    {integer} NOT NULL
) {strict};
CREATE INDEX pending_by_key ON pending_authorizations (key_id, state_hash);
CREATE INDEX pending_by_expiry ON pending_authorizations (expires);

CREATE TABLE sessions (
    id          TEXT      NOT NULL PRIMARY KEY,
    secret_hash {bytes}   NOT NULL UNIQUE,
    kind        TEXT      NOT NULL CHECK (kind IN ('browser', 'command_line', 'developer')),
    did         TEXT      NOT NULL REFERENCES accounts (did),
    grant_id    TEXT      NOT NULL UNIQUE,
    browser_id  TEXT,
    public_id   TEXT      UNIQUE,
    name        TEXT,
    created     {integer} NOT NULL,
    last_seen   {integer} NOT NULL,
    expires     {integer} NOT NULL,
    -- An account is in a browser once.
    UNIQUE (browser_id, did),
    CHECK ((kind = 'browser') = (browser_id IS NOT NULL)),
    CHECK ((kind = 'developer') = (public_id IS NOT NULL)),
    CHECK ((kind = 'developer') = (name IS NOT NULL))
) {strict};
CREATE INDEX sessions_by_account ON sessions (did, created);
CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE TABLE exchange_tokens (
    hash            {bytes}   NOT NULL PRIMARY KEY,
    kind            TEXT      NOT NULL CHECK (kind IN ('browser', 'command_line', 'developer')),
    did             TEXT      NOT NULL REFERENCES accounts (did),
    grant_id        TEXT      NOT NULL UNIQUE,
    browser_id      TEXT,
    name            TEXT,
    session_expires {integer} NOT NULL,
    -- What whoever redeems it has to show: of each kind exactly one.
    binding_hash    {bytes},
    verifier_hash   {bytes},
    asking_session  TEXT,
    expires         {integer} NOT NULL,
    CHECK ((kind = 'browser') = (browser_id IS NOT NULL)),
    CHECK ((kind = 'browser') = (binding_hash IS NOT NULL)),
    CHECK ((kind = 'command_line') = (verifier_hash IS NOT NULL)),
    CHECK ((kind = 'developer') = (asking_session IS NOT NULL)),
    CHECK ((kind = 'developer') = (name IS NOT NULL))
) {strict};
CREATE INDEX exchange_tokens_by_expiry ON exchange_tokens (expires);

CREATE TABLE audit (
    id      {counter},
    at      {integer} NOT NULL,
    did     TEXT      NOT NULL,
    event   TEXT      NOT NULL,
    subject TEXT,
    network TEXT,
    session TEXT
) {strict};
CREATE INDEX audit_by_account ON audit (did, id);
CREATE INDEX audit_by_age ON audit (at);

-- What processes tell each other. The newest row is never removed, so that whoever reads from a row
-- on can tell whether everything after it is still there.
CREATE TABLE changes (
    id   {counter},
    at   {integer} NOT NULL,
    what TEXT      NOT NULL,
    key  TEXT      NOT NULL
) {strict};
INSERT INTO changes (at, what, key) VALUES (0, 'start', '');

CREATE TABLE leases (
    name        TEXT      NOT NULL PRIMARY KEY,
    holder      TEXT,
    fence       {integer} NOT NULL,
    lease_until {integer},
    CHECK ((holder IS NULL) = (lease_until IS NULL))
) {strict};
