//! How a note sounds: each instrument's model of its sound, and the voice that plays one note.

mod drum;
mod envelope;
mod fm;
mod pad;
mod pluck;

use crate::mix::{BLOCK, Frame, Send};
use crate::num::{self, hertz};
use crate::score::Note;

/// The players that a score can call for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instrument {
    /// A nylon-string guitar.
    Guitar,
    /// A brighter and shorter plucked string.
    Kalimba,
    /// An electric piano.
    ElectricPiano,
    /// A soft piano-like sound with felt on its hammers.
    FeltPiano,
    /// A small glassy bell.
    Bell,
    /// A round electric bass.
    Bass,
    /// Slow strings.
    Pad,
    /// A soft bass drum.
    Kick,
    /// A brush on a snare drum.
    Brush,
    /// A shaker.
    Shaker,
}

impl Instrument {
    /// How the instrument stands in the mix: its level, and what it sends to room and echo.
    pub(crate) fn send(self) -> Send {
        let (dry, room, echo) = match self {
            Self::Guitar => (0.30, 0.22, 0.05),
            Self::Kalimba => (0.20, 0.25, 0.30),
            Self::ElectricPiano => (0.15, 0.20, 0.10),
            Self::FeltPiano => (0.22, 0.30, 0.08),
            Self::Bell => (0.10, 0.45, 0.25),
            Self::Bass => (0.30, 0.03, 0.0),
            Self::Pad => (0.055, 0.40, 0.0),
            Self::Kick => (0.42, 0.04, 0.0),
            Self::Brush => (0.12, 0.20, 0.02),
            Self::Shaker => (0.07, 0.15, 0.05),
        };
        Send { dry, room, echo }
    }
}

/// Samples that a model makes at a time: what a processor can calculate side by side.
const LANES: usize = 8;

// A block is whole chunks, or a model would have to stop in the middle of one.
const _: () = assert!(BLOCK.is_multiple_of(LANES));

/// Consecutive samples of one voice.
type Chunk = [f32; LANES];

/// A source of sound, a chunk at a time.
trait Sound {
    /// The next samples, around -1.0..=1.0 for a note of level 1.0.
    fn chunk(&mut self) -> Chunk;

    /// Whether everything that follows is inaudible.
    fn is_over(&self) -> bool;
}

/// The model behind a voice. An enumeration, so that the loop over samples is compiled for each
/// model and nothing is looked up inside it.
#[derive(Debug)]
enum Model {
    Pluck(pluck::Pluck),
    Fm(fm::Fm),
    Pad(pad::Pad),
    Drum(drum::Drum),
}

impl Model {
    /// The model for a note, tuned `cents` away from its pitch.
    fn of(note: &Note, cents: f32) -> Self {
        let tuned = hertz(note.pitch) * num::exp2(cents / 1200.0);
        match note.instrument {
            Instrument::Guitar => Self::Pluck(pluck::Pluck::new(&pluck::NYLON, note, tuned)),
            Instrument::Kalimba => Self::Pluck(pluck::Pluck::new(&pluck::TINE, note, tuned)),
            Instrument::ElectricPiano => Self::Fm(fm::Fm::new(&fm::ELECTRIC_PIANO, note, tuned)),
            Instrument::FeltPiano => Self::Fm(fm::Fm::new(&fm::FELT_PIANO, note, tuned)),
            Instrument::Bell => Self::Fm(fm::Fm::new(&fm::BELL, note, tuned)),
            Instrument::Bass => Self::Fm(fm::Fm::new(&fm::BASS, note, tuned)),
            Instrument::Pad => Self::Pad(pad::Pad::new(note, tuned)),
            Instrument::Kick => Self::Drum(drum::Drum::new(&drum::KICK, note)),
            Instrument::Brush => Self::Drum(drum::Drum::new(&drum::BRUSH, note)),
            Instrument::Shaker => Self::Drum(drum::Drum::new(&drum::SHAKER, note)),
        }
    }
}

/// One note while it sounds: a model, its place, and the time left until it starts.
#[derive(Debug)]
pub(crate) struct Voice {
    model: Model,
    place: Frame,
    wait: usize,
    send: Send,
}

impl Voice {
    /// Hands each voice of a note that starts `wait` frames from now to `seat`.
    ///
    /// The instruments that fill the middle of the sound are doubled, one copy to each side and a
    /// few cents apart, which is what makes them wide; the others are one voice at their place.
    pub(crate) fn start(note: &Note, wait: usize, mut seat: impl FnMut(Self)) {
        // A model makes whole chunks, so a note starts with one: at most 0.2 ms early.
        let wait = wait.saturating_sub(wait % LANES);
        let mut add = |pan, cents| {
            seat(Self {
                model: Model::of(note, cents),
                place: Frame::panned(pan, note.level),
                wait,
                send: note.instrument.send(),
            });
        };
        match note.instrument {
            Instrument::Pad => {
                add(-0.8, -3.0);
                add(0.8, 3.0);
            }
            Instrument::ElectricPiano => {
                add(note.pan - 0.45, -1.5);
                add(note.pan + 0.45, 1.5);
            }
            _ => add(note.pan, 0.0),
        }
    }

    /// Fills `block` with the voice's next samples, and says where they go in the mix.
    pub(crate) fn fill(&mut self, block: &mut [Frame]) -> Send {
        let silent = self.wait.min(block.len());
        self.wait = self.wait.saturating_sub(silent);
        let (before, sounding) = block.split_at_mut(silent);
        before.fill(Frame::SILENT);
        match &mut self.model {
            Model::Pluck(sound) => fill(sound, self.place, sounding),
            Model::Fm(sound) => fill(sound, self.place, sounding),
            Model::Pad(sound) => fill(sound, self.place, sounding),
            Model::Drum(sound) => fill(sound, self.place, sounding),
        }
        self.send
    }

    /// Whether the voice has nothing more to say.
    pub(crate) fn is_over(&self) -> bool {
        self.wait == 0
            && match &self.model {
                Model::Pluck(sound) => sound.is_over(),
                Model::Fm(sound) => sound.is_over(),
                Model::Pad(sound) => sound.is_over(),
                Model::Drum(sound) => sound.is_over(),
            }
    }
}

/// Fills `block` with a sound at its place.
fn fill(sound: &mut impl Sound, place: Frame, block: &mut [Frame]) {
    for frames in block.chunks_mut(LANES) {
        for (frame, sample) in frames.iter_mut().zip(sound.chunk()) {
            *frame = place.scaled(sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Instrument; 10] = [
        Instrument::Guitar,
        Instrument::Kalimba,
        Instrument::ElectricPiano,
        Instrument::FeltPiano,
        Instrument::Bell,
        Instrument::Bass,
        Instrument::Pad,
        Instrument::Kick,
        Instrument::Brush,
        Instrument::Shaker,
    ];

    /// A second of A3 and what follows it, from the left-hand or only voice.
    fn played(instrument: Instrument, seconds: usize) -> (Vec<f32>, bool) {
        let note = Note {
            start: 0,
            held: 44_100,
            pitch: 57,
            level: 1.0,
            pan: 0.0,
            instrument,
            seed: 3,
        };
        let mut voices = Vec::new();
        Voice::start(&note, 0, |voice| voices.push(voice));
        let voice = &mut voices[0];
        let mut block = vec![Frame::SILENT; seconds.saturating_mul(44_100)];
        voice.fill(&mut block);
        (
            block.iter().map(|frame| frame.left).collect(),
            voice.is_over(),
        )
    }

    #[test]
    fn every_voice_starts_without_a_click_and_ends() {
        for instrument in ALL {
            let (samples, over) = played(instrument, 8);
            assert!(
                samples[0].abs() < 0.1,
                "{instrument:?} starts at {}",
                samples[0]
            );
            assert!(over, "{instrument:?} still sounds after eight seconds");
            assert!(samples[samples.len().saturating_sub(1)].abs() < 1e-3);
        }
    }

    #[test]
    fn every_voice_is_audible_and_bounded() {
        for instrument in ALL {
            let (samples, _) = played(instrument, 1);
            let peak = samples.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
            assert!((0.1..1.5).contains(&peak), "{instrument:?} peaks at {peak}");
        }
    }

    #[test]
    fn tuned_instruments_are_in_tune() {
        for instrument in [Instrument::Guitar, Instrument::FeltPiano, Instrument::Bass] {
            let (samples, _) = played(instrument, 1);
            let settled = &samples[8_820..];
            // The strongest response of a bank of detectors a few cents apart has to be A3.
            let best = (-8_i16..=8)
                .max_by(|a, b| tone(settled, *a).total_cmp(&tone(settled, *b)))
                .unwrap();
            assert!(
                best.abs() <= 1,
                "{instrument:?} is {best} steps of 5 cents off"
            );
        }
    }

    /// The strength of A3 shifted by some steps of five cents, by direct correlation.
    fn tone(samples: &[f32], steps: i16) -> f64 {
        let turns = 220.0 * (f64::from(steps) * 5.0 / 1200.0).exp2() / 44_100.0;
        let (mut phase, mut real, mut imaginary) = (0.0_f64, 0.0, 0.0);
        for sample in samples {
            let angle = phase * core::f64::consts::TAU;
            real += f64::from(*sample) * angle.cos();
            imaginary += f64::from(*sample) * angle.sin();
            phase += turns;
        }
        real.hypot(imaginary)
    }
}
