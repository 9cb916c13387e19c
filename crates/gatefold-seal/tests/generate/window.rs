//! Windows: fields that agree or do not, the instants that settle the boundaries, and numbers.

use super::{
    Set,
    world::{
        INDEX, NOON, ONE, any_client, in_window, minter, open, opened, payload, psk, refused,
        scope, token,
    },
};
use crate::vector::{Open, Opened, Outcome, Payload, Scope, Vector};

/// 2^53 - 1.
pub(super) const LARGEST: u64 = 9_007_199_254_740_991;

pub(crate) fn add(set: &mut Set) {
    instants(set);
    lifetimes(set);
}

fn at(
    about: &str,
    ids: &[u16],
    said: &Payload,
    grace: Option<u64>,
    now: u64,
    expect: Outcome<Opened>,
) -> Vector {
    Vector::Open(Open {
        minters: vec![minter(psk(), Scope { grace, ..scope() })],
        now,
        ..open(about, ids, token(said), expect)
    })
}

fn instants(set: &mut Set) {
    let said = payload();
    let good = || opened(&said);
    let early = || refused("window", "not_yet_valid");
    let late = || refused("window", "expired");
    for (name, about, ids, grace, now, expect) in [
        (
            "window-long-before",
            "Two windows before its own a URL is not yet valid.",
            vec![47],
            None,
            NOON - 3601,
            early(),
        ),
        (
            "window-drift-minus-one",
            "One window before its own a URL is not yet valid.",
            vec![47],
            None,
            NOON - 3600,
            early(),
        ),
        (
            "window-six-seconds-early",
            "Six seconds before its window a URL is not yet valid.",
            vec![47],
            None,
            NOON - 6,
            early(),
        ),
        (
            "window-five-seconds-early",
            "Five seconds before its window a URL is good: the minter's clock may be ahead.",
            vec![47],
            None,
            NOON - 5,
            good(),
        ),
        (
            "window-second-early",
            "One second before its window a URL is good.",
            vec![47],
            None,
            NOON - 1,
            good(),
        ),
        (
            "window-first-second",
            "In the first second of its window a URL is good.",
            vec![46],
            None,
            NOON,
            good(),
        ),
        (
            "window-last-second",
            "In the last second of its window a URL is good.",
            vec![46],
            None,
            ONE - 1,
            good(),
        ),
        (
            "window-end",
            "In the second of its end a URL is good.",
            vec![48],
            None,
            ONE,
            good(),
        ),
        (
            "window-second-after-end",
            "Made at 12:59:59 for a window that ends at 13:00:00, a URL is good at 13:00:01.",
            vec![48],
            None,
            ONE + 1,
            good(),
        ),
        (
            "window-last-second-of-grace",
            "In the last second of the grace a URL is good; it is 30 seconds where none is named.",
            vec![48, 51],
            None,
            ONE + 30,
            good(),
        ),
        (
            "window-after-grace",
            "A second after the grace a URL has expired.",
            vec![48, 51],
            None,
            ONE + 31,
            late(),
        ),
        (
            "window-drift-one-late",
            "In the last second of the next window a URL has long expired.",
            vec![48],
            None,
            ONE + 3599,
            late(),
        ),
        (
            "window-drift-two",
            "With two windows of drift a URL has expired.",
            vec![49],
            None,
            ONE + 3600,
            late(),
        ),
        (
            "window-no-grace-end",
            "Without grace a URL is good in the second of its end.",
            vec![48],
            Some(0),
            ONE,
            good(),
        ),
        (
            "window-no-grace-after",
            "Without grace a URL has expired a second after its end.",
            vec![48],
            Some(0),
            ONE + 1,
            late(),
        ),
        (
            "window-grace-short",
            "A grace of 5 seconds bridges a minter whose clock is 5 seconds behind.",
            vec![48],
            Some(5),
            ONE + 5,
            good(),
        ),
        (
            "window-grace-lifetime",
            "A grace of a whole lifetime lasts until the last second of the next window.",
            vec![48, 50],
            Some(3600),
            ONE + 3599,
            good(),
        ),
        (
            "window-drift-two-grace",
            "With two windows of drift a URL has expired, though the grace lasts until this second.",
            vec![49],
            Some(3600),
            ONE + 3600,
            late(),
        ),
        (
            "window-grace-capped",
            "A grace of more than a lifetime counts as one lifetime.",
            vec![49, 50],
            Some(86_400),
            ONE + 3600,
            late(),
        ),
        (
            "window-grace-largest",
            "The largest grace overflows nothing.",
            vec![49, 50],
            Some(LARGEST),
            ONE + 7200,
            late(),
        ),
        (
            "window-clock-zero",
            "An edge whose clock stands at 1970 finds every window yet to begin.",
            vec![47],
            None,
            0,
            early(),
        ),
        (
            "window-clock-largest",
            "An edge whose clock is far ahead finds every window ended.",
            vec![49],
            Some(LARGEST),
            LARGEST,
            late(),
        ),
    ] {
        set.add(name, at(about, &ids, &said, grace, now, expect));
    }
    let shifted = in_window(INDEX, 3600, 600);
    for (name, about, id, now, expect) in [
        (
            "window-phase-early",
            "A phase moves the five early seconds with the window.",
            47,
            NOON - 605,
            opened(&shifted),
        ),
        (
            "window-phase-too-early",
            "A phase moves the start of the window.",
            47,
            NOON - 606,
            early(),
        ),
        (
            "window-phase-end",
            "A phase moves the end and the grace of the window.",
            48,
            ONE - 600 + 30,
            opened(&shifted),
        ),
        (
            "window-phase-after",
            "After the moved grace a URL has expired, though its row unmoved would last.",
            48,
            ONE - 600 + 31,
            late(),
        ),
        (
            "window-phase-drift-two",
            "A phase moves the drift.",
            49,
            ONE + 3000,
            late(),
        ),
    ] {
        set.add(name, at(about, &[id], &shifted, None, now, expect));
    }
    let first = in_window(0, 60, 30);
    set.add(
        "window-first-of-all",
        at(
            "The first window of a shifted row begins with 1970 and ends early.",
            &[45, 46],
            &first,
            None,
            0,
            opened(&first),
        ),
    );
}

fn lifetimes(set: &mut Set) {
    let shortest = in_window(NOON / 60, 60, 0);
    let longest = in_window(NOON / 604_800, 604_800, 0);
    let last = in_window(LARGEST / 64 - 1, 64, 0);
    for (name, about, said, now) in [
        (
            "lifetime-shortest",
            "A lifetime of 60 seconds is accepted.",
            shortest,
            NOON,
        ),
        (
            "lifetime-longest",
            "A lifetime of 7 days is accepted.",
            longest,
            NOON,
        ),
        (
            "lifetime-near-the-largest",
            "A window that ends just before the largest second is exact.",
            last.clone(),
            last.valid_until_unix - 1,
        ),
    ] {
        let said_ids: &[u16] = if name.ends_with("largest") {
            &[45]
        } else {
            &[42]
        };
        set.add(
            name,
            Vector::Open(Open {
                minters: vec![minter(psk(), any_client())],
                now,
                ..open(about, said_ids, token(&said), opened(&said))
            }),
        );
    }
}
