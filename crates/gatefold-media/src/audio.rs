//! What is in uploaded audio: its format by its content, how long it plays by playing it, what it says
//! of itself, and its outline. Reading is streaming: memory does not depend on how long a file is.

mod codec;
mod count;
mod flac;
mod limits;
mod sniff;
mod source;
mod stream;
mod tags;
mod waveform;

use std::io::{Read, Seek, Write};

use gatefold_domain::AudioFormat;

pub use codec::Codec;
pub use limits::Limits;
pub use tags::{COMMENT, LINE, Tags};
pub use waveform::{NotAWaveform, POINTS, Waveform};

use crate::refusal::{Failure, Found, Refusal, survived};
use stream::Stream;
use waveform::Tracer;

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// What it is, whatever it is named.
    pub format: AudioFormat,
    /// How its samples are coded.
    pub codec: Codec,
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
    /// In hertz.
    pub sample_rate: u32,
    /// How many channels it has.
    pub channels: u16,
    /// How many bits a sample has, where samples are kept as they were recorded.
    pub bits: Option<u32>,
    /// What it says of itself.
    pub tags: Tags,
    /// Its outline; `None` for Opus, HE-AAC and AAC with more than two channels, which are not decoded.
    pub waveform: Option<Waveform>,
    /// The bytes of its embedded picture, as they are.
    pub picture: Option<Box<[u8]>>,
}

/// Reads a file to its end.
///
/// # Errors
/// When it is not what is taken, damaged or beyond a limit, or cannot be read.
pub fn read<R: Read + Seek + Send + Sync>(source: R, limits: &Limits) -> Result<Audio, Failure> {
    survived(|| read_unguarded(source, limits))
}

fn read_unguarded<R: Read + Seek + Send + Sync>(
    source: R,
    limits: &Limits,
) -> Result<Audio, Failure> {
    let mut stream = Stream::open(source)?;
    let mut tracer = Tracer::new();
    let mut samples = Vec::<f32>::new();
    let played = stream.play(limits, |sound| {
        sound.copy_to_vec_interleaved(&mut samples);
        tracer.take(&samples, sound.num_planes());
        Ok(())
    })?;
    let (tags, picture) = tags::collect(stream.reader.as_mut());
    Ok(Audio {
        format: stream.format,
        codec: stream.codec,
        duration_ms: played.duration_ms,
        sample_rate: played.sample_rate,
        channels: played.channels,
        bits: stream.bits(),
        tags,
        waveform: played.decoded.then(|| tracer.finish()),
        picture,
    })
}

/// Writes what a file has, which was read before, to `output` as FLAC, and reads it again to see that it
/// is the same. Gives the number of bits of its samples.
///
/// # Errors
/// When the file is not what it was when it was read, or `output` cannot be written.
pub fn to_flac<R, W>(source: R, audio: &Audio, limits: &Limits, output: W) -> Result<u32, Failure>
where
    R: Read + Seek + Send + Sync,
    W: Read + Write + Seek + Send + Sync,
{
    if audio.waveform.is_none() {
        return Err(Refusal::UnsupportedFormat(Found::Codec).into());
    }
    let played = stream::Played {
        duration_ms: audio.duration_ms,
        sample_rate: audio.sample_rate,
        channels: audio.channels,
        decoded: true,
    };
    survived(|| Ok(flac::encode(source, &played, limits, output)?.bits))
}
