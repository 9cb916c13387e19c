//! Accounts, and what happened to them.

use gatefold_store::{Account, AuditEvent, Change, NewAuditEntry};

use crate::{
    database::{Database, at, id, person},
    on_both,
};

on_both!(
    an_account_keeps_when_it_was_seen,
    the_audit_is_read_in_pages
);

async fn an_account_keeps_when_it_was_seen(database: &Database) {
    let store = database.store().await;
    let accounts = store.accounts();
    let alice = person('a');
    assert_eq!(accounts.get(&alice).await.unwrap(), None);
    let handle = "alice.test".parse().unwrap();
    let other = "alice.example.com".parse().unwrap();
    let mut cursor = store.changes().cursor().await.unwrap();
    for (now, handle, is_new) in [
        (1, Some(&handle), true),
        (2, Some(&handle), false),
        (3, None, true),
        (4, None, false),
        (5, Some(&handle), true),
        (6, Some(&other), true),
        (7, Some(&other), false),
    ] {
        let seen = accounts.seen(&alice, handle, at(now)).await.unwrap();
        assert_eq!(seen, is_new, "{now}");
        let news = store.changes().since(cursor).await.unwrap();
        cursor = news.cursor;
        let told = is_new.then(|| Change::Account(alice.clone()));
        assert_eq!(news.changes, told.into_iter().collect::<Vec<_>>(), "{now}");
        let expected = Account {
            did: alice.clone(),
            handle: handle.cloned(),
            first_seen: at(1),
            last_seen: at(now),
        };
        assert_eq!(accounts.get(&alice).await.unwrap(), Some(expected));
    }
    assert_eq!(accounts.get(&person('b')).await.unwrap(), None);
}

async fn the_audit_is_read_in_pages(database: &Database) {
    let store = database.store().await;
    let audit = store.audit();
    let (alice, bob) = (person('a'), person('b'));
    for (now, event) in (0..).zip(AuditEvent::ALL) {
        for did in [&alice, &bob] {
            let entry = NewAuditEntry {
                at: at(now),
                did,
                event,
                subject: (now == 3).then_some("my program"),
                network: (now == 3).then_some("192.0.2.0/24"),
                session: (now == 3).then_some(id(7)),
            };
            audit.add(entry).await.unwrap();
        }
    }
    let mut events = Vec::new();
    let mut before = None;
    let mut sizes = Vec::new();
    loop {
        let page = audit.page(&alice, before, 4).await.unwrap();
        sizes.push(page.entries.len());
        events.extend(page.entries);
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [4, 2]);
    let mut expected = AuditEvent::ALL;
    expected.reverse();
    assert_eq!(
        events.iter().map(|entry| entry.event).collect::<Vec<_>>(),
        expected
    );
    let third = &events[2];
    assert_eq!(third.at, at(3));
    assert_eq!(third.subject.as_deref(), Some("my program"));
    assert_eq!(third.network.as_deref(), Some("192.0.2.0/24"));
    assert_eq!(third.session, Some(id(7)));
    // A page that is exactly full is the last one.
    assert_eq!(audit.page(&alice, None, 6).await.unwrap().before, None);
    let nobody = audit.page(&person('c'), None, 4).await.unwrap();
    assert!(nobody.entries.is_empty() && nobody.before.is_none());
}
