//! A database that goes away in the middle.

use gatefold_store::{OpenError, Options, Store, StoreError};
use gatefold_testkit::databases::Postgres;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use crate::database::{Database, Place, SignIn, at, crypter, hash};

#[tokio::test]
async fn a_server_that_hangs_up_is_asked_again() {
    let database = Database::postgres();
    let Place::Postgres(fresh) = &database.place else {
        unreachable!()
    };
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    fresh.hang_up().unwrap();
    // Connections are looked at before they are used.
    let found = store.sessions().by_secret(&hash(1), at(1)).await.unwrap();
    assert!(found.is_some());
}

#[tokio::test]
async fn a_database_that_is_gone_is_unavailable_and_not_empty() {
    let database = Database::postgres();
    let Place::Postgres(fresh) = database.place else {
        unreachable!()
    };
    let options = Options {
        connections: 2,
        ..Options::default()
    };
    let opened = Store::open(&database.url, crypter(&[1]), options, at(0));
    let store = opened.await.unwrap();
    SignIn::browser('a', 1, 101).complete(&store).await;
    drop(fresh);
    let asked = store.sessions().by_secret(&hash(1), at(1)).await;
    assert!(
        matches!(asked, Err(StoreError::Unavailable(_))),
        "{asked:?}"
    );
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
    let written = store.pending().put(&hash(2), b"x", at(600)).await;
    assert!(
        matches!(written, Err(StoreError::Unavailable(_))),
        "{written:?}"
    );
}

#[tokio::test]
async fn a_row_that_somebody_holds_is_unavailable_after_a_bounded_time() {
    let server = Postgres::start().unwrap();
    let fresh = server.database().unwrap();
    let url = fresh.url.parse().unwrap();
    let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0));
    let store = opened.await.unwrap();
    let mut holder = sqlx::PgConnection::connect(&fresh.url).await.unwrap();
    let lock = "BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut holder).await.unwrap();
    let asked = store.sessions().by_secret(&hash(1), at(1)).await;
    assert!(
        matches!(asked, Err(StoreError::Unavailable(_))),
        "{asked:?}"
    );
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    assert_eq!(
        store.sessions().by_secret(&hash(1), at(1)).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_store_that_was_closed_is_unavailable() {
    for database in [Database::sqlite(), Database::postgres()] {
        let store = database.store().await;
        store.close().await;
        let asked = store.sessions().by_secret(&hash(1), at(1)).await;
        assert!(
            matches!(asked, Err(StoreError::Unavailable(_))),
            "{asked:?}"
        );
        let written = store.pending().put(&hash(2), b"x", at(600)).await;
        assert!(
            matches!(written, Err(StoreError::Unavailable(_))),
            "{written:?}"
        );
    }
}

#[tokio::test]
async fn a_file_that_somebody_writes_is_unavailable_after_a_bounded_time() {
    let database = Database::sqlite();
    let store = database.store().await;
    let path = database.url.file().unwrap();
    let options = SqliteConnectOptions::new().filename(path);
    let mut holder = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut holder)
        .await
        .unwrap();
    let written = store.pending().put(&hash(2), b"x", at(600)).await;
    assert!(
        matches!(written, Err(StoreError::Unavailable(_))),
        "{written:?}"
    );
    // Who reads does not wait.
    assert_eq!(
        store.sessions().by_secret(&hash(1), at(1)).await.unwrap(),
        None
    );
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut holder)
        .await
        .unwrap();
    store.pending().put(&hash(2), b"x", at(600)).await.unwrap();
}

/// Time stands still but for whoever waits for it: the test does not.
#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("postgres://gatefold:hunter2@{address}/gatefold")
        .parse()
        .unwrap();
    let opened = Store::open(&url, crypter(&[1]), Options::default(), at(0)).await;
    let error = opened.err().unwrap();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
}
