//! A breaker: whoever fails again and again is left alone for a while, then asked once.

use std::time::Duration;

use gatefold_domain::Timestamp;

/// Failures in a row after which nobody is asked.
const ENOUGH: u32 = 5;
/// How long nobody is asked then.
const REST: Duration = Duration::from_secs(10);
/// The longest rest that is granted on request.
const LONGEST_REST: Duration = Duration::from_mins(1);
/// When to come again while the one question is being asked that decides.
const SOON: Duration = Duration::from_secs(1);

/// Whether to ask.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Failures in a row.
    failures: u32,
    /// Until when nobody is asked.
    resting: Option<Timestamp>,
    /// Whether the one question is being asked that decides whether all are asked again.
    probing: bool,
}

impl Breaker {
    /// Whether a question may be asked now. What becomes of it must be told.
    ///
    /// # Errors
    /// When not: how long to wait.
    pub(super) fn admit(&mut self, now: Timestamp) -> Result<(), Duration> {
        let Some(until) = self.resting else {
            return Ok(());
        };
        let left = until.since(now);
        // More than was ever granted: the clock was set back.
        if !left.is_zero() && left <= LONGEST_REST {
            return Err(left);
        }
        if self.probing {
            return Err(SOON);
        }
        self.probing = true;
        Ok(())
    }

    /// There was an answer, whatever it said.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// There was none.
    pub(super) fn failed(&mut self, now: Timestamp, retry_after: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        self.probing = false;
        if retry_after.is_some() || self.failures >= ENOUGH {
            let rest = retry_after.unwrap_or(REST).clamp(SOON, LONGEST_REST);
            self.resting = Some(now.after(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds.saturating_mul(1000))
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn who_fails_in_a_row_is_left_alone_and_then_asked_once() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            assert_eq!(breaker.admit(at(0)), Ok(()));
            breaker.failed(at(0), None);
        }
        assert_eq!(breaker.admit(at(0)), Ok(()));
        breaker.failed(at(0), None);
        assert_eq!(breaker.admit(at(1)), Err(seconds(9)));
        assert_eq!(breaker.admit(at(10)), Ok(()), "one question decides");
        assert_eq!(breaker.admit(at(10)), Err(SOON), "and one only");
        breaker.failed(at(11), None);
        assert_eq!(breaker.admit(at(20)), Err(seconds(1)));
        assert_eq!(breaker.admit(at(21)), Ok(()));
        breaker.answered();
        for _ in 0..4 {
            breaker.failed(at(22), None);
        }
        assert_eq!(breaker.admit(at(22)), Ok(()), "it began anew");
    }

    #[test]
    fn an_answer_in_between_begins_the_row_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            breaker.failed(at(0), None);
            breaker.failed(at(0), None);
            breaker.answered();
        }
        assert_eq!(breaker.admit(at(0)), Ok(()));
    }

    #[test]
    fn who_asks_for_rest_gets_it_within_reason() {
        for (asked, granted) in [(0, 1), (7, 7), (60, 60), (86_400, 60)] {
            let mut breaker = Breaker::default();
            breaker.failed(at(0), Some(seconds(asked)));
            assert_eq!(breaker.admit(at(0)), Err(seconds(granted)));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_prolong_the_rest() {
        let mut breaker = Breaker::default();
        breaker.failed(at(1_000_000), Some(seconds(60)));
        assert_eq!(breaker.admit(at(0)), Ok(()));
    }
}
