//! Requests in the name of a person: nonces, bodies that are sent again, refusals.

use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use gatefold_net::{Opening, OutgoingBody, Replay};
use gatefold_oauth::PersonError;
use serde_json::{Value, json};

use crate::support::{Answered, Fault, Site};

#[tokio::test]
async fn a_nonce_is_remembered_for_its_origin() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    // One request had no nonce, and was sent again: the first of all.
    assert_eq!(site.server.count("/oauth/par 400"), 1);
    assert_eq!(site.server.count("/oauth/token 400"), 0);
    let person = site.oauth.person(id);
    for _ in 0..3 {
        person.get::<Value>("a.b.c", &[]).await.unwrap();
    }
    assert_eq!(site.server.count("/xrpc/a.b.c"), 3);
    assert_eq!(site.server.count("/xrpc/a.b.c 401"), 0);
    // Servers change it now and then: one request more.
    site.server.state().nonce += 1;
    person.get::<Value>("a.b.c", &[]).await.unwrap();
    person.get::<Value>("a.b.c", &[]).await.unwrap();
    assert_eq!(site.server.count("/xrpc/a.b.c 401"), 1);
}

#[tokio::test]
async fn a_server_may_change_its_nonce_every_time() {
    let site = Site::public().await;
    site.server.state().nonce_changes = true;
    let id = site.sign_in().await;
    let person = site.oauth.person(id);
    for n in 0..5 {
        let answer: Value = person.post("a.b.c", &json!({"n": n})).await.unwrap();
        assert_eq!(answer["body"]["n"], n);
    }
    site.expire();
    person.get::<Value>("a.b.c", &[]).await.unwrap();
    site.oauth.revoke(id).await.unwrap();
    assert!(!site.server.state().sessions[0].alive);
}

#[tokio::test]
async fn a_server_that_wants_no_nonce_at_all_is_asked_twice_and_no_more() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    site.server.state().nonce_never = true;
    let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::Unavailable)), "{error:?}");
    assert_eq!(site.server.count("/xrpc/a.b.c 401"), 2);
    assert!(site.kept(id).await.is_some());
}

/// A file of ninety thousand sevens, as far as the client can tell.
struct File;

const SIZE: usize = 90_000;

impl Replay for File {
    fn length(&self) -> u64 {
        90_000
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Ok(Box::new(Cursor::new(vec![7_u8; SIZE])) as _) })
    }
}

#[tokio::test]
async fn a_blob_is_sent_again_when_the_nonce_was_old() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    let person = site.oauth.person(id);
    for body in [
        OutgoingBody::Bytes(Bytes::from(vec![7; SIZE])),
        OutgoingBody::Replayable(Arc::new(File)),
    ] {
        site.server.state().nonce += 1;
        let blob = person.upload_blob(body, "audio/mpeg").await.unwrap();
        assert_eq!((blob.cid.as_str(), blob.size), ("bafy", 90_000));
        assert_eq!(blob.mime_type, "audio/mpeg");
        assert_eq!(blob.to_json()["ref"]["$link"], "bafy");
    }
    assert_eq!(
        site.server.count("/xrpc/com.atproto.repo.uploadBlob 401"),
        2
    );
    assert_eq!(site.server.state().blobs, [vec![7; SIZE], vec![7; SIZE]]);
}

#[tokio::test]
async fn what_is_too_much_is_not_sent_or_read() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    let person = site.oauth.person(id);
    let asked = site.server.state().log.len();
    let blob = OutgoingBody::Bytes(Bytes::from(vec![0; 100_001]));
    let error = person.upload_blob(blob, "audio/mpeg").await;
    assert!(matches!(error, Err(PersonError::Request)), "{error:?}");
    let error = person.post::<Value>("a.b.c", &"x".repeat(1000)).await;
    assert!(matches!(error, Err(PersonError::Request)), "{error:?}");
    let error = person.get::<Value>("a.b/c", &[]).await;
    assert!(matches!(error, Err(PersonError::Request)), "{error:?}");
    let blob = OutgoingBody::Bytes(Bytes::new());
    let error = person.upload_blob(blob, "audio/mpeg\r\nx: y").await;
    assert!(matches!(error, Err(PersonError::Request)), "{error:?}");
    assert_eq!(site.server.state().log.len(), asked);
    let long = Answered::json(200, &"x".repeat(10_001).into());
    site.server
        .state()
        .faults
        .push(("/xrpc/", Fault::Say(long)));
    let error = person.get::<Value>("a.b.c", &[]).await;
    assert!(matches!(error, Err(PersonError::Unavailable)), "{error:?}");
}

#[tokio::test]
async fn a_server_may_refuse_or_be_down() {
    let site = Site::public().await;
    let id = site.sign_in().await;
    let scope = Answered::json(403, &json!({"error": "ScopeMissingError"}));
    let swap = Answered::json(400, &json!({"error": "InvalidSwap", "message": "<b>"}));
    for (fault, expected) in [
        (Fault::Say(scope), "the session does not allow this"),
        (
            Fault::Say(swap),
            "the server refused the request with status 400: InvalidSwap",
        ),
        (
            Fault::Say(Answered::html(429)),
            "the server has been asked too often",
        ),
        (
            Fault::Say(Answered::html(502)),
            "the server cannot be asked at the moment",
        ),
        (
            Fault::Say(Answered::html(200)),
            "the server cannot be asked at the moment",
        ),
        (Fault::Close, "the server cannot be asked at the moment"),
    ] {
        site.server.state().faults.push(("/xrpc/", fault));
        let error = site.oauth.person(id).get::<Value>("a.b.c", &[]).await;
        assert_eq!(error.unwrap_err().to_string(), expected);
        assert!(site.kept(id).await.is_some());
    }
    assert_eq!(site.server.count("/oauth/token refresh_token"), 0);
}
