//! Window arithmetic against the specification's formulas in integers that cannot overflow.

use gatefold_seal::{
    EARLY_SECONDS, LONGEST_LIFETIME, MAX_INTEGER, Refusal, SHORTEST_LIFETIME, UnixSeconds, Window,
};
use proptest::prelude::*;

/// Small, usual, and out-of-range values alike.
fn seconds() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..200_000_u64,
        1_700_000_000..1_900_000_000_u64,
        MAX_INTEGER - 1_000_000..MAX_INTEGER + 1_000_000,
        u64::MAX - 1_000_000..=u64::MAX,
        any::<u64>(),
    ]
}

fn lengths() -> impl Strategy<Value = (u64, u64)> {
    let lifetime = prop_oneof![
        SHORTEST_LIFETIME - 2..SHORTEST_LIFETIME + 100,
        SHORTEST_LIFETIME..=LONGEST_LIFETIME,
        LONGEST_LIFETIME - 2..LONGEST_LIFETIME + 3,
        any::<u64>(),
    ];
    let phase = prop_oneof![
        Just(0),
        0..SHORTEST_LIFETIME,
        0..LONGEST_LIFETIME,
        any::<u64>()
    ];
    (lifetime, phase)
}

/// `validUntilUnix` of a window, when there is such a window.
fn end(index: i128, lifetime: i128, phase: i128) -> Option<i128> {
    let lengths = i128::from(SHORTEST_LIFETIME)..=i128::from(LONGEST_LIFETIME);
    if !lengths.contains(&lifetime) || !(0..lifetime).contains(&phase) {
        return None;
    }
    let end = (index + 1) * lifetime - phase;
    (end <= i128::from(MAX_INTEGER)).then_some(end)
}

/// Whether the edge accepts, word by word.
fn verdict(
    index: i128,
    lifetime: i128,
    phase: i128,
    now: i128,
    grace: i128,
) -> Result<(), Refusal> {
    let expected = (now + phase) / lifetime;
    let start = index * lifetime - phase;
    let valid_until = start + lifetime;
    match expected - index {
        -1 if start - now <= i128::from(EARLY_SECONDS) => Ok(()),
        drift if drift < 0 => Err(Refusal::NotYet),
        0 | 1 if now <= valid_until + grace.min(lifetime) => Ok(()),
        _ => Err(Refusal::Expired),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_window_has_its_formulas_end(index in seconds(), (lifetime, phase) in lengths()) {
        let model = end(index.into(), lifetime.into(), phase.into());
        let window = Window::numbered(index, lifetime, phase);
        prop_assert_eq!(window.ok().map(|it| it.valid_until().0.into()), model);
        if let Ok(window) = window {
            prop_assert_eq!((window.index(), window.lifetime(), window.phase()), (index, lifetime, phase));
            let start = i128::from(index) * i128::from(lifetime) - i128::from(phase);
            prop_assert_eq!(i128::from(window.starts().0), start.max(0));
        }
    }

    #[test]
    fn the_window_at_a_moment_holds_it(now in seconds(), (lifetime, phase) in lengths()) {
        let (big_now, big_lifetime, big_phase) =
            (i128::from(now), i128::from(lifetime), i128::from(phase));
        let index = (big_now + big_phase).checked_div(big_lifetime).unwrap_or(0);
        let model = end(index, big_lifetime, big_phase).map(|_| index);
        let window = Window::at(UnixSeconds(now), lifetime, phase);
        prop_assert_eq!(window.ok().map(|it| it.index().into()), model);
        if let Ok(window) = window {
            prop_assert!(window.holds(UnixSeconds(now)));
            prop_assert_eq!(window.admits(UnixSeconds(now), 0), Ok(()));
        }
    }

    #[test]
    fn a_window_admits_what_the_specification_says(
        minted in 0..2_000_000_000_u64,
        lifetime in SHORTEST_LIFETIME..=LONGEST_LIFETIME,
        phase in 0..LONGEST_LIFETIME,
        later in prop_oneof![-20..20_i64, -1_300_000..1_300_000_i64],
        near_end in any::<bool>(),
        grace in prop_oneof![0..100_u64, 0..2 * LONGEST_LIFETIME, any::<u64>()],
    ) {
        let window = Window::at(UnixSeconds(minted), lifetime, phase % lifetime).unwrap();
        let near = if near_end { window.valid_until() } else { window.starts() };
        let now = near.0.saturating_add_signed(later);
        prop_assert_eq!(
            window.admits(UnixSeconds(now), grace),
            verdict(
                window.index().into(),
                lifetime.into(),
                window.phase().into(),
                now.into(),
                grace.into(),
            )
        );
    }
}
