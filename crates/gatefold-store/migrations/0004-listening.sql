-- What listeners do.

CREATE TABLE likes (
    track      {integer} NOT NULL REFERENCES tracks (id),
    did        TEXT      NOT NULL REFERENCES accounts (did),
    -- Whether it is liked still: when not, the row stays until its record is gone.
    wanted     {integer} NOT NULL CHECK (wanted IN (0, 1)),
    -- Its record in the repository of who likes: the key that it has, and what is there now.
    record_key TEXT      NOT NULL,
    record_uri TEXT,
    record_cid TEXT,
    created    {integer} NOT NULL,
    PRIMARY KEY (track, did),
    CHECK ((record_uri IS NULL) = (record_cid IS NULL))
) {strict};
CREATE INDEX likes_by_person ON likes (did, created, track) WHERE wanted = 1;

-- Who has been counted lately: a keyed hash of a DID or an address.
CREATE TABLE plays (
    track    {integer} NOT NULL,
    listener {bytes}   NOT NULL,
    at       {integer} NOT NULL,
    PRIMARY KEY (track, listener)
) {strict};
CREATE INDEX plays_by_age ON plays (at);
