//! Public objects, as everybody gets them.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::origin::folder::Folders;

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
    String::from_utf8(client.rest().await).unwrap()
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
async fn what_is_withdrawn_is_gone() {
    let (bench, folder) = public();
    assert_eq!(status(&ask(&bench, "GET", SONG, "").await), "200");
    fs::remove_file(folder.path().join("public/audio/0f.mp3")).unwrap();
    let edge = Arc::clone(&bench.server.0.edge);
    let purging = move || edge.purge(|name| name == "public:audio/0f.mp3");
    tokio::task::spawn_blocking(purging).await.unwrap();
    assert_eq!(status(&ask(&bench, "GET", SONG, "").await), "404");
}

#[tokio::test]
async fn an_edge_without_public_objects_leaves_the_path_to_others() {
    let bench = Bench::new(Limits::default());
    let answer = bench.client(HOME, ROOM).get(SONG, "").await;
    assert!(answer.contains("hello"), "{answer}");
}
