-- What is on its way: uploads, and the work that follows a change.

CREATE TABLE uploads (
    id        TEXT      NOT NULL PRIMARY KEY,
    artist    TEXT      NOT NULL REFERENCES artists (did),
    -- The track whose audio it is to replace.
    replaces  {integer},
    -- What came of it.
    track     {integer},
    -- What the artist said of it, as JSON.
    details   TEXT,
    -- What was received, under `staging/`, while it is there.
    audio     TEXT      REFERENCES objects (key),
    image     TEXT      REFERENCES objects (key),
    state     TEXT      NOT NULL CHECK (state IN ('receiving', 'waiting', 'processing', 'completed', 'failed')),
    -- Where the work on it is, and how far, in percent.
    phase     TEXT      NOT NULL,
    percent   {integer} NOT NULL CHECK (percent BETWEEN 0 AND 100),
    -- Why it failed: a code that stays, and what to do.
    code      TEXT,
    problem   TEXT,
    created   {integer} NOT NULL,
    updated   {integer} NOT NULL,
    CHECK ((state = 'failed') = (code IS NOT NULL)),
    CHECK ((code IS NULL) = (problem IS NULL))
) {strict};
CREATE INDEX uploads_by_state ON uploads (state, updated);
CREATE INDEX uploads_by_artist ON uploads (artist, created);

-- What is to be done, at most once for each subject: written together with the change that demands it,
-- and done by whoever takes it first.
CREATE TABLE jobs (
    id          {counter},
    kind        TEXT      NOT NULL,
    -- What it is about: the id of an upload, a track, an object.
    subject     TEXT      NOT NULL,
    -- Grows when there is more to do for the same subject.
    generation  {integer} NOT NULL,
    due         {integer} NOT NULL,
    attempts    {integer} NOT NULL,
    problem     TEXT,
    holder      TEXT,
    fence       {integer} NOT NULL,
    lease_until {integer},
    created     {integer} NOT NULL,
    UNIQUE (kind, subject),
    CHECK ((holder IS NULL) = (lease_until IS NULL))
) {strict};
-- Who holds a job has it until then: it is due again when its lease has passed.
CREATE INDEX jobs_by_due ON jobs (due, id);
