//! Uploaded media: what is read of it is within its limits, and nothing panics.

use std::io::Cursor;

use gatefold_media::{
    audio::{self, COMMENT, LINE, Limits, POINTS},
    image,
};

/// Reads bytes as audio that begins in a certain way, so that the fuzzer need not find that out.
fn read(data: &[u8], start: &[(usize, &[u8])]) {
    silence();
    let mut bytes = data.to_vec();
    for (at, start) in start {
        let end = at + start.len();
        if bytes.len() < end {
            return;
        }
        bytes[*at..end].copy_from_slice(start);
    }
    let limits = Limits {
        duration_ms: 60_000,
        packets: 20_000,
        ..Limits::default()
    };
    let Ok(audio) = audio::read(Cursor::new(bytes), &limits) else {
        return;
    };
    assert!((1..=limits.duration_ms).contains(&audio.duration_ms));
    assert!((1..=limits.channels).contains(&audio.channels));
    assert!((1..=limits.sample_rate).contains(&audio.sample_rate));
    if let Some(waveform) = &audio.waveform {
        assert_eq!(waveform.points().len(), POINTS);
    }
    let tags = &audio.tags;
    for (text, most) in [
        (&tags.title, LINE),
        (&tags.artist, LINE),
        (&tags.album, LINE),
        (&tags.comment, COMMENT),
    ] {
        if let Some(text) = text {
            assert!((1..=most).contains(&text.chars().count()));
            assert!(!text.contains(|char: char| char.is_control() && char != '\n'));
        }
    }
}

/// Panics of decoders are caught, and mean that a file is damaged; the fuzzer's hook would end it at each.
/// What nobody catches still ends it.
fn silence() {
    #[cfg(feature = "libfuzzer")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    }
}

/// MPEG audio, with and without tags before it.
pub fn media_mpeg(data: &[u8]) {
    read(data, &[]);
}

/// MPEG-4, whole or in pieces.
pub fn media_mp4(data: &[u8]) {
    read(data, &[(4, b"ftyp")]);
}

/// FLAC.
pub fn media_flac(data: &[u8]) {
    read(data, &[(0, b"fLaC")]);
}

/// WAV.
pub fn media_wave(data: &[u8]) {
    read(data, &[(0, b"RIFF"), (8, b"WAVE")]);
}

/// Ogg, with Vorbis and Opus.
pub fn media_ogg(data: &[u8]) {
    read(data, &[(0, b"OggS")]);
}

/// AIFF and AIFF-C.
pub fn media_aiff(data: &[u8]) {
    read(data, &[(0, b"FORM"), (8, b"AIF")]);
}

/// Pictures in all formats that are taken.
pub fn media_picture(data: &[u8]) {
    let limits = image::Limits {
        pixels: 1_000_000,
        ..image::Limits::default()
    };
    if let Ok(pictures) = image::read(Cursor::new(data), &limits) {
        for (picture, side) in [
            (&pictures.large, image::LARGE),
            (&pictures.small, image::SMALL),
        ] {
            assert!((1..=side).contains(&picture.width));
            assert!((1..=side).contains(&picture.height));
            assert!(picture.bytes.starts_with(b"\xFF\xD8\xFF"));
        }
    }
}
