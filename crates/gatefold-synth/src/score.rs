//! What is played: a form of sections, the parts in each, and the notes that they come to.
//!
//! A part is a short pattern that repeats through its section. Its steps name *tones* - a voice of
//! the current chord, an interval over the bass, a degree of the key - so that one pattern follows
//! any harmony, and the harmony can be changed without touching a pattern.

use crate::harmony::{self, Chord, Key, Voicing};
use crate::instruments::Instrument;
use crate::num::{self, Noise};

/// One event of a pattern.
#[derive(Debug)]
pub(crate) struct Step {
    /// When, in beats from the start of the pattern.
    at: f64,
    /// How long it is held, in beats.
    length: f64,
    /// Which tone, in the terms of the part's [`Tones`].
    tone: i16,
    /// How loud, where 1.0 is this part's usual.
    level: f32,
}

/// A [`Step`], short enough that a pattern reads as a table.
pub(crate) const fn step(at: f64, length: f64, tone: i16, level: f32) -> Step {
    Step {
        at,
        length,
        tone,
        level,
    }
}

/// How the tones of a pattern become pitches.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tones {
    /// Voices of the current chord, counted from the lowest; 4 and above are an octave up.
    Voicing,
    /// Semitones above the current bass note.
    Bass,
    /// Degrees of the piece's key.
    Key,
}

/// One player: an instrument and the pattern that it repeats.
#[derive(Debug)]
pub(crate) struct Part {
    /// What is played.
    pub(crate) instrument: Instrument,
    /// What the pattern's tones mean.
    pub(crate) tones: Tones,
    /// Semitones added to every pitch: whole octaves, to find the register.
    pub(crate) transpose: i16,
    /// The length of the pattern in bars.
    pub(crate) bars: usize,
    /// The pattern.
    pub(crate) steps: &'static [Step],
    /// How loud the part is, where 1.0 is the instrument's usual.
    pub(crate) level: f32,
    /// Where the part sits: -1.0 is left, 1.0 is right.
    pub(crate) pan: f32,
    /// How far its notes scatter around that place.
    pub(crate) spread: f32,
}

/// A stretch of the piece with one progression and one set of players.
#[derive(Debug)]
pub(crate) struct Section {
    /// One chord per bar.
    pub(crate) chords: &'static [Chord],
    /// Who plays.
    pub(crate) parts: &'static [&'static Part],
    /// How loud the section starts and ends: a crescendo, or none.
    pub(crate) dynamics: [f32; 2],
}

/// A whole piece as it is written down.
#[derive(Debug)]
pub(crate) struct Score {
    /// Beats per minute.
    pub(crate) tempo: f64,
    /// Beats in a bar.
    pub(crate) metre: f64,
    /// Where the middle of a beat falls: 0.5 is straight, 0.6 swings.
    pub(crate) swing: f64,
    /// The key that melodies are written in.
    pub(crate) key: Key,
    /// The sections, in order.
    pub(crate) form: &'static [Section],
}

/// A note as an instrument receives it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    /// The frame at which it starts.
    pub(crate) start: u64,
    /// How many frames it is held.
    pub(crate) held: u64,
    /// Its pitch, as a MIDI note number.
    pub(crate) pitch: i16,
    /// How hard it is played, where 1.0 is usual.
    pub(crate) level: f32,
    /// Where it sounds from: -1.0 is left, 1.0 is right.
    pub(crate) pan: f32,
    /// What plays it.
    pub(crate) instrument: Instrument,
    /// The seed of whatever is random in its sound.
    pub(crate) seed: u32,
}

/// The silence before the first beat, so that a note ahead of it has somewhere to be.
const LEAD_IN_SECONDS: f64 = 0.1;

/// A bar as it is played: its chord, and the voicing that its place in the progression gave it.
type Bar = (Chord, Voicing);

impl Score {
    /// The length of the form in seconds, without the ringing after it.
    pub(crate) fn seconds(&self) -> f64 {
        let bars = self.form.iter().flat_map(|section| section.chords);
        self.time(bars.map(|_| self.metre).sum())
    }

    /// The length of a number of beats in seconds.
    pub(crate) fn time(&self, beats: f64) -> f64 {
        beats * 60.0 / self.tempo
    }

    /// All the notes, in the order in which they start.
    ///
    /// `seed` decides the small unevenness of timing, touch and place that keeps a repeated
    /// pattern from sounding mechanical.
    pub(crate) fn notes(&self, seed: u32) -> Vec<Note> {
        let mut hand = Noise::new(seed);
        let mut notes = Vec::new();
        let mut voicing = harmony::REST;
        let mut beat = 0.0;
        for section in self.form {
            let voiced = section.chords.iter().map(|chord| {
                voicing = chord.voiced_after(voicing);
                (*chord, voicing)
            });
            let bars: Vec<Bar> = voiced.collect();
            for part in section.parts {
                self.play(part, section.dynamics, &bars, beat, &mut hand, &mut notes);
            }
            beat = self.after(beat, &bars);
        }
        notes.sort_by_key(|note| note.start);
        notes
    }

    /// The beat at which some bars end that start at `beat`.
    fn after(&self, beat: f64, bars: &[Bar]) -> f64 {
        bars.iter().fold(beat, |beat, _| beat + self.metre)
    }

    /// Repeats a part's pattern over the bars of a section that starts at beat `first`.
    fn play(
        &self,
        part: &Part,
        dynamics: [f32; 2],
        bars: &[Bar],
        first: f64,
        hand: &mut Noise,
        notes: &mut Vec<Note>,
    ) {
        let [soft, loud] = dynamics;
        let end = self.after(first, bars);
        let mut beat = first;
        for bars in bars.chunks(part.bars.max(1)) {
            for step in part.steps {
                // A section may end before the pattern does; the rest is not played.
                let Some(bar) = bars.get(num::index(step.at / self.metre)) else {
                    continue;
                };
                let at = beat + step.at;
                let progress = num::narrow((at - first) / (end - first));
                let dynamic = soft + (loud - soft) * progress;
                notes.push(self.note(part, step, bar, at, dynamic, hand));
            }
            beat = self.after(beat, bars);
        }
    }

    /// One step of a pattern as a note, played by a human hand.
    fn note(
        &self,
        part: &Part,
        step: &Step,
        bar: &Bar,
        at: f64,
        dynamic: f32,
        hand: &mut Noise,
    ) -> Note {
        const HASTE_SECONDS: f64 = 0.006;
        const TOUCH: f32 = 0.12;
        let haste = f64::from(hand.bipolar()) * HASTE_SECONDS;
        let touch = 1.0 + hand.bipolar() * TOUCH;
        let start = LEAD_IN_SECONDS + self.time(self.swung(at)) + haste;
        Note {
            start: num::frame_at(start),
            held: num::frame_at(self.time(step.length)),
            pitch: self.pitch(part, step, bar),
            level: part.level * step.level * dynamic * touch,
            pan: part.pan + part.spread * hand.bipolar(),
            instrument: part.instrument,
            seed: hand.next(),
        }
    }

    /// The pitch that a step's tone means under the current chord.
    fn pitch(&self, part: &Part, step: &Step, (chord, voicing): &Bar) -> i16 {
        let pitch = match part.tones {
            Tones::Voicing => {
                let voice = usize::from(step.tone.rem_euclid(4).unsigned_abs());
                let octaves = step.tone.div_euclid(4).saturating_mul(12);
                let pitch = voicing.get(voice).copied().unwrap_or(self.key.tonic);
                pitch.saturating_add(octaves)
            }
            Tones::Bass => chord.bass().saturating_add(step.tone),
            Tones::Key => self.key.degree(step.tone),
        };
        pitch.saturating_add(part.transpose)
    }

    /// A time in beats with the middle of its beat moved to where the piece's swing has it.
    fn swung(&self, at: f64) -> f64 {
        let beat = at.floor();
        let within = at - beat;
        let moved = if within < 0.5 {
            within * 2.0 * self.swing
        } else {
            self.swing + (within - 0.5) * 2.0 * (1.0 - self.swing)
        };
        beat + moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harmony::{MAJOR, MAJOR7, MINOR7, name::*};

    static WALK: Part = Part {
        instrument: Instrument::Bass,
        tones: Tones::Bass,
        transpose: 0,
        bars: 2,
        steps: &[
            step(0.0, 1.0, 0, 1.0),
            step(1.5, 0.5, 7, 1.0),
            step(4.0, 1.0, 12, 1.0),
        ],
        level: 1.0,
        pan: 0.0,
        spread: 0.0,
    };

    static SCORE: Score = Score {
        tempo: 60.0,
        metre: 4.0,
        swing: 0.6,
        key: Key {
            tonic: 60,
            steps: MAJOR,
        },
        form: &[Section {
            chords: &[
                Chord::new(C, MAJOR7),
                Chord::new(A, MINOR7),
                Chord::new(F, MAJOR7),
            ],
            parts: &[&WALK],
            dynamics: [1.0, 1.0],
        }],
    };

    #[test]
    fn a_pattern_repeats_follows_the_chords_and_stops_with_its_section() {
        let notes = SCORE.notes(1);
        let pitches: Vec<i16> = notes.iter().map(|note| note.pitch).collect();
        assert_eq!(pitches, [36, 43, 45, 29, 36]);
    }

    #[test]
    fn the_off_beat_swings() {
        let notes = SCORE.notes(1);
        let late = num::frame_at(LEAD_IN_SECONDS + 1.6);
        assert!(notes[1].start.abs_diff(late) <= num::frame_at(0.006));
    }

    #[test]
    fn the_length_counts_every_bar() {
        assert!((SCORE.seconds() - 12.0).abs() < 1e-9);
    }

    #[test]
    fn the_hand_depends_on_the_seed() {
        assert_eq!(SCORE.notes(1), SCORE.notes(1));
        assert_ne!(SCORE.notes(1), SCORE.notes(2));
    }
}
