//! What a sealed URL answers on the wire, to a plain client.

use std::path::Path;

use gatefold_e2e::{
    Result,
    demo::{GRACE, LIFETIME, Running, Sealed},
    http::{Answer, Ask, ask, get, send, with},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where tests find the music that one of them has composed.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// An edge, and a URL that it opens.
struct Bench {
    demo: Running,
    sealed: Sealed,
    bytes: Vec<u8>,
}

impl Bench {
    async fn start() -> Result<Self> {
        let demo = Running::start(Path::new(FOLDER)).await?;
        let sealed = demo.seal().await?;
        let bytes = Running::bytes(Path::new(FOLDER))?;
        Ok(Self {
            demo,
            sealed,
            bytes,
        })
    }

    /// The request of the site that the URL is for.
    fn rightful(&self, method: Method) -> Ask {
        with(ask(method, &self.sealed.path), "origin", &self.demo.site)
    }

    async fn answer(&self, request: Ask) -> Result<Answer> {
        send(self.demo.address, request).await
    }

    /// The answer to a range.
    async fn range(&self, range: &str) -> Result<Answer> {
        self.answer(with(self.rightful(Method::GET), "range", range))
            .await
    }
}

/// What every refusal has in common: a code, a stage, nothing to keep, nothing for other sites.
fn assert_refused(answer: &Answer, stage: &str, code: &str, what: &str) -> Result {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
    let said = answer.json()?;
    assert_eq!(
        (said.get("stage"), said.get("code")),
        (Some(&json!(stage)), Some(&json!(code))),
        "{what}"
    );
    assert!(said.get("detail").is_some_and(Value::is_string), "{what}");
    assert_unkept(answer, what);
    Ok(())
}

fn assert_unkept(answer: &Answer, what: &str) {
    assert_eq!(
        answer.header("cache-control"),
        "private, no-store",
        "{what}"
    );
    assert_eq!(answer.header("vary"), "Cookie, Authorization", "{what}");
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    let told: Vec<_> = answer
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| {
            name.starts_with("access-control-")
                || ["etag", "last-modified", "content-range", "accept-ranges"].contains(name)
        })
        .collect();
    assert!(told.is_empty(), "{what} tells {told:?}");
}

#[tokio::test]
async fn the_whole_is_the_file() -> Result {
    let bench = Bench::start().await?;
    let answer = bench.answer(bench.rightful(Method::GET)).await?;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body == bench.bytes, "other bytes than the file's");
    assert_eq!(
        answer.header("content-length"),
        bench.bytes.len().to_string()
    );
    for (name, value) in [
        ("content-type", "audio/wav"),
        ("accept-ranges", "bytes"),
        ("cache-control", "private, max-age=60, immutable"),
        ("cdn-cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("access-control-allow-origin", &bench.demo.site),
        ("vary", "Origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn ranges_are_parts_of_the_file() -> Result {
    let bench = Bench::start().await?;
    let len = bench.bytes.len();
    let end = len - 1;
    for (range, first, last) in [
        ("bytes=0-0".to_owned(), 0, 0),
        ("bytes=0-1023".to_owned(), 0, 1023),
        ("bytes=1000000-1300000".to_owned(), 1_000_000, 1_300_000),
        ("bytes=-500".to_owned(), len - 500, end),
        (format!("bytes={}-", len - 100_000), len - 100_000, end),
        (format!("bytes={end}-99999999999"), end, end),
    ] {
        let answer = bench.range(&range).await?;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {first}-{last}/{len}")
        );
        assert!(answer.body == bench.bytes[first..=last], "{range}");
    }
    let beyond = bench.range(&format!("bytes={len}-")).await?;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{len}"));
    assert!(beyond.body.is_empty());
    // Several parts, or what is no range at all: the whole.
    for range in ["bytes=0-0,5-5", "bytes=5-0", "items=0-0"] {
        let answer = bench.range(range).await?;
        assert_eq!(answer.status, StatusCode::OK, "{range}");
        assert_eq!(answer.body.len(), len, "{range}");
    }
    Ok(())
}

#[tokio::test]
async fn a_head_is_a_get_without_its_bytes() -> Result {
    let bench = Bench::start().await?;
    let head = bench.answer(bench.rightful(Method::HEAD)).await?;
    let whole = bench.answer(bench.rightful(Method::GET)).await?;
    assert_eq!(head.status, StatusCode::OK);
    assert!(head.body.is_empty());
    let without_date = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(without_date(&head), without_date(&whole));
    let refused = bench.answer(ask(Method::HEAD, &bench.sealed.path)).await?;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.is_empty());
    assert_unkept(&refused, "HEAD from nowhere");
    Ok(())
}

#[tokio::test]
async fn what_a_client_has_already_is_not_sent_again() -> Result {
    let bench = Bench::start().await?;
    let first = bench.answer(bench.rightful(Method::HEAD)).await?;
    let tag = first.header("etag");
    let part = || with(bench.rightful(Method::GET), "range", "bytes=0-9");
    let none_match = |tag: &str| with(bench.rightful(Method::GET), "if-none-match", tag);
    for tags in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let answer = bench.answer(none_match(&tags)).await?;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{tags}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), tag);
    }
    for (condition, value, status) in [
        ("if-none-match", "\"x\"", StatusCode::PARTIAL_CONTENT),
        ("if-range", tag.as_str(), StatusCode::PARTIAL_CONTENT),
        ("if-range", "\"x\"", StatusCode::OK),
        ("if-match", "\"x\"", StatusCode::PRECONDITION_FAILED),
    ] {
        let answer = bench.answer(with(part(), condition, value)).await?;
        assert_eq!(answer.status, status, "{condition}: {value}");
    }
    // A new window's link stands for the same version of the same bytes.
    bench.demo.pass_window();
    let later = bench.demo.seal().await?;
    assert_ne!(later.path, bench.sealed.path);
    let request = with(get(&later.path), "origin", &bench.demo.site);
    let answer = bench.answer(with(request, "if-none-match", &tag)).await?;
    assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
    Ok(())
}

#[tokio::test]
async fn a_condition_tells_nothing_to_whom_is_refused() -> Result {
    let bench = Bench::start().await?;
    for (name, value) in [("if-none-match", "*"), ("range", "bytes=999999999999-")] {
        let request = with(get(&bench.sealed.path), name, value);
        let answer = bench.answer(request).await?;
        assert_refused(&answer, "client", "no_client", name)?;
    }
    Ok(())
}

#[tokio::test]
async fn another_client_is_refused() -> Result {
    let bench = Bench::start().await?;
    let (site, path) = (bench.demo.site.as_str(), bench.sealed.path.as_str());
    let port = bench.demo.address.port();
    let (localhost, page) = (format!("http://localhost:{port}"), format!("{site}/"));
    let refused: &[(&[(&str, &str)], &str)] = &[
        (&[], "no_client"),
        (&[("origin", "null")], "no_client"),
        (&[("origin", site), ("origin", site)], "no_client"),
        (&[("referer", &page), ("referer", &page)], "no_client"),
        (&[("origin", &localhost)], "wrong_client"),
        (&[("origin", &page)], "wrong_client"),
        (&[("origin", "https://127.0.0.1")], "wrong_client"),
        (
            &[("origin", &localhost), ("referer", &page)],
            "wrong_client",
        ),
        (&[("referer", "https://other.example/")], "wrong_client"),
    ];
    for (headers, code) in refused {
        let request = carrying(get(path), headers);
        let answer = bench.answer(request).await?;
        assert_refused(&answer, "client", code, &format!("{headers:?}"))?;
    }
    let admitted: &[&[(&str, &str)]] = &[
        &[("origin", site)],
        &[("referer", &page)],
        &[("origin", "null"), ("referer", &page)],
        &[("origin", site), ("referer", "https://other.example/")],
    ];
    for headers in admitted {
        let request = carrying(ask(Method::HEAD, path), headers);
        let answer = bench.answer(request).await?;
        assert_eq!(answer.status, StatusCode::OK, "{headers:?}");
        // Only who states an origin needs to be told that it may read.
        let allowed = answer.header("access-control-allow-origin");
        if headers.contains(&("origin", site)) {
            assert_eq!(allowed, site);
        } else if !headers.contains(&("origin", "null")) {
            assert_eq!(allowed, "");
        }
    }
    Ok(())
}

fn carrying(request: Ask, headers: &[(&str, &str)]) -> Ask {
    headers.iter().fold(request, |mut request, (name, value)| {
        let name = http::HeaderName::try_from(*name);
        if let (Ok(name), Ok(value)) = (name, value.parse()) {
            request.headers_mut().append(name, value);
        }
        request
    })
}

#[tokio::test]
async fn a_link_that_was_changed_is_refused() -> Result {
    let bench = Bench::start().await?;
    let path = &bench.sealed.path;
    // Offsets into `/securev1/EC` and base64url: version, edge's key, minter's key, sealed bytes.
    let changed = |at: usize| {
        let mut path = path.clone().into_bytes();
        path[at] = if path[at] == b'B' { b'C' } else { b'B' };
        String::from_utf8(path)
    };
    let start = "/securev1/EC".len();
    for (path, stage, code) in [
        ("/securev1/".to_owned(), "token", "malformed_token"),
        ("/securev1/EC".to_owned(), "token", "malformed_token"),
        (
            "/securev1/robots.txt".to_owned(),
            "token",
            "malformed_token",
        ),
        (format!("{path}?"), "token", "malformed_token"),
        (format!("{path}?download=1"), "token", "malformed_token"),
        (format!("{path}/"), "token", "malformed_token"),
        (format!("{path}="), "token", "malformed_token"),
        (path.replacen("EC", "%45C", 1), "token", "malformed_token"),
        (
            path.chars().take(path.len() - 4).collect(),
            "token",
            "malformed_token",
        ),
        (changed(start)?, "token", "unknown_version"),
        (changed(start + 3)?, "key", "unknown_edge_key"),
        (changed(start + 9)?, "key", "unknown_minter"),
        (changed(start + 20)?, "open", "not_authentic"),
        (changed(start + 150)?, "open", "not_authentic"),
    ] {
        let request = with(get(&path), "origin", &bench.demo.site);
        let answer = bench.answer(request).await?;
        assert_refused(&answer, stage, code, &path)?;
    }
    Ok(())
}

#[tokio::test]
async fn only_reading_is_allowed() -> Result {
    let bench = Bench::start().await?;
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::TRACE,
    ] {
        let answer = bench.answer(bench.rightful(method.clone())).await?;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), "GET, HEAD");
        assert_eq!(answer.json()?["code"], "method_not_allowed");
        assert_unkept(&answer, method.as_str());
    }
    let preflight = bench.answer(bench.rightful(Method::OPTIONS)).await?;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(
        preflight.header("access-control-allow-origin"),
        bench.demo.site
    );
    let stranger = with(
        ask(Method::OPTIONS, &bench.sealed.path),
        "origin",
        "https://other.example",
    );
    assert_refused(
        &bench.answer(stranger).await?,
        "client",
        "wrong_client",
        "preflight",
    )
}

#[tokio::test]
async fn a_link_works_until_its_window_and_grace_are_over() -> Result {
    let bench = Bench::start().await?;
    let clock = &bench.demo.clock;
    let max_age = |answer: &Answer| answer.header("cache-control");
    clock.advance(LIFETIME / 2);
    let answer = bench.answer(bench.rightful(Method::HEAD)).await?;
    assert_eq!(max_age(&answer), "private, max-age=30, immutable");
    assert_eq!(
        bench.demo.seal().await?.url,
        bench.sealed.url,
        "the same window"
    );

    clock.advance(LIFETIME / 2 + GRACE);
    let answer = bench.answer(bench.rightful(Method::HEAD)).await?;
    assert_eq!(answer.status, StatusCode::OK, "the last second of grace");
    assert_eq!(max_age(&answer), "private, max-age=0, immutable");
    assert_ne!(
        bench.demo.seal().await?.url,
        bench.sealed.url,
        "a new window"
    );

    clock.advance(std::time::Duration::from_secs(1));
    let answer = bench.answer(bench.rightful(Method::GET)).await?;
    assert_refused(&answer, "window", "expired", "after the grace")
}

/// Sends bytes that need not be a request; gives what comes back until the connection ends.
async fn raw(bench: &Bench, bytes: &[u8]) -> Result<String> {
    let mut stream = TcpStream::connect(bench.demo.address).await?;
    let mut answer = Vec::new();
    // The other side may hang up before it has read all: that is an answer, too.
    if stream.write_all(bytes).await.is_ok() {
        let _ = stream.read_to_end(&mut answer).await;
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn garbage_ends_its_own_connection_only() -> Result {
    let bench = Bench::start().await?;
    let huge = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nx-huge: {}\r\n\r\n",
        bench.sealed.path,
        "a".repeat(1 << 20)
    );
    let smuggled = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        bench.sealed.path
    );
    for (what, bytes) in [
        (
            "noise",
            &b"\x16\x03\x01\x02\x00\x01\x00\xfc\x03\x03\r\n\r\n"[..],
        ),
        ("a huge header", huge.as_bytes()),
        ("two lengths", smuggled.as_bytes()),
        ("nothing", b"\r\n\r\n\0\r\n\r\n"),
    ] {
        let answer = raw(&bench, bytes).await?;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{what}: {answer}"
        );
        let next = bench.answer(bench.rightful(Method::HEAD)).await?;
        assert_eq!(next.status, StatusCode::OK, "after {what}");
    }
    Ok(())
}
