//! Files that were cut, changed or made up: they are read or refused, and nothing else happens.

use std::io::Cursor;

use gatefold_media::{audio::Limits, image};
use proptest::prelude::*;

use super::{fixture, pcm::Pcm, read_within};

/// What is cut and changed.
const FILES: [&str; 13] = [
    "vbr.mp3",
    "cbr.mp3",
    "aac.m4a",
    "fragmented.m4a",
    "surround.m4a",
    "alac.m4a",
    "tagged.flac",
    "vorbis.ogg",
    "opus.opus",
    "chained.opus",
    "video.mp4",
    "flac.ogg",
    "opus.webm",
];

/// A minute of a kilobyte is a lie.
fn bounded(bytes: &[u8]) {
    let limits = Limits {
        duration_ms: 60_000,
        packets: 20_000,
        ..Limits::default()
    };
    let _ = read_within(bytes, &limits);
}

fn small() -> Vec<(String, Vec<u8>)> {
    let pcm = Pcm {
        rate: 44_100,
        channels: 2,
        bits: 24,
        samples: (0..300).map(|n| n * 20_000).collect(),
    };
    let mut files: Vec<_> = FILES
        .iter()
        .map(|file| ((*file).to_owned(), fixture(file)))
        .collect();
    files.push(("wav".into(), pcm.wav()));
    files.push(("aiff".into(), pcm.aiff()));
    files
}

#[test]
fn a_file_may_end_anywhere() {
    for (_, bytes) in small() {
        for end in 0..bytes.len() {
            bounded(&bytes[..end]);
        }
    }
}

#[test]
fn any_bit_may_be_wrong() {
    for (_, bytes) in small() {
        // Heads bit by bit, the rest here and there.
        let bits = (0..bytes.len() * 8).filter(|bit| *bit < 400 * 8 || bit % 31 == 0);
        for bit in bits {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            bounded(&wrong);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_may_be_exchanged(
        file in 0..15_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            Just(vec![0xFF; 4]), Just(vec![0; 4]), Just(vec![0x7F, 0xFF, 0xFF, 0xFF]),
            prop::collection::vec(any::<u8>(), 1..9),
        ]), 1..6),
    ) {
        let files = small();
        let mut bytes = files[file].1.clone();
        for (at, with) in edits {
            let at = at.index(bytes.len());
            for (to, from) in bytes[at..].iter_mut().zip(with) {
                *to = from;
            }
        }
        bounded(&bytes);
    }

    #[test]
    fn anything_may_follow_a_known_start(
        start in prop::sample::select(vec![
            &b"fLaC"[..], b"OggS\0\x02", b"RIFF\xff\0\0\0WAVEfmt ", b"FORM\0\0\x01\0AIFFCOMM",
            b"\0\0\0\x1cftypM4A \0\0\0\0M4A mp42isom\0\0\0\0", b"ID3\x04\0\0\0\0\x01\0", b"\xFF\xFB\x90\x64",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        bounded(&[start, &rest].concat());
    }
}

#[test]
fn a_picture_may_end_anywhere_and_any_bit_of_it_may_be_wrong() {
    for bytes in super::formats::pictures() {
        let read = |bytes: &[u8]| {
            let _ = image::read(Cursor::new(bytes), &image::Limits::default());
        };
        for end in 0..bytes.len() {
            read(&bytes[..end]);
        }
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            // A few wrong sizes are honest pictures of many pixels, which take their time.
            let limits = image::Limits {
                pixels: 1_000_000,
                ..image::Limits::default()
            };
            let _ = image::read(Cursor::new(&wrong), &limits);
        }
    }
}
