//! Requests that are no proper requests for media.

use gatefold_e2e::{Result, http::ask, subject::Subject};
use http::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{over_every_origin, shared::assert_unkept};

over_every_origin![
    only_reading_is_allowed,
    garbage_ends_its_own_connection_only,
    a_connection_serves_one_request_after_the_other,
];

async fn only_reading_is_allowed(subject: &Subject) -> Result {
    let link = subject.link("small.wav")?;
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::TRACE,
    ] {
        for asking in [
            link.ask(method.clone()),
            ask(method.clone(), "/securev1/nonsense"),
        ] {
            let answer = subject.answer(asking).await?;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
            assert_eq!(answer.header("allow"), "GET, HEAD", "{method}");
            assert_eq!(answer.json()?["code"], "method_not_allowed");
            assert_unkept(&answer, method.as_str());
        }
    }
    Ok(())
}

/// Sends bytes that need not be a request; gives what comes back until the connection ends.
pub(crate) async fn raw(subject: &Subject, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(subject.address).await?;
    let mut answer = Vec::new();
    // The other side may hang up before it has read all: that is an answer, too.
    if stream.write_all(bytes).await.is_ok() {
        let _ = stream.read_to_end(&mut answer).await;
    }
    Ok(answer)
}

async fn garbage_ends_its_own_connection_only(subject: &Subject) -> Result {
    let link = subject.link("small.wav")?;
    let start = format!("GET {} HTTP/1.1\r\nhost: x\r\n", link.path);
    let huge = format!("{start}x-huge: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("{start}{}\r\n", "x-many: a\r\n".repeat(5000));
    let long = format!(
        "GET /securev1/EC{} HTTP/1.1\r\nhost: x\r\n\r\n",
        "A".repeat(1 << 20)
    );
    let two = format!("{start}content-length: 5\r\ncontent-length: 6\r\n\r\n");
    for (what, bytes) in [
        (
            "noise",
            &b"\x16\x03\x01\x02\x00\x01\x00\xfc\x03\x03\r\n\r\n"[..],
        ),
        ("a huge header", huge.as_bytes()),
        ("many headers", many.as_bytes()),
        ("a long URL", long.as_bytes()),
        ("two lengths", two.as_bytes()),
        ("nothing", b"\r\n\r\n\0\r\n\r\n"),
    ] {
        let answer = String::from_utf8_lossy(&raw(subject, bytes).await?).into_owned();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{what}: {answer}"
        );
        let next = subject.answer(link.ask(Method::HEAD)).await?;
        assert_eq!(next.status, StatusCode::OK, "after {what}");
    }
    Ok(())
}

async fn a_connection_serves_one_request_after_the_other(subject: &Subject) -> Result {
    let object = subject.object("small.wav")?;
    let link = subject.link(object.name)?;
    let headers: String = link
        .proof
        .iter()
        .fold(String::new(), |text, (name, value)| {
            text + &format!("{name}: {value}\r\n")
        });
    let one = |range: &str, rest: &str| {
        format!(
            "GET {} HTTP/1.1\r\nhost: x\r\n{headers}range: {range}\r\n{rest}\r\n",
            link.path
        )
    };
    // All at once: the answers come in order, and a refused one does not disturb the others.
    let asked = [
        one("bytes=0-9", ""),
        "GET /securev1/EC HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        one("bytes=10-19", "connection: close\r\n"),
    ];
    let answer = raw(subject, asked.concat().as_bytes()).await?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let statuses: Vec<_> = text
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &text[at + 9..at + 12])
        .collect();
    assert_eq!(statuses, ["206", "403", "206"], "{text}");
    assert!(answer.ends_with(&object.bytes[10..20]));
    Ok(())
}
