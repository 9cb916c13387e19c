//! The outline of a track: how loud it is at its loudest, in equal parts of its time.

use serde::{Deserialize, Serialize};

/// Into how many parts a track is divided.
pub const POINTS: usize = 512;
/// How many parts are kept while it is not known how long the track is.
const KEPT: usize = POINTS * 16;

/// The peaks of a track, [`POINTS`] of them in the order of time; 255 is full scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct Waveform(Vec<u8>);

impl Waveform {
    /// The peaks.
    #[must_use]
    pub fn points(&self) -> &[u8] {
        &self.0
    }
}

impl From<Waveform> for Vec<u8> {
    fn from(waveform: Waveform) -> Self {
        waveform.0
    }
}

/// A number of points that no waveform has.
#[derive(Debug, thiserror::Error)]
#[error("a waveform has {POINTS} points")]
pub struct NotAWaveform;

impl TryFrom<Vec<u8>> for Waveform {
    type Error = NotAWaveform;

    fn try_from(points: Vec<u8>) -> Result<Self, NotAWaveform> {
        if points.len() == POINTS {
            Ok(Self(points))
        } else {
            Err(NotAWaveform)
        }
    }
}

/// Makes a waveform of samples as they come, in memory that does not grow: when there is no room for
/// another part, two become one, and parts are twice as long from then on.
pub(super) struct Tracer {
    parts: Vec<f32>,
    /// How many frames a part is long.
    width: u64,
    /// The part that is not full yet, and how many frames it has.
    peak: f32,
    filled: u64,
}

impl Tracer {
    pub(super) fn new() -> Self {
        Self {
            parts: Vec::with_capacity(KEPT),
            width: 1,
            peak: 0.0,
            filled: 0,
        }
    }

    /// Takes samples of all channels in turn, whole frames of them; full scale is 1.
    pub(super) fn take(&mut self, samples: &[f32], channels: usize) {
        for frame in samples.chunks_exact(channels.max(1)) {
            for sample in frame {
                // What is no number is never larger.
                self.peak = self.peak.max(sample.abs());
            }
            self.filled = self.filled.saturating_add(1);
            if self.filled >= self.width {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        if self.parts.len() >= KEPT {
            let halved = self.parts.chunks(2).map(loudest).collect();
            self.parts = halved;
            self.width = self.width.saturating_mul(2);
            if self.filled < self.width {
                return;
            }
        }
        self.parts.push(self.peak);
        self.peak = 0.0;
        self.filled = 0;
    }

    pub(super) fn finish(mut self) -> Waveform {
        if self.filled > 0 {
            self.parts.push(self.peak);
        }
        let len = self.parts.len();
        let points = (0..POINTS).map(|point| {
            let from = point.saturating_mul(len) / POINTS;
            let to = point.saturating_add(1).saturating_mul(len).div_ceil(POINTS);
            let to = to.max(from.saturating_add(1));
            level(loudest(
                self.parts.get(from..to.min(len)).unwrap_or_default(),
            ))
        });
        Waveform(points.collect())
    }
}

fn loudest(parts: &[f32]) -> f32 {
    parts.iter().copied().fold(0.0, f32::max)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 255 by the line above it"
)]
fn level(peak: f32) -> u8 {
    let scaled = peak.clamp(0.0, 1.0) * 255.0;
    scaled.round() as u8
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    reason = "small numbers of a test"
)]
mod tests {
    use super::*;

    fn traced(frames: usize, channels: usize, at: impl Fn(usize) -> f32) -> Waveform {
        let mut tracer = Tracer::new();
        let samples: Vec<f32> = (0..frames * channels)
            .map(|index| {
                if index % channels == channels - 1 {
                    at(index / channels)
                } else {
                    0.0
                }
            })
            .collect();
        for part in samples.chunks(channels * 1000) {
            tracer.take(part, channels);
        }
        tracer.finish()
    }

    #[test]
    fn a_ramp_is_a_ramp_however_long_it_is() {
        for frames in [1_usize, 2, 511, 512, 513, 8192, 8193, 100_000, 1_000_003] {
            let waveform = traced(frames, 2, |frame| -(frame as f32) / frames as f32);
            let points = waveform.points();
            assert_eq!(points.len(), POINTS);
            for (index, point) in points.iter().enumerate() {
                let expected = 255.0 * (index as f32) / POINTS as f32;
                let step = 255.0 / frames.min(POINTS) as f32;
                let off = (f32::from(*point) - expected).abs();
                assert!(off <= step + 2.0, "{frames} {index}: {point} {expected}");
            }
        }
    }

    #[test]
    fn a_click_is_seen_where_it_is_and_nowhere_else() {
        let waveform = traced(
            2_000_000,
            1,
            |frame| if frame == 1_000_000 { 1.0 } else { 0.0 },
        );
        let loud: Vec<usize> = (0..POINTS)
            .filter(|index| waveform.points()[*index] == 255)
            .collect();
        assert!(
            loud.iter().all(|index| (254..=257).contains(index)),
            "{loud:?}"
        );
        assert!((1..=2).contains(&loud.len()), "{loud:?}");
    }

    #[test]
    fn what_is_too_loud_or_no_number_is_bounded() {
        let waveform = traced(4096, 1, |frame| match frame {
            0..2048 => 17.0,
            _ => f32::NAN,
        });
        assert_eq!(waveform.points()[..255], [255; 255]);
        assert_eq!(waveform.points()[257..], [0; 255]);
        assert_eq!(Tracer::new().finish().points(), [0; POINTS]);
    }

    #[test]
    fn memory_does_not_grow() {
        let mut tracer = Tracer::new();
        let second = vec![0.5; 48_000];
        for _ in 0..1000 {
            tracer.take(&second, 1);
            assert!(tracer.parts.capacity() <= KEPT * 2);
        }
        assert!(Waveform::try_from(vec![0; POINTS + 1]).is_err());
    }
}
