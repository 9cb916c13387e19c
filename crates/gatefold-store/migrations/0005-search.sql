-- What is found by its words: what everybody sees, and nothing else.

CREATE TABLE documents (
    id    {counter},
    kind  TEXT NOT NULL CHECK (kind IN ('track', 'artist', 'album')),
    -- The number of a track, the DID of an artist, the id of an album.
    key   TEXT NOT NULL,
    title TEXT NOT NULL,
    -- What else it is known by.
    words TEXT NOT NULL,
    UNIQUE (kind, key)
) {strict};
