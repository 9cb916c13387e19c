//! What is over goes away.

use gatefold_store::{AuditEvent, NewAuditEntry, NewGrant};

use crate::{
    database::{Database, SignIn, at, grant, hash, person},
    on_both,
};

on_both!(
    what_is_over_is_removed,
    a_sweep_is_bounded,
    grants_that_nothing_refers_to_are_told,
);

async fn rows(database: &Database, table: &str) -> String {
    database
        .sql(&format!("SELECT count(*) FROM {table}"))
        .await
        .remove(0)
}

async fn what_is_over_is_removed(database: &Database) {
    let store = database.store().await;
    let year = 365 * 24 * 3600;
    for now in [0, year] {
        let entry = NewAuditEntry {
            at: at(now),
            did: &person('b'),
            event: AuditEvent::SignedIn,
            subject: None,
            network: None,
            session: None,
        };
        store.audit().add(entry).await.unwrap();
    }
    SignIn::browser('a', 1, 101).complete(&store).await;
    SignIn::command_line('a', 2).begin(&store).await;
    store.pending().put(&hash(1), b"x", at(600)).await.unwrap();
    for (now, sessions, tokens, pending, audit) in [
        (59, "1", "1", "1", "3"),
        (60, "1", "0", "1", "3"),
        (600, "1", "0", "0", "3"),
        (3599, "1", "0", "0", "3"),
        (3600, "0", "0", "0", "3"),
        (year - 1, "0", "0", "0", "3"),
        (year, "0", "0", "0", "1"),
    ] {
        store.sweep(at(now), 100).await.unwrap();
        for (table, expected) in [
            ("sessions", sessions),
            ("exchange_tokens", tokens),
            ("pending_authorizations", pending),
            ("audit", audit),
        ] {
            assert_eq!(rows(database, table).await, expected, "{table} at {now}");
        }
    }
}

async fn a_sweep_is_bounded(database: &Database) {
    let store = database.store().await;
    for number in 0..5 {
        store
            .pending()
            .put(&hash(number), b"x", at(600))
            .await
            .unwrap();
    }
    let mut removed = Vec::new();
    loop {
        let swept = store.sweep(at(600), 2).await.unwrap();
        removed.push(swept.removed);
        if !swept.is_more {
            break;
        }
    }
    assert_eq!(removed, [2, 2, 1]);
}

async fn grants_that_nothing_refers_to_are_told(database: &Database) {
    let store = database.store().await;
    // One that nobody redeemed, one whose session has ended by itself, one whose session goes on.
    SignIn::command_line('a', 1).begin(&store).await;
    let brief = SignIn {
        lasts: 100,
        ..SignIn::command_line('a', 2)
    };
    brief.complete(&store).await;
    SignIn::command_line('a', 3).complete(&store).await;
    // One whose process ended before there was a token.
    let new = NewGrant {
        key: &grant(4),
        did: &person('a'),
        bytes: b"x",
        expires: None,
        created: at(1),
    };
    store.grants().put(new).await.unwrap();
    let orphans = async |now| {
        let mut orphans = store.sweep(at(now), 100).await.unwrap().orphans;
        orphans.sort_unstable();
        orphans
    };
    // It may be that its exchange token is about to be made.
    assert!(orphans(599).await.is_empty());
    assert_eq!(orphans(600).await, [grant(1), grant(2)]);
    // Again, until they are revoked.
    assert_eq!(orphans(601).await, [grant(1), grant(2), grant(4)]);
    for number in [1, 2, 4] {
        store.grants().delete(&grant(number), at(0)).await.unwrap();
    }
    assert!(orphans(601).await.is_empty());
    assert!(store.grants().get(&grant(3)).await.unwrap().is_some());
}
