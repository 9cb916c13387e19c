//! Formats of audio.

use std::str::FromStr;

use crate::InvalidWord;

/// A format that tracks are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AudioFormat {
    /// MPEG-1 and -2 layer III.
    Mp3,
    /// AAC or ALAC in an MPEG-4 container.
    M4a,
    /// FLAC.
    Flac,
    /// PCM in a RIFF container.
    Wav,
    /// Vorbis in an Ogg container.
    Ogg,
    /// Opus in an Ogg container.
    Opus,
    /// PCM in an AIFF container, which browsers do not play: kept, and played as FLAC.
    Aiff,
}

impl AudioFormat {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Mp3,
        Self::M4a,
        Self::Flac,
        Self::Wav,
        Self::Ogg,
        Self::Opus,
        Self::Aiff,
    ];

    /// The ending of files in this format, without a dot; also the word under which it is kept and
    /// told as `file_type`.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::M4a => "m4a",
            Self::Flac => "flac",
            Self::Wav => "wav",
            Self::Ogg => "ogg",
            Self::Opus => "opus",
            Self::Aiff => "aiff",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::M4a => "audio/mp4",
            Self::Flac => "audio/flac",
            Self::Wav => "audio/wav",
            Self::Ogg | Self::Opus => "audio/ogg",
            Self::Aiff => "audio/aiff",
        }
    }
}

impl FromStr for AudioFormat {
    type Err = InvalidWord;

    fn from_str(text: &str) -> Result<Self, InvalidWord> {
        let mut formats = Self::ALL.into_iter();
        formats
            .find(|format| format.extension() == text)
            .ok_or(InvalidWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_they_are_written() {
        for format in AudioFormat::ALL {
            assert_eq!(format.extension().parse(), Ok(format));
        }
        assert_eq!("MP3".parse::<AudioFormat>(), Err(InvalidWord));
    }
}
