//! New tokens: once, whoever asks, and never lost.

use std::{sync::Arc, time::Duration};

use gatefold_oauth::{GrantStore, KeptAlive, PersonError};
use serde_json::Value;
use tokio::sync::Notify;

use crate::support::{Answered, Fault, Site};

const REFRESHED: &str = "/oauth/token refresh_token";

#[tokio::test]
async fn fifty_at_once_in_two_processes_refresh_once() {
    for confidential in [false, true] {
        let site = if confidential {
            Site::confidential().await
        } else {
            Site::public().await
        };
        let id = site.sign_in().await;
        site.expire();
        let processes = [site.oauth.clone(), site.process()];
        let asking: Vec<_> = (0..50)
            .map(|n| {
                let person = processes[n % 2].person(id);
                tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await })
            })
            .collect();
        for one in asking {
            one.await.unwrap().unwrap();
        }
        assert_eq!(site.server.count(REFRESHED), 1);
        assert!(site.server.state().sessions[0].alive);
    }
}

#[tokio::test]
async fn a_refresh_is_finished_even_if_who_asked_leaves() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began: Arc::clone(&began),
        go: Arc::clone(&go),
    };
    site.server.state().faults.push(("/oauth/token", hold));
    let person = site.oauth.person(id);
    let asking = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    began.notified().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    go.notify_one();
    // Whoever comes next waits for it, and does not refresh again.
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    assert_eq!(site.server.count(REFRESHED), 1);
    let grant = site.kept(id).await.unwrap();
    assert_eq!(
        grant.access_token.expose(),
        site.server.state().sessions[0].access
    );
}

#[tokio::test]
async fn a_process_that_ends_waits_for_a_refresh_that_nobody_waits_for() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.oauth.settled().await;
    site.expire();
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began: Arc::clone(&began),
        go: Arc::clone(&go),
    };
    site.server.state().faults.push(("/oauth/token", hold));
    let person = site.oauth.person(id);
    let asking = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    began.notified().await;
    asking.abort();
    go.notify_one();
    site.oauth.settled().await;
    let grant = site.kept(id).await.unwrap();
    assert_eq!(
        grant.access_token.expose(),
        site.server.state().sessions[0].access
    );
    assert_eq!(site.server.count(REFRESHED), 1);
}

#[tokio::test]
async fn a_lease_outlasts_a_slow_refresh() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began: Arc::clone(&began),
        go: Arc::clone(&go),
    };
    site.server.state().faults.push(("/oauth/token", hold));
    let person = site.oauth.person(id);
    let slow = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    began.notified().await;
    // The database was slow, then the server is, and then the database will be again.
    site.clock.advance(Duration::from_secs(160));
    let person = site.process().person(id);
    let other = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    slow.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    assert_eq!(site.server.count(REFRESHED), 1);
    assert!(site.server.state().sessions[0].alive);
}

#[tokio::test]
async fn an_answer_that_drips_is_not_waited_for() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    let person = site.oauth.person(id);
    tokio::time::pause();
    site.server.state().faults.push(("/xrpc/", Fault::Drip));
    let error = person.get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::Unavailable)), "{error:?}");
}

#[tokio::test]
async fn a_refused_refresh_token_ends_the_session() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    site.server.state().sessions[0].alive = false;
    let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::SessionEnded)), "{error:?}");
    assert!(site.kept(id).await.is_none());
}

#[tokio::test]
async fn a_server_that_is_down_ends_nothing() {
    let refused = serde_json::json!({"error": "invalid_client"});
    for fault in [
        Fault::Close,
        Fault::Say(Answered::html(400)),
        Fault::Say(Answered::html(503)),
        Fault::Say(Answered::html(200)),
        Fault::Say(Answered::json(401, &refused)),
    ] {
        let site = Site::public().await;
        let id = site.sign_in().await;
        site.expire();
        site.server.state().faults.push(("/oauth/token", fault));
        let person = site.oauth.person(id);
        let error = person.get::<Value>("a.b.c", &[]).await;
        assert!(matches!(error, Err(PersonError::Unavailable)), "{error:?}");
        assert!(site.kept(id).await.is_some());
        person.get::<Value>("a.b.c", &[]).await.unwrap();
        assert_eq!(site.server.count(REFRESHED), 1);
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_costs_the_session_and_no_more() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    site.server
        .state()
        .faults
        .push(("/oauth/token", Fault::Lose));
    let person = site.oauth.person(id);
    let error = person.get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::Unavailable)), "{error:?}");
    // The server has given new tokens that nobody knows, and takes the old one for a theft.
    let error = person.get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::SessionEnded)), "{error:?}");
    assert!(site.kept(id).await.is_none());
}

#[tokio::test]
async fn who_waited_for_a_server_that_is_down_does_not_ask_it_again() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began: Arc::clone(&began),
        go: Arc::clone(&go),
    };
    let mut faults = vec![("/oauth/token", hold)];
    // It lets the first wait, who then has a wrong nonce, and ends all others.
    faults.extend((0..50).map(|_| ("/oauth/token", Fault::Close)));
    {
        let mut state = site.server.state();
        state.nonce += 1;
        state.faults = faults;
    }
    let ask = || {
        let person = site.oauth.person(id);
        tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await })
    };
    let mut asking = vec![ask()];
    began.notified().await;
    asking.extend((0..20).map(|_| ask()));
    // Until all of them wait for their turn.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    for one in asking {
        let error = one.await.unwrap();
        assert!(matches!(error, Err(PersonError::Unavailable)), "{error:?}");
    }
    assert_eq!(site.server.count("POST /oauth/token fault"), 1);
}

#[tokio::test]
async fn a_token_that_runs_out_ahead_of_time_is_renewed_when_it_is_refused() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.server.state().sessions[0].expired = true;
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    assert_eq!(site.server.count("/xrpc/a.b.c 401"), 1);
    assert_eq!(site.server.count(REFRESHED), 1);
}

#[tokio::test]
async fn who_is_refused_first_looks_whether_somebody_else_has_refreshed() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began: Arc::clone(&began),
        go: Arc::clone(&go),
    };
    site.server.state().faults.push(("/xrpc/", hold));
    let person = site.oauth.person(id);
    let slow = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    began.notified().await;
    // While its request is on the way, another process refreshes, which ends the token it shows.
    site.expire();
    let other = site.process();
    other.person(id).get::<Value>("d.e.f", &[]).await.unwrap();
    go.notify_one();
    slow.await.unwrap().unwrap();
    assert_eq!(site.server.count("/xrpc/a.b.c 401"), 1);
    assert_eq!(site.server.count(REFRESHED), 1);
}

#[tokio::test]
async fn an_early_renewal_that_fails_does_no_harm() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.clock.advance(Duration::from_secs(3590));
    site.server
        .state()
        .faults
        .push(("/oauth/token", Fault::Close));
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    assert_eq!(site.server.count(REFRESHED), 0);
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    assert_eq!(site.server.count(REFRESHED), 1);
}

#[tokio::test]
async fn the_lease_of_a_process_that_died_passes() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    let until = site.now().after(Duration::from_mins(1));
    let dead = site.store.lease(id, 7, site.now(), until).await.unwrap();
    let person = site.oauth.person(id);
    let asking = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(site.server.count(REFRESHED), 0);
    site.clock.advance(Duration::from_mins(1));
    asking.await.unwrap().unwrap();
    assert_eq!(site.server.count(REFRESHED), 1);
    // It was not dead after all: what it brings is not taken.
    let grant = site.kept(id).await.unwrap();
    assert!(
        !site
            .store
            .replace_grant(id, dead.unwrap(), &grant)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn new_tokens_are_stored_before_anybody_uses_them() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    // It is tried again for as long as there is a chance.
    site.store.fail(2);
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    let grant = site.kept(id).await.unwrap();
    assert_eq!(
        grant.access_token.expose(),
        site.server.state().sessions[0].access
    );
    site.expire();
    site.store.fail(usize::MAX);
    let before = site.server.count("/xrpc/a.b.c");
    let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::Store(_))), "{error:?}");
    assert_eq!(site.server.count("/xrpc/a.b.c"), before);
}

#[tokio::test]
async fn a_grant_that_is_revoked_elsewhere_meanwhile_stays_ended() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began: Arc::clone(&began),
        go: Arc::clone(&go),
    };
    site.server.state().faults.push(("/oauth/token", hold));
    let person = site.oauth.person(id);
    let asking = tokio::spawn(async move { person.get::<Value>("a.b.c", &[]).await });
    began.notified().await;
    site.store.delete_grant(id).await.unwrap();
    go.notify_one();
    let error = asking.await.unwrap();
    assert!(matches!(error, Err(PersonError::SessionEnded)), "{error:?}");
    assert!(!site.server.state().sessions[0].alive);
    assert!(site.kept(id).await.is_none());
}

#[tokio::test]
async fn a_grant_of_somebody_else_is_not_taken() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.expire();
    site.server.state().sub = crate::support::stand_in::MALLORY;
    let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::SessionEnded)), "{error:?}");
    assert!(site.kept(id).await.is_none());
    assert!(!site.server.state().sessions[0].alive);
}

#[tokio::test]
async fn a_client_key_serves_its_grants_until_it_is_retired() {
    let mut site = Site::confidential().await;
    let old = site.keys.primary(site.now()).unwrap().id().clone();
    let id = site.sign_in().await;
    let new = site
        .keys
        .rotate(&mut gatefold_ops::system_random(), site.now());
    let new = new.unwrap();
    site.oauth.set_keys(site.keys.clone()).unwrap();
    site.publish();
    site.clock.advance(Duration::from_mins(15));
    // Who signs in now is signed in with the new key; who was, is refreshed with theirs.
    let later = site.sign_in().await;
    assert_eq!(site.kept(later).await.unwrap().client_key, Some(new));
    site.expire();
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    site.oauth
        .person(later)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    assert_eq!(site.server.count(REFRESHED), 2);

    site.keys.retire(&old, site.now()).unwrap();
    site.oauth.set_keys(site.keys.clone()).unwrap();
    site.publish();
    site.expire();
    let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::KeyRetired)), "{error:?}");
    assert!(site.kept(id).await.is_some());
    site.oauth
        .person(later)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    assert!(
        site.oauth
            .set_keys(gatefold_oauth::ClientKeys::default())
            .is_err()
    );
}

#[tokio::test]
async fn a_grant_that_lies_idle_is_kept_alive() {
    for (confidential, days) in [(false, 4), (true, 30)] {
        let site = if confidential {
            Site::confidential().await
        } else {
            Site::public().await
        };
        let id = site.sign_in().await;
        site.clock.advance(Duration::from_hours(days * 24 - 1));
        assert_eq!(site.oauth.keep_alive(id).await.unwrap(), KeptAlive::NotYet);
        assert_eq!(site.server.count(REFRESHED), 0);
        site.clock.advance(Duration::from_hours(1));
        assert_eq!(
            site.oauth.keep_alive(id).await.unwrap(),
            KeptAlive::Refreshed
        );
        assert_eq!(site.oauth.keep_alive(id).await.unwrap(), KeptAlive::NotYet);
        assert_eq!(site.server.count(REFRESHED), 1);
    }
}
