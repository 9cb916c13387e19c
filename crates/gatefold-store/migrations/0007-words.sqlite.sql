DROP TRIGGER documents_added;
DROP TRIGGER documents_removed;
DROP TRIGGER documents_changed;
DROP TABLE documents_by_words;
CREATE TABLE document_words (
    kind     TEXT    NOT NULL,
    -- Whether it is in the title, or elsewhere.
    in_title INTEGER NOT NULL CHECK (in_title IN (0, 1)),
    word     TEXT    NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, in_title, word, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_words_by_document ON document_words (document, word);
INSERT INTO document_words (kind, in_title, word, document)
WITH RECURSIVE split (kind, in_title, word, rest, document) AS (
    SELECT kind, 1, '', title || ' ', id FROM documents
    UNION ALL
    SELECT kind, 0, '', words || ' ', id FROM documents
    UNION ALL
    SELECT kind, in_title, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1), document
    FROM split WHERE rest <> ''
)
SELECT DISTINCT kind, in_title, word, document FROM split WHERE word <> '';
