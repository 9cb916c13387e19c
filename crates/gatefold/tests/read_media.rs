//! The command as a server starts it: a file that is uploaded, read by a process of its own.

use std::{fs::File, path::Path};

use gatefold_media::{
    Failure, Refusal,
    isolated::{FLAC_FILE, Reader, Settings},
};
use tempfile::TempDir;

#[tokio::test]
async fn the_command_reads_media_in_a_process_of_its_own() {
    let reader = Reader::new(
        env!("CARGO_BIN_EXE_gatefold").into(),
        ["read-media".into()],
        Settings::default(),
    );
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/audio");
    let folder = TempDir::new().unwrap();

    let aiff = File::open(fixtures.join("sixteen.aiff")).unwrap();
    let track = reader.track(aiff, folder.path()).await.unwrap();
    assert_eq!((track.duration_ms, track.channels), (50, 2));
    let flac = std::fs::read(folder.path().join(FLAC_FILE)).unwrap();
    assert!(flac.starts_with(b"fLaC"));

    let film = File::open(fixtures.join("video.mp4")).unwrap();
    let failure = reader.track(film, folder.path()).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused(Refusal::Video)));
}
