-- An index over `documents`, kept by triggers.
CREATE VIRTUAL TABLE documents_by_words USING fts5 (
    title, words,
    content = 'documents', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
);
CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
    INSERT INTO documents_by_words (rowid, title, words) VALUES (new.id, new.title, new.words);
END;
CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
    INSERT INTO documents_by_words (documents_by_words, rowid, title, words)
    VALUES ('delete', old.id, old.title, old.words);
END;
CREATE TRIGGER documents_changed AFTER UPDATE ON documents BEGIN
    INSERT INTO documents_by_words (documents_by_words, rowid, title, words)
    VALUES ('delete', old.id, old.title, old.words);
    INSERT INTO documents_by_words (rowid, title, words) VALUES (new.id, new.title, new.words);
END;
