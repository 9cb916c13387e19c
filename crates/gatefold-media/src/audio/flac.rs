//! FLAC out of what browsers do not play. Samples are kept: whole numbers of up to 24 bits are the same
//! in both; what has more, or a point, is rounded to 24 bits, as players would.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use aws_lc_rs::digest::{Context, SHA256};
use flac_codec::encode::{FlacSampleWriter, Options};
use symphonia::core::audio::GenericAudioBufferRef;

use super::{
    codec::Codec,
    limits::Limits,
    stream::{Played, Stream},
};
use crate::refusal::{Failure, Refusal};

/// Between entries of the table by which players seek.
const SECONDS: u8 = 10;
const MILLISECONDS: u64 = 10_000;
/// How many bytes an entry has.
const ENTRY: u64 = 18;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) bits: u32,
    hash: [u8; 32],
}

/// Writes the sound of `source` to `output` as FLAC, and reads it again to see that it is the same.
pub(super) fn encode<R, W>(
    source: R,
    played: &Played,
    limits: &Limits,
    mut output: W,
) -> Result<Encoded, Failure>
where
    R: Read + Seek + Send + Sync,
    W: Read + Write + Seek + Send + Sync,
{
    let encoded = write(source, played, limits, &mut output)?;
    output.seek(SeekFrom::Start(0))?;
    let written = Stream::open(&mut output)
        .and_then(|mut stream| samples(&mut stream, limits, encoded.bits, |_| Ok(())));
    match written {
        Ok(hash) if hash == encoded.hash => Ok(encoded),
        Err(Failure::System(error)) => Err(Failure::System(error)),
        Ok(_) | Err(Failure::Refused(_)) => Err(Failure::System(io::Error::other(
            "what was written as FLAC is not what was read",
        ))),
    }
}

fn write<R, W>(source: R, played: &Played, limits: &Limits, output: W) -> Result<Encoded, Failure>
where
    R: Read + Seek + Send + Sync,
    W: Write + Seek,
{
    let mut stream = Stream::open(source)?;
    let bits = match (stream.codec, stream.bits()) {
        (Codec::Pcm, Some(1..=8)) => 8,
        (Codec::Pcm, Some(9..=16)) => 16,
        _ => 24,
    };
    let channels = u8::try_from(played.channels).map_err(|_| Refusal::TooManyChannels {
        limit: limits.channels,
    })?;
    let mut writer = FlacSampleWriter::new(
        BufWriter::new(output),
        options(played)?,
        played.sample_rate,
        bits,
        channels,
        None,
    )
    .map_err(unwritten)?;
    let hash = samples(&mut stream, limits, bits, |samples| {
        writer.write(samples).map_err(unwritten)
    })?;
    writer.finalize().map_err(unwritten)?;
    Ok(Encoded { bits, hash })
}

/// Leaves room for the table by which players seek, which is written last.
fn options(played: &Played) -> Result<Options, Failure> {
    let entries = (played.duration_ms / MILLISECONDS).saturating_add(4);
    let padding = u32::try_from(entries.saturating_mul(ENTRY)).unwrap_or(0);
    let options = Options::default()
        .seektable_seconds(SECONDS)
        .fast_channel_correlation(true);
    options
        .padding(padding)
        .map_err(|error| Failure::System(io::Error::other(error)))
}

/// Plays `stream`, gives samples of so many bits to `take`, and hashes them.
fn samples(
    stream: &mut Stream<'_>,
    limits: &Limits,
    bits: u32,
    mut take: impl FnMut(&[i32]) -> Result<(), Failure>,
) -> Result<[u8; 32], Failure> {
    let mut hash = Context::new(&SHA256);
    let (mut scaled, mut bytes) = (Vec::<i32>::new(), Vec::new());
    stream.play(limits, |sound| {
        interleave(sound, bits, &mut scaled);
        bytes.clear();
        for sample in &scaled {
            bytes.extend_from_slice(&sample.to_le_bytes());
        }
        hash.update(&bytes);
        take(&scaled)
    })?;
    let digest = hash.finish();
    digest
        .as_ref()
        .try_into()
        .map_err(|_| Failure::System(io::Error::other("a hash of another length")))
}

/// The samples of all channels in turn, as numbers of so many bits.
fn interleave(sound: &GenericAudioBufferRef<'_>, bits: u32, into: &mut Vec<i32>) {
    // These are numbers of 32 bits, whatever they were.
    sound.copy_to_vec_interleaved(into);
    let spare = 32_u32.saturating_sub(bits);
    for sample in into {
        *sample = sample.checked_shr(spare).unwrap_or(0);
    }
}

fn unwritten(error: flac_codec::Error) -> Failure {
    match error {
        flac_codec::Error::Io(error) => Failure::System(error),
        error => Failure::System(io::Error::other(error)),
    }
}
