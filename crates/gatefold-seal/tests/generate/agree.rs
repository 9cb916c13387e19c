//! Windows whose fields do not agree with each other.

use super::{
    Set,
    window::LARGEST,
    world::{INDEX, NOON, ONE, case, payload, refused, token},
};
use crate::vector::Payload;

pub(crate) fn add(set: &mut Set) {
    let window = |valid_until_unix, window_index, lifetime_seconds, phase_seconds| Payload {
        valid_until_unix,
        window_index,
        lifetime_seconds,
        phase_seconds,
        ..payload()
    };
    for (name, about, id, said) in [
        (
            "agree-index-of-another-window",
            "A window's number and end that belong to different windows are refused.",
            44,
            window(1_778_832_000, 989_351, 1800, None),
        ),
        (
            "agree-end-a-second-late",
            "An end that is one second too late is refused.",
            44,
            window(ONE + 1, INDEX, 3600, None),
        ),
        (
            "agree-end-of-the-next",
            "The end of the next window is refused.",
            44,
            window(ONE + 3600, INDEX, 3600, None),
        ),
        (
            "agree-end-is-start",
            "The start in place of the end is refused.",
            44,
            window(NOON, INDEX, 3600, None),
        ),
        (
            "agree-phase-forgotten",
            "An end that does not regard the phase is refused.",
            44,
            window(ONE, INDEX, 3600, Some(600)),
        ),
        (
            "agree-phase-added",
            "A phase that is added in place of taken away is refused.",
            44,
            window(ONE + 600, INDEX, 3600, Some(600)),
        ),
        (
            "agree-lifetime-zero",
            "A lifetime of 0 is refused.",
            42,
            window(0, 0, 0, None),
        ),
        (
            "agree-lifetime-short",
            "A lifetime of 59 seconds is refused.",
            42,
            window(59, 0, 59, None),
        ),
        (
            "agree-lifetime-long",
            "A lifetime of 7 days and a second is refused.",
            42,
            window(604_801, 0, 604_801, None),
        ),
        (
            "agree-phase-of-a-lifetime",
            "A phase of a whole lifetime is refused.",
            43,
            window(ONE, INDEX + 1, 3600, Some(3600)),
        ),
        (
            "agree-phase-beyond",
            "A phase of more than a lifetime is refused.",
            43,
            window(ONE - 1, INDEX + 1, 3600, Some(3601)),
        ),
        (
            "agree-wrap-64-bits",
            "An end that agrees only when 64 bits wrap is refused.",
            45,
            window(0, (1 << 48) - 1, 1 << 16, None),
        ),
        (
            "agree-wrap-32-bits",
            "An end that agrees only when 32 bits wrap is refused.",
            45,
            window(0, (1 << 24) - 1, 256, None),
        ),
        (
            "agree-end-too-late",
            "A window that ends after second 2^53 - 1 is refused.",
            45,
            window(LARGEST, LARGEST / 60, 60, None),
        ),
        (
            "agree-index-largest",
            "The largest number of a window overflows with every lifetime.",
            45,
            window(LARGEST, LARGEST, 60, None),
        ),
        (
            "agree-before-source",
            "Fields that disagree are refused before a source that is none.",
            72,
            Payload {
                original_source: "ftp://a".into(),
                ..window(ONE + 1, INDEX, 3600, None)
            },
        ),
    ] {
        let expect = refused("payload", "inconsistent_payload");
        set.add(name, case(about, &[id], token(&said), expect));
    }
}
