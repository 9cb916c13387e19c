//! What a file is, by its content. Nobody asks its name.

use std::io::{Read, Seek, SeekFrom};

use super::source::Source;
use crate::refusal::{Failure, Found, Refusal};

/// How far into a file the first frame of MPEG audio is looked for, in bytes.
const SEARCHED: usize = 64 * 1024;
/// How many ID3 tags may stand one after the other.
const TAGS: usize = 8;

/// How many boxes of an MPEG-4 file are looked at; one that is written in pieces has many.
const BOXES: usize = 100_000;

/// A container whose audio is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Mpeg,
    Mp4,
    Flac,
    Wave,
    Ogg,
    Aiff,
}

/// What `source` is. Leaves it at its start.
pub(super) fn sniff<R: Read + Seek>(source: &mut Source<R>) -> Result<Container, Failure> {
    if source.len() == 0 {
        return Err(Refusal::Empty.into());
    }
    skip_tags(source)?;
    let mut head = Vec::new();
    Read::by_ref(source)
        .take(SEARCHED as u64)
        .read_to_end(&mut head)?;
    let container = recognize(&head)?;
    if container == Container::Mp4 {
        is_whole(source)?;
    }
    source.seek(SeekFrom::Start(0))?;
    Ok(container)
}

/// Whether all boxes of an MPEG-4 file are in it. Where the last one is cut, what tells of all others may
/// be missing, and nobody could say why it does not play.
fn is_whole<R: Read + Seek>(source: &mut Source<R>) -> Result<(), Failure> {
    let mut at = 0_u64;
    for _ in 0..BOXES {
        source.seek(SeekFrom::Start(at))?;
        let mut head = Vec::with_capacity(16);
        Read::by_ref(source).take(16).read_to_end(&mut head)?;
        let number = |from: usize, to: usize| {
            let bytes = head.get(from..to)?.iter();
            Some(bytes.fold(0_u64, |number, byte| (number << 8) | u64::from(*byte)))
        };
        let len = match number(0, 4) {
            // To the end.
            None | Some(0) => return Ok(()),
            Some(1) => number(8, 16).unwrap_or(u64::MAX),
            Some(len) => len,
        };
        if len < 8 {
            return Err(Refusal::Damaged.into());
        }
        at = at.saturating_add(len);
        if at > source.len() {
            return Err(Refusal::CutShort.into());
        }
    }
    Ok(())
}

/// Goes over what ID3 tags stand at the start.
fn skip_tags<R: Read + Seek>(source: &mut Source<R>) -> Result<(), Failure> {
    let mut at = 0_u64;
    for _ in 0..TAGS {
        source.seek(SeekFrom::Start(at))?;
        let mut head = Vec::with_capacity(10);
        Read::by_ref(source).take(10).read_to_end(&mut head)?;
        let [b'I', b'D', b'3', _, _, flags, a, b, c, d] = *head else {
            break;
        };
        let size = [a, b, c, d]
            .iter()
            .fold(0_u64, |size, byte| (size << 7) | u64::from(byte & 0x7F));
        // A footer repeats the head.
        let heads = if flags & 0x10 == 0 { 10 } else { 20 };
        at = at.saturating_add(size).saturating_add(heads);
        if at > source.len() {
            return Err(Refusal::CutShort.into());
        }
    }
    source.seek(SeekFrom::Start(at))?;
    Ok(())
}

fn recognize(head: &[u8]) -> Result<Container, Refusal> {
    let at = |from: usize, what: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(what));
    let found = |found| Err(Refusal::UnsupportedFormat(found));
    if at(0, b"fLaC") {
        Ok(Container::Flac)
    } else if at(0, b"OggS") {
        Ok(Container::Ogg)
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        Ok(Container::Wave)
    } else if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) {
        Ok(Container::Aiff)
    } else if at(4, b"ftyp") {
        Ok(Container::Mp4)
    } else if at(0, b"RIFF") && at(8, b"AVI ") || at(0, &[0, 0, 1, 0xBA]) {
        Err(Refusal::Video)
    } else if at(0, b"RF64") || at(0, b"BW64") || at(0, b"riff") {
        found(Found::LongWave)
    } else if at(0, &[0x1A, 0x45, 0xDF, 0xA3]) {
        found(Found::Matroska)
    } else if at(0, &[0x30, 0x26, 0xB2, 0x75]) {
        found(Found::WindowsMedia)
    } else if is_no_media(&at) {
        found(Found::NoMedia)
    } else {
        first_frame(head)
    }
}

fn is_no_media(at: &impl Fn(usize, &[u8]) -> bool) -> bool {
    let starts: [&[u8]; 9] = [
        b"\x89PNG",
        b"\xFF\xD8\xFF",
        b"GIF8",
        b"%PDF",
        b"PK\x03\x04",
        b"\x1F\x8B",
        b"<",
        b"{",
        b"\x7FELF",
    ];
    starts.iter().any(|start| at(0, start)) || at(0, b"RIFF") && at(8, b"WEBP")
}

/// Looks for MPEG audio: a frame that is followed by another of its kind.
fn first_frame(head: &[u8]) -> Result<Container, Refusal> {
    for from in 0..head.len() {
        let rest = head.get(from..).unwrap_or_default();
        let Some(frame) = Frame::read(rest) else {
            continue;
        };
        let next = frame.len.and_then(|len| rest.get(len..));
        let followed = match next {
            // The only frame of a file: there is nothing to hold it against.
            Some([]) | None => from == 0,
            Some(next) => Frame::read(next).is_some_and(|next| next.kind == frame.kind),
        };
        if followed {
            return match frame.kind.layer {
                Layer::Three => Ok(Container::Mpeg),
                Layer::Other => Err(Refusal::UnsupportedFormat(Found::MpegLayer)),
                Layer::Adts => Err(Refusal::UnsupportedFormat(Found::BareAac)),
            };
        }
    }
    Err(Refusal::UnsupportedFormat(Found::Unknown))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Three,
    /// I or II.
    Other,
    /// AAC, which begins in almost the same way.
    Adts,
}

/// What all frames of a stream have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    version: u8,
    layer: Layer,
    rate: u8,
}

/// The head of a frame.
struct Frame {
    kind: Kind,
    /// How long it is, in bytes, where its head tells.
    len: Option<usize>,
}

impl Frame {
    fn read(bytes: &[u8]) -> Option<Self> {
        let [0xFF, what, how, rest @ ..] = bytes else {
            return None;
        };
        if what & 0xF6 == 0xF0 {
            let [high, middle, low, ..] = *rest else {
                return None;
            };
            let rate = (how >> 2) & 0x0F;
            let len =
                (usize::from(high & 3) << 11) | (usize::from(middle) << 3) | usize::from(low >> 5);
            let kind = Kind {
                version: 0,
                layer: Layer::Adts,
                rate,
            };
            return (rate < 13 && len > 7).then_some(Self {
                kind,
                len: Some(len),
            });
        }
        let (version, layer) = ((what >> 3) & 3, (what >> 1) & 3);
        let (bitrate, rate) = (usize::from(how >> 4), (how >> 2) & 3);
        if what & 0xE0 != 0xE0 || version == 1 || layer == 0 || bitrate == 15 || rate == 3 {
            return None;
        }
        let kind = Kind {
            version,
            layer: if layer == 1 {
                Layer::Three
            } else {
                Layer::Other
            },
            rate,
        };
        let padding = usize::from((how >> 1) & 1);
        Some(Self {
            kind,
            len: layer_three_len(version, bitrate, rate, padding).filter(|_| layer == 1),
        })
    }
}

/// How long a frame of layer III is, in bytes; unknown with a free bitrate.
fn layer_three_len(version: u8, bitrate: usize, rate: u8, padding: usize) -> Option<usize> {
    const ONE: [u16; 14] = [
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const TWO: [u16; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let kilobits = if version == 3 { ONE } else { TWO };
    let bits = usize::from(*kilobits.get(bitrate.checked_sub(1)?)?).checked_mul(1000)?;
    let hertz = match rate {
        0 => 44_100_usize,
        1 => 48_000,
        _ => 32_000,
    };
    let (hertz, factor) = match version {
        3 => (hertz, 144_usize),
        2 => (hertz >> 1, 72),
        _ => (hertz >> 2, 72),
    };
    factor
        .checked_mul(bits)?
        .checked_div(hertz)?
        .checked_add(padding)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sniffed(bytes: &[u8]) -> Result<Container, Refusal> {
        let mut source = Source::new(Cursor::new(bytes)).unwrap();
        match sniff(&mut source) {
            Ok(container) => Ok(container),
            Err(Failure::Refused(refusal)) => Err(refusal),
            Err(Failure::System(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn content_decides() {
        let frame = [
            &[0xFF_u8, 0xFB, 0x90, 0x64][..],
            &[0; 413],
            &[0xFF, 0xFB, 0x90, 0x64, 0, 0],
        ]
        .concat();
        let tagged = [&b"ID3\x04\0\0\0\0\x01\x02"[..], &[0; 130], b"fLaC"].concat();
        let late = [&[0xFF_u8; 3][..], b"junk", &frame].concat();
        let unsupported = |found| Err(Refusal::UnsupportedFormat(found));
        for (bytes, expected) in [
            (&b""[..], Err(Refusal::Empty)),
            (b"fLaC\0\0", Ok(Container::Flac)),
            (b"OggS", Ok(Container::Ogg)),
            (b"RIFF\0\0\0\0WAVEfmt ", Ok(Container::Wave)),
            (b"FORM\0\0\0\0AIFF", Ok(Container::Aiff)),
            (b"FORM\0\0\0\0AIFC", Ok(Container::Aiff)),
            (b"\0\0\0\x0cftypM4A ", Ok(Container::Mp4)),
            (b"\0\0\0\x0cftypM4A \0\0\0\0mdat", Ok(Container::Mp4)),
            (b"\0\0\0\x1cftypM4A ", Err(Refusal::CutShort)),
            (b"\0\0\0\x01ftypM4A \0\0\0\0", Err(Refusal::CutShort)),
            (b"\0\0\0\x02ftypM4A ", Err(Refusal::Damaged)),
            (&frame, Ok(Container::Mpeg)),
            (&late, Ok(Container::Mpeg)),
            (&tagged, Ok(Container::Flac)),
            (b"ID3\x04\0\0\0\0\x7f\x7f", Err(Refusal::CutShort)),
            (b"RIFF\0\0\0\0AVI LIST", Err(Refusal::Video)),
            (b"RIFF\0\0\0\0WEBPVP8 ", unsupported(Found::NoMedia)),
            (b"\x89PNG\r\n", unsupported(Found::NoMedia)),
            (b"<!doctype html>", unsupported(Found::NoMedia)),
            (b"RF64\xff\xff\xff\xffWAVE", unsupported(Found::LongWave)),
            (b"\x1a\x45\xdf\xa3", unsupported(Found::Matroska)),
            (b"\x30\x26\xb2\x75", unsupported(Found::WindowsMedia)),
            (&[0xFF, 0xFD, 0x90, 0, 0, 0], unsupported(Found::MpegLayer)),
            (
                &[0xFF, 0xF1, 0x50, 0x80, 0x04, 0x1F, 0xFC],
                unsupported(Found::BareAac),
            ),
            (b"nothing at all", unsupported(Found::Unknown)),
        ] {
            assert_eq!(sniffed(bytes), expected, "{bytes:?}");
        }
    }
}
