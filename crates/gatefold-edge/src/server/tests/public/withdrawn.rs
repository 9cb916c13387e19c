//! Public objects that are replaced, deleted and withdrawn, also while they are being sent.

use super::*;

/// Longer than what is fetched ahead and what connections hold.
const LONG: usize = 4 << 20;

fn path(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("public/audio/0f.mp3")
}

async fn purge(bench: &Bench) -> u64 {
    let edge = Arc::clone(&bench.server.0.edge);
    let purging = move || edge.purge(|name| name == "public:audio/0f.mp3");
    tokio::task::spawn_blocking(purging).await.unwrap()
}

async fn statuses(bench: &Bench, lines: &str) -> [String; 2] {
    let mut statuses = [String::new(), String::new()];
    for (method, found) in ["HEAD", "GET"].into_iter().zip(&mut statuses) {
        status(&ask(bench, method, SONG, lines).await).clone_into(found);
    }
    statuses
}

#[tokio::test]
async fn what_is_withdrawn_is_gone_at_once() {
    let (bench, folder) = public();
    let first = ask(&bench, "GET", SONG, "").await;
    let tag = first.lines().find_map(|line| line.strip_prefix("etag: "));
    let condition = format!("if-none-match: {}\r\n", tag.unwrap());
    fs::remove_file(path(&folder)).unwrap();
    assert_eq!(purge(&bench).await, 1, "the slice that was kept");
    assert_eq!(statuses(&bench, "").await, ["404", "404"]);
    // Nor is anybody told that what they have is still what it was.
    assert_eq!(statuses(&bench, &condition).await, ["404", "404"]);
}

#[tokio::test]
async fn what_is_only_deleted_is_gone_within_a_second() {
    let (bench, folder) = public();
    assert_eq!(statuses(&bench, "").await, ["200", "200"]);
    fs::remove_file(path(&folder)).unwrap();
    assert_eq!(statuses(&bench, "").await, ["200", "200"], "still believed");
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(statuses(&bench, "").await, ["404", "404"]);
    fs::write(path(&folder), "another").unwrap();
    assert!(ask(&bench, "GET", SONG, "").await.ends_with("another"));
}

#[tokio::test]
async fn what_was_found_gone_is_not_promised_again() {
    let (bench, folder) = public();
    assert_eq!(status(&ask(&bench, "HEAD", SONG, "").await), "200");
    fs::remove_file(path(&folder)).unwrap();
    assert_eq!(status(&ask(&bench, "GET", SONG, "").await), "404");
    assert_eq!(status(&ask(&bench, "HEAD", SONG, "").await), "404");
}

#[tokio::test]
async fn an_answer_under_way_is_of_one_version_or_ends() {
    type Change = fn(&std::path::Path);
    let rename: Change = |path| {
        let new = path.with_extension("new");
        fs::write(&new, "another").unwrap();
        fs::rename(&new, path).unwrap();
    };
    let rewrite: Change = |path| fs::write(path, "another").unwrap();
    let delete: Change = |path| fs::remove_file(path).unwrap();
    for (name, change, is_purged, then) in [
        ("renamed over", rename, false, "200"),
        ("written to", rewrite, false, "200"),
        ("deleted", delete, false, "404"),
        ("withdrawn", delete, true, "404"),
    ] {
        let (bench, folder) = public();
        let content: Vec<u8> = (0..=250).cycle().take(LONG).collect();
        fs::write(path(&folder), &content).unwrap();
        let mut client = bench.client(HOME, ROOM);
        let request = format!("GET {SONG} HTTP/1.1\r\nhost: x\r\n\r\n");
        client.send(&request).await;
        let head = client.until("\r\n\r\n").await;
        assert!(has(&head, &format!("content-length: {LONG}")), "{head}");
        change(&path(&folder));
        if is_purged {
            purge(&bench).await;
        }
        let rest = client.rest().await;
        assert!(rest.len() < LONG, "{name}: all of it was sent");
        assert!(content.starts_with(&rest), "{name}: a mixture was sent");
        // Whoever comes now need not wait until it is asked for again.
        assert_eq!(statuses(&bench, "").await, [then, then], "{name}");
    }
}
