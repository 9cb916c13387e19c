//! Public objects, as everybody gets them.

mod withdrawn;

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::origin::{
    BoxFuture, Chunks, Facts, Looked, Origin, OriginError, Version, folder::Folders,
};

const ROOM: usize = 64 * 1024;
const SONG: &str = "/media/audio/0f.mp3";

/// A server with one public object, and a file beside its bucket that is nobody's business.
fn public() -> (Bench, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let bucket = folder.path().join("public");
    fs::create_dir_all(bucket.join("audio")).unwrap();
    fs::write(bucket.join("audio/0f.mp3"), "0123456789").unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    let origins = Origins {
        public: Some(Arc::new(Folders::new(&bucket).unwrap())),
        ..Origins::default()
    };
    (Bench::over(Limits::default(), origins), folder)
}

async fn ask(bench: &Bench, method: &str, path: &str, lines: &str) -> String {
    let mut client = bench.client(HOME, ROOM);
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{lines}connection: close\r\n\r\n");
    client.send(&request).await;
    String::from_utf8_lossy(&client.rest().await).into_owned()
}

fn has(answer: &str, line: &str) -> bool {
    answer.contains(&format!("\r\n{line}\r\n"))
}

#[tokio::test]
async fn what_is_asked_for_is_given() {
    let (bench, _folder) = public();
    for (method, path, lines, expected, body) in [
        ("GET", SONG, "", "200", "0123456789"),
        ("HEAD", SONG, "", "200", ""),
        ("GET", SONG, "range: bytes=2-4\r\n", "206", "234"),
        ("GET", SONG, "range: bytes=-3\r\n", "206", "789"),
        ("GET", SONG, "if-none-match: *\r\n", "304", ""),
        // A query is none of the object's name.
        (
            "GET",
            "/media/audio/0f.mp3?purge=1",
            "",
            "200",
            "0123456789",
        ),
        // Who asks, and from where, is all the same.
        (
            "GET",
            SONG,
            "cookie: session_id=x\r\norigin: https://x.example\r\n",
            "200",
            "0123456789",
        ),
    ] {
        let answer = ask(&bench, method, path, lines).await;
        assert_eq!(status(&answer), expected, "{method} {path} {lines}");
        let (_, found) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(found, body, "{method} {path} {lines}");
        for line in [
            "cache-control: public, max-age=3600",
            "cdn-cache-control: public, max-age=31536000",
            "access-control-allow-origin: *",
            "cross-origin-resource-policy: cross-origin",
            "x-content-type-options: nosniff",
            "content-security-policy: sandbox; default-src 'none'",
            "accept-ranges: bytes",
        ] {
            assert!(has(&answer, line), "{line} is missing: {answer}");
        }
        assert!(answer.contains("\r\netag: \""), "{answer}");
        assert!(!answer.contains("\r\nvary: "), "{answer}");
        let is_whole = matches!(expected, "200" | "206");
        assert_eq!(
            has(&answer, "content-type: audio/mpeg"),
            is_whole,
            "{answer}"
        );
    }
    assert!(bench.counts(r#"gatefold_edge_public_requests_total{outcome="whole",stage=""} 4"#));
    assert!(bench.counts(r#"gatefold_edge_public_requests_total{outcome="part",stage=""} 2"#));
    assert!(bench.counts(r#"gatefold_edge_requests_total{outcome="whole",stage=""} 0"#));
}

#[tokio::test]
async fn what_is_not_there_is_all_one() {
    let (bench, folder) = public();
    fs::create_dir(folder.path().join("public/folder")).unwrap();
    let mut answers = Vec::new();
    for path in [
        "/media/audio/1f.mp3",
        "/media/audio",
        "/media/folder",
        "/media/",
        "/media/audio/",
        "/media/../secret",
        "/media/audio/../../secret",
        "/media/%2e%2e/secret",
        "/media/audio%2F0f.mp3",
        "/media/AUDIO/0f.mp3",
        "/media/audio//0f.mp3",
    ] {
        let answer = ask(&bench, "GET", path, "").await;
        assert_eq!(status(&answer), "404", "{path}");
        assert!(has(&answer, "cache-control: no-store"), "{answer}");
        assert!(!answer.contains("secret"), "{answer}");
        answers.push(answer);
    }
    let same = |answer: &String| without_date(answer) == without_date(&answers[0]);
    assert!(answers.iter().all(same), "{answers:#?}");
}

fn without_date(answer: &str) -> String {
    let lines = answer.lines().filter(|line| !line.starts_with("date: "));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn pages_may_ask_and_nothing_is_written() {
    let (bench, _folder) = public();
    let answer = ask(
        &bench,
        "OPTIONS",
        SONG,
        "origin: https://x.example\r\naccess-control-request-method: GET\r\n",
    )
    .await;
    assert_eq!(status(&answer), "204");
    assert!(has(&answer, "access-control-allow-origin: *"), "{answer}");
    assert!(
        has(
            &answer,
            "access-control-allow-headers: Range, If-Range, If-None-Match"
        ),
        "{answer}"
    );
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = ask(&bench, method, SONG, "content-length: 0\r\n").await;
        assert_eq!(status(&answer), "405", "{method}");
        assert!(has(&answer, "allow: GET, HEAD, OPTIONS"), "{answer}");
        assert!(
            answer.contains(r#""code":"method_not_allowed""#),
            "{answer}"
        );
    }
    let answer = ask(&bench, "GET", SONG, "range: bytes=10-\r\n").await;
    assert_eq!(status(&answer), "416");
    assert!(has(&answer, "content-range: bytes */10"), "{answer}");
    assert!(has(&answer, "cache-control: no-store"), "{answer}");
}

#[tokio::test]
async fn conditions_hold_as_for_sealed_urls() {
    let (bench, _folder) = public();
    let first = ask(&bench, "HEAD", SONG, "").await;
    let of = |name: &str| {
        let line = first.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().to_owned()
    };
    let (tag, date) = (of("etag: "), of("last-modified: "));
    for (method, lines, expected, body) in [
        ("GET", format!("if-none-match: {tag}"), "304", ""),
        ("HEAD", format!("if-none-match: {tag}"), "304", ""),
        ("GET", "if-none-match: \"x\"".into(), "200", "0123456789"),
        ("GET", format!("if-modified-since: {date}"), "304", ""),
        ("GET", format!("if-match: {tag}"), "200", "0123456789"),
        ("GET", "if-match: \"x\"".into(), "412", ""),
        (
            "GET",
            format!("range: bytes=1-2\r\nif-range: {tag}"),
            "206",
            "12",
        ),
        (
            "GET",
            "range: bytes=1-2\r\nif-range: \"x\"".into(),
            "200",
            "0123456789",
        ),
        ("GET", "range: bytes=1-2,4-5".into(), "200", "0123456789"),
        ("GET", "range: lines=1-2".into(), "200", "0123456789"),
        ("GET", "range: bytes=10-".into(), "416", ""),
        ("HEAD", "range: bytes=1-2".into(), "200", ""),
        ("HEAD", "range: bytes=10-".into(), "200", ""),
    ] {
        let answer = ask(&bench, method, SONG, &format!("{lines}\r\n")).await;
        assert_eq!(status(&answer), expected, "{method} {lines}");
        let (_, found) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(found, body, "{method} {lines}");
        assert!(has(&answer, &format!("etag: {tag}")), "{answer}");
        assert!(has(&answer, "access-control-allow-origin: *"), "{answer}");
        let is_kept = !matches!(expected, "412" | "416");
        assert_eq!(
            has(&answer, "cdn-cache-control: public, max-age=31536000"),
            is_kept,
            "{answer}"
        );
        assert_eq!(
            has(&answer, "cache-control: no-store"),
            !is_kept,
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_is_no_medium_is_never_shown() {
    let (bench, folder) = public();
    fs::write(folder.path().join("public/a.html"), "<script>").unwrap();
    let answer = ask(&bench, "GET", "/media/a.html", "").await;
    for line in [
        "content-type: application/octet-stream",
        "content-disposition: attachment",
        "x-content-type-options: nosniff",
    ] {
        assert!(has(&answer, line), "{line} is missing: {answer}");
    }
}

/// A bucket that gives nothing.
struct Broken(OriginError);

impl Origin for Broken {
    fn look<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Looked, OriginError>> {
        Box::pin(async { Err(self.0) })
    }

    fn read<'a>(
        &'a self,
        _: &'a str,
        _: &'a Facts,
        _: u64,
        _: Option<u64>,
    ) -> BoxFuture<'a, Result<Chunks, OriginError>> {
        Box::pin(async { Err(self.0) })
    }
}

#[tokio::test]
async fn a_bucket_that_fails_is_not_an_object_that_is_not_there() {
    for (error, expected, code) in [
        (OriginError::NotFound, "404", "not_found"),
        (OriginError::Failed, "502", "origin_failed"),
        (OriginError::TimedOut, "502", "origin_failed"),
        (OriginError::Refused, "502", "origin_failed"),
        (OriginError::Changed, "502", "origin_failed"),
    ] {
        let origins = Origins {
            public: Some(Arc::new(Broken(error))),
            ..Origins::default()
        };
        let bench = Bench::over(Limits::default(), origins);
        let answer = ask(&bench, "GET", SONG, "").await;
        assert_eq!(status(&answer), expected, "{error}");
        assert!(answer.contains(&format!(r#""code":"{code}""#)), "{answer}");
        for line in [
            "cache-control: no-store",
            "content-type: application/json",
            "access-control-allow-origin: *",
        ] {
            assert!(has(&answer, line), "{line} is missing: {answer}");
        }
        assert!(!answer.contains("0f.mp3"), "{answer}");
        let counted =
            format!(r#"gatefold_edge_public_requests_total{{outcome="{code}",stage=""}} 1"#);
        assert!(bench.counts(&counted), "{counted}");
    }
}

#[tokio::test]
async fn an_edge_without_public_objects_leaves_the_path_to_others() {
    let bench = Bench::new(Limits::default());
    let answer = bench.client(HOME, ROOM).get(SONG, "").await;
    assert!(answer.contains("hello"), "{answer}");
}
