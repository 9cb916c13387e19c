//! Exchange tokens: one use, for whoever began.

use gatefold_domain::{SessionId, SessionKind};
use gatefold_store::{AuditEvent, Change, EndReason, NewSecret, Shown, StoreError};

use crate::{
    database::{Database, SignIn, at, grant, hash, id, person},
    on_both,
};

on_both!(
    a_token_becomes_what_it_was_made_for,
    a_token_is_good_once,
    of_a_hundred_redeemers_one_wins,
    a_token_is_good_for_a_minute,
    who_shows_the_wrong_thing_does_not_use_it_up,
    a_developer_token_needs_the_session_that_asked_for_it,
    an_account_is_in_a_browser_once,
    a_token_outlives_a_failed_redemption,
);

async fn a_token_becomes_what_it_was_made_for(database: &Database) {
    let store = database.store().await;
    for (sign_in, event) in [
        (SignIn::browser('a', 1, 101), AuditEvent::SignedIn),
        (SignIn::command_line('a', 2), AuditEvent::SignedIn),
        (SignIn::developer('a', 3, 1), AuditEvent::TokenCreated),
    ] {
        sign_in.begin(&store).await;
        let proof = hash(sign_in.number);
        let mut asked = None;
        let tokens = store.exchange_tokens();
        let redeemed = tokens.redeem(
            &proof,
            sign_in.shown(&proof),
            Some("192.0.2.0/24"),
            at(30),
            |kind| {
                asked = Some(kind);
                sign_in.secret()
            },
        );
        let redeemed = redeemed.await.unwrap().unwrap();
        assert_eq!(asked, Some(sign_in.kind));
        let session = redeemed.session;
        assert_eq!(redeemed.replaced, None);
        assert_eq!(session.kind, sign_in.kind);
        assert_eq!(
            (&session.did, session.grant),
            (&sign_in.who, grant(sign_in.number))
        );
        assert_eq!((session.created, session.expires), (at(30), at(3600)));
        let is_browser = sign_in.kind == SessionKind::Browser;
        assert_eq!(session.browser, is_browser.then_some(id(101)));
        let is_token = sign_in.kind == SessionKind::Developer;
        assert_eq!(session.name.is_some(), is_token);
        assert_eq!(session.public_id, is_token.then(|| sign_in.public_id()));
        let kept = store
            .sessions()
            .by_secret(&hash(sign_in.number), at(31))
            .await
            .unwrap();
        assert_eq!(kept, Some(session));
        let page = store.audit().page(&person('a'), None, 1).await.unwrap();
        let entry = &page.entries[0];
        assert_eq!((entry.event, entry.at), (event, at(30)));
        assert_eq!(entry.session, Some(id(sign_in.number)));
        assert_eq!(entry.subject.is_some(), is_token);
        assert_eq!(entry.network.as_deref(), Some("192.0.2.0/24"));
    }
}

async fn a_token_is_good_once(database: &Database) {
    let store = database.store().await;
    let sign_in = SignIn::browser('a', 1, 101);
    assert!(sign_in.finish(&store).await.is_none());
    sign_in.begin(&store).await;
    assert!(sign_in.finish(&store).await.is_some());
    assert!(sign_in.finish(&store).await.is_none());
}

async fn of_a_hundred_redeemers_one_wins(database: &Database) {
    let stores = [database.store().await, database.store().await];
    SignIn::command_line('a', 1).begin(&stores[0]).await;
    let redeeming: Vec<_> = (0..100u8)
        .map(|number| {
            let store = stores[usize::from(number % 2)].clone();
            tokio::spawn(async move {
                let verifier = hash(1);
                let shown = Shown {
                    verifier: Some(&verifier),
                    ..Shown::default()
                };
                let make = |_| NewSecret {
                    id: id(number),
                    hash: hash(number),
                    public_id: None,
                };
                let tokens = store.exchange_tokens();
                tokens
                    .redeem(&hash(1), shown, None, at(1), make)
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut won = Vec::new();
    for task in redeeming {
        won.extend(task.await.unwrap());
    }
    assert_eq!(won.len(), 1);
    let sessions = stores[1]
        .sessions()
        .of_account(&person('a'), at(2))
        .await
        .unwrap();
    assert_eq!(sessions, [won.remove(0).session]);
    let audit = stores[1]
        .audit()
        .page(&person('a'), None, 10)
        .await
        .unwrap();
    assert_eq!(audit.entries.len(), 1);
}

async fn a_token_is_good_for_a_minute(database: &Database) {
    let store = database.store().await;
    let proof = hash(1);
    let sign_in = SignIn::command_line('a', 1);
    sign_in.begin(&store).await;
    let redeem = async |now| {
        let tokens = store.exchange_tokens();
        let make = |_| sign_in.secret();
        tokens
            .redeem(&hash(1), sign_in.shown(&proof), None, at(now), make)
            .await
            .unwrap()
    };
    assert!(redeem(60).await.is_none());
    assert!(redeem(59).await.is_some());
}

async fn who_shows_the_wrong_thing_does_not_use_it_up(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 9, 109).complete(&store).await;
    let proof = hash(77);
    let wrong = hash(78);
    let nothing = Shown::default();
    let binding = |hash| Shown {
        binding: Some(hash),
        ..Shown::default()
    };
    let verifier = |hash| Shown {
        verifier: Some(hash),
        ..Shown::default()
    };
    let session = |number: u8| Shown {
        session: Some(id(number)),
        ..Shown::default()
    };
    for (sign_in, refused) in [
        (
            SignIn::browser('a', 1, 101),
            vec![
                nothing,
                binding(&wrong),
                verifier(&hash(1)),
                session(9),
                session(101),
            ],
        ),
        (
            SignIn::command_line('a', 2),
            vec![nothing, verifier(&wrong), binding(&hash(2)), session(9)],
        ),
        (
            SignIn::developer('a', 3, 9),
            vec![
                nothing,
                session(8),
                binding(&proof),
                verifier(&proof),
                binding(&hash(3)),
            ],
        ),
    ] {
        sign_in.begin(&store).await;
        for shown in refused {
            let make = |_: SessionKind| -> NewSecret { panic!("nothing is to be made") };
            let tokens = store.exchange_tokens();
            let redeemed = tokens
                .redeem(&hash(sign_in.number), shown, None, at(1), make)
                .await;
            assert_eq!(redeemed.unwrap(), None, "{shown:?}");
        }
        // With more than is asked for, it is good.
        let right = hash(sign_in.number);
        let mut shown = sign_in.shown(&right);
        shown.binding = shown.binding.or(Some(&wrong));
        shown.verifier = shown.verifier.or(Some(&wrong));
        shown.session = shown.session.or(Some(id(8)));
        let make = |_| sign_in.secret();
        let tokens = store.exchange_tokens();
        let redeemed = tokens
            .redeem(&right, shown, None, at(1), make)
            .await
            .unwrap();
        assert!(redeemed.is_some(), "{:?}", sign_in.kind);
    }
}

async fn a_developer_token_needs_the_session_that_asked_for_it(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    SignIn::browser('b', 2, 102).complete(&store).await;
    SignIn::command_line('a', 3).complete(&store).await;
    let brief = SignIn {
        lasts: 10,
        ..SignIn::browser('a', 4, 104)
    };
    brief.complete(&store).await;
    for (number, asking) in [
        // Somebody else's, no browser's, one that has ended by itself, one that never was.
        (12, 2),
        (13, 3),
        (14, 4),
        (15, 5),
    ] {
        let token = SignIn::developer('a', number, asking);
        token.begin(&store).await;
        let token = SignIn { at: 20, ..token };
        assert_eq!(token.finish(&store).await, None, "{asking}");
    }
    let token = SignIn::developer('a', 16, 1);
    token.begin(&store).await;
    let ended = store
        .sessions()
        .end(id(1), &person('a'), EndReason::SignedOut, None, at(5))
        .await;
    assert!(ended.unwrap().is_some());
    assert_eq!(token.finish(&store).await, None);
}

async fn an_account_is_in_a_browser_once(database: &Database) {
    let store = database.store().await;
    SignIn::browser('a', 1, 101).complete(&store).await;
    SignIn::browser('b', 2, 101).complete(&store).await;
    SignIn::browser('a', 3, 102).complete(&store).await;
    let cursor = store.changes().cursor().await.unwrap();
    let again = SignIn::browser('a', 4, 101).complete(&store).await;
    let replaced = again.replaced.unwrap();
    assert_eq!(
        (replaced.id, replaced.grant, replaced.browser),
        (id(1), grant(1), Some(id(101)))
    );
    let news = store.changes().since(cursor).await.unwrap();
    assert_eq!(
        news.changes,
        [Change::Session(id(1)), Change::Browser(id(101))]
    );
    let list = store.sessions().of_browser(id(101), at(1)).await.unwrap();
    let mut ids: Vec<SessionId> = list.iter().map(|session| session.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [id(2), id(4)]);
    assert!(
        store
            .sessions()
            .by_secret(&hash(1), at(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .sessions()
            .by_secret(&hash(3), at(1))
            .await
            .unwrap()
            .is_some()
    );
}

async fn a_token_outlives_a_failed_redemption(database: &Database) {
    let store = database.store().await;
    SignIn::command_line('a', 1).complete(&store).await;
    let sign_in = SignIn::command_line('a', 2);
    sign_in.begin(&store).await;
    let verifier = hash(2);
    let tokens = store.exchange_tokens();
    // A secret that there is already: the session cannot be made.
    let taken = tokens.redeem(&verifier, sign_in.shown(&verifier), None, at(1), |_| {
        NewSecret {
            id: id(2),
            hash: hash(1),
            public_id: None,
        }
    });
    assert!(matches!(taken.await, Err(StoreError::Unavailable(_))));
    assert!(sign_in.finish(&store).await.is_some());
    let audit = store.audit().page(&person('a'), None, 10).await.unwrap();
    assert_eq!(audit.entries.len(), 2);
}
