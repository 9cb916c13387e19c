//! Electric piano, bell and bass: two sine waves, the one bending the other.
//!
//! Frequency modulation gives a sound that starts bright and mellows as it dies, as struck things
//! do, for the price of two sine waves; the ratio of their frequencies decides between metal and
//! wood.

use super::{Chunk, Sound, envelope::Envelope};
use crate::num::{RATE, decay, sin_turn};
use crate::score::Note;

/// What distinguishes one such instrument from another.
#[derive(Debug)]
pub(super) struct Timbre {
    /// The modulator's frequency over the note's. Whole numbers are harmonic, others bell-like.
    ratio: f32,
    /// How far the modulator bends the phase at the start, in turns; below 0.5.
    bend: f32,
    /// The bend that stays when the start has mellowed, in turns.
    mellow: f32,
    /// The time in which the start mellows by 60 dB, in seconds.
    mellowing: f32,
    /// The frequency of the short metallic ping at the start over the note's, and its level.
    ping: (f32, f32),
    /// Seconds to full level.
    rise: f32,
    /// Seconds in which a held A4 falls by 60 dB; lower notes ring longer.
    ring: f32,
    /// Seconds in which it falls by 60 dB once released.
    release: f32,
}

/// Tines and hammers.
pub(super) const ELECTRIC_PIANO: Timbre = Timbre {
    ratio: 1.0,
    bend: 0.20,
    mellow: 0.05,
    mellowing: 1.2,
    ping: (10.0, 0.07),
    rise: 0.004,
    ring: 5.0,
    release: 0.5,
};

/// Nearly a sine wave, with just enough edge to be found in the mix.
pub(super) const FELT_PIANO: Timbre = Timbre {
    ratio: 2.0,
    bend: 0.09,
    mellow: 0.02,
    mellowing: 0.8,
    ping: (3.0, 0.10),
    rise: 0.008,
    ring: 4.5,
    release: 0.9,
};

/// Small, glassy, and long.
pub(super) const BELL: Timbre = Timbre {
    ratio: 3.5,
    bend: 0.13,
    mellow: 0.015,
    mellowing: 1.5,
    ping: (5.4, 0.12),
    rise: 0.003,
    ring: 4.0,
    release: 2.5,
};

/// Round, with a finger on the string at the start.
pub(super) const BASS: Timbre = Timbre {
    ratio: 1.0,
    bend: 0.22,
    mellow: 0.09,
    mellowing: 0.6,
    ping: (4.0, 0.03),
    rise: 0.008,
    ring: 2.2,
    release: 0.18,
};

/// A phase that runs through one turn per period, counted in turns.
#[derive(Debug)]
struct Phase {
    at: f32,
    step: f32,
}

impl Phase {
    fn new(hertz: f32) -> Self {
        Self {
            at: 0.0,
            // Above half the sample rate there is nothing to hear, only aliases.
            step: (hertz / RATE).min(0.5),
        }
    }

    /// The phase of each sample of the next chunk, some of them beyond the turn.
    #[inline]
    fn chunk(&mut self) -> Chunk {
        let at = self.at;
        self.at += self.step * 8.0;
        self.at -= self.at.floor();
        COUNT.map(|n| at + self.step * n)
    }
}

/// The samples of a chunk, counted.
const COUNT: Chunk = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];

/// Below this share of its start, a ping is 80 dB down.
const INAUDIBLE: f32 = 0.01;

/// A note of such an instrument.
#[derive(Debug)]
pub(super) struct Fm {
    carrier: Phase,
    modulator: Phase,
    ping: Phase,
    ping_level: f32,
    /// What is left of the start: 1.0 at first.
    start: f32,
    /// What is left of that after each sample of a chunk, and after all of them.
    mellowing: Chunk,
    mellowed: f32,
    bend: f32,
    mellow: f32,
    envelope: Envelope,
}

impl Fm {
    /// A note that is played with `timbre` at `hertz`.
    pub(super) fn new(timbre: &Timbre, note: &Note, hertz: f32) -> Self {
        let (ping, ping_level) = timbre.ping;
        // Low notes ring longer, by the square root: half as long again for each octave or so.
        let ring = timbre.ring * (440.0 / hertz).sqrt();
        // A harder touch is a brighter one; high notes need less of it to sound as bright.
        let brightness = note.level.clamp(0.4, 1.4) * (440.0 / hertz).sqrt().min(1.2);
        let fall = decay(timbre.mellowing);
        let mut mellowed = 1.0;
        let mellowing = COUNT.map(|_| {
            let left = mellowed;
            mellowed *= fall;
            left
        });
        Self {
            carrier: Phase::new(hertz),
            modulator: Phase::new(hertz * timbre.ratio),
            ping: Phase::new(hertz * ping),
            ping_level: ping_level * brightness,
            start: 1.0,
            mellowing,
            mellowed,
            bend: timbre.bend * brightness,
            mellow: timbre.mellow,
            envelope: Envelope::new(note.held, timbre.rise, ring, timbre.release),
        }
    }
}

impl Sound for Fm {
    // Loops over whole chunks without a branch: the compiler turns each into vector instructions.
    #[inline]
    fn chunk(&mut self) -> Chunk {
        let start = self.mellowing.map(|left| left * self.start);
        self.start *= self.mellowed;
        let mut samples = self.carrier.chunk();
        let modulator = self.modulator.chunk();
        for ((sample, modulator), start) in samples.iter_mut().zip(modulator).zip(start) {
            let bend = self.mellow + self.bend * start;
            *sample = sin_turn(*sample + bend * sin_turn(modulator));
        }
        // The ping goes with the square of the start: it is over before the note has mellowed, and
        // then no longer worth its sine.
        if self.start > INAUDIBLE {
            let ping = self.ping.chunk();
            for ((sample, ping), start) in samples.iter_mut().zip(ping).zip(start) {
                *sample += start * start * self.ping_level * sin_turn(ping);
            }
        }
        for sample in &mut samples {
            *sample *= self.envelope.next();
        }
        samples
    }

    fn is_over(&self) -> bool {
        self.envelope.is_over()
    }
}
