//! Opening a database, and what can be wrong with it.

use std::{fs, os::unix::fs::PermissionsExt};

use gatefold_store::{OpenError, Options, Store};
use gatefold_testkit::databases::Postgres;

use crate::{
    database::{Database, Place, SignIn, at, crypter},
    on_both,
};

on_both!(
    a_database_is_made_once,
    several_processes_make_it_together,
    a_schema_is_only_made_when_it_is_asked_for,
    a_newer_schema_is_refused,
    a_migration_that_was_another_one_is_refused,
    a_key_file_that_belongs_to_another_database_is_refused,
);

async fn a_database_is_made_once(database: &Database) {
    let store = database.store().await;
    store.ping().await.unwrap();
    let count = "SELECT count(*) FROM schema_migrations";
    assert_eq!(database.sql(count).await, [store.schema().to_string()]);
    store.close().await;
    let again = database.store().await;
    again.ping().await.unwrap();
    assert_eq!(database.sql(count).await, [again.schema().to_string()]);
}

async fn several_processes_make_it_together(database: &Database) {
    let opened = tokio::join!(
        database.open(&[1]),
        database.open(&[1]),
        database.open(&[1]),
        database.open(&[1])
    );
    for store in [opened.0, opened.1, opened.2, opened.3] {
        store.unwrap().ping().await.unwrap();
    }
}

async fn a_schema_is_only_made_when_it_is_asked_for(database: &Database) {
    let options = Options {
        migrate: false,
        ..Options::default()
    };
    let error = database.open_with(&[1], options).await.err().unwrap();
    assert!(
        matches!(error, OpenError::Older { found: 0, known } if known > 0),
        "{error}"
    );
    database.store().await.close().await;
    database.open_with(&[1], options).await.unwrap();
}

async fn a_newer_schema_is_refused(database: &Database) {
    database.store().await.close().await;
    let sql = "INSERT INTO schema_migrations VALUES (9999, 'later', 'unknown', 0)";
    database.sql(sql).await;
    for migrate in [true, false] {
        let options = Options {
            migrate,
            ..Options::default()
        };
        let error = database.open_with(&[1], options).await.err().unwrap();
        assert!(
            matches!(error, OpenError::Newer { found: 9999, .. }),
            "{error}"
        );
        assert!(
            error.to_string().contains("run a newer gatefold"),
            "{error}"
        );
    }
}

async fn a_migration_that_was_another_one_is_refused(database: &Database) {
    database.store().await.close().await;
    let sql = "UPDATE schema_migrations SET checksum = 'another' WHERE version = 1";
    database.sql(sql).await;
    for migrate in [true, false] {
        let options = Options {
            migrate,
            ..Options::default()
        };
        let error = database.open_with(&[1], options).await.err().unwrap();
        assert!(
            matches!(error, OpenError::Checksum { version: 1 }),
            "{error}"
        );
    }
}

async fn a_key_file_that_belongs_to_another_database_is_refused(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    store.close().await;
    let missing = crypter(&[1]).primary();
    let error = database.open(&[2]).await.err().unwrap();
    assert!(
        matches!(error, OpenError::KeyMissing(id) if id == missing),
        "{error}"
    );
    assert!(error.to_string().contains(&missing.to_string()), "{error}");
    database.open(&[2, 1]).await.unwrap();
}

#[tokio::test]
async fn an_sqlite_file_is_its_owners_alone() {
    let database = Database::sqlite();
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    let Place::Sqlite(folder) = &database.place else {
        unreachable!()
    };
    let files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(
        files.len() >= 2,
        "the log beside it was not found: {files:?}"
    );
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_folder_is_made_for_an_sqlite_file() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/one/two/gatefold.db", folder.path().display());
    let url = url.parse().unwrap();
    let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0)).await;
    opened.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let database = Database::sqlite();
    let path = database.url.file().unwrap().to_owned();
    let text = "This is somebody's diary and not a database. ".repeat(100);
    fs::write(&path, &text).unwrap();
    let error = database.open(&[1]).await.err().unwrap();
    assert!(
        matches!(&error, OpenError::NotADatabase(found) if *found == path),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    // A folder that is a file, and a file that is a folder.
    for path in [file.join("gatefold.db"), folder.path().to_owned()] {
        let url = format!("sqlite:{}", path.display()).parse().unwrap();
        let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0)).await;
        let error = opened.err().unwrap();
        assert!(
            matches!(&error, OpenError::NotWritable { path: found, .. } if *found == path),
            "{error}"
        );
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let url = "postgres://gatefold:hunter2@127.0.0.1:1/gatefold"
        .parse()
        .unwrap();
    let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0)).await;
    let error = opened.err().unwrap();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
    assert!(
        error.to_string().contains("gatefold@127.0.0.1:1/gatefold")
            && error.to_string().contains("refused"),
        "{error}"
    );
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_refuses_is_named_without_the_password() {
    let fresh = Postgres::start().unwrap().database().unwrap();
    let (user, rest) = fresh.url.rsplit_once(":gatefold@").unwrap();
    let wrong = format!("{user}:hunter2@{rest}");
    let nowhere = format!("{}_nowhere", fresh.url);
    for (url, word) in [(wrong, "password"), (nowhere, "does not exist")] {
        let url = url.parse().unwrap();
        let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0)).await;
        let error = opened.err().unwrap();
        assert!(matches!(error, OpenError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains(":gatefold@"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let fresh = Postgres::start().unwrap().database().unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = format!("{}?sslmode={mode}", fresh.url).parse().unwrap();
        let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0)).await;
        let error = opened.err().unwrap();
        assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("TLS"), "{error}");
    }
}
