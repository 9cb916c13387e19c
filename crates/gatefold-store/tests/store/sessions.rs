//! Sessions: found, listed, switched, ended.

use gatefold_domain::{SessionKind, Timestamp};
use gatefold_store::{AuditEvent, Change, EndReason, Session, Store};

use crate::{
    database::{Database, SignIn, at, grant, hash, id, person},
    on_both,
};

on_both!(
    a_session_is_found_by_its_secret_until_it_ends,
    an_account_sees_its_own_sessions,
    a_browser_has_several_accounts,
    a_switch_gives_a_new_secret,
    a_switch_stays_in_its_browser,
    a_session_that_ends_is_gone_and_told,
    a_session_ends_with_its_grant,
    a_use_is_kept,
    processes_that_write_at_once_wait_for_each_other,
);

async fn by_secret(store: &Store, number: u8, now: Timestamp) -> Option<Session> {
    store
        .sessions()
        .by_secret(&hash(number), now)
        .await
        .unwrap()
}

async fn a_session_is_found_by_its_secret_until_it_ends(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    let handle = "alice.test".parse().unwrap();
    store
        .accounts()
        .seen(&person('a'), Some(&handle), at(1))
        .await
        .unwrap();
    let expected = Session {
        id: id(1),
        kind: SessionKind::Browser,
        did: person('a'),
        handle: Some(handle),
        grant: grant(1),
        browser: Some(id(101)),
        public_id: None,
        name: None,
        created: at(0),
        last_seen: at(0),
        expires: at(3600),
    };
    assert_eq!(by_secret(&store, 1, at(3599)).await, Some(expected.clone()));
    assert_eq!(
        store.sessions().get(id(1), at(3599)).await.unwrap(),
        Some(expected)
    );
    assert_eq!(by_secret(&store, 1, at(3600)).await, None);
    assert_eq!(store.sessions().get(id(1), at(3600)).await.unwrap(), None);
    assert_eq!(by_secret(&store, 2, at(0)).await, None);
}

async fn an_account_sees_its_own_sessions(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    let line = SignIn {
        at: 1,
        ..SignIn::command_line('a', 2)
    };
    line.complete(&store).await;
    let token = SignIn {
        at: 2,
        ..SignIn::developer('a', 3, 1)
    };
    token.complete(&store).await;
    SignIn::browser('b', 4, 102).complete(&store).await;
    let sessions = store.sessions();
    let ids = |list: Vec<Session>| list.iter().map(|session| session.id).collect::<Vec<_>>();
    let all = sessions.of_account(&person('a'), at(5)).await.unwrap();
    assert_eq!(ids(all), [id(3), id(2), id(1)]);
    let tokens = sessions
        .developer_tokens(&person('a'), at(5))
        .await
        .unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].name.as_deref(), Some("my program"));
    assert_eq!(tokens[0].public_id.as_deref(), Some("token003"));
    let public = async |letter| {
        let found = sessions
            .by_public_id(&person(letter), "token003", at(5))
            .await;
        found.unwrap().map(|session| session.id)
    };
    assert_eq!(public('a').await, Some(id(3)));
    assert_eq!(public('b').await, None);
    // All of them end by themselves.
    assert!(
        sessions
            .of_account(&person('a'), at(9999))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        sessions
            .developer_tokens(&person('a'), at(9999))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_browser_has_several_accounts(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    let later = SignIn {
        at: 1,
        ..SignIn::browser('b', 2, 101)
    };
    later.complete(&store).await;
    SignIn::browser('c', 3, 102).complete(&store).await;
    SignIn::command_line('d', 4).complete(&store).await;
    let brief = SignIn {
        lasts: 10,
        ..SignIn::browser('e', 5, 101)
    };
    brief.complete(&store).await;
    let sessions = store.sessions();
    let list = sessions.of_browser(id(101), at(10)).await.unwrap();
    let dids: Vec<_> = list.into_iter().map(|session| session.did).collect();
    assert_eq!(dids, [person('b'), person('a')]);
    for (of, now, expected) in [
        (1, 2, &[2, 1, 5][..]),
        (1, 10, &[2, 1]),
        (2, 10, &[2, 1]),
        (3, 2, &[3]),
        // A command line, one that has ended, and none.
        (4, 2, &[]),
        (5, 10, &[]),
        (9, 2, &[]),
    ] {
        let list = sessions.beside(id(of), at(now)).await.unwrap();
        let ids: Vec<_> = list.iter().map(|session| session.id).collect();
        let expected: Vec<_> = expected.iter().copied().map(id).collect();
        assert_eq!(ids, expected, "{of} {now}");
    }
    assert!(
        store
            .sessions()
            .of_browser(id(103), at(2))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_switch_gives_a_new_secret(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    SignIn::browser('b', 2, 101).complete(&store).await;
    let cursor = store.changes().cursor().await.unwrap();
    let to = store
        .sessions()
        .switch(id(1), &person('b'), &hash(50), at(5))
        .await
        .unwrap();
    assert_eq!(
        to.map(|session| (session.id, session.last_seen)),
        Some((id(2), at(5)))
    );
    assert_eq!(
        by_secret(&store, 50, at(6))
            .await
            .map(|session| session.did),
        Some(person('b'))
    );
    // What it was shown by before is good no more; the one that was left goes on.
    assert_eq!(by_secret(&store, 2, at(6)).await, None);
    assert!(by_secret(&store, 1, at(6)).await.is_some());
    let news = store.changes().since(cursor).await.unwrap();
    assert_eq!(news.changes, [Change::Session(id(2))]);
}

async fn a_switch_stays_in_its_browser(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    SignIn::browser('b', 2, 102).complete(&store).await;
    let brief = SignIn {
        lasts: 10,
        ..SignIn::browser('c', 3, 101)
    };
    brief.complete(&store).await;
    SignIn::command_line('b', 4).complete(&store).await;
    let cursor = store.changes().cursor().await.unwrap();
    for (from, to, now) in [
        // Another browser's account, nobody's, one whose session has ended by itself.
        (1, 'b', 5),
        (1, 'd', 5),
        (1, 'c', 10),
        // From a session that has ended, that never was, and that has no browser.
        (3, 'a', 10),
        (9, 'a', 5),
        (4, 'b', 5),
    ] {
        let to = person(to);
        let switched = store
            .sessions()
            .switch(id(from), &to, &hash(50), at(now))
            .await;
        assert_eq!(switched.unwrap(), None, "{from} {to}");
    }
    assert_eq!(by_secret(&store, 50, at(5)).await, None);
    assert!(
        store
            .changes()
            .since(cursor)
            .await
            .unwrap()
            .changes
            .is_empty()
    );
}

async fn a_session_that_ends_is_gone_and_told(database: &Database) {
    let store = database.store().await;
    let other = database.store().await;
    let cases = [
        (EndReason::SignedOut, AuditEvent::SignedOut),
        (EndReason::EndedElsewhere, AuditEvent::SessionEnded),
        (EndReason::GrantLost, AuditEvent::GrantLost),
        (EndReason::TokenRevoked, AuditEvent::TokenRevoked),
    ];
    for (number, (reason, event)) in (1..).zip(cases) {
        SignIn::browser('a', 100 + number, 100 + number)
            .complete(&store)
            .await;
        let sign_in = match reason {
            EndReason::TokenRevoked => SignIn::developer('a', number, 100 + number),
            _ => SignIn::browser('a', number, 200),
        };
        sign_in.complete(&store).await;
        let cursor = other.changes().cursor().await.unwrap();
        let end = async |did| {
            let network = Some("2001:db8::/64");
            store
                .sessions()
                .end(id(number), &did, reason, network, at(7))
                .await
                .unwrap()
        };
        assert_eq!(end(person('b')).await, None, "it is somebody else's");
        let ended = end(person('a')).await.unwrap();
        assert_eq!((ended.id, ended.grant), (id(number), grant(number)));
        assert_eq!(end(person('a')).await, None, "it has ended before");
        assert_eq!(by_secret(&other, number, at(7)).await, None);
        let news = other.changes().since(cursor).await.unwrap();
        assert_eq!(news.changes, [Change::Session(id(number))]);
        let page = store.audit().page(&person('a'), None, 1).await.unwrap();
        let entry = &page.entries[0];
        assert_eq!(
            (entry.event, entry.at, entry.session),
            (event, at(7), Some(id(number)))
        );
        assert_eq!(entry.network.as_deref(), Some("2001:db8::/64"));
        let name = (reason == EndReason::TokenRevoked).then_some("my program");
        assert_eq!(entry.subject.as_deref(), name);
    }
}

async fn a_session_ends_with_its_grant(database: &Database) {
    let store = database.store().await;
    let other = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    SignIn::browser('a', 2, 102).complete(&store).await;
    let cursor = other.changes().cursor().await.unwrap();
    let lost = store.grants().delete(&grant(1), at(9)).await.unwrap();
    assert_eq!(lost, [id(1)]);
    assert_eq!(by_secret(&other, 1, at(9)).await, None);
    assert!(by_secret(&other, 2, at(9)).await.is_some());
    let news = other.changes().since(cursor).await.unwrap();
    assert_eq!(news.changes, [Change::Session(id(1))]);
    let page = store.audit().page(&person('a'), None, 1).await.unwrap();
    let entry = &page.entries[0];
    assert_eq!(
        (entry.event, entry.at, entry.session),
        (AuditEvent::GrantLost, at(9), Some(id(1)))
    );
}

async fn a_use_is_kept(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    for (number, before, now, is_kept, last_seen) in [
        (1, 0, 300, true, 300),
        // Another process has kept it.
        (1, 299, 599, false, 300),
        (1, 300, 600, true, 600),
        // It has ended, and there is none.
        (1, 3300, 3600, false, 600),
        (2, 300, 600, false, 600),
    ] {
        let sessions = store.sessions();
        let touched = sessions.touch(id(number), at(before), at(now)).await;
        assert_eq!(touched.unwrap(), is_kept, "{number} {now}");
        let session = by_secret(&store, 1, at(601)).await.unwrap();
        assert_eq!(session.last_seen, at(last_seen), "{number} {now}");
    }
}

async fn processes_that_write_at_once_wait_for_each_other(database: &Database) {
    let stores = [database.store().await, database.store().await];
    SignIn::browser('a', 1, 101).complete(&stores[0]).await;
    SignIn::browser('b', 2, 101).complete(&stores[0]).await;
    let switching = stores.map(|store| {
        tokio::spawn(async move {
            for number in 0..40 {
                let switched = store
                    .sessions()
                    .switch(id(1), &person('b'), &hash(50), at(number))
                    .await;
                assert!(switched.unwrap().is_some());
            }
        })
    });
    for task in switching {
        task.await.unwrap();
    }
}
