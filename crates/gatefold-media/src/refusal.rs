//! Why an upload is not taken, in words that its owner can act on.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Deserialize, Serialize};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It is the file: another try ends the same way.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is this machine: the same file may be taken later.
    #[error("the file could not be read here: {0}")]
    System(#[from] io::Error),
}

/// What is wrong with a file. Each has a code that stays, and a sentence for whoever uploaded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There are no bytes.
    #[error("The file is empty.")]
    Empty,
    /// It is something else, or audio in a form that is not taken.
    #[error("{0} Upload MP3, M4A (AAC or ALAC), FLAC, WAV, Ogg Vorbis, Opus or AIFF.")]
    UnsupportedFormat(Found),
    /// It has moving pictures.
    #[error("The file is a video. Export its sound alone, for example as M4A.")]
    Video,
    /// Nothing is to be heard in it.
    #[error("There is no audio in the file.")]
    NoAudio,
    /// What it says of itself, or a checksum in it, is wrong.
    #[error("The file is damaged and does not play to its end. Export it again.")]
    Damaged,
    /// It ends before the audio does that it announces.
    #[error("The file ends too early, as after a broken copy. Upload the whole file.")]
    CutShort,
    /// It plays for too long.
    #[error("The audio is longer than {} minutes. Upload it in parts.", .limit_ms / 60_000)]
    TooLong {
        /// How long it may play, in milliseconds.
        limit_ms: u64,
    },
    /// It has too many channels.
    #[error("The audio has more than {limit} channels. Mix it down, for example to stereo.")]
    TooManyChannels {
        /// How many it may have.
        limit: u16,
    },
    /// Its sample rate is too low or too high.
    #[error("The audio has a sample rate that is not played. Export it with 44.1 or 48 kHz.")]
    SampleRate,
    /// Reading it takes more steps than any honest file of its length does.
    #[error("The file is built in a way that takes too long to read. Export it again.")]
    TooComplex,
    /// Reading it used up the time that there is for it.
    #[error("Reading the file took too long. Export it again, or upload a shorter one.")]
    TookTooLong,
    /// The process that read it ended without an answer.
    #[error("The file cannot be read. Export it again with another program.")]
    Unreadable,
    /// It is no picture, or one in a form that is not taken.
    #[error("The file is no picture that is taken. Upload JPEG, PNG, WebP or GIF.")]
    UnsupportedImage,
    /// The picture has too many pixels.
    #[error("The picture has too many pixels. Make it smaller, for example 3000 by 3000.")]
    TooManyPixels,
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Nothing that is known.
    Unknown,
    /// Matroska or `WebM`.
    Matroska,
    /// AAC without a container.
    BareAac,
    /// MPEG layer I or II.
    MpegLayer,
    /// Windows Media.
    WindowsMedia,
    /// A WAV file with 64-bit lengths.
    LongWave,
    /// Picture, document or archive.
    NoMedia,
    /// A codec that is not taken, in a container that is.
    Codec,
    /// Several pieces one after the other in one Ogg file.
    Chained,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unknown => "The file is of no known format.",
            Self::Matroska => "The file is Matroska or WebM.",
            Self::BareAac => "The file is AAC without a container.",
            Self::MpegLayer => "The file is MPEG audio, but not layer III (MP3).",
            Self::WindowsMedia => "The file is Windows Media.",
            Self::LongWave => "The file is a WAV with 64-bit lengths (RF64).",
            Self::NoMedia => "The file is no audio.",
            Self::Codec => "The audio in the file is coded in a way that browsers do not play.",
            Self::Chained => "The file has several pieces one after the other.",
        })
    }
}

impl Refusal {
    /// Its code, which stays the same when the words do not.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnsupportedFormat(_) => "unsupported_format",
            Self::Video => "video",
            Self::NoAudio => "no_audio",
            Self::Damaged => "damaged",
            Self::CutShort => "cut_short",
            Self::TooLong { .. } => "too_long",
            Self::TooManyChannels { .. } => "too_many_channels",
            Self::SampleRate => "sample_rate",
            Self::TooComplex => "too_complex",
            Self::TookTooLong => "took_too_long",
            Self::Unreadable => "unreadable",
            Self::UnsupportedImage => "unsupported_image",
            Self::TooManyPixels => "too_many_pixels",
        }
    }
}

/// A decoder that panics says of a file that it is damaged: numbers that cannot be end some in a failed
/// assertion or an overflow. What it was at is dropped.
pub(crate) fn survived<T>(reading: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(reading)).unwrap_or_else(|_| Err(Refusal::Damaged.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_way_between_processes_and_says_what_to_do() {
        for (refusal, code, words) in [
            (Refusal::Empty, "empty", "empty"),
            (
                Refusal::UnsupportedFormat(Found::Matroska),
                "unsupported_format",
                "WebM. Upload MP3",
            ),
            (
                Refusal::TooLong {
                    limit_ms: 21_600_000,
                },
                "too_long",
                "longer than 360 minutes",
            ),
            (
                Refusal::TooManyChannels { limit: 8 },
                "too_many_channels",
                "more than 8 channels",
            ),
        ] {
            assert_eq!(refusal.code(), code);
            assert!(refusal.to_string().contains(words), "{refusal}");
            let line = serde_json::to_string(&refusal).unwrap();
            assert_eq!(serde_json::from_str::<Refusal>(&line).unwrap(), refusal);
        }
    }
}
