//! A file opened, and decoded from its first frame to its last.

use std::io::{ErrorKind, Read, Seek};

use gatefold_domain::AudioFormat;
use symphonia::{
    core::{
        audio::{Channels, GenericAudioBufferRef},
        codecs::{
            CodecParameters,
            audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions},
        },
        errors::Error,
        formats::{FormatOptions, FormatReader, Track, probe::Hint, probe::Probe},
        io::{MediaSourceStream, MediaSourceStreamOptions},
        meta::MetadataOptions,
        units::TimeBase,
    },
    default::{self, formats, meta},
};

use super::{
    codec::{Codec, float_bits},
    count::Count,
    limits::Limits,
    sniff::{Container, sniff},
    source::{Source, is_spent},
};
use crate::refusal::{Failure, Found, Refusal};

/// A length that programs write which do not know it yet, or near to it: then it announces nothing.
const NO_LENGTH: u64 = 0x7FFF_0000;

/// A file that can be decoded.
pub(super) struct Stream<'s> {
    pub(super) reader: Box<dyn FormatReader + 's>,
    pub(super) decoder: Option<Box<dyn AudioDecoder>>,
    pub(super) format: AudioFormat,
    pub(super) codec: Codec,
    track: u32,
    pub(super) params: AudioCodecParameters,
    time_base: Option<TimeBase>,
    /// How many frames it announces.
    pub(super) announced: Option<u64>,
    /// How many frames at its start and end are the encoder's.
    pub(super) gaps: u64,
}

/// What was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Played {
    pub(super) duration_ms: u64,
    pub(super) sample_rate: u32,
    pub(super) channels: u16,
    /// Whether the samples were decoded, or only the container read.
    pub(super) decoded: bool,
}

impl<'s> Stream<'s> {
    /// Opens what `source` has, from its start.
    pub(super) fn open<R: Read + Seek + Send + Sync + 's>(source: R) -> Result<Self, Failure> {
        let mut source = Source::new(source)?;
        let container = sniff(&mut source)?;
        let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
        let reader = probe(container)
            .probe(
                &Hint::new(),
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(|error| refused(error, Refusal::Damaged))?;
        let (track, params) = only_audio(reader.tracks())?;
        let (format, codec) =
            Codec::known(container, params).ok_or(Refusal::UnsupportedFormat(Found::Codec))?;
        let decoder = decoder(codec, params)?;
        let gaps = match codec {
            // Its packets are decoded whole: what is announced of its end may be an estimate.
            Codec::Mp3 => sum([track.delay, track.padding]),
            // The end is cut by the container already.
            Codec::Opus => sum([track.delay, None]),
            _ => 0,
        };
        Ok(Self {
            decoder,
            format,
            codec,
            track: track.id,
            time_base: track.time_base,
            announced: announced(format, track, params),
            gaps,
            params: params.clone(),
            reader,
        })
    }

    /// How many bits its samples have, where that means anything.
    pub(super) fn bits(&self) -> Option<u32> {
        let lossless = matches!(
            self.codec,
            Codec::Flac | Codec::Alac | Codec::Pcm | Codec::Float
        );
        let params = &self.params;
        let bits = match (self.codec, &params.extra_data) {
            // ALACSpecificConfig: the length of a frame, a version, and this.
            (Codec::Alac, Some(config)) => config.get(5).copied().map(u32::from),
            (Codec::Float, _) => Some(float_bits(params)),
            _ => params.bits_per_sample.or(params.bits_per_coded_sample),
        };
        bits.filter(|_| lossless)
    }

    /// Plays it to its end, and gives each piece of sound to `take`.
    pub(super) fn play(
        &mut self,
        limits: &Limits,
        mut take: impl FnMut(&GenericAudioBufferRef<'_>) -> Result<(), Failure>,
    ) -> Result<Played, Failure> {
        let mut count = Count::new(*limits);
        loop {
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    if self.ends_anywhere() {
                        break;
                    }
                    return Err(Refusal::CutShort.into());
                }
                Err(error) => return Err(refused(error, Refusal::Damaged)),
            };
            count.packet()?;
            if packet.track_id != self.track {
                continue;
            }
            let Some(decoder) = &mut self.decoder else {
                count.ticks(packet.dur.get(), self.time_base, self.params.sample_rate)?;
                continue;
            };
            match decoder.decode(&packet) {
                Ok(sound) => {
                    count.sound(&sound)?;
                    take(&sound)?;
                }
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    if self.codec.is_lossless() {
                        return Err(Refusal::Damaged.into());
                    }
                    count.broken()?;
                }
                Err(error) => return Err(refused(error, Refusal::Damaged)),
            }
        }
        let untouched = self.decoder.as_mut().map(|decoder| decoder.finalize());
        let played = count.finish(self)?;
        if untouched.is_some_and(|result| result.verify_ok == Some(false)) {
            return Err(Refusal::Damaged.into());
        }
        Ok(played)
    }

    /// Whether its end is where its bytes end.
    fn ends_anywhere(&self) -> bool {
        match self.format {
            AudioFormat::Mp3 => true,
            AudioFormat::Wav | AudioFormat::Aiff => self.announced.is_none(),
            _ => false,
        }
    }
}

/// Knows this container alone, and the tags that may stand before and after it.
fn probe(container: Container) -> Probe {
    let mut probe = Probe::new();
    match container {
        Container::Mpeg => probe.register_format::<formats::MpaReader<'_>>(),
        Container::Mp4 => probe.register_format::<formats::IsoMp4Reader<'_>>(),
        Container::Flac => probe.register_format::<formats::FlacReader<'_>>(),
        Container::Wave => probe.register_format::<formats::WavReader<'_>>(),
        Container::Ogg => probe.register_format::<formats::OggReader<'_>>(),
        Container::Aiff => probe.register_format::<formats::AiffReader<'_>>(),
    }
    probe.register_metadata::<meta::Id3v2Reader<'_>>();
    if container == Container::Mpeg {
        probe.register_metadata::<meta::Id3v1Reader<'_>>();
    }
    probe
}

/// The first track of audio, where there is no film.
fn only_audio(tracks: &[Track]) -> Result<(&Track, &AudioCodecParameters), Refusal> {
    let film = |track: &&Track| match &track.codec_params {
        Some(CodecParameters::Video(params)) => {
            params.codec != symphonia::core::codecs::video::CODEC_ID_NULL_VIDEO
        }
        _ => false,
    };
    if tracks.iter().any(|track| film(&track)) {
        return Err(Refusal::Video);
    }
    let mut audio = tracks.iter().filter_map(|track| match &track.codec_params {
        Some(CodecParameters::Audio(params)) => Some((track, params)),
        _ => None,
    });
    audio.next().ok_or(Refusal::NoAudio)
}

/// What decodes it; `None` for what can be played by browsers and not by us.
fn decoder(
    codec: Codec,
    params: &AudioCodecParameters,
) -> Result<Option<Box<dyn AudioDecoder>>, Failure> {
    if codec == Codec::Opus {
        return Ok(None);
    }
    let options = AudioDecoderOptions::default()
        .verify(true)
        .gapless(codec != Codec::Mp3);
    match default::get_codecs().make_audio_decoder(params, &options) {
        Ok(decoder) => Ok(Some(decoder)),
        // HE-AAC, and AAC with more than two channels.
        Err(Error::Unsupported(_)) if codec == Codec::Aac => Ok(None),
        Err(error) => Err(refused(error, Refusal::Damaged)),
    }
}

fn sum(gaps: [Option<u32>; 2]) -> u64 {
    let gaps = gaps.into_iter().flatten();
    gaps.map(u64::from).fold(0, u64::saturating_add)
}

/// How many frames there have to be, by a length that is exact.
fn announced(format: AudioFormat, track: &Track, params: &AudioCodecParameters) -> Option<u64> {
    let frames = track.num_frames?;
    match format {
        AudioFormat::Flac => Some(frames),
        AudioFormat::Wav | AudioFormat::Aiff => {
            let channels = params.channels.as_ref().map_or(1, Channels::count);
            let bits = params.bits_per_coded_sample.or(params.bits_per_sample);
            let bytes = frames
                .saturating_mul(channels as u64)
                .saturating_mul(u64::from(bits.unwrap_or(8) / 8));
            (bytes < NO_LENGTH).then_some(frames)
        }
        _ => None,
    }
}

/// What an error of the reader means.
fn refused(error: Error, otherwise: Refusal) -> Failure {
    match error {
        Error::IoError(error) if is_spent(&error) => Refusal::TooComplex.into(),
        Error::IoError(error) => match error.kind() {
            ErrorKind::UnexpectedEof => Refusal::CutShort.into(),
            // What readers say of numbers that cannot be.
            ErrorKind::Other | ErrorKind::InvalidInput | ErrorKind::InvalidData => otherwise.into(),
            _ => Failure::System(error),
        },
        Error::Unsupported(_) => Refusal::UnsupportedFormat(Found::Codec).into(),
        Error::ResetRequired => Refusal::UnsupportedFormat(Found::Chained).into(),
        Error::LimitError(_) => Refusal::TooComplex.into(),
        _ => otherwise.into(),
    }
}
