//! A catalogue of any size, written straight into a site's database: what lists and searches are measured and
//! explained on. The same number of tracks makes the same catalogue.
//!
//! Nothing of it can be heard: its objects are in no bucket.

use std::io;

use sqlx::{Connection, PgConnection, SqliteConnection};

/// How many tracks an artist has, on average. Some have many more.
const TRACKS_OF_ARTIST: u64 = 50;
/// How many words are on tracks. The first ones are on many more than the last.
const TAGS: u64 = 500;
/// How many people like tracks.
const LISTENERS: u64 = 100;
/// The moment at which all began, in milliseconds since 1970.
const BEGIN: u64 = 1_700_000_000_000;

/// Numbers from 1 to as many as are wanted, and for each of them some that look random.
const NUMBERS: &str = "WITH RECURSIVE numbers (n) AS (
    SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}
), n AS (
    SELECT n, n * 2654435761 % 1000003 AS a, n * 40503 % 999983 AS b, n * 69069 % 999979 AS c
    FROM numbers
) ";

/// What writes it, in order: how many rows, and which statement over [`NUMBERS`].
const STATEMENTS: [(&str, &str); 12] = [
    (
        "{artists}",
        "INSERT INTO accounts (did, handle, first_seen, last_seen)
         SELECT 'did:web:artist' || n || '.example', 'artist' || n || '.example.com', {begin}, {begin} FROM n",
    ),
    (
        "{listeners}",
        "INSERT INTO accounts (did, handle, first_seen, last_seen)
         SELECT 'did:web:listener' || n || '.example', NULL, {begin}, {begin} FROM n",
    ),
    (
        "{artists}",
        "INSERT INTO artists (did, display_name, shows_liked, created, updated)
         SELECT 'did:web:artist' || n || '.example', {word(a)} || ' ' || {word(b)}, 0, {begin}, {begin} FROM n",
    ),
    (
        "{albums}",
        "INSERT INTO albums (id, artist, slug, title, created, updated)
         SELECT {hex(n)}, 'did:web:artist' || (1 + n % {artists}) || '.example', 'album-' || n,
                {word(a)} || ' ' || {word(c)}, {begin} + n, {begin} + n FROM n",
    ),
    (
        "{tracks}",
        "INSERT INTO objects (key, bucket, state, artist, len, created, updated)
         SELECT 'audio/' || {hex(n)} || '.mp3', 'private', 'kept', {artist}, 1000, {begin}, {begin} FROM n",
    ),
    (
        "{tracks}",
        "INSERT INTO tracks (artist, title, album, gate, visibility, revision, generation, gate_generation,
                             settled, like_count, play_count, created, updated)
         SELECT {artist}, {title}, CASE WHEN n % 4 = 0 THEN {hex(1 + n / 4 % {albums})} END,
                CASE n % 5 WHEN 0 THEN 'supporters' ELSE 'signed_in' END,
                CASE n % 20 WHEN 7 THEN 'draft' WHEN 8 THEN 'unlisted' ELSE 'public' END,
                n, 1, 1, 1, CASE WHEN n % 10 = 1 THEN 1 + a % 1000 ELSE 0 END, b % 5000, {begin} + n, {begin} + n
         FROM n ORDER BY n",
    ),
    (
        "{tracks}",
        "INSERT INTO revisions (track, created) SELECT n, {begin} + n FROM n ORDER BY n",
    ),
    (
        "{tracks}",
        "INSERT INTO files (id, track, revision, role, format, object_key, len, sha256, duration, created)
         SELECT 'file' || n, n, n, 'audio', 'mp3', 'audio/' || {hex(n)} || '.mp3', 1000, {hash}, 180000,
                {begin} + n FROM n",
    ),
    (
        "{tags}",
        "INSERT INTO tags (name) SELECT 'tag' || n FROM n ORDER BY n",
    ),
    (
        "{tracks}",
        "INSERT INTO track_tags (track, tag, position)
         SELECT n, 1 + a % {tags} * (b % {tags}) / {tags}, 0 FROM n",
    ),
    (
        "{tracks}",
        "INSERT INTO likes (track, did, wanted, record_key, created)
         SELECT n, 'did:web:listener' || (1 + a % {listeners}) || '.example', 1, 'like' || n, {begin} + n
         FROM n WHERE n % 10 = 1",
    ),
    (
        "{tracks}",
        "INSERT INTO documents (kind, key, title, words)
         SELECT 'track', CAST(n AS TEXT), {title}, '' FROM n WHERE n % 20 NOT IN (7, 8) ORDER BY n",
    ),
];

/// What follows of it: counts, and documents of artists and albums.
const AFTER: [&str; 5] = [
    "UPDATE tags SET track_count = (
         SELECT count(*) FROM track_tags INNER JOIN tracks ON tracks.id = track_tags.track
         WHERE track_tags.tag = tags.id AND tracks.visibility = 'public')",
    "UPDATE albums SET track_count = (
         SELECT count(*) FROM tracks WHERE tracks.album = albums.id AND tracks.visibility = 'public')",
    "UPDATE artists SET track_count = (
         SELECT count(*) FROM tracks WHERE tracks.artist = artists.did AND tracks.removed IS NULL)",
    "INSERT INTO documents (kind, key, title, words) SELECT 'artist', did, display_name, '' FROM artists",
    "INSERT INTO documents (kind, key, title, words) SELECT 'album', id, title, '' FROM albums",
];

/// The words of what is found by them.
const WORDS_OF_SQLITE: &str = "INSERT INTO document_words (kind, in_title, word, document)
    WITH RECURSIVE split (kind, word, rest, document) AS (
        SELECT kind, '', title || ' ', id FROM documents
        UNION ALL
        SELECT kind, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1), document
        FROM split WHERE rest <> ''
    ) SELECT DISTINCT kind, 1, word, document FROM split WHERE word <> ''";
const WORDS_OF_POSTGRES: &str = "INSERT INTO document_words (kind, in_title, word, document)
    SELECT kind, 1, word, id FROM documents CROSS JOIN LATERAL unnest(string_to_array(title, ' ')) AS word
    ON CONFLICT DO NOTHING";

/// How many artists a catalogue of so many tracks has.
#[must_use]
pub fn artists(tracks: u64) -> u64 {
    (tracks / TRACKS_OF_ARTIST).max(10)
}

/// The artist with a number from 1 on.
#[must_use]
pub fn artist(number: u64) -> String {
    format!("did:web:artist{number}.example")
}

/// The listener with a number from 1 to 100.
#[must_use]
pub fn listener(number: u64) -> String {
    format!("did:web:listener{number}.example")
}

/// The file of the track with a number from 1 on.
#[must_use]
pub fn file(number: u64) -> String {
    format!("file{number}")
}

/// The word on tracks with a number from 1 to 500; the first ones are on many.
#[must_use]
pub fn tag(number: u64) -> String {
    format!("tag{number}")
}

/// A word of titles: the smaller its number, below 4096, the more titles have it.
#[must_use]
pub fn word(number: u64) -> String {
    let syllable = |digit: u64| {
        let at = usize::try_from(digit & 0xf).unwrap_or_default();
        let found = SYLLABLES.as_bytes().chunks_exact(2).nth(at);
        String::from_utf8_lossy(found.unwrap_or_default()).into_owned()
    };
    [number, number >> 4, number >> 8].map(syllable).concat()
}

/// Sixteen of them.
const SYLLABLES: &str = "bakorinudametolisovepagijuhefozu";

/// Fills the database of a site that has been started once and has nothing in it yet.
///
/// # Errors
/// When the database does not take it.
pub async fn fill(url: &str, tracks: u64) -> io::Result<()> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let connection = SqliteConnection::connect(&format!("sqlite://{file}")).await;
        let mut connection = connection.map_err(io::Error::other)?;
        for statement in statements(tracks, false) {
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement));
            let done = done.execute(&mut connection).await;
            done.map_err(io::Error::other)?;
        }
        return connection.close().await.map_err(io::Error::other);
    }
    let connection = PgConnection::connect(url).await;
    let mut connection = connection.map_err(io::Error::other)?;
    for statement in statements(tracks, true) {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement));
        let done = done.execute(&mut connection).await;
        done.map_err(io::Error::other)?;
    }
    connection.close().await.map_err(io::Error::other)
}

fn statements(tracks: u64, is_postgres: bool) -> Vec<String> {
    let begin = if is_postgres {
        "BEGIN"
    } else {
        "PRAGMA foreign_keys = OFF; BEGIN"
    };
    let mut statements = vec![begin.to_owned()];
    for (count, statement) in STATEMENTS {
        let with = NUMBERS.replace("{count}", count);
        // Not before the statement itself, where SQLite wants nothing.
        let (insert, select) = statement.split_at(statement.find("SELECT").unwrap_or_default());
        statements.push(spelled(
            &format!("{insert}{with}{select}"),
            tracks,
            is_postgres,
        ));
    }
    // What PostgreSQL does by itself sooner or later.
    statements.extend(is_postgres.then(|| "ANALYZE".to_owned()));
    statements.extend(AFTER.map(|statement| spelled(statement, tracks, is_postgres)));
    statements.push(
        if is_postgres {
            WORDS_OF_POSTGRES
        } else {
            WORDS_OF_SQLITE
        }
        .to_owned(),
    );
    statements.push("COMMIT".to_owned());
    statements.extend(is_postgres.then(|| "ANALYZE".to_owned()));
    statements
}

/// A statement with everything in it that depends on the size and on the database.
fn spelled(statement: &str, tracks: u64, is_postgres: bool) -> String {
    let mut sql = statement.to_owned();
    sql = sql.replace(
        "{title}",
        "{word(a)} || ' ' || {word(b)} || ' ' || {word(c)}",
    );
    sql = sql.replace(
        "{artist}",
        "'did:web:artist' || (1 + a % {artists} * (b % {artists}) / {artists}) || '.example'",
    );
    for column in ["a", "b", "c"] {
        // Small numbers are more frequent, as words are: the first one is in every sixth title.
        let part = format!("{column} * {column} / 1000003 * {column} / 1000003");
        let number = format!("({part} * 4096 / 1000003)");
        let syllable = |by: u32| {
            format!("substr('{SYLLABLES}', CAST(1 + {number} / {by} % 16 * 2 AS INTEGER), 2)")
        };
        let word = [1, 16, 256].map(syllable).join(" || ");
        sql = sql.replace(&format!("{{word({column})}}"), &format!("({word})"));
    }
    for (name, number) in [
        ("{albums}", (tracks / 20).max(1)),
        ("{artists}", artists(tracks)),
        ("{listeners}", LISTENERS),
        ("{tags}", TAGS),
        ("{tracks}", tracks),
        ("{begin}", BEGIN),
    ] {
        sql = sql.replace(name, &number.to_string());
    }
    while let Some((before, rest)) = sql.split_once("{hex(") {
        let Some((what, after)) = rest.split_once(")}") else {
            break;
        };
        let hex = if is_postgres {
            format!("lpad(to_hex({what}), 32, '0')")
        } else {
            format!("printf('%032x', {what})")
        };
        sql = format!("{before}{hex}{after}");
    }
    let hash = if is_postgres {
        "decode(lpad(to_hex(n), 64, '0'), 'hex')"
    } else {
        "randomblob(32)"
    };
    sql.replace("{hash}", hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_the_databases_write() {
        assert_eq!(
            (word(0), word(1)),
            ("bababa".to_owned(), "kobaba".to_owned())
        );
        assert_eq!(word(4095), "zuzuzu");
        let sql = spelled("{word(a)}", 1, false);
        assert!(
            sql.contains("substr('bakorinudametolisovepagijuhefozu'"),
            "{sql}"
        );
    }

    #[test]
    fn nothing_is_left_to_be_spelled() {
        for is_postgres in [false, true] {
            for statement in statements(1000, is_postgres) {
                assert!(!statement.contains('{'), "{statement}");
            }
        }
    }
}
