//! What is refused, and with which reason.

use gatefold_media::{Found, Refusal};

use super::{fixture, pcm::Pcm, read};

#[test]
fn what_is_not_taken_is_refused_with_its_reason() {
    let unsupported = Refusal::UnsupportedFormat;
    for (file, refusal) in [
        ("video.mp4", Refusal::Video),
        ("layer-two.mp2", unsupported(Found::MpegLayer)),
        ("bare.aac", unsupported(Found::BareAac)),
        ("opus.webm", unsupported(Found::Matroska)),
        ("mulaw.wav", unsupported(Found::Codec)),
        ("flac.ogg", unsupported(Found::Codec)),
        ("chained.opus", unsupported(Found::Chained)),
        ("README.md", unsupported(Found::Unknown)),
    ] {
        assert_eq!(read(&fixture(file)).unwrap_err(), refusal, "{file}");
    }
}

#[test]
fn nothing_to_hear_is_said() {
    let nothing = Pcm {
        rate: 44_100,
        channels: 2,
        bits: 16,
        samples: Vec::new(),
    };
    assert_eq!(read(&nothing.wav()).unwrap_err(), Refusal::NoAudio);
    assert_eq!(read(b"").unwrap_err(), Refusal::Empty);
}

#[test]
fn half_a_file_is_said() {
    for file in [
        "aac.m4a",
        "alac.m4a",
        "tagged.flac",
        "deep.flac",
        "vorbis.ogg",
        "opus.opus",
        "sixteen.aiff",
        "float.wav",
    ] {
        let whole = fixture(file);
        let refusal = read(&whole[..whole.len() * 2 / 3]).unwrap_err();
        assert_eq!(refusal, Refusal::CutShort, "{file}");
    }
}

#[test]
fn a_wrong_checksum_is_said() {
    // A sample of FLAC, and a packet on a page of Ogg.
    for file in ["deep.flac", "opus.opus"] {
        let mut bytes = fixture(file);
        let at = bytes.len() * 9 / 10;
        bytes[at] ^= 0x40;
        assert!(
            matches!(
                read(&bytes).unwrap_err(),
                Refusal::Damaged | Refusal::CutShort
            ),
            "{file}"
        );
    }
}
