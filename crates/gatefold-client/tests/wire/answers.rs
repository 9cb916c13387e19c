//! What answers mean.

use gatefold_client::{Client, ClientError};
use serde_json::json;

use crate::stand_in::{Said, StandIn};

/// What asking who is signed in comes to.
async fn me(says: impl Fn(&str) -> Said + Send + Sync + 'static) -> ClientError {
    let server = StandIn::start(says).await;
    let error = server.client().me().await.unwrap_err();
    assert_eq!(server.lines(), ["GET /auth/me"]);
    error
}

#[tokio::test]
async fn each_refusal_is_told_apart_and_says_what_to_do() {
    let refused = |status: u16| {
        move |_: &str| {
            Said::json(
                status,
                &json!({"detail": "not on Sundays", "code": "sunday"}),
            )
        }
    };
    assert!(matches!(
        me(refused(401)).await,
        ClientError::NotSignedIn { .. }
    ));
    let ClientError::Refused(refusal) = me(refused(403)).await else {
        panic!("it was refused");
    };
    assert_eq!(
        (refusal.code.as_str(), refusal.detail.as_str()),
        ("sunday", "not on Sundays")
    );
    assert!(matches!(me(refused(422)).await, ClientError::Refused(_)));
    assert!(matches!(me(refused(404)).await, ClientError::NotFound(_)));
    let trouble = me(|_| Said::json(500, &json!({"detail": "noted", "request_id": "17"}))).await;
    assert!(
        trouble
            .to_string()
            .ends_with("cannot do this now: noted (request 17)"),
        "{trouble}"
    );
    let proxy = me(|_| Said::Answer(502, Vec::new(), b"<html>Bad Gateway".to_vec())).await;
    assert!(
        proxy
            .to_string()
            .contains("the server answers 502 Bad Gateway"),
        "{proxy}"
    );
    let pause = me(|_| Said::Answer(429, vec![("retry-after", "7".to_owned())], Vec::new())).await;
    assert!(pause.to_string().ends_with("try again in 7 s"), "{pause}");
}

#[tokio::test]
async fn what_is_no_such_server_is_told() {
    let elsewhere = me(|_| Said::moved("https://www.music.example/auth/me")).await;
    assert!(
        elsewhere
            .to_string()
            .ends_with("to https://www.music.example: name that one with --server"),
        "{elsewhere}"
    );
    for said in [
        || Said::Answer(200, Vec::new(), b"<html>Welcome".to_vec()),
        || Said::json(200, &json!({"id": 1})),
        || Said::moved("/auth/me"),
    ] {
        let error = me(move |_| said()).await;
        assert!(matches!(error, ClientError::Unexpected { .. }), "{error}");
    }
    let long = "a".repeat(17 << 20);
    let error = me(move |_| Said::json(200, &json!({"did": long}))).await;
    assert!(matches!(error, ClientError::Unexpected { .. }), "{error}");
}

#[tokio::test]
async fn what_breaks_off_is_no_answer() {
    for said in [
        || Said::Close(0),
        || Said::Raw("HTTP/1.1 200 OK\r\n".to_owned()),
        || Said::Raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"did\":".to_owned()),
    ] {
        let error = me(move |_| said()).await;
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    }
    let nobody = Client::new("http://127.0.0.1:9".parse().unwrap()).unwrap();
    let error = nobody.me().await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("http://127.0.0.1:9 cannot be reached: "),
        "{error}"
    );
}
