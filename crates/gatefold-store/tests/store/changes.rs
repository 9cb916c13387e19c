//! What processes tell each other.

use std::collections::BTreeSet;

use gatefold_store::Change;

use sqlx::{Connection, PgConnection};

use crate::{
    database::{Database, Place, at, id, person},
    on_both,
};

on_both!(
    another_process_learns_what_changed,
    nobody_misses_a_change_of_many_at_once,
    who_slept_too_long_is_told_so,
    what_is_not_understood_is_not_passed_over,
);

async fn another_process_learns_what_changed(database: &Database) {
    let (one, other) = (database.store().await, database.store().await);
    let cursor = other.changes().cursor().await.unwrap();
    let changes = [
        Change::Session(id(1)),
        Change::Browser(id(2)),
        Change::Account(person('a')),
    ];
    for change in &changes {
        one.changes().tell(change, at(0)).await.unwrap();
    }
    let news = other.changes().since(cursor).await.unwrap();
    assert_eq!(news.changes, changes);
    assert!(news.is_complete);
    let nothing = other.changes().since(news.cursor).await.unwrap();
    assert!(nothing.changes.is_empty() && nothing.is_complete);
    assert_eq!(nothing.cursor, news.cursor);
}

async fn nobody_misses_a_change_of_many_at_once(database: &Database) {
    let stores = [database.store().await, database.store().await];
    let mut cursor = stores[0].changes().cursor().await.unwrap();
    let telling: Vec<_> = (0..100u8)
        .map(|number| {
            let store = stores[usize::from(number % 2)].clone();
            tokio::spawn(async move {
                let change = Change::Session(id(number));
                store.changes().tell(&change, at(0)).await.unwrap();
            })
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut read = async || {
        let news = stores[0].changes().since(cursor).await.unwrap();
        assert!(news.is_complete);
        cursor = news.cursor;
        for change in news.changes {
            let Change::Session(id) = change else {
                panic!("{change:?}")
            };
            assert!(seen.insert(id), "{id} was told twice");
        }
    };
    for task in telling {
        read().await;
        task.await.unwrap();
    }
    read().await;
    assert_eq!(seen.len(), 100);
}

async fn who_slept_too_long_is_told_so(database: &Database) {
    let store = database.store().await;
    let early = store.changes().cursor().await.unwrap();
    for number in 0..5 {
        let change = Change::Session(id(number));
        store
            .changes()
            .tell(&change, at(i64::from(number)))
            .await
            .unwrap();
    }
    let later = store.changes().since(early).await.unwrap().cursor;
    // Ten minutes are kept, and the newest for ever.
    store.sweep(at(602), 100).await.unwrap();
    let news = store.changes().since(early).await.unwrap();
    assert!(news.changes.is_empty() && !news.is_complete);
    assert_eq!(news.cursor, later);
    let current = store.changes().since(later).await.unwrap();
    assert!(current.is_complete);
    store.sweep(at(99_999), 100).await.unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM changes").await, ["1"]);
    assert!(store.changes().since(later).await.unwrap().is_complete);
    // More than anybody wants to read one by one.
    let many = "INSERT INTO changes (at, what, key) \
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) \
                SELECT 0, 'account', 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' FROM n";
    database.sql(many).await;
    let news = store.changes().since(later).await.unwrap();
    assert!(!news.is_complete && news.changes.is_empty());
    assert!(
        store
            .changes()
            .since(news.cursor)
            .await
            .unwrap()
            .is_complete
    );
}

async fn what_is_not_understood_is_not_passed_over(database: &Database) {
    let store = database.store().await;
    let cursor = store.changes().cursor().await.unwrap();
    let sql = "INSERT INTO changes (at, what, key) VALUES (0, 'from a newer version', 'x')";
    database.sql(sql).await;
    let news = store.changes().since(cursor).await.unwrap();
    assert!(!news.is_complete);
    assert!(
        store
            .changes()
            .since(news.cursor)
            .await
            .unwrap()
            .is_complete
    );
}

/// Two transactions on PostgreSQL, of which the one with the smaller number ends later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_ends_late_is_not_passed_over() {
    let database = Database::postgres();
    let store = database.store().await;
    // The first change waits for somebody when its transaction ends.
    database
        .sql(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NEW.key LIKE '0101%' THEN PERFORM pg_advisory_xact_lock_shared(42); END IF; \
             RETURN NULL; END $$; \
             CREATE CONSTRAINT TRIGGER late AFTER INSERT ON changes \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()",
        )
        .await;
    let Place::Postgres(fresh) = &database.place else {
        unreachable!()
    };
    let mut holder = PgConnection::connect(&fresh.url).await.unwrap();
    let lock = sqlx::raw_sql("SELECT pg_advisory_lock(42)");
    lock.execute(&mut holder).await.unwrap();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = \
                   (SELECT oid FROM pg_database WHERE datname = current_database())";
    let tell = |number| {
        let store = store.clone();
        tokio::spawn(async move {
            let change = Change::Session(id(number));
            store.changes().tell(&change, at(0)).await.unwrap();
        })
    };
    let mut cursor = store.changes().cursor().await.unwrap();
    let first = tell(1);
    while database.sql(waiting).await != ["1"] && !first.is_finished() {}
    let second = tell(2);
    while database.sql(waiting).await != ["2"] && !second.is_finished() {}
    let mut seen = Vec::new();
    let news = store.changes().since(cursor).await.unwrap();
    seen.extend(news.changes);
    cursor = news.cursor;
    let unlock = sqlx::raw_sql("SELECT pg_advisory_unlock(42)");
    unlock.execute(&mut holder).await.unwrap();
    first.await.unwrap();
    second.await.unwrap();
    seen.extend(store.changes().since(cursor).await.unwrap().changes);
    assert_eq!(seen, [Change::Session(id(1)), Change::Session(id(2))]);
}
