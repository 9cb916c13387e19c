-- What lists tell is counted as it changes: no list goes through rows to count them.

-- All tracks of an artist, drafts too.
ALTER TABLE artists ADD COLUMN track_count {integer} NOT NULL DEFAULT 0 CHECK (track_count >= 0);
UPDATE artists SET track_count = (
    SELECT count(*) FROM tracks WHERE tracks.artist = artists.did AND tracks.removed IS NULL
);
-- Of the tracks of an album that are shown to everybody.
UPDATE albums SET play_count = coalesce((
    SELECT sum(tracks.play_count) FROM tracks
    WHERE tracks.album = albums.id AND tracks.visibility = 'public'
), 0);
CREATE INDEX albums_shown_by_artist ON albums (artist, created, id) WHERE track_count > 0;
