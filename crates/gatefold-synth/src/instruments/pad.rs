//! Slow strings: two sawtooth waves that drift against each other behind a soft filter.

use super::{Chunk, Sound, envelope::Envelope};
use crate::num::{Noise, OnePole, RATE, cutoff};
use crate::score::Note;

/// How far the two waves are apart, as a ratio: six cents.
const DETUNE: f32 = 1.003_5;

/// A pad voice.
#[derive(Debug)]
pub(super) struct Pad {
    waves: [Saw; 2],
    filter: [OnePole; 2],
    /// The filter's coefficient in silence, and how much the envelope opens it.
    closed: f32,
    opening: f32,
    envelope: Envelope,
}

impl Pad {
    /// A note at `hertz` that swells in about a second.
    pub(super) fn new(note: &Note, hertz: f32) -> Self {
        const RISE: f32 = 0.9;
        const FALL: f32 = 30.0;
        const RELEASE: f32 = 1.9;
        let mut noise = Noise::new(note.seed);
        // The waves start at random places, or every chord would begin with the same sweep.
        let mut wave = |hertz| Saw::new(noise.bipolar() * 0.5 + 0.5, hertz);
        Self {
            waves: [wave(hertz), wave(hertz * DETUNE)],
            filter: [OnePole::default(); 2],
            closed: cutoff(350.0),
            opening: cutoff(1_500.0) * note.level.clamp(0.5, 1.3),
            envelope: Envelope::new(note.held, RISE, FALL, RELEASE),
        }
    }
}

impl Pad {
    #[inline]
    fn sample(&mut self) -> f32 {
        let level = self.envelope.next();
        let coefficient = self.closed + self.opening * level;
        let [lower, upper] = &mut self.waves;
        let raw = (lower.next() + upper.next()) * 0.7;
        let [first, second] = &mut self.filter;
        second.low(first.low(raw, coefficient), coefficient) * level
    }
}

impl Sound for Pad {
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

/// A sawtooth wave whose corner is rounded by a polynomial, which keeps its aliases quiet.
#[derive(Debug)]
struct Saw {
    phase: f32,
    step: f32,
}

impl Saw {
    fn new(phase: f32, hertz: f32) -> Self {
        Self {
            phase,
            step: hertz / RATE,
        }
    }

    #[inline]
    fn next(&mut self) -> f32 {
        let (phase, step) = (self.phase, self.step);
        self.phase += step;
        if self.phase >= 1.0 {
            self.phase -= 1.0;
        }
        let naive = 2.0 * phase - 1.0;
        if phase < step {
            let x = phase / step - 1.0;
            naive + x * x
        } else if phase > 1.0 - step {
            let x = (phase - 1.0) / step + 1.0;
            naive - x * x
        } else {
            naive
        }
    }
}
