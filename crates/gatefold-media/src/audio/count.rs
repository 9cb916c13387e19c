//! What of a file has come by: how long it plays, and whether it is within its limits.

use gatefold_domain::AudioFormat;
use symphonia::core::{
    audio::{Channels, GenericAudioBufferRef},
    units::TimeBase,
};

use super::{
    limits::Limits,
    stream::{Played, Stream},
};
use crate::refusal::Refusal;

/// How many packets of a lossy stream may be broken: one in so many, and a few more. Encoders cut
/// streams without care for what a frame needs of those before it.
const BROKEN: u64 = 50;
const SPARE: u64 = 3;
/// The lowest sample rate that browsers play, in hertz.
const LOWEST: u32 = 3_000;

/// What has come by so far.
pub(super) struct Count {
    limits: Limits,
    packets: u64,
    broken: u64,
    frames: u64,
    /// How long packets are in all that were not decoded.
    nanoseconds: u128,
    rate: u32,
    channels: u16,
}

impl Count {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            packets: 0,
            broken: 0,
            frames: 0,
            nanoseconds: 0,
            rate: 0,
            channels: 0,
        }
    }

    pub(super) fn packet(&mut self) -> Result<(), Refusal> {
        self.packets = self.packets.saturating_add(1);
        if self.packets > self.limits.packets {
            return Err(Refusal::TooComplex);
        }
        Ok(())
    }

    /// A packet could not be decoded.
    pub(super) fn broken(&mut self) -> Result<(), Refusal> {
        self.broken = self.broken.saturating_add(1);
        if self.broken > (self.packets / BROKEN).saturating_add(SPARE) {
            return Err(Refusal::Damaged);
        }
        Ok(())
    }

    pub(super) fn sound(&mut self, sound: &GenericAudioBufferRef<'_>) -> Result<(), Refusal> {
        let (rate, channels) = (sound.spec().rate(), sound.num_planes());
        if self.rate == 0 {
            self.fits(rate, channels)?;
            self.rate = rate;
        } else if self.rate != rate {
            return Err(Refusal::Damaged);
        }
        let channels = u16::try_from(channels).unwrap_or(u16::MAX);
        if channels > self.limits.channels {
            return Err(self.too_many());
        }
        self.channels = self.channels.max(channels);
        self.frames = self.frames.saturating_add(sound.frames() as u64);
        self.fits_in_time(milliseconds(self.frames, rate))
    }

    /// What a packet takes of time that is not decoded.
    pub(super) fn ticks(
        &mut self,
        ticks: u64,
        base: Option<TimeBase>,
        rate: Option<u32>,
    ) -> Result<(), Refusal> {
        let (numer, denom) = match (base, rate) {
            (Some(base), _) => (base.numer.get(), base.denom.get()),
            (None, Some(rate)) => (1, rate),
            (None, None) => return Err(Refusal::Damaged),
        };
        let more = nanoseconds(u128::from(ticks), numer, denom);
        self.nanoseconds = self.nanoseconds.saturating_add(more);
        self.fits_in_time(u64::try_from(self.nanoseconds / 1_000_000).unwrap_or(u64::MAX))
    }

    fn fits(&self, rate: u32, channels: usize) -> Result<(), Refusal> {
        if channels == 0 {
            return Err(Refusal::NoAudio);
        }
        if channels > usize::from(self.limits.channels) {
            return Err(self.too_many());
        }
        if !(LOWEST..=self.limits.sample_rate).contains(&rate) {
            return Err(Refusal::SampleRate);
        }
        Ok(())
    }

    const fn too_many(&self) -> Refusal {
        Refusal::TooManyChannels {
            limit: self.limits.channels,
        }
    }

    const fn fits_in_time(&self, milliseconds: u64) -> Result<(), Refusal> {
        let limit_ms = self.limits.duration_ms;
        if milliseconds > limit_ms {
            return Err(Refusal::TooLong { limit_ms });
        }
        Ok(())
    }

    pub(super) fn finish(self, stream: &Stream<'_>) -> Result<Played, Refusal> {
        let decoded = stream.decoder.is_some();
        let (rate, channels, duration_ms) = if decoded {
            let frames = self.frames.saturating_sub(stream.gaps);
            (self.rate, self.channels, milliseconds(frames, self.rate))
        } else {
            let rate = stream.params.sample_rate.unwrap_or(0);
            let channels = stream.params.channels.as_ref();
            let channels = channels.map_or(0, Channels::count);
            self.fits(rate, channels)?;
            let gaps = nanoseconds(u128::from(stream.gaps), 1, rate);
            let half = 500_000;
            let rounded = self.nanoseconds.saturating_sub(gaps).saturating_add(half);
            let whole = u64::try_from(rounded / 1_000_000).unwrap_or(u64::MAX);
            (rate, u16::try_from(channels).unwrap_or(u16::MAX), whole)
        };
        if decoded && stream.announced.is_some_and(|frames| self.frames < frames) {
            // Frames of FLAC with a wrong checksum are left out by its reader.
            return Err(match stream.format {
                AudioFormat::Flac => Refusal::Damaged,
                _ => Refusal::CutShort,
            });
        }
        if duration_ms == 0 {
            return Err(if self.broken > 0 {
                Refusal::Damaged
            } else {
                Refusal::NoAudio
            });
        }
        Ok(Played {
            duration_ms,
            sample_rate: rate,
            channels,
            decoded,
        })
    }
}

/// How long so many ticks of `numer` by `denom` seconds are.
fn nanoseconds(ticks: u128, numer: u32, denom: u32) -> u128 {
    let scaled = ticks
        .saturating_mul(u128::from(numer))
        .saturating_mul(1_000_000_000);
    scaled.checked_div(u128::from(denom)).unwrap_or(u128::MAX)
}

/// How long frames play, rounded.
fn milliseconds(frames: u64, rate: u32) -> u64 {
    let scaled = u128::from(frames).saturating_mul(1000);
    let rate = u128::from(rate);
    let rounded = scaled.saturating_add(rate / 2).checked_div(rate);
    u64::try_from(rounded.unwrap_or(0)).unwrap_or(u64::MAX)
}
