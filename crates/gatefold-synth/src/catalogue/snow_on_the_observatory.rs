//! Slow and wide, in E flat major and three-four time: bells, felt, and a long room.

use crate::Composition;
use crate::harmony::{
    ADD9, Chord, Key, MAJOR, MAJOR7, MAJOR9, MINOR6, MINOR7, MINOR9, SUSPENDED7,
    name::{A_FLAT, B_FLAT, C, E_FLAT, F, G},
};
use crate::instruments::Instrument;
use crate::mix::Setting;
use crate::score::{Part, Score, Section, Tones, step};

pub(super) const PIECE: Composition = Composition {
    slug: "snow-on-the-observatory",
    title: "Snow on the Observatory",
    artist: "The Paper Lanterns",
    seed: 0x5109,
    score: Score {
        tempo: 70.0,
        metre: 3.0,
        swing: 0.5,
        key: Key {
            tonic: 63,
            steps: MAJOR,
        },
        form: FORM,
    },
    setting: Setting {
        gain: 1.15,
        room: 3.4,
        echo: 1.0,
        fade: 17,
    },
};

/// Falls by thirds from the tonic, and darkens at the end.
const SNOW: &[Chord] = &[
    Chord::new(E_FLAT, MAJOR9),
    Chord::new(C, MINOR9),
    Chord::new(A_FLAT, MAJOR7),
    Chord::new(B_FLAT, SUSPENDED7),
    Chord::new(E_FLAT, MAJOR9),
    Chord::new(G, MINOR7),
    Chord::new(A_FLAT, MAJOR7),
    Chord::new(A_FLAT, MINOR6),
];

/// Climbs back up through the scale.
const STARS: &[Chord] = &[
    Chord::new(C, MINOR9),
    Chord::new(G, MINOR7),
    Chord::new(A_FLAT, MAJOR7),
    Chord::new(E_FLAT, ADD9).over(G),
    Chord::new(F, MINOR9),
    Chord::new(G, MINOR7),
    Chord::new(A_FLAT, MAJOR9),
    Chord::new(B_FLAT, SUSPENDED7),
];

/// The light goes out.
const DARK: &[Chord] = &[
    Chord::new(A_FLAT, MAJOR7),
    Chord::new(A_FLAT, MINOR6),
    Chord::new(E_FLAT, MAJOR9),
    Chord::new(E_FLAT, ADD9),
];

const FORM: &[Section] = &[
    Section {
        chords: SNOW,
        parts: &[&PAD, &FLAKES],
        dynamics: [0.7, 0.95],
    },
    Section {
        chords: SNOW,
        parts: &[&PAD, &WALTZ, &BASS, &SNOW_TUNE],
        dynamics: [0.9, 1.0],
    },
    Section {
        chords: STARS,
        parts: &[&PAD, &WALTZ, &BASS, &FLAKES, &STARS_TUNE],
        dynamics: [0.95, 1.05],
    },
    Section {
        chords: SNOW,
        parts: &[&PAD, &WALTZ, &BASS, &HEART, &SEEDS, &FLAKES],
        dynamics: [0.9, 1.0],
    },
    Section {
        chords: SNOW,
        parts: &[&PAD, &WALTZ, &BASS, &HEART, &SEEDS, &SNOW_TUNE],
        dynamics: [1.0, 1.05],
    },
    Section {
        chords: STARS,
        parts: &[&PAD, &WALTZ, &BASS, &HEART, &SEEDS, &FLAKES, &STARS_TUNE],
        dynamics: [1.05, 1.15],
    },
    Section {
        chords: SNOW,
        parts: &[&PAD, &WALTZ, &BASS, &SNOW_TUNE],
        dynamics: [1.0, 0.85],
    },
    Section {
        chords: SNOW,
        parts: &[&PAD, &FLAKES, &BASS],
        dynamics: [0.85, 0.75],
    },
    Section {
        chords: DARK,
        parts: &[&PAD, &WALTZ],
        dynamics: [0.75, 0.6],
    },
];

/// The chord for the whole bar.
static PAD: Part = Part {
    instrument: Instrument::Pad,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 1,
    steps: &[
        step(0.0, 2.9, 0, 1.0),
        step(0.0, 2.9, 1, 1.0),
        step(0.0, 2.9, 2, 1.0),
        step(0.0, 2.9, 3, 1.0),
    ],
    level: 1.2,
    pan: 0.0,
    spread: 0.0,
};

/// Three notes up from the bass: the left hand of a slow waltz.
static WALTZ: Part = Part {
    instrument: Instrument::FeltPiano,
    tones: Tones::Voicing,
    transpose: 0,
    bars: 2,
    steps: &[
        step(0.0, 2.8, 0, 0.9),
        step(1.0, 1.9, 2, 0.7),
        step(1.5, 1.4, 1, 0.5),
        step(2.0, 0.9, 3, 0.75),
        step(3.0, 2.8, 0, 0.85),
        step(4.0, 1.9, 1, 0.65),
        step(4.5, 1.4, 3, 0.55),
        step(5.0, 0.9, 2, 0.7),
    ],
    level: 0.85,
    pan: -0.05,
    spread: 0.15,
};

/// Bells, here and there.
static FLAKES: Part = Part {
    instrument: Instrument::Bell,
    tones: Tones::Voicing,
    transpose: 12,
    bars: 4,
    steps: &[
        step(0.0, 2.0, 3, 0.8),
        step(1.5, 2.0, 4, 0.6),
        step(4.0, 2.0, 2, 0.7),
        step(5.5, 2.0, 5, 0.6),
        step(7.0, 2.0, 4, 0.7),
        step(8.0, 2.0, 3, 0.55),
        step(9.5, 2.0, 1, 0.65),
        step(11.0, 2.0, 3, 0.7),
    ],
    level: 0.9,
    pan: 0.0,
    spread: 0.7,
};

static BASS: Part = Part {
    instrument: Instrument::Bass,
    tones: Tones::Bass,
    transpose: 0,
    bars: 2,
    steps: &[
        step(0.0, 2.7, 0, 0.9),
        step(3.0, 1.8, 0, 0.85),
        step(5.0, 0.9, 7, 0.6),
    ],
    level: 0.75,
    pan: 0.0,
    spread: 0.0,
};

/// A heartbeat more than a drum.
static HEART: Part = Part {
    instrument: Instrument::Kick,
    tones: Tones::Bass,
    transpose: 0,
    bars: 2,
    steps: &[
        step(0.0, 1.0, 0, 0.8),
        step(3.0, 1.0, 0, 0.7),
        step(5.5, 1.0, 0, 0.4),
    ],
    level: 0.6,
    pan: 0.0,
    spread: 0.0,
};

static SEEDS: Part = Part {
    instrument: Instrument::Shaker,
    tones: Tones::Bass,
    transpose: 0,
    bars: 1,
    steps: &[
        step(1.0, 1.0, 0, 0.8),
        step(2.0, 1.0, 0, 0.6),
        step(2.5, 1.0, 0, 0.35),
    ],
    level: 0.6,
    pan: 0.35,
    spread: 0.25,
};

static SNOW_TUNE: Part = Part {
    instrument: Instrument::FeltPiano,
    tones: Tones::Key,
    transpose: 12,
    bars: 8,
    steps: &[
        step(0.0, 2.0, 4, 0.9),
        step(2.0, 1.0, 2, 0.75),
        step(3.0, 2.0, 6, 0.95),
        step(5.0, 1.0, 4, 0.75),
        step(6.0, 2.0, 5, 0.9),
        step(8.0, 1.0, 2, 0.75),
        step(9.0, 2.9, 1, 0.85),
        step(12.0, 2.0, 4, 0.9),
        step(14.0, 1.0, 7, 0.9),
        step(15.0, 2.0, 6, 0.95),
        step(17.0, 1.0, 4, 0.75),
        step(18.0, 1.0, 5, 0.85),
        step(19.0, 1.0, 4, 0.75),
        step(20.0, 1.0, 2, 0.75),
        step(21.0, 2.0, 1, 0.85),
        step(23.0, 1.0, 0, 0.7),
    ],
    level: 1.1,
    pan: 0.25,
    spread: 0.05,
};

static STARS_TUNE: Part = Part {
    instrument: Instrument::FeltPiano,
    tones: Tones::Key,
    transpose: 12,
    bars: 8,
    steps: &[
        step(0.0, 2.0, 9, 1.0),
        step(2.0, 1.0, 8, 0.8),
        step(3.0, 2.0, 8, 0.9),
        step(5.0, 1.0, 6, 0.75),
        step(6.0, 2.0, 7, 0.95),
        step(8.0, 1.0, 5, 0.75),
        step(9.0, 2.9, 4, 0.9),
        step(12.0, 2.0, 5, 0.9),
        step(14.0, 1.0, 7, 0.85),
        step(15.0, 2.0, 6, 0.9),
        step(17.0, 1.0, 8, 0.9),
        step(18.0, 2.0, 9, 1.0),
        step(20.0, 1.0, 7, 0.8),
        step(21.0, 2.9, 8, 0.9),
    ],
    level: 1.1,
    pan: 0.25,
    spread: 0.05,
};
