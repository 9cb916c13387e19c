//! Objects that change while they are served, at every kind of origin.

use std::fs;

use gatefold_e2e::{
    Result,
    edge::{Setup, Stand},
    http::sha256,
    process::PATIENCE,
    subject::{Kind, Link, Subject},
};
use gatefold_testkit::origins::{Object, noise};
use http::{Method, StatusCode};
use tokio::time;

fn version(number: usize) -> Object {
    Object {
        name: "song.mp3",
        media_type: "audio/mpeg",
        // Each has its own length, so that an origin whose tags are of size and second tells them
        // apart.
        bytes: noise(&format!("version {number}"), 700_000 + number),
    }
}

async fn is_served_anew(kind: Kind) -> Result {
    let setup = Setup {
        fresh: "0s",
        ..Setup::default()
    };
    let stand = Stand::start_with(kind, setup, vec![version(0)])?;
    let link = stand.subject.link("song.mp3")?;
    let first = stand.subject.answer(link.get()).await?;
    assert_eq!(first.hash(), sha256(&version(0).bytes));
    let mut tag = first.header("etag");
    for number in 1..4 {
        let new = stand.shelf.join("new");
        fs::write(&new, version(number).bytes)?;
        fs::rename(&new, stand.shelf.join("song.mp3"))?;
        let changed = until_it_changes(&stand.subject, &link, &tag, number);
        tag = time::timeout(PATIENCE, changed).await??;
        let part = link.get_with("range", "bytes=500000-600000");
        let part = stand.subject.answer(part).await?;
        assert_eq!(part.header("etag"), tag, "a part of version {number}");
        let right = sha256(&version(number).bytes[500_000..=600_000]);
        assert_eq!(part.hash(), right, "a part of version {number}");
        let whole = stand.subject.answer(link.get()).await?;
        assert_eq!(
            whole.hash(),
            sha256(&version(number).bytes),
            "version {number}"
        );
        let head = stand.subject.answer(link.ask(Method::HEAD)).await?;
        assert_eq!(head.header("etag"), tag, "version {number}");
    }
    // What is taken away is gone.
    fs::remove_file(stand.shelf.join("song.mp3"))?;
    let gone = async {
        while stand.subject.answer(link.get()).await?.status != StatusCode::NOT_FOUND {}
        Ok(())
    };
    time::timeout(PATIENCE, gone).await?
}

/// Asks until the object is another one; gives its tag. An edge may believe for a moment that it
/// is what it was, and until then it is that, whole.
async fn until_it_changes(
    subject: &Subject,
    link: &Link,
    tag: &str,
    number: usize,
) -> Result<String> {
    loop {
        let answer = subject.answer(link.get()).await?;
        let told = answer.header("etag");
        let now = if told == tag { number - 1 } else { number };
        assert_eq!(answer.hash(), sha256(&version(now).bytes), "version {now}");
        if told != tag {
            return Ok(told);
        }
    }
}

#[tokio::test]
async fn a_file_that_changes_is_served_anew() -> Result {
    is_served_anew(Kind::Folder).await
}

#[tokio::test]
async fn a_web_page_that_changes_is_served_anew() -> Result {
    is_served_anew(Kind::Web).await
}

#[tokio::test]
async fn an_object_that_changes_is_served_anew() -> Result {
    is_served_anew(Kind::Bucket).await
}
