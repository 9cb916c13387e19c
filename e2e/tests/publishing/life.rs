//! A track's life: what opening and gating do, revisions, likes, its end.

use gatefold_e2e::{Result, process::eventually_so, sign_in::whole};
use http::Method;
use serde_json::{Value, json};

use crate::{
    over_both,
    records::changed_record,
    stage::{Stage, audio},
};

over_both!(
    a_gate_withdraws_what_was_public,
    what_was_played_before_is_the_artists_alone,
    a_draft_is_nowhere,
    likes_are_kept_and_written_down,
    a_track_that_is_deleted_is_gone,
    plays_are_counted_once,
    files_are_saved_as_their_artist_lets,
);

/// A public address.
fn address(stage: &Stage, url: &Value) -> Result<String> {
    let url = url.as_str().ok_or("no address")?;
    let base = stage.site.public_base();
    url.strip_prefix(&base).ok_or("elsewhere")?;
    Ok(url.to_owned())
}

async fn a_gate_withdraws_what_was_public(stage: Stage) -> Result {
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    let open = stage.settled(id).await?;
    let public = address(&stage, &open["r2_url"])?;
    assert_eq!(stage.nobody().get(&public).await?.status, 200);
    let heard = format!("/audio/{}", open["file_id"].as_str().ok_or("no file")?);

    let answer = whole(
        &stage
            .change(id, &[("support_gate", r#"{"type":"any"}"#)])
            .await?,
    )?;
    assert_eq!(answer["gate_state"], "in_progress", "{answer}");
    assert_eq!(answer["support_gate"], json!({ "type": "any" }));
    assert_eq!(answer["r2_url"], Value::Null);
    // Every new play sees it at once, and so does what is made of what is heard.
    let waveform = format!("/tracks/{id}/waveform");
    assert_eq!(stage.nobody().get(&waveform).await?.status, 401);
    assert_eq!(stage.listener.program.get(&waveform).await?.status, 402);
    let drawn = whole(&stage.artist.program.get(&waveform).await?)?;
    assert_eq!(drawn["points"].as_array().map(Vec::len), Some(512));
    assert_eq!(stage.nobody().get(&heard).await?.status, 401);
    assert_eq!(stage.listener.program.get(&heard).await?.status, 402);
    let gated = stage.settled(id).await?;
    assert_eq!(stage.nobody().get(&public).await?.status, 404, "it is gone");
    let record = stage.record(&gated).await?.ok_or("no record")?;
    let value = &record["value"];
    assert_eq!(value["audioUrl"], format!("{}{heard}", stage.site.origin));
    assert_eq!(value["supportGate"], json!({ "type": "any" }));
    let seen = whole(&stage.listener.program.get(&format!("/tracks/{id}")).await?)?;
    assert_eq!(
        (&seen["gated"], &seen["audio_storage"]),
        (&json!(true), &json!("r2_private"))
    );
    stage
        .registry
        .add(&stage.listener.account.did, &stage.artist.account.did);

    let answer = whole(&stage.change(id, &[("support_gate", "null")]).await?)?;
    assert_eq!(answer["support_gate"], Value::Null);
    let opened = stage.settled(id).await?;
    let again = address(&stage, &opened["r2_url"])?;
    assert_ne!(again, public, "under a key that nobody knew");
    let answer = stage.nobody().get(&again).await?;
    assert!(answer.body == audio("cbr.mp3"));
    assert_eq!(stage.nobody().get(&public).await?.status, 404);
    let record = stage.record(&opened).await?.ok_or("no record")?;
    assert_eq!(record["value"]["audioUrl"], opened["r2_url"]);
    // What is not named stays as it is.
    let answer = whole(&stage.change(id, &[("title", "Day Tram")]).await?)?;
    assert_eq!(answer["support_gate"], Value::Null);
    Ok(())
}

async fn what_was_played_before_is_the_artists_alone(stage: Stage) -> Result {
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    let first = stage.settled(id).await?;
    let public = address(&stage, &first["r2_url"])?;
    let file = first["file_id"].as_str().ok_or("no file")?.to_owned();
    let replace = format!("/tracks/{id}/audio");
    let other = audio("tagged.flac");
    let files = [("file", "other.flac", &*other)];
    let refused = stage
        .listener
        .program
        .send(Method::PUT, &replace, &[], &files)
        .await?;
    assert_eq!(refused.status, 404, "it is not theirs");
    let taken = stage
        .artist
        .program
        .send(Method::PUT, &replace, &[], &files)
        .await?;
    let event = stage.artist.outcome(&whole(&taken)?).await?;
    assert_eq!(
        (&event["status"], &event["track_id"]),
        (&json!("completed"), &json!(id))
    );
    let second = stage.settled(id).await?;
    assert_eq!(
        (&second["id"], &second["file_type"]),
        (&json!(id), &json!("flac"))
    );
    assert_ne!(second["file_id"], first["file_id"]);
    let heard = stage
        .nobody()
        .get(&address(&stage, &second["r2_url"])?)
        .await?;
    assert!(heard.body == other);
    changed_record(&stage, id, |value| value["fileType"] == "flac").await?;
    // The one before is a draft, as it were.
    assert_eq!(
        stage.nobody().get(&format!("/audio/{file}")).await?.status,
        404
    );
    assert_eq!(
        stage
            .artist
            .program
            .get(&format!("/audio/{file}/url"))
            .await?
            .status,
        200
    );
    gone(&stage, &public).await?;

    let revisions = format!("/tracks/{id}/revisions");
    assert_eq!(stage.listener.program.get(&revisions).await?.status, 404);
    let list = whole(&stage.artist.program.get(&revisions).await?)?;
    let revision = &list["revisions"][0];
    assert_eq!(
        (&revision["file_type"], &revision["was_gated"]),
        (&json!("mp3"), &json!(false))
    );
    let gate = [("support_gate", r#"{"type":"any"}"#)];
    assert_eq!(stage.change(id, &gate).await?.status, 200);
    let restore = format!("{revisions}/{}/restore", revision["id"]);
    let restored = stage
        .artist
        .program
        .ask(Method::POST, &restore, &Value::Null)
        .await?;
    assert_eq!(
        whole(&restored)?["file_type"],
        "flac",
        "the one whose place it took"
    );
    let third = stage.settled(id).await?;
    assert_eq!(third["file_id"], file, "{third}");
    assert_eq!(
        third["support_gate"],
        json!({ "type": "any" }),
        "it takes the gate of now"
    );
    assert_eq!(
        stage.nobody().get(&format!("/audio/{file}")).await?.status,
        401
    );
    Ok(())
}

/// Waits until a public address gives nothing.
async fn gone(stage: &Stage, path: &str) -> Result {
    eventually_so(async || {
        let answer = stage.nobody().get(path).await?;
        let is_gone = answer.status == 404;
        is_gone.then_some(()).ok_or("it is still there".into())
    })
    .await
}

async fn a_draft_is_nowhere(stage: Stage) -> Result {
    let fields = [
        ("title", "A secret of mine"),
        ("visibility", "draft"),
        ("album", "Unheard"),
        ("tags", r#"["unheard"]"#),
    ];
    let id = stage.publish(&fields, "cbr.mp3").await?;
    let track = stage.settled(id).await?;
    assert_eq!(track["visibility"], "draft");
    assert_eq!(track["atproto_record_uri"], Value::Null);
    assert_eq!(track["r2_url"], Value::Null);
    let file = track["file_id"].as_str().ok_or("no file")?;
    for other in [&stage.nobody(), &stage.listener.program] {
        for path in [
            format!("/tracks/{id}"),
            format!("/audio/{file}"),
            format!("/audio/{file}/url"),
            "/tracks/tags/unheard".to_owned(),
        ] {
            assert_eq!(other.get(&path).await?.status, 404, "{path}");
        }
        for path in [
            "/tracks/",
            "/tracks/tags",
            "/tracks/top",
            "/tracks/?tags=unheard",
        ] {
            let list = other.get(path).await?;
            assert_eq!(list.status, 200, "{path}");
            let text = String::from_utf8(list.body.to_vec())?;
            assert!(
                !text.contains("secret") && !text.contains("unheard"),
                "{path}: {text}"
            );
        }
    }
    let like = format!("/tracks/{id}/like");
    let liked = stage
        .listener
        .program
        .ask(Method::POST, &like, &Value::Null)
        .await?;
    assert_eq!(liked.status, 404);
    let records = stage
        .records(&stage.artist.account.did, "fm.plyr.track")
        .await?;
    assert!(records.is_empty(), "{records:?}");
    // Released, it is everywhere.
    assert_eq!(
        stage.change(id, &[("visibility", "public")]).await?.status,
        200
    );
    let track = stage.settled(id).await?;
    assert!(stage.record(&track).await?.is_some());
    let uri = track["atproto_record_uri"]
        .as_str()
        .ok_or("no record")?
        .to_owned();
    let tagged = whole(&stage.nobody().get("/tracks/tags/unheard").await?)?;
    assert_eq!(
        (&tagged["track_count"], &tagged["tracks"][0]["id"]),
        (&json!(1), &json!(id))
    );
    // And taken back, nowhere.
    assert_eq!(
        stage.change(id, &[("visibility", "draft")]).await?.status,
        200
    );
    stage.settled(id).await?;
    assert!(stage.record_at(&uri).await?.is_none());
    assert_eq!(
        stage.nobody().get(&format!("/tracks/{id}")).await?.status,
        404
    );
    Ok(())
}

async fn likes_are_kept_and_written_down(stage: Stage) -> Result {
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    stage.settled(id).await?;
    let like = format!("/tracks/{id}/like");
    let listener = &stage.listener;
    assert_eq!(
        stage
            .nobody()
            .ask(Method::POST, &like, &Value::Null)
            .await?
            .status,
        401
    );
    for _ in 0..2 {
        let liked = listener
            .program
            .ask(Method::POST, &like, &Value::Null)
            .await?;
        assert_eq!(whole(&liked)?, json!({ "liked": true }));
    }
    let seen = whole(&listener.program.get(&format!("/tracks/{id}")).await?)?;
    assert_eq!(
        (&seen["is_liked"], &seen["like_count"]),
        (&json!(true), &json!(1))
    );
    let list = whole(&listener.program.get("/tracks/liked").await?)?;
    assert_eq!(list["tracks"][0]["id"], id);
    let top = whole(&stage.nobody().get("/tracks/top").await?)?;
    assert_eq!(
        (&top[0]["id"], &top[0]["is_liked"]),
        (&json!(id), &json!(false))
    );
    let written = async |count: usize| {
        eventually_so(async || {
            let records = stage.records(&listener.account.did, "fm.plyr.like").await?;
            let is_so = records.len() == count;
            is_so
                .then_some(records)
                .ok_or("the records do not follow".into())
        })
        .await
    };
    let records = written(1).await?;
    let track = stage.track(id).await?;
    let subject = &records[0]["value"]["subject"];
    assert_eq!(subject["uri"], track["atproto_record_uri"]);
    let unliked = listener
        .program
        .ask(Method::DELETE, &like, &Value::Null)
        .await?;
    assert_eq!(whole(&unliked)?, json!({ "liked": false }));
    written(0).await?;
    let seen = whole(&listener.program.get(&format!("/tracks/{id}")).await?)?;
    assert_eq!(
        (&seen["is_liked"], &seen["like_count"]),
        (&json!(false), &json!(0))
    );
    Ok(())
}

async fn a_track_that_is_deleted_is_gone(stage: Stage) -> Result {
    let id = stage.publish(&[("title", "Night Tram")], "cbr.mp3").await?;
    let track = stage.settled(id).await?;
    let public = address(&stage, &track["r2_url"])?;
    let uri = track["atproto_record_uri"].as_str().ok_or("no record")?;
    let one = format!("/tracks/{id}");
    let refused = stage
        .listener
        .program
        .ask(Method::DELETE, &one, &Value::Null)
        .await?;
    assert_eq!(refused.status, 404, "it is not theirs");
    let deleted = stage
        .artist
        .program
        .ask(Method::DELETE, &one, &Value::Null)
        .await?;
    assert!(whole(&deleted)?["message"].is_string());
    for path in [
        &one,
        &format!("/audio/{}", track["file_id"].as_str().ok_or("no file")?),
    ] {
        assert_eq!(stage.artist.program.get(path).await?.status, 404, "{path}");
    }
    gone(&stage, &public).await?;
    eventually_so(async || {
        let left = (stage.record_at(uri).await?, objects(&stage)?);
        let is_nothing = left == (None, 0);
        is_nothing
            .then_some(())
            .ok_or_else(|| format!("there is left: {left:?}").into())
    })
    .await
}

/// How many objects are in the buckets.
fn objects(stage: &Stage) -> Result<usize> {
    let buckets = ["private", "public"].map(|name| stage.site.media().join(name));
    let mut folders = Vec::from(buckets);
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let is_folder = entry.file_type()?.is_dir();
            if is_folder { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    Ok(files.len())
}

async fn plays_are_counted_once(stage: Stage) -> Result {
    let gate = [
        ("title", "Night Tram"),
        ("support_gate", r#"{"type":"any"}"#),
    ];
    let id = stage.publish(&gate, "cbr.mp3").await?;
    let play = format!("/tracks/{id}/play");
    // Who may not hear it plays nothing.
    for other in [&stage.nobody(), &stage.listener.program] {
        assert_eq!(
            other.ask(Method::POST, &play, &Value::Null).await?.status,
            404
        );
    }
    stage
        .registry
        .add(&stage.listener.account.did, &stage.artist.account.did);
    let count = async |program: &gatefold_e2e::actors::Program| -> Result<Value> {
        Ok(whole(&program.ask(Method::POST, &play, &Value::Null).await?)?["play_count"].clone())
    };
    for (program, counted) in [(&stage.artist.program, 1), (&stage.artist.program, 1)] {
        assert_eq!(count(program).await?, counted);
    }
    Ok(())
}

async fn files_are_saved_as_their_artist_lets(stage: Stage) -> Result {
    let id = stage.publish(&[("title", "夜/Night")], "cbr.mp3").await?;
    let track = stage.settled(id).await?;
    let file = track["file_id"].as_str().ok_or("no file")?;
    let download = format!("/audio/{file}/download");
    let saved = async |program: &gatefold_e2e::actors::Program| -> Result<(u16, String)> {
        let sent = program.get(&download).await?;
        if sent.status != 307 {
            return Ok((sent.status.as_u16(), sent.json()?["code"].to_string()));
        }
        let there = sent.header("location");
        let answer = program.get(&there).await?;
        assert!(answer.body == audio("cbr.mp3"));
        Ok((answer.status.as_u16(), answer.header("content-disposition")))
    };
    let name = "attachment; filename=\"The Tram - _-Night.mp3\"; \
                filename*=UTF-8''The%20Tram%20-%20%E5%A4%9C-Night.mp3";
    let (ok, off) = (
        (200, name.to_owned()),
        (403, "\"downloads_off\"".to_owned()),
    );
    let (artist, listener, nobody) = (
        &stage.artist.program,
        &stage.listener.program,
        &stage.nobody(),
    );
    // Nobody but the artist, unless they say so; for all of their tracks, or for this one.
    for (path, body, others) in [
        ("/artists/me", json!({}), &off),
        ("/artists/me", json!({ "downloads": "listeners" }), &ok),
        ("/artists/me", json!({ "downloads": "off" }), &off),
    ] {
        let changed = artist.ask(Method::PUT, path, &body).await?;
        assert_eq!(changed.status, 200, "{body}");
        assert_eq!(saved(artist).await?, ok, "{body}");
        assert_eq!(&saved(listener).await?, others, "{body}");
        assert_eq!(&saved(nobody).await?, others, "{body}");
    }
    let wrong = artist
        .ask(Method::PUT, "/artists/me", &json!({ "downloads": "all" }))
        .await?;
    assert_eq!(wrong.status, 422);
    stage
        .registry
        .add(&stage.listener.account.did, &stage.artist.account.did);
    let keep = [
        ("downloads", "listeners"),
        ("support_gate", r#"{"type":"any"}"#),
    ];
    assert_eq!(stage.change(id, &keep).await?.status, 200);
    // Whoever may not hear it does not get so far.
    assert_eq!(saved(nobody).await?.0, 401);
    assert_eq!(saved(listener).await?, ok);
    Ok(())
}
