//! What artists send and change, and cannot.

use gatefold_e2e::Result;
use http::Method;
use serde_json::{Value, json};

use crate::{
    over_both,
    stage::{Stage, audio},
};

over_both!(what_cannot_be_taken_says_why, who_may_not_publish_is_told);

async fn what_cannot_be_taken_says_why(stage: Stage) -> Result {
    let file = audio("cbr.mp3");
    let one = [("file", "a.mp3", &*file)];
    let both = [("file", "a.mp3", &*file), ("file", "b.mp3", &*file)];
    let artist = &stage.artist.program;
    for (fields, files, status, code) in [
        (&[("title", "a")][..], &[][..], 422, "file_missing"),
        (&[("title", "a")], &both, 422, "field_twice"),
        (&[("title", "a"), ("title", "b")], &one, 422, "field_twice"),
        (&[("title", "a\u{202e}b")], &one, 422, "invalid_track"),
        (&[("tags", "ambient")], &one, 422, "invalid_track"),
        (
            &[("support_gate", r#"{"type":"tier"}"#)],
            &one,
            422,
            "invalid_track",
        ),
        (&[("publishing", "[]")], &one, 422, "invalid_track"),
        (&[("visibility", "everywhere")], &one, 422, "invalid_track"),
        (
            &[("features", r#"["nobody.test"]"#)],
            &one,
            422,
            "invalid_track",
        ),
    ] {
        let answer = artist.send(Method::POST, "/tracks/", fields, files).await?;
        assert_eq!(answer.status, status, "{fields:?}: {:?}", answer.body);
        assert_eq!(answer.json()?["code"], code, "{fields:?}");
        assert!(answer.json()?["detail"].is_string());
    }
    let no_form = artist.ask(Method::POST, "/tracks/", &json!({})).await?;
    assert_eq!(
        (no_form.status.as_u16(), &no_form.json()?["code"]),
        (415, &json!("not_a_form"))
    );
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    for (fields, code) in [
        (&[("title", "")][..], "invalid_track"),
        (&[("support_gate", "any")], "invalid_track"),
        (&[("downloads", "perhaps")], "invalid_track"),
    ] {
        let answer = stage.change(id, fields).await?;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()?["code"]),
            (422, &json!(code)),
            "{fields:?}"
        );
    }
    let path = format!("/tracks/{id}");
    let files = [("image", "a.png", &b"no picture"[..])];
    let answer = artist.send(Method::PATCH, &path, &[], &files).await?;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()?["code"]),
        (422, &json!("invalid_image"))
    );
    for path in [
        "/tracks/0",
        "/tracks/01",
        "/tracks/a",
        "/tracks/99999",
        "/tracks/by-uri?uri=a",
        "/images/a",
    ] {
        assert_eq!(stage.nobody().get(path).await?.status, 404, "{path}");
    }
    let cursor = stage.nobody().get("/tracks/?cursor=a").await?;
    assert_eq!(
        (cursor.status.as_u16(), &cursor.json()?["code"]),
        (400, &json!("invalid_cursor"))
    );
    // Nothing has changed.
    let track = stage.track(id).await?;
    assert_eq!(track["title"], "Night Tram");
    Ok(())
}

async fn who_may_not_publish_is_told(stage: Stage) -> Result {
    let file = audio("cbr.mp3");
    let files = [("file", "a.mp3", &*file)];
    let nobody = stage
        .nobody()
        .send(Method::POST, "/tracks/", &[], &files)
        .await?;
    assert_eq!(nobody.status, 401);
    let listener = stage
        .listener
        .program
        .send(Method::POST, "/tracks/", &[], &files)
        .await?;
    assert_eq!(listener.status, 403);
    let detail = listener.json()?["detail"].clone();
    assert!(
        detail
            .as_str()
            .is_some_and(|detail| detail.contains("artist_profile_required"))
    );
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    let path = format!("/tracks/{id}");
    let fields = [("title", "Mine now")];
    let changed = stage
        .listener
        .program
        .send(Method::PATCH, &path, &fields, &[])
        .await?;
    assert_eq!(changed.status, 404);
    let deleted = stage
        .nobody()
        .ask(Method::DELETE, &path, &Value::Null)
        .await?;
    assert_eq!(deleted.status, 401);
    Ok(())
}
