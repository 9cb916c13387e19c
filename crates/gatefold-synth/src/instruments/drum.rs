//! Light percussion: a falling tone for the skin, filtered noise for the rest.

use super::{Chunk, Sound, envelope::Envelope};
use crate::num::{Noise, OnePole, RATE, cutoff, decay, sin_turn};
use crate::score::Note;

/// What distinguishes one drum from another.
#[derive(Debug)]
pub(super) struct Kit {
    /// The level of the tone, the frequency it settles at, and how far above that it starts.
    tone: (f32, f32, f32),
    /// The level of the noise, and the band in hertz that is left of it.
    noise: (f32, f32, f32),
    /// Seconds to full level.
    rise: f32,
    /// Seconds in which it falls by 60 dB.
    fall: f32,
}

/// A soft beater on a large drum.
pub(super) const KICK: Kit = Kit {
    tone: (0.95, 48.0, 90.0),
    noise: (0.10, 200.0, 1_200.0),
    rise: 0.002,
    fall: 0.38,
};

/// A brush that sweeps a little before it lands.
pub(super) const BRUSH: Kit = Kit {
    tone: (0.25, 185.0, 60.0),
    noise: (1.3, 900.0, 5_500.0),
    rise: 0.012,
    fall: 0.30,
};

/// Seeds.
pub(super) const SHAKER: Kit = Kit {
    tone: (0.0, 100.0, 0.0),
    noise: (1.6, 4_500.0, 9_000.0),
    rise: 0.015,
    fall: 0.12,
};

/// A stroke on a drum.
#[derive(Debug)]
pub(super) struct Drum {
    tone: f32,
    phase: f32,
    /// Turns per sample: where the pitch settles, and what is still left of its fall.
    settled: f32,
    falling: f32,
    fall: f32,
    noise: Noise,
    noise_level: f32,
    floor: (OnePole, f32),
    ceiling: (OnePole, f32),
    envelope: Envelope,
}

impl Drum {
    /// A stroke on a drum of the kit.
    pub(super) fn new(kit: &Kit, note: &Note) -> Self {
        const PITCH_FALL: f32 = 0.12;
        let (tone, settled, falling) = kit.tone;
        let (noise_level, floor, ceiling) = kit.noise;
        Self {
            tone,
            phase: 0.0,
            settled: settled / RATE,
            falling: falling / RATE,
            fall: decay(PITCH_FALL),
            noise: Noise::new(note.seed),
            noise_level,
            floor: (OnePole::default(), cutoff(floor)),
            ceiling: (OnePole::default(), cutoff(ceiling)),
            // A stroke lasts as long as it lasts, however long the score holds it.
            envelope: Envelope::new(u64::MAX, kit.rise, kit.fall, kit.fall),
        }
    }
}

impl Drum {
    #[inline]
    fn sample(&mut self) -> f32 {
        let tone = self.tone * sin_turn(self.phase);
        self.phase += self.settled + self.falling;
        if self.phase >= 0.5 {
            self.phase -= 1.0;
        }
        self.falling *= self.fall;
        let (floor, low) = &mut self.floor;
        let (ceiling, high) = &mut self.ceiling;
        let noise = ceiling.low(floor.high(self.noise.bipolar(), *low), *high);
        (tone + noise * self.noise_level) * self.envelope.next()
    }
}

impl Sound for Drum {
    fn chunk(&mut self) -> Chunk {
        let mut chunk = Chunk::default();
        for sample in &mut chunk {
            *sample = self.sample();
        }
        chunk
    }

    fn is_over(&self) -> bool {
        self.envelope.is_over()
    }
}
