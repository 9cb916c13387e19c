//! Time. Nobody can move the clock of an edge that is looked at from outside, so the windows lie
//! where they are wanted.

use gatefold_e2e::{
    Result,
    http::sha256,
    keys::{GRACE, LONGEST},
    subject::{Subject, now, window_since},
};
use http::{Method, StatusCode};

use crate::{over_every_origin, shared::assert_refused};

over_every_origin![
    a_url_is_good_in_its_window_and_its_grace,
    a_url_is_refused_before_and_after,
    the_time_that_is_left_is_told,
];

/// Seconds that a slow machine may take from minting to asking.
const SLACK: i64 = 20;

fn seconds(seconds: u64) -> Result<i64> {
    Ok(i64::try_from(seconds)?)
}

async fn a_url_is_good_in_its_window_and_its_grace(subject: &Subject) -> Result {
    // Of several slices: an answer that is begun is finished.
    let object = subject.object("long.mp3")?;
    let (minter, patient) = (&subject.keys.minter, &subject.keys.patient);
    let (longest, grace) = (seconds(LONGEST)?, seconds(GRACE)?);
    for (what, by, since, lifetime) in [
        ("begins in a moment", minter, -3, 300),
        ("has begun", minter, 0, 300),
        ("is in the middle", minter, 150, 300),
        ("is nearly over", minter, 300 - SLACK, 300),
        ("is over, in its grace", minter, 300 + grace - SLACK, 300),
        ("is the shortest", minter, 10, 60),
        ("is the longest", minter, longest / 2, LONGEST),
        (
            "is over, in a long grace",
            patient,
            2 * longest - SLACK,
            LONGEST,
        ),
    ] {
        let window = window_since(since, lifetime)?;
        let link = subject.seal(by, object.name, subject.kind.client(), window)?;
        let answer = subject.answer(link.get()).await?;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "a window that {what}: {:?}",
            answer.headers
        );
        assert_eq!(answer.hash(), sha256(&object.bytes), "a window that {what}");
    }
    Ok(())
}

async fn a_url_is_refused_before_and_after(subject: &Subject) -> Result {
    let (minter, patient) = (&subject.keys.minter, &subject.keys.patient);
    let (longest, grace) = (seconds(LONGEST)?, seconds(GRACE)?);
    for (what, by, since, lifetime, code) in [
        (
            "has passed with its grace",
            minter,
            301 + grace,
            300,
            "expired",
        ),
        ("passed long ago", minter, 1_000_000, 300, "expired"),
        (
            "was two windows ago",
            patient,
            2 * longest + 1,
            LONGEST,
            "expired",
        ),
        // A grace is never more than one lifetime.
        ("is short, for the patient", patient, 125, 60, "expired"),
        ("begins soon", minter, -5 - SLACK, 300, "not_yet_valid"),
        ("begins after the next", minter, -700, 300, "not_yet_valid"),
        ("is far away", minter, -1_000_000, 300, "not_yet_valid"),
    ] {
        let window = window_since(since, lifetime)?;
        let link = subject.seal(by, "small.wav", subject.kind.client(), window)?;
        for method in [Method::GET, Method::HEAD] {
            let answer = subject.answer(link.ask(method.clone())).await?;
            if method == Method::HEAD {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "a window that {what}");
            } else {
                assert_refused(&answer, "window", code, what)?;
            }
        }
    }
    Ok(())
}

async fn the_time_that_is_left_is_told(subject: &Subject) -> Result {
    for since in [0, 100, 299, 310] {
        let window = window_since(since, 300)?;
        let link = subject.seal(
            &subject.keys.minter,
            "small.wav",
            subject.kind.client(),
            window,
        )?;
        let before = now();
        for asking in [
            link.get(),
            link.ask(Method::HEAD),
            link.get_with("range", "bytes=0-9"),
        ] {
            let answer = subject.answer(asking).await?;
            let told = answer.header("cache-control");
            let left = told
                .strip_prefix("private, max-age=")
                .and_then(|rest| rest.strip_suffix(", immutable"));
            let left: u64 = left.ok_or_else(|| told.clone())?.parse()?;
            let until = window.valid_until().0;
            let possible = until.saturating_sub(now())..=until.saturating_sub(before);
            assert!(
                possible.contains(&left),
                "since {since}: {told}, {possible:?}"
            );
        }
    }
    Ok(())
}
