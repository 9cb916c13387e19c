//! Pitches, chords, and the voice leading that joins one chord to the next.

/// Semitones above C, within one octave.
pub(crate) type PitchClass = i16;

/// The pitch classes by name, so that a progression reads as a musician writes it.
pub(crate) mod name {
    use super::PitchClass;

    pub(crate) const C: PitchClass = 0;
    pub(crate) const C_SHARP: PitchClass = 1;
    pub(crate) const D: PitchClass = 2;
    pub(crate) const E_FLAT: PitchClass = 3;
    pub(crate) const E: PitchClass = 4;
    pub(crate) const F: PitchClass = 5;
    pub(crate) const F_SHARP: PitchClass = 6;
    pub(crate) const G: PitchClass = 7;
    pub(crate) const A_FLAT: PitchClass = 8;
    pub(crate) const A: PitchClass = 9;
    pub(crate) const B_FLAT: PitchClass = 10;
    pub(crate) const B: PitchClass = 11;
}

/// What a chord is made of: four ascending intervals above its root, within one octave.
///
/// Always four, so that each voice has a note to go to. Ninth chords leave the root to the bass.
pub(crate) type Quality = [i16; 4];

pub(crate) const ADD9: Quality = [0, 2, 4, 7];
pub(crate) const SIXTH: Quality = [0, 4, 7, 9];
pub(crate) const MAJOR7: Quality = [0, 4, 7, 11];
pub(crate) const MAJOR9: Quality = [2, 4, 7, 11];
pub(crate) const MINOR6: Quality = [0, 3, 7, 9];
pub(crate) const MINOR7: Quality = [0, 3, 7, 10];
pub(crate) const MINOR9: Quality = [2, 3, 7, 10];
pub(crate) const DOMINANT7: Quality = [0, 4, 7, 10];
pub(crate) const SUSPENDED7: Quality = [0, 5, 7, 10];
pub(crate) const HALF_DIMINISHED: Quality = [0, 3, 6, 10];

/// A chord: four upper voices over a bass note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chord {
    root: PitchClass,
    bass: PitchClass,
    quality: Quality,
}

/// Four pitches that sound together, lowest first, as MIDI note numbers.
pub(crate) type Voicing = [i16; 4];

/// The lowest note the bass may take: the E of a bass guitar.
const BASS_FLOOR: i16 = 28;

/// The lowest note that the bottom voice of a [`Voicing`] may take: G below middle C.
const VOICING_FLOOR: i16 = 55;

/// Where the voices stand before the first chord moves them: around middle C.
pub(crate) const REST: Voicing = [57, 60, 64, 67];

impl Chord {
    /// A chord in root position.
    pub(crate) const fn new(root: PitchClass, quality: Quality) -> Self {
        Self {
            root,
            bass: root,
            quality,
        }
    }

    /// The same chord over another bass note: `D/F♯` is `Chord::new(D, ADD9).over(F_SHARP)`.
    pub(crate) const fn over(self, bass: PitchClass) -> Self {
        Self { bass, ..self }
    }

    /// The bass note, in the one octave where it sounds full and not muddy.
    pub(crate) fn bass(&self) -> i16 {
        lowest_from(BASS_FLOOR, self.bass)
    }

    /// The voicing that is reached from `previous` with the least movement.
    ///
    /// The four inversions whose bottom note lies in one fixed octave are compared. The fixed
    /// octave keeps a long progression from wandering up or down, which always taking the nearest
    /// inversion anywhere would allow.
    pub(crate) fn voiced_after(&self, previous: Voicing) -> Voicing {
        (0..4)
            .map(|rotation| self.inversion(rotation))
            .min_by_key(|candidate| movement(previous, *candidate))
            .unwrap_or(previous)
    }

    /// The close-position inversion whose bottom voice has the tone at `rotation`.
    fn inversion(&self, rotation: usize) -> Voicing {
        let mut tones = self.quality;
        tones.rotate_left(rotation);
        let mut floor = VOICING_FLOOR;
        tones.map(|tone| {
            let pitch = lowest_from(floor, self.root.saturating_add(tone));
            floor = pitch;
            pitch
        })
    }
}

/// How far the voices travel between two voicings, in semitones, all voices together.
fn movement(from: Voicing, to: Voicing) -> u16 {
    from.iter().zip(to).map(|(a, b)| a.abs_diff(b)).sum()
}

/// The lowest pitch of a class that is not below `floor`.
fn lowest_from(floor: i16, class: PitchClass) -> i16 {
    floor.saturating_add(class.saturating_sub(floor).rem_euclid(12))
}

/// A key: a tonic and the seven steps of its scale.
#[derive(Debug)]
pub(crate) struct Key {
    /// The MIDI note number of degree 0.
    pub(crate) tonic: i16,
    /// Semitones of the seven degrees above the tonic.
    pub(crate) steps: [i16; 7],
}

/// The steps of the major scale.
pub(crate) const MAJOR: [i16; 7] = [0, 2, 4, 5, 7, 9, 11];

/// The steps of the natural minor scale.
pub(crate) const MINOR: [i16; 7] = [0, 2, 3, 5, 7, 8, 10];

impl Key {
    /// The pitch of a scale degree: 0 is the tonic, 7 its octave, -1 the degree below it.
    pub(crate) fn degree(&self, degree: i16) -> i16 {
        let within = usize::from(degree.rem_euclid(7).unsigned_abs());
        let step = self.steps.get(within).copied().unwrap_or(0);
        let octaves = degree.div_euclid(7).saturating_mul(12);
        self.tonic.saturating_add(octaves).saturating_add(step)
    }
}

#[cfg(test)]
mod tests {
    use super::{name::*, *};

    #[test]
    fn a_common_cadence_moves_each_voice_by_a_step() {
        let two = Chord::new(D, MINOR7).voiced_after(REST);
        let five = Chord::new(G, DOMINANT7).voiced_after(two);
        let one = Chord::new(C, MAJOR7).voiced_after(five);
        for (from, to) in [(two, five), (five, one)] {
            let widest = from.iter().zip(&to).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(widest <= Some(2), "{from:?} to {to:?}");
        }
    }

    #[test]
    fn a_voicing_has_the_chords_tones_in_order() {
        let chord = Chord::new(E_FLAT, MAJOR9);
        let voicing = chord.voiced_after(REST);
        assert!(voicing.is_sorted());
        let mut classes = voicing.map(|pitch| pitch.rem_euclid(12));
        classes.sort_unstable();
        assert_eq!(classes, [D, F, G, B_FLAT]);
    }

    #[test]
    fn the_bass_takes_the_slash_note() {
        let chord = Chord::new(D, ADD9).over(F_SHARP);
        assert_eq!(chord.bass().rem_euclid(12), F_SHARP);
        assert!((28..40).contains(&chord.bass()));
    }

    #[test]
    fn degrees_pass_the_octave_in_both_directions() {
        let key = Key {
            tonic: 60,
            steps: MAJOR,
        };
        assert_eq!(
            [0, 2, 7, 9, -1].map(|n| key.degree(n)),
            [60, 64, 72, 76, 59]
        );
    }
}
