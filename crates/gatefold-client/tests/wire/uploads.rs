//! Uploads that are refused, break off, or are never heard of again.

use std::{
    convert::Infallible,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use gatefold_client::{ClientError, NewTrack, Step, Uploaded};
use gatefold_domain::{Downloads, Gate, Visibility};
use rand_core::{TryCryptoRng, TryRng};
use serde_json::json;
use tempfile::TempDir;

use crate::stand_in::{Said, StandIn};

/// Random bytes that are always the same.
struct Same;

impl TryRng for Same {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(7)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(7)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(7);
        Ok(())
    }
}

impl TryCryptoRng for Same {}

/// Far more than what sockets hold.
const LEN: usize = 32 << 20;

fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Night Tram.flac");
    fs::write(&path, vec![b'~'; LEN]).unwrap();
    (folder, path)
}

async fn upload(server: &StandIn, new: &NewTrack) -> (Result<Uploaded, ClientError>, Vec<Step>) {
    let mut steps = Vec::new();
    let mut tell = |step| steps.push(step);
    let client = server.client();
    let outcome = client.upload(new, &mut Same, &mut tell).await;
    (outcome, steps)
}

fn events(events: &[&serde_json::Value]) -> Said {
    let events = events.iter().map(|event| format!("data: {event}\n\n"));
    let kind = ("content-type", "text/event-stream".to_owned());
    Said::Answer(200, vec![kind], events.collect::<String>().into_bytes())
}

fn taken() -> Said {
    Said::json(
        200,
        &json!({"upload_id": "u1", "status": "processing", "message": "here"}),
    )
}

#[tokio::test]
async fn a_file_is_sent_with_what_is_said_of_it() {
    let server = StandIn::start(|line| match line {
        "POST /tracks/" => taken(),
        _ => events(&[
            &json!({"status": "processing", "phase": "reading", "message": "It is read.", "server_progress_pct": 10}),
            &json!({"status": "processing", "phase": "storing", "server_progress_pct": 70.5}),
            &json!({"status": "completed", "track_id": 12, "atproto_uri": "at://a"}),
        ]),
    })
    .await;
    let (_folder, path) = file();
    let new = NewTrack {
        title: Some("Night \"Tram\"".to_owned()),
        tags: vec!["a".to_owned(), "b,c".to_owned()],
        gate: Some(Gate::Supporters),
        visibility: Some(Visibility::Draft),
        downloads: Some(Downloads::Listeners),
        ..NewTrack::of(&path)
    };
    let (outcome, steps) = upload(&server, &new).await;
    let uploaded = Uploaded {
        track_id: 12,
        atproto_uri: Some("at://a".to_owned()),
    };
    assert_eq!(outcome.unwrap(), uploaded);

    let asked = server.asked().remove(0);
    assert_eq!(asked.headers["authorization"], "Bearer abc");
    assert_eq!(
        asked.headers["content-length"],
        asked.body.len().to_string()
    );
    assert!(!asked.headers.contains_key("transfer-encoding"));
    let body = String::from_utf8(asked.body).unwrap();
    let head = body.split('~').next().unwrap();
    for part in [
        "name=\"title\"\r\n\r\nNight \"Tram\"\r\n",
        "name=\"tags\"\r\n\r\n[\"a\",\"b,c\"]\r\n",
        "name=\"support_gate\"\r\n\r\n{\"type\":\"any\"}\r\n",
        "name=\"visibility\"\r\n\r\ndraft\r\n",
        "name=\"downloads\"\r\n\r\nlisteners\r\n",
        "name=\"file\"; filename=\"Night Tram.flac\"\r\nContent-Type: audio/flac\r\n\r\n",
    ] {
        assert!(head.contains(part), "{head}");
    }
    assert!(!head.contains("name=\"album\""), "{head}");
    assert_eq!(
        server.lines(),
        ["POST /tracks/", "GET /tracks/uploads/u1/progress"]
    );

    let mut sent = steps.iter().filter_map(|step| match step {
        Step::Sending { sent, of } => Some((*sent, *of)),
        Step::Working { .. } => None,
    });
    let len = body.len() as u64;
    assert_eq!(sent.next(), Some((0, len)));
    assert!(sent.clone().is_sorted() && sent.clone().count() > 10);
    assert_eq!(sent.next_back(), Some((len, len)));
    let worked = [("It is read.", 10), ("storing", 70)].map(|(message, percent)| Step::Working {
        message: message.to_owned(),
        percent: Some(percent),
    });
    assert!(steps.ends_with(&worked), "{:?}", steps.last());
}

#[tokio::test]
async fn a_server_that_refuses_at_once_is_heard() {
    let says = json!({"detail": "the file is larger than 5 MiB", "code": "file_too_large"});
    let says = says.to_string();
    let server = StandIn::start(move |_| Said::Early(413, says.clone())).await;
    let (_folder, path) = file();
    let (outcome, _) = upload(&server, &NewTrack::of(&path)).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.to_string(), "the file is larger than 5 MiB");
}

#[tokio::test]
async fn what_breaks_off_is_no_upload() {
    let server = StandIn::start(|_| Said::Close(1 << 20)).await;
    let (_folder, path) = file();
    let (outcome, _) = upload(&server, &NewTrack::of(&path)).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    let none = NewTrack::of(&path.with_extension("mp3"));
    let (outcome, _) = upload(&server, &none).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, ClientError::Unread { .. }), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_track_is_waited_for_however_often_the_connection_ends() {
    let tries = AtomicUsize::new(0);
    let server = StandIn::start(move |line| match line {
        "POST /tracks/" => taken(),
        _ => match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Said::Raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ndata: {\"sta".to_owned()),
            1 => events(&[&json!({"status": "processing", "phase": "reading"})]),
            2 => Said::Answer(503, Vec::new(), Vec::new()),
            _ => events(&[&json!({"status": "completed", "track_id": 12})]),
        },
    })
    .await;
    let (_folder, path) = file();
    let (outcome, _) = upload(&server, &NewTrack::of(&path)).await;
    assert_eq!(outcome.unwrap().track_id, 12);
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn what_becomes_no_track_says_why() {
    let (_folder, path) = file();
    let outcome = async |said: fn() -> Said| {
        let server = StandIn::start(move |line| match line {
            "POST /tracks/" => taken(),
            _ => said(),
        })
        .await;
        upload(&server, &NewTrack::of(&path)).await.0.unwrap_err()
    };
    let failed =
        || events(&[&json!({"status": "failed", "error": "this is no audio", "phase": "reading"})]);
    assert_eq!(outcome(failed).await.to_string(), "this is no audio");
    for said in [
        || Said::json(404, &json!({"detail": "no"})),
        || events(&[&json!({"status": "completed"})]),
        || events(&[&json!("completed")]),
    ] {
        let error = outcome(said).await;
        assert!(matches!(error, ClientError::Unexpected { .. }), "{error}");
    }
    // Some servers are done at once.
    let server = StandIn::start(|_| Said::json(200, &json!({"track_id": 7}))).await;
    let (outcome, _) = upload(&server, &NewTrack::of(&path)).await;
    assert_eq!(outcome.unwrap().track_id, 7);
}

#[tokio::test]
async fn who_cannot_publish_learns_it_before_anything_is_sent() {
    let server = StandIn::start(|_| Said::json(404, &json!({"detail": "no"}))).await;
    let error = server.client().may_publish().await.unwrap_err();
    assert!(matches!(error, ClientError::NoProfile(_)), "{error}");
    let server = StandIn::start(|_| Said::json(200, &json!({"did": "did:plc:abc"}))).await;
    server.client().may_publish().await.unwrap();
    assert_eq!(server.lines(), ["GET /artists/me"]);
}
