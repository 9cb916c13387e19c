//! How much of a file is read before it is refused.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What audio may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long it may play, in milliseconds.
    pub duration_ms: u64,
    /// The highest sample rate, in hertz.
    pub sample_rate: u32,
    /// The most channels; FLAC knows no more than 8.
    pub channels: u16,
    /// The most packets that it may be divided into.
    pub packets: u64,
}

impl Limits {
    /// The same for another length of play.
    #[must_use]
    pub fn lasting(self, duration: Duration) -> Self {
        Self {
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            ..self
        }
    }
}

impl Default for Limits {
    /// Six hours, 384 kHz and 8 channels; and as many packets as six hours of Opus have at its shortest,
    /// almost twice.
    fn default() -> Self {
        Self {
            duration_ms: 6 * 60 * 60 * 1000,
            sample_rate: 384_000,
            channels: 8,
            packets: 16_000_000,
        }
    }
}
