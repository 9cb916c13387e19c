//! Signing in, and all the ways in which it fails.

use std::time::Duration;

use gatefold_oauth::{AuthorizeError, AuthorizeOptions, CallbackReason, IdentityError, Prompt};
use serde_json::Value;

use crate::support::{
    Answered, Fault, SCOPES, Site,
    stand_in::{ALICE, MALLORY},
};

#[tokio::test]
async fn a_public_client_signs_somebody_in() {
    let site = Site::public().await;
    let started = site
        .begin_with(AuthorizeOptions {
            prompt: Some(Prompt::Consent),
            app_state: b"next=/tracks".to_vec(),
            ..AuthorizeOptions::default()
        })
        .await;
    let pushed = site.server.pushed(&started.url);
    assert_eq!(pushed["client_id"], site.oauth.client_id());
    assert_eq!(
        pushed["redirect_uri"],
        "http://127.0.0.1:8400/auth/callback"
    );
    assert_eq!(pushed["scope"], SCOPES);
    assert_eq!(pushed["state"], started.state.expose());
    assert_eq!(pushed["login_hint"], "alice.test");
    assert_eq!(pushed["prompt"], "consent");
    assert!(!site.oauth.is_confidential());

    let query = site.server.consent(&started.url);
    let finished = site.come_back(&query).await.ok().unwrap();
    assert_eq!(finished.did.as_str(), ALICE);
    assert_eq!(finished.handle.unwrap().as_str(), "alice.test");
    assert_eq!(finished.scopes.to_string(), SCOPES);
    assert!(finished.missing.is_empty());
    assert_eq!(finished.app_state, b"next=/tracks");

    let grant = site.kept(finished.grant).await.unwrap();
    assert_eq!(grant.client_key, None);
    assert_eq!(grant.issuer, site.server.state().origin);
    assert_eq!(
        grant.dpop_key.thumbprint(),
        site.server.state().sessions[0].jkt
    );
    let person = site.oauth.person(finished.grant);
    let answer: Value = person.get("fm.plyr.test", &[("a", "b c")]).await.unwrap();
    assert_eq!(answer["query"], "a=b%20c");
}

#[tokio::test]
async fn a_confidential_client_proves_itself_each_time() {
    let site = Site::confidential().await;
    assert_eq!(
        site.oauth.client_id(),
        "https://app.example.com/oauth-client-metadata.json"
    );
    let id = site.sign_in().await;
    let grant = site.kept(id).await.unwrap();
    let key = site.keys.primary(site.now()).unwrap().id().clone();
    assert_eq!(site.server.state().sessions[0].kid, key.as_str());
    assert_eq!(grant.client_key, Some(key));
    // Refreshing and revoking are proven too: the server asserts it.
    site.expire();
    site.oauth
        .person(id)
        .get::<Value>("a.b.c", &[])
        .await
        .unwrap();
    site.oauth.revoke(id).await.unwrap();
    assert_eq!(site.server.count("/oauth/revoke"), 1);
}

#[tokio::test]
async fn nobody_is_found_under_what_names_nobody() {
    let site = Site::public().await;
    let begin = async |input: &str| {
        let begun = site.oauth.authorize(input, AuthorizeOptions::default());
        begun.await.err().unwrap()
    };
    for (input, expected) in [
        ("bob.test", IdentityError::NoSuchHandle),
        (
            "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb",
            IdentityError::UnknownDid,
        ),
        ("", IdentityError::Input),
        ("ftp://pds.example", IdentityError::Input),
        ("http://10.0.0.1", IdentityError::Input),
    ] {
        let error = begin(input).await;
        let expected = |found| found == expected;
        assert!(
            matches!(error, AuthorizeError::Identity(found) if expected(found)),
            "{input}"
        );
    }
}

#[tokio::test]
async fn who_has_no_name_yet_begins_at_a_server() {
    let site = Site::public().await;
    let origin = site.server.state().origin.clone();
    let options = AuthorizeOptions::default();
    let started = site.oauth.authorize(&origin, options).await.ok().unwrap();
    assert!(!site.server.pushed(&started.url).contains_key("login_hint"));
    site.server.state().sub = MALLORY;
    let query = site.server.consent(&started.url);
    assert_eq!(
        site.come_back(&query).await.ok().unwrap().did.as_str(),
        MALLORY
    );
}

#[tokio::test]
async fn a_request_is_refused_or_not_heard() {
    let site = Site::public().await;
    let refused = serde_json::json!({"error": "invalid_request", "error_description": "<b>"});
    for (fault, expected) in [
        (
            Fault::Say(Answered::json(400, &refused)),
            "the authorization server refused the request: invalid_request",
        ),
        (
            Fault::Say(Answered::html(400)),
            "the authorization server cannot be asked at the moment",
        ),
        (
            Fault::Say(Answered::html(200)),
            "the authorization server cannot be asked at the moment",
        ),
        (
            Fault::Say(Answered::json(503, &refused)),
            "the authorization server cannot be asked at the moment",
        ),
        (
            Fault::Close,
            "the authorization server cannot be asked at the moment",
        ),
    ] {
        site.server.state().faults.push(("/oauth/par", fault));
        let begun = site
            .oauth
            .authorize("alice.test", AuthorizeOptions::default());
        assert_eq!(begun.await.err().unwrap().to_string(), expected);
    }
}

#[tokio::test]
async fn only_who_is_expected_may_begin() {
    let site = Site::public().await;
    let options = AuthorizeOptions {
        expect: Some(MALLORY.parse().unwrap()),
        ..AuthorizeOptions::default()
    };
    let begun = site.oauth.authorize("alice.test", options).await;
    assert!(matches!(begun.err(), Some(AuthorizeError::OtherAccount)));
}

#[tokio::test]
async fn a_state_is_good_once_and_for_ten_minutes() {
    let site = Site::public().await;
    let unknown = site.come_back("state=unknown&code=c").await.err().unwrap();
    assert!(matches!(unknown.reason, CallbackReason::UnknownState));
    assert_eq!(unknown.app_state, None);
    let none = site.come_back("code=c").await.err().unwrap();
    assert!(matches!(none.reason, CallbackReason::UnknownState));

    let started = site.begin().await;
    let query = site.server.consent(&started.url);
    assert!(site.come_back(&query).await.is_ok());
    let again = site.come_back(&query).await.err().unwrap();
    assert!(matches!(again.reason, CallbackReason::UnknownState));

    let started = site.begin().await;
    let query = site.server.consent(&started.url);
    site.clock.advance(Duration::from_mins(10));
    let late = site.come_back(&query).await.err().unwrap();
    assert!(matches!(late.reason, CallbackReason::UnknownState));
    assert_eq!(site.server.state().sessions.len(), 1);
}

#[tokio::test]
async fn a_person_may_say_no() {
    let site = Site::public().await;
    let options = AuthorizeOptions {
        app_state: b"next".to_vec(),
        ..AuthorizeOptions::default()
    };
    let started = site.begin_with(options).await;
    let query = site.server.deny(&started.url);
    let denied = site.come_back(&query).await.err().unwrap();
    assert!(matches!(denied.reason, CallbackReason::Denied));
    assert_eq!(denied.app_state.as_deref(), Some(&b"next"[..]));
    // The sign-in is over.
    let again = site.come_back(&query).await.err().unwrap();
    assert!(matches!(again.reason, CallbackReason::UnknownState));
}

#[tokio::test]
async fn the_answer_is_checked_in_order_before_a_code_is_shown() {
    let site = Site::public().await;
    let origin = site.server.state().origin.clone();
    let iss = format!("iss={}", origin.replace(':', "%3A").replace('/', "%2F"));
    for (rest, expected) in [
        // An error comes before the issuer.
        (
            "error=login_required&iss=x",
            "the authorization server ended the sign-in: login_required",
        ),
        (
            "error=%3Cb%3E&code=c",
            "the authorization server ended the sign-in: unknown",
        ),
        (
            "code=c",
            "the answer does not come from the server that was asked",
        ),
        (
            "code=c&iss=https%3A%2F%2Fevil.example",
            "the answer does not come from the server that was asked",
        ),
        (
            &format!("code=c&{iss}%2F"),
            "the answer does not come from the server that was asked",
        ),
        (&iss, "the answer has no code"),
        (
            &format!("code=c&{iss}"),
            "the authorization server did not take the code: invalid_grant",
        ),
    ] {
        let started = site.begin().await;
        let before = site.server.state().log.len();
        let query = format!("state={}&{rest}", started.state.expose());
        let error = site.come_back(&query).await.err().unwrap();
        assert_eq!(error.to_string(), expected, "{rest}");
        // The server saw the code only when all before was in order.
        let asked = site.server.state().log.len() > before;
        assert_eq!(asked, expected.contains("invalid_grant"), "{rest}");
    }
}

#[tokio::test]
async fn who_comes_back_is_checked_and_what_is_refused_is_given_back() {
    type Change = fn(&Site);
    let cases: [(Change, &str); 5] = [
        (
            |site| site.server.state().sub = MALLORY,
            "another account signed in than was expected",
        ),
        (
            |site| site.server.state().names = "https://other.example".to_owned(),
            "the authorization server has no say over this account",
        ),
        (
            |site| site.server.state().drops.push("atproto"),
            "the authorization server did not grant an atproto session",
        ),
        (
            |site| {
                let gone = Fault::Say(Answered::html(404));
                let path = "/.well-known/oauth-protected-resource";
                site.server.state().faults.push((path, gone));
            },
            "the server is no atproto server with OAuth",
        ),
        (
            |site| {
                let gone = Fault::Say(Answered::html(404));
                site.server.state().faults.push(("/did:plc:", gone));
            },
            "there is no such account",
        ),
    ];
    for (change, expected) in cases {
        let site = Site::public().await;
        let started = site.begin().await;
        let query = site.server.consent(&started.url);
        change(&site);
        let error = site.come_back(&query).await.err().unwrap();
        assert_eq!(error.to_string(), expected);
        assert_eq!(site.server.count("/oauth/revoke"), 1, "{expected}");
        assert!(!site.server.state().sessions[0].alive);
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_ends_the_sign_in() {
    for fault in [
        Fault::Close,
        Fault::Say(Answered::html(200)),
        Fault::Say(Answered::html(502)),
    ] {
        let site = Site::public().await;
        let started = site.begin().await;
        let query = site.server.consent(&started.url);
        site.server.state().faults.push(("/oauth/token", fault));
        let error = site.come_back(&query).await.err().unwrap();
        assert!(matches!(error.reason, CallbackReason::Unavailable));
    }
}

#[tokio::test]
async fn what_was_not_granted_is_named() {
    let site = Site::public().await;
    site.server.state().drops.push("blob:audio/*");
    let started = site.begin().await;
    let query = site.server.consent(&started.url);
    let finished = site.come_back(&query).await.ok().unwrap();
    assert_eq!(finished.missing.to_string(), "blob:audio/*");
    assert_eq!(finished.scopes.to_string(), "atproto repo:fm.plyr.track");
    assert_eq!(
        site.kept(finished.grant).await.unwrap().scopes,
        finished.scopes
    );
}
