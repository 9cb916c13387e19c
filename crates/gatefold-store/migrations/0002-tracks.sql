-- Artists, their tracks, and the files of these.

-- What this database is for. A demonstration's people are nobody, so what it keeps is never a site's.
CREATE TABLE installation (
    id   {integer} NOT NULL PRIMARY KEY CHECK (id = 1),
    kind TEXT      NOT NULL CHECK (kind IN ('site', 'demonstration'))
) {strict};
INSERT INTO installation (id, kind) SELECT 1, 'site' WHERE EXISTS (SELECT 1 FROM accounts);

CREATE TABLE artists (
    did          TEXT      NOT NULL PRIMARY KEY REFERENCES accounts (did),
    display_name TEXT      NOT NULL,
    bio          TEXT,
    avatar_url   TEXT,
    -- Where one becomes a supporter.
    support_url  TEXT,
    -- Whether what they like is shown on their page.
    shows_liked  {integer} NOT NULL CHECK (shows_liked IN (0, 1)),
    created      {integer} NOT NULL,
    updated      {integer} NOT NULL
) {strict};
CREATE INDEX accounts_by_handle ON accounts (handle, last_seen);

CREATE TABLE tracks (
    id              {counter},
    artist          TEXT      NOT NULL REFERENCES artists (did),
    title           TEXT      NOT NULL,
    gate            TEXT      NOT NULL CHECK (gate IN ('open', 'signed_in', 'supporters')),
    -- Grows with every change of the gate, so that what was begun for an earlier one is known as such.
    gate_generation {integer} NOT NULL,
    visibility      TEXT      NOT NULL CHECK (visibility IN ('public', 'unlisted', 'draft')),
    created         {integer} NOT NULL,
    updated         {integer} NOT NULL
) {strict};
CREATE INDEX tracks_shown ON tracks (id) WHERE visibility = 'public';
CREATE INDEX tracks_by_artist ON tracks (artist, id);

-- A file is named by its id, never by where its bytes are.
CREATE TABLE files (
    id         TEXT      NOT NULL PRIMARY KEY,
    track      {integer} NOT NULL REFERENCES tracks (id),
    role       TEXT      NOT NULL CHECK (role IN ('audio', 'original')),
    format     TEXT      NOT NULL,
    -- The object of the private bucket, which always has the bytes.
    object_key TEXT      NOT NULL UNIQUE,
    -- Its copy in the public bucket, while there is one.
    public_key TEXT      UNIQUE,
    len        {integer} NOT NULL,
    sha256     {bytes}   NOT NULL,
    -- In milliseconds.
    duration   {integer} NOT NULL,
    created    {integer} NOT NULL,
    -- What is played, and what was uploaded where that is something else.
    UNIQUE (track, role)
) {strict};
