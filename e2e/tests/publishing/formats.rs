//! Every format that is taken, from the upload to the bytes that are heard.

use gatefold_e2e::{Result, sign_in::whole};
use http::Method;

use crate::{
    over_both,
    stage::{Stage, audio},
};

over_both!(
    every_format_is_heard_as_it_was_sent,
    what_is_no_audio_is_refused_with_a_reason
);

async fn every_format_is_heard_as_it_was_sent(stage: Stage) -> Result {
    for (file, played, original) in [
        ("cbr.mp3", "mp3", None),
        ("aac.m4a", "m4a", None),
        ("tagged.flac", "flac", None),
        ("float.wav", "wav", None),
        ("vorbis.ogg", "ogg", None),
        ("opus.opus", "opus", None),
        ("sixteen.aiff", "flac", Some("aiff")),
    ] {
        let id = stage.publish(&[("title", file)], file).await?;
        let track = stage.settled(id).await?;
        assert_eq!(track["file_type"], played, "{track}");
        assert_eq!(track["original_file_type"].as_str(), original, "{track}");
        assert_eq!(track["audio_storage"], "r2");
        let url = track["r2_url"].as_str().ok_or("no address")?;
        let heard = stage.nobody().get(url).await?;
        assert_eq!(heard.status, 200, "{file}");
        if original.is_none() {
            assert!(heard.body == audio(file), "{file}");
        } else {
            assert!(heard.body.starts_with(b"fLaC"), "{file}");
            let kept = track["original_file_id"].as_str().ok_or("no original")?;
            let link = format!("/audio/{kept}/url");
            let link = whole(&stage.artist.program.get(&link).await?)?;
            let url = link["url"].as_str().ok_or("no link")?;
            let heard = stage.artist.program.get(url).await?;
            assert!(heard.body == audio(file), "{file}");
        }
    }
    Ok(())
}

async fn what_is_no_audio_is_refused_with_a_reason(stage: Stage) -> Result {
    for (file, code) in [
        ("video.mp4", "video"),
        ("opus.webm", "unsupported_format"),
        ("README.md", "unsupported_format"),
    ] {
        let event = stage
            .upload(&[("title", file)], (file, &audio(file)))
            .await?;
        assert_eq!(event["status"], "failed", "{event}");
        assert_eq!(event["error_code"], code, "{event}");
        assert!(
            event["error"].as_str().is_some_and(|why| why.len() > 10),
            "{event}"
        );
    }
    let mut cut = audio("cbr.mp3");
    cut.truncate(10);
    let event = stage.upload(&[], ("cut.mp3", &cut)).await?;
    assert_eq!(event["status"], "failed", "{event}");
    let mine = whole(&stage.artist.program.get("/tracks/me").await?)?;
    assert_eq!(mine["total"], 0, "{mine}");
    // Progress is for whoever sent it.
    let files = [("file", "a.mp3", &*audio("cbr.mp3"))];
    let taken = stage
        .artist
        .program
        .send(Method::POST, "/tracks/", &[], &files);
    let taken = whole(&taken.await?)?;
    let id = taken["upload_id"].as_str().ok_or("no upload")?;
    for other in [&stage.nobody(), &stage.listener.program] {
        let asked = other.get(&format!("/tracks/uploads/{id}/progress")).await?;
        assert!(
            asked.status == 401 || asked.status == 404,
            "{}",
            asked.status
        );
    }
    let event = stage.artist.outcome(&taken).await?;
    assert_eq!(event["status"], "completed", "{event}");
    Ok(())
}
