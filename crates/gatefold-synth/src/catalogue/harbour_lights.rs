//! Warm and unhurried, in D major: a guitar, an electric piano, brushes.

use crate::Composition;
use crate::harmony::{
    ADD9, Chord, DOMINANT7, Key, MAJOR, MAJOR7, MAJOR9, MINOR6, MINOR7, SUSPENDED7,
    name::{A, B, C_SHARP, D, E, F_SHARP, G},
};
use crate::instruments::Instrument;
use crate::mix::Setting;
use crate::score::{Part, Score, Section, Tones, step};

pub(super) const PIECE: Composition = Composition {
    slug: "harbour-lights",
    title: "Harbour Lights",
    artist: "Marlow & the Tide Tables",
    seed: 0x4a11,
    score: Score {
        tempo: 88.0,
        metre: 4.0,
        swing: 0.54,
        key: Key {
            tonic: 74,
            steps: MAJOR,
        },
        form: FORM,
    },
    setting: Setting {
        gain: 1.75,
        room: 1.9,
        echo: 0.75,
        fade: 13,
    },
};

/// The verse: a bass that walks down the scale from the tonic.
const VERSE: &[Chord] = &[
    Chord::new(D, ADD9),
    Chord::new(A, ADD9).over(C_SHARP),
    Chord::new(B, MINOR7),
    Chord::new(F_SHARP, MINOR7),
    Chord::new(G, MAJOR7),
    Chord::new(D, ADD9).over(F_SHARP),
    Chord::new(E, MINOR7),
    Chord::new(A, SUSPENDED7),
];

/// The chorus: starts away from home, and borrows a minor chord on its way back.
const CHORUS: &[Chord] = &[
    Chord::new(G, MAJOR7),
    Chord::new(A, DOMINANT7),
    Chord::new(F_SHARP, MINOR7),
    Chord::new(B, MINOR7),
    Chord::new(G, MAJOR9),
    Chord::new(G, MINOR6),
    Chord::new(D, ADD9),
    Chord::new(A, SUSPENDED7),
];

/// The intro and the ending: rocking between two chords.
const ROCKING: &[Chord] = &[
    Chord::new(D, MAJOR9),
    Chord::new(G, MAJOR7).over(D),
    Chord::new(D, MAJOR9),
    Chord::new(G, MAJOR7).over(D),
];

/// The last bars: home.
const HOME: &[Chord] = &[
    Chord::new(G, MAJOR7),
    Chord::new(G, MINOR6),
    Chord::new(D, MAJOR9),
    Chord::new(D, ADD9),
];

const FORM: &[Section] = &[
    Section {
        chords: ROCKING,
        parts: &[&GUITAR],
        dynamics: [0.6, 0.9],
    },
    Section {
        chords: VERSE,
        parts: &[&GUITAR, &BASS, &PAD],
        dynamics: [0.85, 0.95],
    },
    Section {
        chords: VERSE,
        parts: &[&GUITAR, &BASS, &PAD, &BRUSHES, &KICK, &VERSE_TUNE],
        dynamics: [0.95, 1.0],
    },
    Section {
        chords: CHORUS,
        parts: &[&GUITAR, &BASS, &PAD, &BRUSHES, &KICK, &SEEDS, &CHORUS_TUNE],
        dynamics: [1.0, 1.1],
    },
    Section {
        chords: VERSE,
        parts: &[&GUITAR, &BASS, &KEYS, &BRUSHES, &KICK, &SEEDS, &VERSE_TUNE],
        dynamics: [0.95, 1.0],
    },
    Section {
        chords: ROCKING,
        parts: &[&GUITAR, &PAD, &KEYS],
        dynamics: [0.7, 0.9],
    },
    Section {
        chords: CHORUS,
        parts: &[
            &GUITAR,
            &BASS,
            &PAD,
            &KEYS,
            &BRUSHES,
            &KICK,
            &SEEDS,
            &CHORUS_TUNE,
        ],
        dynamics: [1.0, 1.1],
    },
    Section {
        chords: VERSE,
        parts: &[&GUITAR, &BASS, &PAD, &BRUSHES, &KICK, &VERSE_TUNE],
        dynamics: [1.05, 0.9],
    },
    Section {
        chords: HOME,
        parts: &[&GUITAR, &BASS, &PAD],
        dynamics: [0.85, 0.6],
    },
];

/// Broken chords, an eighth note at a time.
static GUITAR: Part = Part {
    instrument: Instrument::Guitar,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 1.8, 0, 1.0),
        step(0.5, 1.4, 2, 0.7),
        step(1.0, 1.4, 3, 0.85),
        step(1.5, 1.4, 1, 0.65),
        step(2.0, 1.6, 4, 0.9),
        step(2.5, 1.4, 2, 0.65),
        step(3.0, 1.0, 3, 0.8),
        step(3.5, 0.6, 1, 0.6),
    ],
    level: 0.9,
    pan: -0.25,
    spread: 0.2,
};

/// Chords on the second and fourth beat, as if from the back of the room.
static KEYS: Part = Part {
    instrument: Instrument::ElectricPiano,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 1,
    steps: &[
        step(1.0, 0.9, 0, 0.7),
        step(1.0, 0.9, 1, 0.7),
        step(1.0, 0.9, 2, 0.7),
        step(1.0, 0.9, 3, 0.8),
        step(2.5, 1.3, 1, 0.6),
        step(2.5, 1.3, 2, 0.6),
        step(2.5, 1.3, 3, 0.7),
    ],
    level: 0.55,
    pan: 0.25,
    spread: 0.1,
};

static BASS: Part = Part {
    instrument: Instrument::Bass,
    tones: Tones::Bass,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 1.4, 0, 1.0),
        step(1.5, 0.4, 0, 0.7),
        step(2.0, 1.3, 7, 0.8),
        step(3.5, 0.4, 12, 0.6),
    ],
    level: 0.9,
    pan: 0.0,
    spread: 0.0,
};

/// The whole chord, for the whole bar.
static PAD: Part = Part {
    instrument: Instrument::Pad,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 3.9, 0, 1.0),
        step(0.0, 3.9, 1, 0.9),
        step(0.0, 3.9, 2, 0.9),
        step(0.0, 3.9, 3, 0.9),
    ],
    level: 0.9,
    pan: 0.0,
    spread: 0.0,
};

static KICK: Part = Part {
    instrument: Instrument::Kick,
    tones: Tones::Bass,
    transpose: 0,
    bars: 1,
    steps: &[step(0.0, 1.0, 0, 0.8), step(2.5, 1.0, 0, 0.6)],
    level: 0.8,
    pan: 0.0,
    spread: 0.0,
};

static BRUSHES: Part = Part {
    instrument: Instrument::Brush,
    tones: Tones::Bass,
    transpose: 0,
    bars: 2,
    steps: &[
        step(1.0, 1.0, 0, 0.9),
        step(3.0, 1.0, 0, 1.0),
        step(5.0, 1.0, 0, 0.9),
        step(6.5, 1.0, 0, 0.35),
        step(7.0, 1.0, 0, 1.0),
    ],
    level: 0.7,
    pan: 0.15,
    spread: 0.05,
};

static SEEDS: Part = Part {
    instrument: Instrument::Shaker,
    tones: Tones::Bass,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 1.0, 0, 0.5),
        step(0.5, 1.0, 0, 0.9),
        step(1.0, 1.0, 0, 0.5),
        step(1.5, 1.0, 0, 0.9),
        step(2.0, 1.0, 0, 0.5),
        step(2.5, 1.0, 0, 0.9),
        step(3.0, 1.0, 0, 0.5),
        step(3.5, 1.0, 0, 0.9),
    ],
    level: 0.7,
    pan: 0.5,
    spread: 0.1,
};

static VERSE_TUNE: Part = Part {
    instrument: Instrument::ElectricPiano,
    tones: Tones::Key,
    transpose: 0,
    bars: 8,
    steps: &[
        step(0.0, 1.5, 4, 0.9),
        step(1.5, 0.5, 2, 0.7),
        step(2.0, 1.5, 4, 0.9),
        step(3.5, 0.5, 5, 0.8),
        step(4.0, 1.0, 6, 1.0),
        step(5.0, 0.5, 5, 0.8),
        step(5.5, 2.2, 4, 0.9),
        step(8.0, 1.5, 5, 0.95),
        step(9.5, 0.5, 4, 0.75),
        step(10.0, 1.5, 2, 0.85),
        step(11.5, 0.5, 1, 0.7),
        step(12.0, 3.2, 2, 0.9),
        step(16.0, 1.0, 3, 0.85),
        step(17.0, 0.5, 4, 0.8),
        step(17.5, 1.5, 5, 1.0),
        step(19.0, 0.5, 4, 0.75),
        step(19.5, 0.5, 3, 0.75),
        step(20.0, 1.5, 2, 0.9),
        step(21.5, 0.5, 0, 0.7),
        step(22.0, 1.8, 4, 0.95),
        step(24.0, 1.0, 3, 0.85),
        step(25.0, 0.5, 2, 0.75),
        step(25.5, 1.5, 1, 0.85),
        step(27.0, 0.5, 0, 0.7),
        step(27.5, 3.2, 1, 0.85),
    ],
    level: 1.0,
    pan: 0.1,
    spread: 0.05,
};

static CHORUS_TUNE: Part = Part {
    instrument: Instrument::ElectricPiano,
    tones: Tones::Key,
    transpose: 0,
    bars: 8,
    steps: &[
        step(0.5, 1.0, 9, 0.95),
        step(1.5, 0.5, 8, 0.8),
        step(2.0, 2.0, 7, 0.95),
        step(4.5, 1.0, 8, 0.9),
        step(5.5, 0.5, 7, 0.75),
        step(6.0, 2.0, 6, 0.9),
        step(8.5, 1.0, 6, 0.85),
        step(9.5, 0.5, 5, 0.75),
        step(10.0, 2.0, 4, 0.9),
        step(12.0, 1.0, 5, 0.85),
        step(13.0, 0.5, 7, 0.85),
        step(13.5, 2.2, 5, 0.9),
        step(16.5, 1.0, 9, 1.0),
        step(17.5, 0.5, 8, 0.8),
        step(18.0, 1.5, 7, 0.95),
        step(19.5, 0.5, 8, 0.8),
        step(20.0, 2.0, 7, 0.95),
        step(22.0, 1.8, 8, 0.85),
        step(24.0, 1.5, 9, 1.0),
        step(25.5, 0.5, 7, 0.8),
        step(26.0, 2.0, 4, 0.9),
        step(28.0, 1.0, 4, 0.8),
        step(29.0, 0.5, 3, 0.7),
        step(29.5, 2.3, 1, 0.8),
    ],
    level: 1.0,
    pan: 0.1,
    spread: 0.05,
};
