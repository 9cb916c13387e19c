//! How clients are told: the fields `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`
//! of draft-ietf-httpapi-ratelimit-headers-06, which are what clients know. Later drafts put all of
//! it into one field, which few read.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Decision;
use crate::error::Problem;

/// Writes what a decision says to its client.
pub(crate) struct RateHeaders(pub(crate) Decision);

impl RateHeaders {
    pub(crate) fn put(self, headers: &mut HeaderMap) {
        let Self(decision) = self;
        let seconds = decision.reset().as_millis().div_ceil(1000);
        for (name, value) in [
            ("ratelimit-limit", u128::from(decision.limit())),
            ("ratelimit-remaining", u128::from(decision.remaining())),
            // In seconds from now, not a moment: clocks differ.
            ("ratelimit-reset", seconds),
        ] {
            if let Ok(value) = HeaderValue::try_from(value.to_string()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// The refusal that a decision is, when it is one.
pub(crate) fn too_many(decision: &Decision) -> Option<Problem> {
    decision
        .retry_after()
        .map(|wait| TOO_MANY_REQUESTS.after(wait))
}

const TOO_MANY_REQUESTS: Problem = Problem::new(
    StatusCode::TOO_MANY_REQUESTS,
    "rate_limited",
    "too many requests; wait a little and try again",
);

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use super::{super::Quota, *};

    #[test]
    fn clients_are_told_what_is_left() {
        let quota = Quota::per_minute(NonZeroU32::new(10).unwrap());
        for (decision, remaining, reset, refused) in [
            (Decision::allowed(quota, 9), "9", "6", false),
            (Decision::allowed(quota, 0), "0", "60", false),
            (
                Decision::refused(quota, Duration::from_millis(5_001)),
                "0",
                "60",
                true,
            ),
        ] {
            let mut headers = HeaderMap::new();
            RateHeaders(decision).put(&mut headers);
            assert_eq!(headers["ratelimit-limit"], "10");
            assert_eq!(headers["ratelimit-remaining"], remaining);
            assert_eq!(headers["ratelimit-reset"], reset);
            assert_eq!(too_many(&decision).is_some(), refused);
        }
    }
}
