//! Files that come from somewhere else, under names that somebody else chose, or do not come.

use gatefold_client::{ClientError, Download};

use crate::stand_in::{Said, StandIn};

/// Whatever comes.
async fn all(mut download: Download) -> Result<Vec<u8>, ClientError> {
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await? {
        bytes.extend_from_slice(&piece);
    }
    let len = bytes.len() as u64;
    assert_eq!(download.came(), len);
    assert!(download.length().is_none_or(|length| length == len));
    Ok(bytes)
}

#[tokio::test]
async fn a_token_is_shown_to_its_own_server_alone() {
    let media = StandIn::start(|_| {
        let name = "attachment; filename=\"../a.mp3\"".to_owned();
        Said::Answer(200, vec![("content-disposition", name)], b"bytes".to_vec())
    })
    .await;
    let there = format!("{}/a.mp3?x", media.origin);
    let server = StandIn::start(move |line| match line {
        "GET /audio/f%2F1/download" => Said::moved("/securev1/abc"),
        _ => Said::moved(&there),
    })
    .await;
    let download = server.client().download("f/1").await.unwrap();
    assert_eq!(download.name().as_deref(), Some("a.mp3"));
    assert_eq!(download.length(), Some(5));
    assert_eq!(all(download).await.unwrap(), b"bytes");
    assert_eq!(
        server.lines(),
        ["GET /audio/f%2F1/download", "GET /securev1/abc"]
    );
    for asked in server.asked() {
        assert_eq!(asked.headers["authorization"], "Bearer abc");
    }
    assert_eq!(media.lines(), ["GET /a.mp3?x"]);
    let asked = media.asked().remove(0);
    assert!(!asked.headers.contains_key("authorization"), "{asked:?}");
    assert!(!asked.headers.contains_key("referer"), "{asked:?}");
}

#[tokio::test]
async fn a_redirect_leads_to_where_files_are_and_nowhere_else() {
    for there in [
        "http://192.0.2.1/a.mp3",
        "http://music.example/a.mp3",
        "file:///etc/passwd",
        "data:text/plain,a",
        "",
    ] {
        let server = StandIn::start(move |_| Said::moved(there)).await;
        let error = server.client().download("f").await.map(drop).unwrap_err();
        assert!(
            matches!(error, ClientError::Unexpected { .. }),
            "{there}: {error}"
        );
    }
    let server = StandIn::start(|_| Said::moved("/audio/f/download")).await;
    let error = server.client().download("f").await.map(drop).unwrap_err();
    assert!(matches!(error, ClientError::Unexpected { .. }), "{error}");
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn what_breaks_off_is_no_file() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nfe",
    ] {
        let server = StandIn::start(|_| Said::Raw(answer.to_owned())).await;
        let download = server.client().download("f").await.unwrap();
        let error = all(download).await.unwrap_err();
        assert!(
            matches!(error, ClientError::Unreachable { .. }),
            "{answer}: {error}"
        );
    }
    // Nobody could tell.
    let server = StandIn::start(|_| Said::Raw("HTTP/1.1 200 OK\r\n\r\nhalf".to_owned())).await;
    let error = server.client().download("f").await.map(drop).unwrap_err();
    assert!(
        error.to_string().contains("does not say how long"),
        "{error}"
    );
    let whole = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n";
    let server = StandIn::start(|_| Said::Raw(whole.to_owned())).await;
    let download = server.client().download("f").await.unwrap();
    assert_eq!(download.length(), None);
    assert_eq!(all(download).await.unwrap(), b"half");
}
