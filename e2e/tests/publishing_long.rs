//! Publishing, what takes long: a recording of two gigabytes.

use std::{
    io::{Seek, SeekFrom, Write},
    process::{Command, Stdio},
};

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    site::{Setup, Site},
};
use http::Method;
use serde_json::json;

/// How many bytes of sound there are.
const LENGTH: u32 = 2_000_000_000;
/// What the site may need more while it takes them, in bytes.
const MOST: u64 = 64 * 1024 * 1024;

/// A recording of silence: a RIFF file of 16 bits, two channels and 44,100 Hz. Its silence takes no room on the
/// disk.
fn silence(path: &std::path::Path) -> Result {
    let mut file = std::fs::File::create(path)?;
    let mut head = Vec::new();
    head.extend_from_slice(b"RIFF");
    head.extend_from_slice(&LENGTH.saturating_add(36).to_le_bytes());
    head.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    head.extend_from_slice(&44_100u32.to_le_bytes());
    head.extend_from_slice(&176_400u32.to_le_bytes());
    head.extend_from_slice(b"\x04\0\x10\0data");
    head.extend_from_slice(&LENGTH.to_le_bytes());
    file.write_all(&head)?;
    let last = u64::from(LENGTH).saturating_add(43);
    file.seek(SeekFrom::Start(last))?;
    file.write_all(&[0])?;
    Ok(())
}

#[tokio::test]
async fn two_gigabytes_take_little_memory() -> Result {
    let site = Site::start(Setup::small()).await?;
    let account = site.network().account("artist").await?;
    let mut browser = Browser::new(&site);
    browser.sign_in(&account).await?;
    let token = browser.make_token(&account, "a program").await?;
    let artist = Program::bearer(&site, &token);
    let profile = json!({ "display_name": "The Tram" });
    let made = artist.ask(Method::POST, "/artists/", &profile).await?;
    assert_eq!(made.status, 201);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("silence.wav");
    silence(&path)?;

    let before = site.first.vitals()?.peak;
    let here = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new(format!("{here}/plyrfm/venv/bin/python"));
    let upload = "import sys, plyrfm; \
                  client = plyrfm.PlyrClient(token=sys.argv[2], api_url=sys.argv[1]); \
                  print(client.tracks.upload(sys.argv[3], 'Silence', timeout=1800).track_id)";
    command
        .args(["-c", upload, &site.origin, &token])
        .arg(&path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let done = tokio::task::spawn_blocking(move || command.output()).await??;
    let wrong = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{wrong}");
    let id: i64 = String::from_utf8(done.stdout)?.trim().parse()?;
    let track = artist.get(&format!("/tracks/{id}")).await?.json()?;
    assert_eq!(track["duration"], 11_337, "{track}");
    let after = site.first.vitals()?.peak;
    let more = after.saturating_sub(before);
    assert!(
        more < MOST,
        "{before} bytes before, and {after} at most since"
    );
    Ok(())
}
