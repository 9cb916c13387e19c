//! The window that holds an instant, and the phase of a source.

use super::{
    Set,
    raw::phase,
    window::LARGEST,
    world::{INDEX, NOON, ONE, SOURCE, covers, failed, hex, psk},
};
use crate::vector::{Made, Numbered, Phase, Phased, Vector, Window};

pub(crate) fn add(set: &mut Set) {
    numbers(set);
    phases(set);
}

fn numbers(set: &mut Set) {
    let mut number = |name: &str, about: &str, ids: &[u16], now, lifetime, phase, expect| {
        set.add(
            name,
            Vector::Window(Window {
                about: about.into(),
                covers: covers(ids),
                now,
                lifetime_seconds: lifetime,
                phase_seconds: phase,
                expect,
            }),
        );
    };
    let is = |window_index, start, valid_until_unix| {
        Made::Given(Numbered {
            window_index,
            start,
            valid_until_unix,
        })
    };
    number(
        "number-of-noon",
        "The second in which a window begins belongs to it.",
        &[40],
        NOON,
        3600,
        0,
        is(INDEX, NOON, ONE),
    );
    number(
        "number-before-one",
        "The second before a boundary belongs to the window that ends there.",
        &[40],
        ONE - 1,
        3600,
        0,
        is(INDEX, NOON, ONE),
    );
    number(
        "number-of-one",
        "The second of a boundary belongs to the window that begins there.",
        &[40],
        ONE,
        3600,
        0,
        is(INDEX + 1, ONE, ONE + 3600),
    );
    number(
        "number-odd-lifetime",
        "A lifetime that does not divide the day counts from 1970 all the same.",
        &[40],
        NOON,
        1733,
        0,
        is(1_026_454, 1_778_844_782, 1_778_846_515),
    );
    number(
        "number-phase-before",
        "The second before a shifted boundary.",
        &[40],
        ONE - 601,
        3600,
        600,
        is(INDEX, NOON - 600, ONE - 600),
    );
    number(
        "number-phase-at",
        "The second of a shifted boundary.",
        &[40],
        ONE - 600,
        3600,
        600,
        is(INDEX + 1, ONE - 600, ONE + 3000),
    );
    number(
        "number-phase-longest",
        "The longest phase is one second less than the lifetime.",
        &[40, 43],
        NOON,
        3600,
        3599,
        is(INDEX, NOON - 3599, NOON + 1),
    );
    number(
        "number-1970",
        "The first window of all.",
        &[40],
        0,
        60,
        0,
        is(0, 0, 60),
    );
    number(
        "number-1970-phase",
        "The first window of a shifted row is cut at 1970.",
        &[40],
        0,
        60,
        30,
        is(0, 0, 30),
    );
    number(
        "number-largest",
        "The last window that can be counted.",
        &[40, 45],
        LARGEST - 64,
        64,
        0,
        is((1 << 47) - 2, (1 << 53) - 128, (1 << 53) - 64),
    );
    number(
        "number-too-late",
        "A window that ends after the largest second does not exist.",
        &[45],
        LARGEST,
        64,
        0,
        failed("window"),
    );
    number(
        "number-lifetime-zero",
        "No window has a lifetime of 0.",
        &[42],
        NOON,
        0,
        0,
        failed("window"),
    );
    number(
        "number-lifetime-short",
        "No window has a lifetime of 59 seconds.",
        &[42],
        NOON,
        59,
        0,
        failed("window"),
    );
    number(
        "number-lifetime-long",
        "No window has a lifetime of 604801 seconds.",
        &[42],
        NOON,
        604_801,
        0,
        failed("window"),
    );
    number(
        "number-phase-too-long",
        "No window has a phase of a whole lifetime.",
        &[43],
        NOON,
        60,
        60,
        failed("window"),
    );
}

fn phases(set: &mut Set) {
    for (name, about, source, lifetime) in [
        (
            "phase-of-a-url",
            "The phase of a source over windows of 30 minutes.",
            SOURCE,
            1800,
        ),
        (
            "phase-of-another-lifetime",
            "Another lifetime gives another phase.",
            SOURCE,
            604_800,
        ),
        (
            "phase-of-another-source",
            "Another source gives another phase.",
            "private:a/b",
            1800,
        ),
        (
            "phase-of-wide-characters",
            "The source's UTF-8 is hashed, without quotation marks and escapes.",
            "files:Gr\u{f6}\u{df}e \"5\".ogg",
            3600,
        ),
    ] {
        set.add(
            name,
            Vector::Phase(Phase {
                about: about.into(),
                covers: covers(&[41]),
                psk: hex(&psk()),
                original_source: source.into(),
                lifetime_seconds: lifetime,
                expect: Phased {
                    phase_seconds: phase(&psk(), source, lifetime),
                },
            }),
        );
    }
}
