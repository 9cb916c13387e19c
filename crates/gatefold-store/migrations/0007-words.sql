-- What is found by its words has a row for each of them: what begins so and is the newest stands together, on
-- both databases alike, however much else has the same words.

CREATE INDEX documents_by_title ON documents (kind, title, id);
-- The most frequent words first, and those that are equally frequent by the alphabet.
DROP INDEX tags_shown;
CREATE INDEX tags_shown ON tags (track_count DESC, name) WHERE track_count > 0;
