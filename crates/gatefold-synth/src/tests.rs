//! What holds for every piece, listened to as a whole.

use std::io::{self, Write};
use std::sync::LazyLock;

use crate::{Composition, catalogue, mix, num::FRAMES_PER_SECOND};

/// Every piece and its file, rendered once for all tests.
static RENDERED: LazyLock<Vec<(&'static Composition, Vec<u8>)>> = LazyLock::new(|| {
    catalogue()
        .iter()
        .map(|piece| (piece, rendered(piece)))
        .collect()
});

/// The checksums that the promise of equal bytes on every machine is held to. Whoever changes the
/// music on purpose puts the new ones here.
const CHECKSUMS: [(&str, u64); 3] = [
    ("harbour-lights", 0x175e_8d9c_d903_8373),
    ("night-tram", 0x24c1_cbd6_a5c8_1802),
    ("snow-on-the-observatory", 0xacfe_ce0e_f5a2_3dd3),
];

fn rendered(piece: &Composition) -> Vec<u8> {
    let mut wav = Vec::new();
    piece.write_wav(&mut wav).unwrap();
    wav
}

/// The frames of a file, left and right, where 1.0 is full scale.
fn frames(wav: &[u8]) -> Vec<[f32; 2]> {
    let sample = |bytes: [u8; 2]| f32::from(i16::from_le_bytes(bytes)) / 32_768.0;
    let (frames, rest) = wav[44..].as_chunks::<4>();
    assert!(rest.is_empty());
    frames
        .iter()
        .map(|[a, b, c, d]| [sample([*a, *b]), sample([*c, *d])])
        .collect()
}

/// The root of the mean square of both channels, in decibels below full scale.
fn loudness(frames: &[[f32; 2]]) -> f64 {
    let squares = frames.iter().flatten().map(|x| f64::from(x * x));
    let count = frames.iter().flatten().map(|_| 1.0).sum::<f64>();
    10.0 * (squares.sum::<f64>() / count).log10()
}

/// Some seconds, as a count of frames.
fn seconds(count: usize) -> usize {
    count.saturating_mul(44_100)
}

/// The 64-bit FNV-1a hash.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_catalogue_is_fit_to_be_shown() {
    assert_eq!(catalogue().len(), 3);
    for piece in catalogue() {
        assert!((150..=240).contains(&piece.duration_seconds()));
        assert!(!piece.title().is_empty() && !piece.artist().is_empty());
        let fits = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(piece.slug().chars().all(fits), "{}", piece.slug());
    }
}

#[test]
fn header_and_length_agree_with_what_is_written() {
    for (piece, wav) in RENDERED.iter() {
        let field = |at: usize| u32::from_le_bytes(*wav[at..].first_chunk().unwrap());
        let len = u32::try_from(wav.len()).unwrap();
        assert_eq!(u64::from(len), piece.wav_len());
        assert_eq!(field(4), len.saturating_sub(8));
        assert_eq!(field(40), len.saturating_sub(44));
        assert_eq!(field(24), FRAMES_PER_SECOND);
        let per_second = FRAMES_PER_SECOND.saturating_mul(4);
        assert_eq!(
            field(40),
            piece.duration_seconds().saturating_mul(per_second)
        );
    }
}

#[test]
fn the_same_bytes_come_out_everywhere() {
    let found: Vec<(&str, u64)> = RENDERED
        .iter()
        .map(|(piece, wav)| (piece.slug(), checksum(wav)))
        .collect();
    assert_eq!(found, CHECKSUMS);
}

#[test]
fn rendering_again_changes_nothing() {
    let (piece, wav) = &RENDERED[0];
    assert!(rendered(piece) == *wav);
}

#[test]
fn nothing_clips() {
    for (piece, wav) in RENDERED.iter() {
        let frames = frames(wav);
        let peak = frames.iter().flatten().fold(0.0_f32, |p, x| p.max(x.abs()));
        assert!(
            peak <= mix::master::CEILING + 0.001,
            "{}: {peak}",
            piece.slug()
        );
        assert!(peak > 0.5, "{} is timid: {peak}", piece.slug());
    }
}

#[test]
fn the_loudness_is_that_of_a_record() {
    for (piece, wav) in RENDERED.iter() {
        let level = loudness(&frames(wav));
        assert!((-18.5..-14.0).contains(&level), "{}: {level}", piece.slug());
    }
}

#[test]
fn a_piece_starts_and_ends_in_silence_and_has_none_between() {
    for (piece, wav) in RENDERED.iter() {
        let frames = frames(wav);
        let slug = piece.slug();
        assert!(loudness(&frames[..20]) < -50.0, "{slug} starts with a jolt");
        let end = frames.len().saturating_sub(4_410);
        assert!(loudness(&frames[end..]) < -60.0, "{slug} is cut off");
        let fade = frames.len().saturating_sub(seconds(14));
        for (second, window) in frames[seconds(1)..fade].chunks(44_100).enumerate() {
            let level = loudness(window);
            assert!(level > -40.0, "{slug} pauses after {second} s: {level}");
        }
    }
}

#[test]
fn nothing_clicks() {
    // A click is a step between two samples; music below the ceiling moves far less than this.
    for (piece, wav) in RENDERED.iter() {
        let frames = frames(wav);
        let steps = frames
            .windows(2)
            .map(|pair| (pair[0][0] - pair[1][0]).abs());
        let widest = steps.fold(0.0_f32, f32::max);
        assert!(widest < 0.25, "{} steps by {widest}", piece.slug());
    }
}

#[test]
fn the_channels_differ_and_balance() {
    for (piece, wav) in RENDERED.iter() {
        let frames = frames(wav);
        let side: Vec<[f32; 2]> = frames.iter().map(|[l, r]| [l - r; 2]).collect();
        let level = loudness(&side);
        assert!(level > -30.0, "{} is narrow: {level}", piece.slug());
        let channel = |n: usize| {
            let samples: Vec<[f32; 2]> = frames.iter().map(|frame| [frame[n]; 2]).collect();
            loudness(&samples)
        };
        let tilt = channel(0) - channel(1);
        assert!(tilt.abs() < 1.5, "{} tilts by {tilt} dB", piece.slug());
    }
}

#[test]
fn no_two_pieces_are_alike() {
    let [(_, a), (_, b), (_, c)] = RENDERED.as_slice() else {
        panic!("there are three pieces");
    };
    for (one, other) in [(a, b), (b, c), (a, c)] {
        let pairs = frames(one).into_iter().zip(frames(other));
        let difference: Vec<[f32; 2]> = pairs.map(|([l, _], [m, _])| [l - m; 2]).collect();
        assert!(loudness(&difference) > -24.0);
    }
}

#[test]
fn few_voices_sound_at_a_time() {
    // What a rendering keeps in memory is its voices; none may be left behind.
    let mut performance = catalogue()[0].performance();
    let mut block = Vec::new();
    let mut most = 0;
    loop {
        performance.next_block(&mut block);
        if block.is_empty() {
            break;
        }
        most = most.max(performance.polyphony());
    }
    assert!((8..=64).contains(&most), "{most} voices");
    assert_eq!(performance.polyphony(), 0, "voices outlive the piece");
}

/// A writer that keeps nothing, and fails when it has taken `left` bytes.
struct Narrow {
    left: usize,
    largest: usize,
    refused: usize,
}

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.largest = self.largest.max(bytes.len());
        if bytes.len() > self.left {
            self.refused = self.refused.saturating_add(1);
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.left = self.left.saturating_sub(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_write_error_is_passed_on_and_ends_the_rendering() {
    for left in [0, 20, 44, 100_000] {
        let mut out = Narrow {
            left,
            largest: 0,
            refused: 0,
        };
        let error = catalogue()[0].write_wav(&mut out).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(out.refused, 1);
    }
}

#[test]
fn the_file_is_written_in_small_pieces() {
    let mut out = Narrow {
        left: 2_000_000,
        largest: 0,
        refused: 0,
    };
    catalogue()[1].write_wav(&mut out).unwrap_err();
    assert!(out.largest <= 4_096, "{} bytes at once", out.largest);
}
