//! Ending grants.

use std::{sync::Arc, time::Duration};

use gatefold_oauth::PersonError;
use serde_json::Value;
use tokio::{sync::Notify, time::Instant};

use crate::support::{Answered, Fault, Site};

#[tokio::test]
async fn a_grant_is_given_back() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.oauth.revoke(id).await.unwrap();
    assert!(site.kept(id).await.is_none());
    assert!(!site.server.state().sessions[0].alive);
    let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::SessionEnded)), "{error:?}");
    // Once more is no error, and nothing is asked.
    site.oauth.revoke(id).await.unwrap();
    assert_eq!(site.server.count("/oauth/revoke"), 1);
}

#[tokio::test]
async fn a_slow_server_holds_nobody_up() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = Fault::Hold {
        began,
        go: Arc::clone(&go),
    };
    site.server.state().faults.push(("/oauth/revoke", hold));
    tokio::time::pause();
    let since = Instant::now();
    site.oauth.revoke(id).await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(5));
    assert!(site.kept(id).await.is_none());
    assert!(site.server.state().sessions[0].alive);
    go.notify_one();
    site.oauth.settled().await;
    assert!(!site.server.state().sessions[0].alive);
}

#[tokio::test]
async fn it_is_gone_here_even_if_the_server_does_not_hear() {
    for fault in [
        Fault::Close,
        Fault::Say(Answered::html(500)),
        Fault::Say(Answered::html(400)),
    ] {
        let site = Site::public().await;
        let id = site.sign_in().await;
        site.server.state().faults.push(("/oauth/revoke", fault));
        site.oauth.revoke(id).await.unwrap();
        assert!(site.kept(id).await.is_none());
    }
}
