-- Artists, what they publish, and where its bytes are.

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
    -- Who may keep a file of theirs, where a track says nothing else.
    downloads    TEXT      NOT NULL DEFAULT 'off' CHECK (downloads IN ('off', 'listeners')),
    -- What their objects in the private bucket take, in bytes.
    bytes        {integer} NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    created      {integer} NOT NULL,
    updated      {integer} NOT NULL
) {strict};
CREATE INDEX accounts_by_handle ON accounts (handle, last_seen);

-- Every key of a bucket, from before its bytes are written until after they are gone: what is in a
-- bucket and not here is nobody's.
CREATE TABLE objects (
    key     TEXT      NOT NULL PRIMARY KEY,
    bucket  TEXT      NOT NULL CHECK (bucket IN ('private', 'public')),
    -- Being written; whole; on its way out, and no longer told to anybody.
    state   TEXT      NOT NULL CHECK (state IN ('expected', 'kept', 'condemned')),
    artist  TEXT      NOT NULL REFERENCES artists (did),
    -- The track that a public copy is of.
    track   {integer},
    len     {integer} NOT NULL DEFAULT 0,
    -- When everybody who may remember a public copy was told to forget it, after it was deleted.
    purged  {integer},
    created {integer} NOT NULL,
    updated {integer} NOT NULL
) {strict};
CREATE INDEX objects_expected ON objects (updated) WHERE state = 'expected';
CREATE INDEX objects_by_track ON objects (track) WHERE track IS NOT NULL;

-- A picture, in two sizes.
CREATE TABLE images (
    id      TEXT      NOT NULL PRIMARY KEY,
    artist  TEXT      NOT NULL REFERENCES artists (did),
    large   TEXT      NOT NULL UNIQUE REFERENCES objects (key),
    small   TEXT      NOT NULL UNIQUE REFERENCES objects (key),
    created {integer} NOT NULL
) {strict};

CREATE TABLE albums (
    id          TEXT      NOT NULL PRIMARY KEY,
    artist      TEXT      NOT NULL REFERENCES artists (did),
    slug        TEXT      NOT NULL,
    title       TEXT      NOT NULL,
    description TEXT,
    image       TEXT      REFERENCES images (id),
    -- Of its tracks that are shown to everybody: an album without any is its artist's alone.
    track_count {integer} NOT NULL DEFAULT 0 CHECK (track_count >= 0),
    play_count  {integer} NOT NULL DEFAULT 0,
    created     {integer} NOT NULL,
    updated     {integer} NOT NULL,
    UNIQUE (artist, slug)
) {strict};
CREATE INDEX albums_shown ON albums (created, id) WHERE track_count > 0;

CREATE TABLE tracks (
    id              {counter},
    artist          TEXT      NOT NULL REFERENCES artists (did),
    title           TEXT      NOT NULL,
    description     TEXT,
    album           TEXT      REFERENCES albums (id),
    image           TEXT      UNIQUE REFERENCES images (id),
    gate            TEXT      NOT NULL CHECK (gate IN ('open', 'signed_in', 'supporters')),
    visibility      TEXT      NOT NULL CHECK (visibility IN ('public', 'unlisted', 'draft')),
    -- Who may keep a file of it; where this is NULL, the artist's setting holds.
    downloads       TEXT      CHECK (downloads IN ('off', 'listeners')),
    -- The revision that is played.
    revision        {integer} NOT NULL,
    -- Grows with every change that something has to follow elsewhere: a copy, a record, a cache.
    generation      {integer} NOT NULL,
    -- What it was when who may hear the track changed last.
    gate_generation {integer} NOT NULL,
    -- Up to where all of it has followed.
    settled         {integer} NOT NULL,
    -- Its record in its artist's repository: the key that it has for good, and what is there now.
    record_key      TEXT,
    record_uri      TEXT,
    record_cid      TEXT,
    -- Why the record is not what it should be yet, for the artist.
    record_problem  TEXT,
    like_count      {integer} NOT NULL DEFAULT 0 CHECK (like_count >= 0),
    play_count      {integer} NOT NULL DEFAULT 0,
    -- When it was deleted: it is gone for everybody, and its row goes when all else has.
    removed         {integer},
    created         {integer} NOT NULL,
    updated         {integer} NOT NULL,
    CHECK (removed IS NULL OR visibility = 'draft'),
    CHECK ((record_uri IS NULL) = (record_cid IS NULL))
) {strict};
CREATE INDEX tracks_shown ON tracks (id) WHERE visibility = 'public';
CREATE INDEX tracks_shown_by_artist ON tracks (artist, id) WHERE visibility = 'public';
CREATE INDEX tracks_shown_by_album ON tracks (album, id) WHERE visibility = 'public';
CREATE INDEX tracks_shown_by_likes ON tracks (like_count, id) WHERE visibility = 'public' AND like_count > 0;
CREATE INDEX tracks_by_artist ON tracks (artist, id) WHERE removed IS NULL;
CREATE INDEX tracks_by_album ON tracks (album);
CREATE UNIQUE INDEX tracks_by_record ON tracks (record_uri);

-- What was uploaded for a track, one after the other.
CREATE TABLE revisions (
    id        {counter},
    track     {integer} NOT NULL REFERENCES tracks (id),
    created   {integer} NOT NULL,
    -- When another took its place, and what the track demanded of its listeners then.
    displaced {integer},
    gate      TEXT      CHECK (gate IN ('open', 'signed_in', 'supporters')),
    CHECK ((displaced IS NULL) = (gate IS NULL))
) {strict};
CREATE INDEX revisions_by_track ON revisions (track, id);

-- A file is named by its id, never by where its bytes are.
CREATE TABLE files (
    id         TEXT      NOT NULL PRIMARY KEY,
    track      {integer} NOT NULL REFERENCES tracks (id),
    revision   {integer} NOT NULL REFERENCES revisions (id),
    role       TEXT      NOT NULL CHECK (role IN ('audio', 'original')),
    format     TEXT      NOT NULL,
    -- The object of the private bucket, which always has the bytes.
    object_key TEXT      NOT NULL UNIQUE REFERENCES objects (key),
    -- Its copy in the public bucket, while there is one.
    public_key TEXT      UNIQUE REFERENCES objects (key),
    len        {integer} NOT NULL,
    sha256     {bytes}   NOT NULL,
    -- In milliseconds.
    duration   {integer} NOT NULL,
    created    {integer} NOT NULL,
    -- What is played, and what was uploaded where that is something else.
    UNIQUE (revision, role)
) {strict};
CREATE INDEX files_by_track ON files (track);

-- How loud what a file plays is, from its beginning to its end.
CREATE TABLE waveforms (
    file   TEXT    NOT NULL PRIMARY KEY REFERENCES files (id),
    points {bytes} NOT NULL
) {strict};

CREATE TABLE tags (
    id          {counter},
    name        TEXT      NOT NULL UNIQUE,
    -- Of the tracks that are shown to everybody.
    track_count {integer} NOT NULL DEFAULT 0 CHECK (track_count >= 0)
) {strict};
CREATE INDEX tags_shown ON tags (track_count, name) WHERE track_count > 0;

CREATE TABLE track_tags (
    track    {integer} NOT NULL REFERENCES tracks (id),
    tag      {integer} NOT NULL REFERENCES tags (id),
    position {integer} NOT NULL,
    PRIMARY KEY (track, tag)
) {strict};
CREATE INDEX track_tags_by_tag ON track_tags (tag, track);

-- Who else is heard on a track.
CREATE TABLE features (
    track    {integer} NOT NULL REFERENCES tracks (id),
    did      TEXT      NOT NULL,
    -- As it was when it was looked up.
    handle   TEXT      NOT NULL,
    position {integer} NOT NULL,
    PRIMARY KEY (track, did)
) {strict};
