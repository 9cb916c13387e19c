//! The outline of a note's loudness.

use crate::num::{RATE, decay};

/// Levels below this are inaudible, 70 dB under a note that is itself one of many.
const INAUDIBLE: f32 = 3e-4;

/// A straight rise from silence, an exponential fall while the note is held, a faster one after.
///
/// Nothing in it jumps: a note released during its rise falls from where it is, so that neither
/// start nor end can click.
#[derive(Debug)]
pub(super) struct Envelope {
    level: f32,
    rise: f32,
    rising: bool,
    fall: f32,
    release: f32,
    held: u64,
}

impl Envelope {
    /// An envelope for a note held `held` frames. `rise` is the time to full level; `fall` and
    /// `release` are the times to fall by 60 dB, while held and after. All in seconds.
    pub(super) fn new(held: u64, rise: f32, fall: f32, release: f32) -> Self {
        Self {
            level: 0.0,
            rise: 1.0 / (rise * RATE),
            rising: true,
            fall: decay(fall),
            release: decay(release),
            held,
        }
    }

    /// The level for the next sample, within 0.0..=1.0.
    #[inline]
    pub(super) fn next(&mut self) -> f32 {
        if self.held == 0 {
            self.level *= self.release;
        } else if self.rising {
            self.level = (self.level + self.rise).min(1.0);
            self.rising = self.level < 1.0;
        } else {
            self.level *= self.fall;
        }
        self.held = self.held.saturating_sub(1);
        self.level
    }

    /// Whether the note has died away.
    pub(super) fn is_over(&self) -> bool {
        self.level < INAUDIBLE && (self.held == 0 || !self.rising)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_rise_nor_release_jumps() {
        // Released in the middle of its rise.
        let mut envelope = Envelope::new(441, 0.02, 1.0, 0.2);
        let mut last = 0.0;
        for _ in 0..44_100 {
            let level = envelope.next();
            assert!((level - last).abs() < 0.002, "{last} to {level}");
            last = level;
        }
        assert!(envelope.is_over());
    }
}
