//! Files that go wrong cost their own process and nothing else.

use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use gatefold_domain::AudioFormat;
use gatefold_media::{
    Failure, Found, Refusal, audio, image,
    isolated::{FLAC_FILE, LARGE_FILE, Reader, SMALL_FILE, Settings},
};
use tempfile::TempDir;

use super::{fixture_path, pcm};

const CHILD: &str = env!("CARGO_BIN_EXE_media-child");

fn reader(mode: &str, settings: Settings) -> Reader {
    Reader::new(CHILD.into(), [mode.into()], settings)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn refusal(mode: &str, settings: Settings) -> Refusal {
    let folder = TempDir::new().unwrap();
    let file = File::open(fixture_path("vbr.mp3")).unwrap();
    let failure = reader(mode, settings)
        .track(file, folder.path())
        .await
        .unwrap_err();
    assert_eq!(names(folder.path()), [""; 0], "{mode}");
    match failure {
        Failure::Refused(refusal) => refusal,
        Failure::System(error) => panic!("{mode}: {error}"),
    }
}

#[tokio::test]
async fn a_process_reads_what_this_one_would() {
    let reader = reader("honest", Settings::default());
    for (file, outputs) in [
        ("vbr.mp3", &[LARGE_FILE, SMALL_FILE][..]),
        ("sixteen.aiff", &[FLAC_FILE]),
        ("opus.opus", &[]),
    ] {
        let folder = TempDir::new().unwrap();
        let path = fixture_path(file);
        let track = reader
            .track(File::open(&path).unwrap(), folder.path())
            .await
            .unwrap();
        let here = audio::read(File::open(&path).unwrap(), &audio::Limits::default()).unwrap();
        assert_eq!(track.format, here.format);
        assert_eq!(track.duration_ms, here.duration_ms);
        assert_eq!(track.tags, here.tags);
        assert_eq!(track.waveform, here.waveform);
        assert_eq!(names(folder.path()), outputs, "{file}");
        let len = |name| std::fs::metadata(folder.path().join(name)).unwrap().len();
        if let Some(flac) = track.flac {
            assert_eq!(flac.bytes, len(FLAC_FILE));
            let flac = File::open(folder.path().join(FLAC_FILE)).unwrap();
            let flac = audio::read(flac, &audio::Limits::default()).unwrap();
            assert_eq!(flac.format, AudioFormat::Flac);
            assert_eq!(flac.waveform, here.waveform);
        }
        if let Some(artwork) = track.artwork {
            assert_eq!((artwork.large.width, artwork.large.height), (24, 16));
            assert_eq!(artwork.large.bytes, len(LARGE_FILE));
            assert_eq!(artwork.small.bytes, len(SMALL_FILE));
        }
    }
}

#[tokio::test]
async fn a_refusal_comes_back_as_it_was() {
    let reader = reader("honest", Settings::default());
    let folder = TempDir::new().unwrap();
    for (file, expected) in [
        ("video.mp4", Refusal::Video),
        ("opus.webm", Refusal::UnsupportedFormat(Found::Matroska)),
    ] {
        let file = File::open(fixture_path(file)).unwrap();
        let failure = reader.track(file, folder.path()).await.unwrap_err();
        assert!(matches!(failure, Failure::Refused(refusal) if refusal == expected));
    }
    let file = File::open(fixture_path("vbr.mp3")).unwrap();
    let failure = reader.picture(file, folder.path()).await.unwrap_err();
    assert!(matches!(
        failure,
        Failure::Refused(Refusal::UnsupportedImage)
    ));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_picture_is_read_too() {
    let folder = TempDir::new().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&super::formats::pictures()[0]).unwrap();
    let artwork = reader("honest", Settings::default())
        .picture(file, folder.path())
        .await
        .unwrap();
    let large = File::open(folder.path().join(LARGE_FILE)).unwrap();
    let large = std::io::BufReader::new(large);
    let large = image::read(large, &image::Limits::default()).unwrap();
    assert_eq!(large.large.width, artwork.large.width);
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_refusal() {
    let settings = Settings {
        memory: 256 * 1024 * 1024,
        processor: 1,
        ..Settings::default()
    };
    for (mode, expected) in [
        ("abort", Refusal::Unreadable),
        ("panic", Refusal::Unreadable),
        ("allocate", Refusal::Unreadable),
        ("fill", Refusal::Unreadable),
        ("open", Refusal::Unreadable),
        ("garbage", Refusal::Unreadable),
        ("another", Refusal::Unreadable),
        ("silent", Refusal::Unreadable),
        ("flood", Refusal::Unreadable),
        ("loop", Refusal::TookTooLong),
    ] {
        assert_eq!(refusal(mode, settings).await, expected, "{mode}");
    }
}

/// The clock of this test goes on when nothing else does, so that patience ends at once.
#[tokio::test(start_paused = true)]
async fn a_process_that_does_not_end_is_ended() {
    assert_eq!(
        refusal("loop", Settings::default()).await,
        Refusal::TookTooLong
    );
}

#[tokio::test]
async fn a_process_is_told_nothing() {
    assert_eq!(
        refusal("environment", Settings::default()).await,
        Refusal::TooLong { limit_ms: 0 }
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_the_files_fault() {
    let folder = TempDir::new().unwrap();
    let file = File::open(fixture_path("vbr.mp3")).unwrap();
    let reader = Reader::new("/nowhere".into(), [], Settings::default());
    let failure = reader.track(file, folder.path()).await.unwrap_err();
    assert!(matches!(failure, Failure::System(_)));
}

/// The clock stands still until nothing else goes on, too.
#[tokio::test(start_paused = true)]
async fn one_waits_for_another() {
    let settings = Settings {
        at_once: 1,
        ..Settings::default()
    };
    let folder = Arc::new(TempDir::new().unwrap());
    let looping = reader("loop", settings);
    let file = || File::open(fixture_path("vbr.mp3")).unwrap();
    let first = tokio::spawn({
        let (looping, folder, file) = (looping.clone(), Arc::clone(&folder), file());
        async move { looping.track(file, folder.path()).await }
    });
    tokio::task::yield_now().await;
    // As long as it loops, there is no room.
    let second = tokio::time::timeout(Duration::ZERO, looping.track(file(), folder.path())).await;
    assert!(second.is_err());
    assert!(first.await.unwrap().is_err());
}

/// The most that two gigabytes may raise the memory of the process that reads them.
const RAISED: u64 = 64 * 1024 * 1024;

/// Has a child read `head` and as much silence as there is room for, and gives the memory that this took
/// and how long it plays.
fn measured(head: &[u8], len: u64, flac: Option<&Path>) -> (u64, u64) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(head).unwrap();
    // Takes no room on the disk.
    file.set_len(head.len() as u64 + len).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let output = Command::new(CHILD)
        .arg("measure")
        .args(flac)
        .stdin(Stdio::from(file))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (raised, duration) = text.trim().split_once(' ').unwrap();
    (raised.parse().unwrap(), duration.parse().unwrap())
}

#[test]
fn two_gigabytes_take_little_memory() {
    let len: u32 = 2_000_000_000;
    let wav = pcm::wav_head(192_000, 2, 32, len);
    let (raised, duration) = measured(&wav, u64::from(len), None);
    assert!(raised < RAISED, "{raised}");
    assert_eq!(duration, u64::from(len) * 1000 / 8 / 192_000);
}

#[test]
fn flac_out_of_a_large_aiff_takes_little_memory() {
    let folder = TempDir::new().unwrap();
    let len: u32 = 150_000_000;
    let aiff = pcm::aiff_head(96_000, 2, 24, len / 6, len);
    let flac = folder.path().join("played.flac");
    let (raised, _) = measured(&aiff, u64::from(len), Some(&flac));
    assert!(raised < RAISED, "{raised}");
}
