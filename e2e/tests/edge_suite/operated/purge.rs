//! What is kept is forgotten when whoever runs the edge says so.

use std::fs;

use gatefold_e2e::{
    Result,
    edge::{Setup, Stand},
    http::sha256,
    keys::HOST,
    subject::Kind,
};
use gatefold_testkit::origins::{Object, noise};
use serde_json::json;

const NAMES: [&str; 3] = ["album-one.wav", "album-two.wav", "single.wav"];

fn objects() -> Vec<Object> {
    let object = |name| Object {
        name,
        media_type: "audio/wav",
        bytes: noise(name, 300_000),
    };
    NAMES.map(object).into()
}

/// Which of the objects are served as they are at their origin now, and not as they were.
async fn renewed(stand: &Stand) -> Result<Vec<&'static str>> {
    let mut renewed = Vec::new();
    for name in NAMES {
        let answer = stand
            .subject
            .answer(stand.subject.link(name)?.get())
            .await?;
        let old = sha256(&stand.subject.object(name)?.bytes);
        let new = sha256(&fs::read(stand.shelf.join(name))?);
        if answer.hash() == new {
            renewed.push(name);
        } else {
            assert_eq!(answer.hash(), old, "{name} is neither the old nor the new");
        }
    }
    Ok(renewed)
}

async fn purged_by_object_and_prefix(kind: Kind, start: &str) -> Result {
    let disk = tempfile::tempdir()?;
    let setup = Setup {
        fresh: "1day",
        disk: Some((disk.path().to_owned(), "64 MiB")),
        ..Setup::default()
    };
    let stand = Stand::start_with(kind, setup, objects())?;
    let (edge, token) = (&stand.edge, stand.edge.token()?);
    assert_eq!(renewed(&stand).await?, NAMES);
    for name in NAMES {
        fs::write(stand.shelf.join(name), noise("new", 200_000 + name.len()))?;
    }
    let none: [&str; 0] = [];
    assert_eq!(renewed(&stand).await?, none, "what is kept is believed");

    let object = json!({ "object": format!("{start}album-one.wav") }).to_string();
    for (method, token, status) in [
        ("POST", "", 401),
        ("POST", "wrong", 401),
        ("GET", &token, 405),
    ] {
        let answer = edge.operate(method, "/purge", token, &object).await?;
        assert_eq!(answer.status, status, "{method}");
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!said.contains("album"), "{said}");
    }
    // And it is nothing for the world.
    let there = http::Request::builder()
        .method("POST")
        .uri("/purge")
        .header("authorization", format!("Bearer {token}"))
        .body(http_body_util::Full::new(bytes::Bytes::from(
            object.clone(),
        )))?;
    let answer = gatefold_e2e::http::send(edge.address, there).await?;
    assert_eq!(answer.status, 404);
    assert_eq!(renewed(&stand).await?, none, "who may not has not");

    let purge = async |body: &str| {
        let answer = edge.operate("POST", "/purge", &token, body).await?;
        assert_eq!(answer.status, 200, "{answer:?}");
        let removed = answer.json()?["removed"].as_u64().ok_or("no number")?;
        Ok::<_, gatefold_e2e::Error>(removed)
    };
    assert!(purge(&object).await? > 0);
    assert_eq!(renewed(&stand).await?, NAMES[..1]);
    let album = json!({ "prefix": format!("{start}album-") }).to_string();
    assert!(purge(&album).await? > 0);
    assert_eq!(renewed(&stand).await?, NAMES[..2]);
    let all = json!({ "prefix": start }).to_string();
    assert!(purge(&all).await? > 0);
    assert_eq!(purge(&all).await?, 0, "nothing is left");
    assert_eq!(renewed(&stand).await?, NAMES);
    Ok(())
}

#[tokio::test]
async fn objects_of_a_web_host_are_purged() -> Result {
    purged_by_object_and_prefix(Kind::Web, &format!("https://{HOST}/")).await
}

#[tokio::test]
async fn objects_of_the_bucket_are_purged() -> Result {
    purged_by_object_and_prefix(Kind::Bucket, "private:").await
}
