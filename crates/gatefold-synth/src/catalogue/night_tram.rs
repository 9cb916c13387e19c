//! Late and awake, in A minor: a dry beat, a moving bass, an echo down the street.

use crate::Composition;
use crate::harmony::{
    Chord, DOMINANT7, HALF_DIMINISHED, Key, MAJOR7, MINOR, MINOR7, MINOR9, SIXTH, SUSPENDED7,
    name::{A, B, C, D, E, F, G},
};
use crate::instruments::Instrument;
use crate::mix::Setting;
use crate::score::{Part, Score, Section, Tones, step};

pub(super) const PIECE: Composition = Composition {
    slug: "night-tram",
    title: "Night Tram",
    artist: "Ines Quillfeather",
    seed: 0x7261,
    score: Score {
        tempo: 106.0,
        metre: 4.0,
        swing: 0.57,
        key: Key {
            tonic: 69,
            steps: MINOR,
        },
        form: FORM,
    },
    setting: Setting {
        gain: 1.7,
        room: 1.3,
        echo: 0.75,
        fade: 13,
    },
};

/// Four chords that go round.
const STREET: &[Chord] = &[
    Chord::new(A, MINOR9),
    Chord::new(F, MAJOR7),
    Chord::new(C, MAJOR7),
    Chord::new(G, SIXTH),
    Chord::new(A, MINOR9),
    Chord::new(F, MAJOR7),
    Chord::new(D, MINOR9),
    Chord::new(E, SUSPENDED7),
];

/// Down the circle of fifths, and home.
const RIVER: &[Chord] = &[
    Chord::new(D, MINOR9),
    Chord::new(G, DOMINANT7),
    Chord::new(C, MAJOR7),
    Chord::new(F, MAJOR7),
    Chord::new(B, HALF_DIMINISHED),
    Chord::new(E, DOMINANT7),
    Chord::new(A, MINOR9),
    Chord::new(A, MINOR7),
];

/// The end of the line.
const TERMINUS: &[Chord] = &[
    Chord::new(F, MAJOR7),
    Chord::new(E, SUSPENDED7),
    Chord::new(A, MINOR9),
    Chord::new(A, MINOR9),
];

const FORM: &[Section] = &[
    Section {
        chords: STREET,
        parts: &[&KEYS, &SEEDS, &WINDOWS],
        dynamics: [0.65, 0.9],
    },
    Section {
        chords: STREET,
        parts: &[&KEYS, &SEEDS, &KICK, &BRUSH, &BASS],
        dynamics: [0.95, 1.0],
    },
    Section {
        chords: STREET,
        parts: &[&KEYS, &SEEDS, &KICK, &BRUSH, &BASS, &STREET_TUNE],
        dynamics: [0.95, 1.0],
    },
    Section {
        chords: RIVER,
        parts: &[&KEYS, &SEEDS, &KICK, &BRUSH, &BASS, &PAD, &RIVER_TUNE],
        dynamics: [1.0, 1.05],
    },
    Section {
        chords: STREET,
        parts: &[&PAD, &WINDOWS, &SEEDS, &BASS],
        dynamics: [0.8, 0.95],
    },
    Section {
        chords: STREET,
        parts: &[&KEYS, &SEEDS, &KICK, &BRUSH, &BASS, &STREET_TUNE, &WINDOWS],
        dynamics: [0.95, 1.05],
    },
    Section {
        chords: RIVER,
        parts: &[&KEYS, &SEEDS, &KICK, &BRUSH, &BASS, &PAD, &RIVER_TUNE],
        dynamics: [1.0, 1.1],
    },
    Section {
        chords: STREET,
        parts: &[&KEYS, &SEEDS, &KICK, &BASS, &PAD, &WINDOWS],
        dynamics: [1.0, 0.8],
    },
    Section {
        chords: TERMINUS,
        parts: &[&PAD, &BASS, &WINDOWS],
        dynamics: [0.85, 0.6],
    },
];

/// Two short chords and a long one: the figure that the piece rests on.
static KEYS: Part = Part {
    instrument: Instrument::ElectricPiano,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 2,
    steps: &[
        step(0.0, 1.2, 0, 0.9),
        step(0.0, 1.2, 1, 0.8),
        step(0.0, 1.2, 2, 0.8),
        step(0.0, 1.2, 3, 0.9),
        step(1.5, 0.4, 1, 0.6),
        step(1.5, 0.4, 2, 0.6),
        step(1.5, 0.4, 3, 0.7),
        step(2.5, 1.2, 0, 0.7),
        step(2.5, 1.2, 1, 0.7),
        step(2.5, 1.2, 2, 0.7),
        step(2.5, 1.2, 3, 0.8),
        step(4.5, 0.4, 1, 0.6),
        step(4.5, 0.4, 2, 0.6),
        step(4.5, 0.4, 3, 0.7),
        step(5.5, 2.0, 0, 0.8),
        step(5.5, 2.0, 1, 0.8),
        step(5.5, 2.0, 2, 0.8),
        step(5.5, 2.0, 3, 0.9),
    ],
    level: 0.7,
    pan: -0.05,
    spread: 0.08,
};

/// Lit windows going by: single high notes for the echo to play with.
static WINDOWS: Part = Part {
    instrument: Instrument::Kalimba,
    tones: Tones::Voicing,
    transpose: 12,
    bars: 2,
    steps: &[
        step(0.5, 1.0, 3, 0.8),
        step(1.5, 1.0, 2, 0.7),
        step(3.0, 1.0, 4, 0.9),
        step(4.5, 1.0, 1, 0.7),
        step(5.0, 1.0, 3, 0.8),
        step(6.5, 1.0, 2, 0.7),
    ],
    level: 0.8,
    pan: 0.3,
    spread: 0.35,
};

static BASS: Part = Part {
    instrument: Instrument::Bass,
    tones: Tones::Bass,
    transpose: 0,
    bars: 2,
    steps: &[
        step(0.0, 0.9, 0, 1.0),
        step(1.5, 0.4, 0, 0.8),
        step(2.5, 0.4, 12, 0.75),
        step(3.0, 0.7, 7, 0.85),
        step(4.0, 0.9, 0, 1.0),
        step(5.5, 0.9, 0, 0.85),
        step(7.0, 0.4, 7, 0.8),
        step(7.5, 0.4, 12, 0.7),
    ],
    level: 0.95,
    pan: 0.0,
    spread: 0.0,
};

static PAD: Part = Part {
    instrument: Instrument::Pad,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 3.9, 0, 0.9),
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
    bars: 2,
    steps: &[
        step(0.0, 1.0, 0, 1.0),
        step(2.5, 1.0, 0, 0.8),
        step(4.0, 1.0, 0, 1.0),
        step(5.5, 1.0, 0, 0.6),
        step(6.5, 1.0, 0, 0.8),
    ],
    level: 0.9,
    pan: 0.0,
    spread: 0.0,
};

static BRUSH: Part = Part {
    instrument: Instrument::Brush,
    tones: Tones::Bass,
    transpose: 0,
    bars: 1,
    steps: &[step(1.0, 1.0, 0, 1.0), step(3.0, 1.0, 0, 1.0)],
    level: 0.8,
    pan: 0.08,
    spread: 0.03,
};

static SEEDS: Part = Part {
    instrument: Instrument::Shaker,
    tones: Tones::Bass,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 1.0, 0, 0.9),
        step(0.25, 1.0, 0, 0.35),
        step(0.5, 1.0, 0, 0.7),
        step(0.75, 1.0, 0, 0.35),
        step(1.0, 1.0, 0, 0.9),
        step(1.5, 1.0, 0, 0.7),
        step(1.75, 1.0, 0, 0.35),
        step(2.0, 1.0, 0, 0.9),
        step(2.25, 1.0, 0, 0.35),
        step(2.5, 1.0, 0, 0.7),
        step(2.75, 1.0, 0, 0.35),
        step(3.0, 1.0, 0, 0.9),
        step(3.5, 1.0, 0, 0.7),
        step(3.75, 1.0, 0, 0.4),
    ],
    level: 0.7,
    pan: -0.4,
    spread: 0.15,
};

static STREET_TUNE: Part = Part {
    instrument: Instrument::Guitar,
    tones: Tones::Key,
    transpose: 0,
    bars: 8,
    steps: &[
        step(1.0, 0.5, 4, 0.8),
        step(1.5, 0.5, 6, 0.85),
        step(2.0, 1.0, 7, 1.0),
        step(3.0, 0.9, 4, 0.8),
        step(4.5, 1.0, 4, 0.85),
        step(5.5, 0.5, 2, 0.75),
        step(6.0, 1.7, 0, 0.9),
        step(9.0, 0.5, 2, 0.75),
        step(9.5, 0.5, 3, 0.8),
        step(10.0, 1.0, 4, 0.9),
        step(11.0, 0.9, 6, 0.85),
        step(12.5, 1.0, 4, 0.85),
        step(13.5, 0.5, 3, 0.75),
        step(14.0, 1.7, 1, 0.85),
        step(17.0, 0.5, 4, 0.8),
        step(17.5, 0.5, 6, 0.85),
        step(18.0, 1.0, 7, 1.0),
        step(19.0, 0.9, 8, 0.9),
        step(20.0, 1.5, 9, 1.0),
        step(21.5, 0.5, 7, 0.8),
        step(22.0, 1.7, 4, 0.9),
        step(24.5, 1.0, 5, 0.85),
        step(25.5, 0.5, 4, 0.75),
        step(26.0, 1.7, 3, 0.85),
        step(28.0, 1.0, 3, 0.75),
        step(29.0, 2.5, 1, 0.85),
    ],
    level: 1.1,
    pan: 0.15,
    spread: 0.05,
};

/// One falling figure, a step lower with each chord.
static RIVER_TUNE: Part = Part {
    instrument: Instrument::ElectricPiano,
    tones: Tones::Key,
    transpose: 0,
    bars: 8,
    steps: &[
        step(0.0, 1.5, 9, 1.0),
        step(1.5, 0.5, 8, 0.8),
        step(2.0, 1.7, 7, 0.9),
        step(4.0, 1.5, 8, 0.95),
        step(5.5, 0.5, 7, 0.75),
        step(6.0, 1.7, 6, 0.85),
        step(8.0, 1.5, 8, 0.9),
        step(9.5, 0.5, 6, 0.75),
        step(10.0, 1.7, 4, 0.85),
        step(12.0, 1.5, 7, 0.9),
        step(13.5, 0.5, 6, 0.75),
        step(14.0, 1.0, 5, 0.8),
        step(15.0, 0.9, 4, 0.75),
        step(16.0, 1.5, 5, 0.9),
        step(17.5, 0.5, 4, 0.75),
        step(18.0, 1.7, 3, 0.85),
        step(20.0, 1.5, 4, 0.9),
        step(21.5, 0.5, 3, 0.75),
        step(22.0, 1.7, 1, 0.85),
        step(24.0, 1.0, 2, 0.85),
        step(25.0, 0.5, 1, 0.7),
        step(25.5, 3.5, 0, 0.9),
    ],
    level: 1.0,
    pan: 0.1,
    spread: 0.05,
};
