DROP INDEX documents_indexed;
ALTER TABLE documents DROP COLUMN indexed;
-- By the numbers of their letters: in the order of a language, words that begin alike need not stand together.
CREATE TABLE document_words (
    kind     TEXT   NOT NULL,
    -- Whether it is in the title, or elsewhere.
    in_title BIGINT NOT NULL CHECK (in_title IN (0, 1)),
    word     TEXT   COLLATE "C" NOT NULL,
    document BIGINT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, in_title, word, document)
);
CREATE INDEX document_words_by_document ON document_words (document, word);
INSERT INTO document_words (kind, in_title, word, document)
SELECT DISTINCT kind, in_title, word, id
FROM documents
CROSS JOIN LATERAL (VALUES (1, title), (0, words)) AS texts (in_title, text)
CROSS JOIN LATERAL unnest(string_to_array(text, ' ')) AS word
WHERE word <> '';
CREATE INDEX tags_by_name ON tags (name COLLATE "C");
