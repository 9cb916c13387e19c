//! Plucked strings, by the algorithm of Karplus and Strong.
//!
//! A burst of noise runs round a delay line one period long, and loses a little of its brightness
//! on every round. That is all a string does.

use super::{Chunk, Sound, envelope::Envelope};
use crate::mix::delay::Delay;
use crate::num::{self, Noise, OnePole, RATE, cutoff};
use crate::score::Note;

/// What distinguishes one string from another.
#[derive(Debug)]
pub(super) struct Strings {
    /// The share of its neighbours in each sample of a round: 0.0 keeps brightness, 0.25 loses it.
    damping: f32,
    /// The frequency in hertz up to which the pluck itself is bright.
    pluck: f32,
    /// Where the string is plucked, as a share of its length.
    position: f32,
    /// Seconds in which it falls by 60 dB.
    ring: f32,
    /// Seconds in which it falls by 60 dB once it is let go.
    release: f32,
}

/// Nylon, plucked near the sound hole.
pub(super) const NYLON: Strings = Strings {
    damping: 0.09,
    pluck: 1_700.0,
    position: 0.22,
    ring: 3.2,
    release: 0.5,
};

/// Shorter and more pointed: between a thumb piano and a muted string.
pub(super) const TINE: Strings = Strings {
    damping: 0.05,
    pluck: 2_600.0,
    position: 0.5,
    ring: 1.5,
    release: 0.6,
};

/// A string while it rings.
#[derive(Debug)]
pub(super) struct Pluck {
    line: Delay,
    gain: f32,
    damping: f32,
    /// The last two samples that left the line, for the damping.
    last: [f32; 2],
    tuning: AllPass,
    envelope: Envelope,
}

impl Pluck {
    /// A string tuned to `hertz` that has just been plucked.
    pub(super) fn new(strings: &Strings, note: &Note, hertz: f32) -> Self {
        let period = RATE / hertz;
        // One sample of the period passes in the damping filter and 0.1 to 1.1 in the all-pass
        // filter, whose delay need not be whole: without it, high notes would be out of tune.
        let whole = (period - 1.1).floor().max(2.0);
        let mut line = Delay::new(num::index(whole));
        // The filters stand in the circle too, and start as if the string had always moved.
        let mut last = [0.0; 2];
        for sample in pluck(strings, note, num::index(whole)) {
            line.push(sample);
            last = [sample, last[0]];
        }
        Self {
            line,
            gain: num::decay(strings.ring / period),
            damping: strings.damping,
            last,
            tuning: AllPass::new(period - 1.0 - whole, last[1]),
            envelope: Envelope::new(note.held, 0.003, 60.0, strings.release),
        }
    }
}

/// The shape of a string at the moment it is let go: `length` samples, centred, with peak 1.0.
fn pluck(strings: &Strings, note: &Note, length: usize) -> Vec<f32> {
    let mut noise = Noise::new(note.seed);
    let noise: Vec<f32> = (0..length).map(|_| noise.bipolar()).collect();
    // A harder pluck is a brighter one.
    let bright = cutoff(strings.pluck * note.level.clamp(0.5, 1.5));
    // The line is a circle, so the filter goes round twice and the first round is not kept: what
    // it did not know at its start would otherwise be an edge, heard as a buzz on every period.
    let mut soft = [OnePole::default(); 2];
    let rounds = noise.iter().chain(&noise).map(|sample| {
        soft.iter_mut()
            .fold(*sample, |sample, pole| pole.low(sample, bright))
    });
    let burst: Vec<f32> = rounds.skip(length).collect();
    // A string plucked at a point lacks the harmonics that have a node there: a comb does that.
    let length = burst.iter().map(|_| 1.0).sum::<f32>();
    let offset = num::index(length * strings.position);
    let shape: Vec<f32> = burst
        .iter()
        .zip(burst.iter().cycle().skip(offset))
        .map(|(sample, other)| sample - 0.8 * other)
        .collect();
    let mean = shape.iter().sum::<f32>() / length;
    let peak = shape
        .iter()
        .fold(1e-6_f32, |peak, sample| peak.max((sample - mean).abs()));
    shape.iter().map(|sample| (sample - mean) / peak).collect()
}

impl Pluck {
    #[inline]
    fn sample(&mut self) -> f32 {
        let out = self.line.oldest();
        let [last, before] = self.last;
        let smooth = last + self.damping * (out - 2.0 * last + before);
        self.last = [out, last];
        self.line.push(self.tuning.pass(smooth) * self.gain);
        out * self.envelope.next()
    }
}

impl Sound for Pluck {
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

/// A filter that lets every frequency pass, delayed by a part of a sample.
#[derive(Debug)]
struct AllPass {
    coefficient: f32,
    input: f32,
    output: f32,
}

impl AllPass {
    /// A delay of 0.1 to 1.1 samples, exact for low frequencies, through which `sample` has gone.
    fn new(delay: f32, sample: f32) -> Self {
        Self {
            coefficient: (1.0 - delay) / (1.0 + delay),
            input: sample,
            output: sample,
        }
    }

    #[inline]
    fn pass(&mut self, input: f32) -> f32 {
        self.output = self.coefficient * (input - self.output) + self.input;
        self.input = input;
        self.output
    }
}
