-- An index over `documents`: their titles count more.
ALTER TABLE documents ADD COLUMN indexed tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', words), 'B')
) STORED;
CREATE INDEX documents_indexed ON documents USING GIN (indexed);
