//! Every format that is taken, out of files that other programs made (testdata/audio/README.md).

use gatefold_domain::AudioFormat::{self, Aiff, Flac, M4a, Mp3, Ogg, Opus, Wav};
use gatefold_media::audio::{Codec, POINTS, Tags, Waveform};

use super::{fixture, read};

struct Expected {
    file: &'static str,
    format: AudioFormat,
    codec: Codec,
    /// Between which milliseconds.
    duration: (u64, u64),
    rate: u32,
    channels: u16,
    bits: Option<u32>,
    tags: Told,
    /// Whether the left channel's growing tone is seen.
    waveform: Seen,
}

#[derive(PartialEq)]
enum Told {
    Nothing,
    Title,
    Line,
    Everything,
}

#[derive(PartialEq)]
enum Seen {
    Growing,
    Some,
    Nothing,
}

const fn expected(file: &'static str, format: AudioFormat, codec: Codec) -> Expected {
    Expected {
        file,
        format,
        codec,
        duration: (200, 200),
        rate: 44_100,
        channels: 2,
        bits: None,
        tags: Told::Nothing,
        waveform: Seen::Growing,
    }
}

fn table() -> Vec<Expected> {
    vec![
        Expected {
            tags: Told::Everything,
            duration: (198, 202),
            ..expected("vbr.mp3", Mp3, Codec::Mp3)
        },
        Expected {
            channels: 1,
            tags: Told::Title,
            duration: (198, 202),
            ..expected("cbr.mp3", Mp3, Codec::Mp3)
        },
        Expected {
            // The encoder's frames before and after are in it.
            duration: (200, 260),
            tags: Told::Everything,
            ..expected("aac.m4a", M4a, Codec::Aac)
        },
        Expected {
            duration: (200, 260),
            ..expected("fragmented.m4a", M4a, Codec::Aac)
        },
        Expected {
            duration: (200, 260),
            channels: 6,
            waveform: Seen::Nothing,
            ..expected("surround.m4a", M4a, Codec::Aac)
        },
        Expected {
            duration: (100, 100),
            rate: 22_050,
            channels: 1,
            bits: Some(16),
            tags: Told::Everything,
            waveform: Seen::Some,
            ..expected("alac.m4a", M4a, Codec::Alac)
        },
        Expected {
            duration: (100, 100),
            bits: Some(16),
            tags: Told::Line,
            waveform: Seen::Some,
            ..expected("tagged.flac", Flac, Codec::Flac)
        },
        Expected {
            duration: (50, 50),
            rate: 48_000,
            channels: 1,
            bits: Some(24),
            waveform: Seen::Some,
            ..expected("deep.flac", Flac, Codec::Flac)
        },
        Expected {
            tags: Told::Line,
            ..expected("vorbis.ogg", Ogg, Codec::Vorbis)
        },
        Expected {
            rate: 48_000,
            tags: Told::Line,
            waveform: Seen::Nothing,
            ..expected("opus.opus", Opus, Codec::Opus)
        },
        Expected {
            duration: (50, 50),
            bits: Some(16),
            waveform: Seen::Some,
            ..expected("sixteen.aiff", Aiff, Codec::Pcm)
        },
        Expected {
            duration: (50, 50),
            channels: 1,
            bits: Some(32),
            waveform: Seen::Some,
            ..expected("float.aiff", Aiff, Codec::Float)
        },
        Expected {
            duration: (50, 50),
            channels: 1,
            bits: Some(32),
            waveform: Seen::Some,
            ..expected("float.wav", Wav, Codec::Float)
        },
    ]
}

#[test]
fn every_format_is_read() {
    for expected in table() {
        let file = expected.file;
        let audio = read(&fixture(file)).unwrap_or_else(|refusal| panic!("{file}: {refusal}"));
        assert_eq!(audio.format, expected.format, "{file}");
        assert_eq!(audio.codec, expected.codec, "{file}");
        let (from, to) = expected.duration;
        assert!(
            (from..=to).contains(&audio.duration_ms),
            "{file}: {}",
            audio.duration_ms
        );
        assert_eq!(audio.sample_rate, expected.rate, "{file}");
        assert_eq!(audio.channels, expected.channels, "{file}");
        assert_eq!(audio.bits, expected.bits, "{file}");
        assert_eq!(audio.tags, told(&expected.tags), "{file}");
        let points = audio.waveform.as_ref().map(Waveform::points);
        assert_eq!(
            points.is_some(),
            expected.waveform != Seen::Nothing,
            "{file}"
        );
        if expected.waveform == Seen::Growing {
            let points = points.unwrap();
            let loudest = |from: usize, to: usize| {
                let part = &points[POINTS * from / 8..POINTS * to / 8];
                *part.iter().max().unwrap()
            };
            let (early, late) = (loudest(1, 3), loudest(5, 7));
            assert!(early > 20 && late > early + 20, "{file}: {early} {late}");
        }
    }
}

fn told(told: &Told) -> Tags {
    let text = |text: &str| Some(text.to_owned());
    let mut tags = Tags::default();
    if *told != Told::Nothing {
        tags.title = text("Night Tram");
        tags.artist = text("Ines Quillfeather");
    }
    if *told == Told::Line || *told == Told::Everything {
        tags.album = text("Lamplight");
    }
    if *told == Told::Everything {
        tags.comment = text("Recorded in one evening.");
    }
    tags
}

#[test]
fn embedded_pictures_are_found() {
    for file in ["vbr.mp3", "tagged.flac"] {
        let audio = read(&fixture(file)).unwrap();
        assert!(audio.picture.unwrap().starts_with(b"\x89PNG"), "{file}");
    }
}

/// Pictures in every format that is taken, small ones.
pub(crate) fn pictures() -> Vec<Vec<u8>> {
    use image::{DynamicImage, ImageFormat, RgbImage};
    let picture = RgbImage::from_fn(20, 12, |x, y| image::Rgb([x as u8 * 9, y as u8 * 9, 60]));
    let picture = DynamicImage::ImageRgb8(picture);
    [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ]
    .into_iter()
    .map(|format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    })
    .collect()
}
