//! How samples are coded.

use gatefold_domain::AudioFormat;
use serde::{Deserialize, Serialize};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, well_known as ids};

use super::sniff::Container;

/// A codec that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// MPEG layer III.
    Mp3,
    /// AAC.
    Aac,
    /// Apple Lossless.
    Alac,
    /// FLAC.
    Flac,
    /// Whole numbers.
    Pcm,
    /// Numbers with a point.
    Float,
    /// Vorbis.
    Vorbis,
    /// Opus.
    Opus,
}

impl Codec {
    /// What these parameters mean, in a container; `None` for what is not taken.
    pub(super) fn known(
        container: Container,
        params: &AudioCodecParameters,
    ) -> Option<(AudioFormat, Self)> {
        let pcm = || {
            if FLOATS.contains(&params.codec) {
                Some(Self::Float)
            } else {
                INTEGERS.contains(&params.codec).then_some(Self::Pcm)
            }
        };
        match (container, params.codec) {
            (Container::Mpeg, ids::CODEC_ID_MP3) => Some((AudioFormat::Mp3, Self::Mp3)),
            (Container::Mp4, ids::CODEC_ID_AAC) => Some((AudioFormat::M4a, Self::Aac)),
            (Container::Mp4, ids::CODEC_ID_ALAC) => Some((AudioFormat::M4a, Self::Alac)),
            (Container::Flac, ids::CODEC_ID_FLAC) => Some((AudioFormat::Flac, Self::Flac)),
            (Container::Ogg, ids::CODEC_ID_VORBIS) => Some((AudioFormat::Ogg, Self::Vorbis)),
            (Container::Ogg, ids::CODEC_ID_OPUS) => Some((AudioFormat::Opus, Self::Opus)),
            (Container::Wave, _) => pcm().map(|codec| (AudioFormat::Wav, codec)),
            (Container::Aiff, _) => pcm().map(|codec| (AudioFormat::Aiff, codec)),
            _ => None,
        }
    }

    /// Whether what is decoded is what was recorded.
    #[must_use]
    pub const fn is_lossless(self) -> bool {
        match self {
            Self::Alac | Self::Flac | Self::Pcm | Self::Float => true,
            Self::Mp3 | Self::Aac | Self::Vorbis | Self::Opus => false,
        }
    }
}

/// How many bits a number with a point has.
pub(super) fn float_bits(params: &AudioCodecParameters) -> u32 {
    match params.codec {
        ids::CODEC_ID_PCM_F64LE | ids::CODEC_ID_PCM_F64BE => 64,
        _ => 32,
    }
}

const FLOATS: [AudioCodecId; 4] = [
    ids::CODEC_ID_PCM_F32LE,
    ids::CODEC_ID_PCM_F32BE,
    ids::CODEC_ID_PCM_F64LE,
    ids::CODEC_ID_PCM_F64BE,
];

const INTEGERS: [AudioCodecId; 8] = [
    ids::CODEC_ID_PCM_U8,
    ids::CODEC_ID_PCM_S8,
    ids::CODEC_ID_PCM_S16LE,
    ids::CODEC_ID_PCM_S16BE,
    ids::CODEC_ID_PCM_S24LE,
    ids::CODEC_ID_PCM_S24BE,
    ids::CODEC_ID_PCM_S32LE,
    ids::CODEC_ID_PCM_S32BE,
];
