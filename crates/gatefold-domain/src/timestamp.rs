//! Moments, as they are kept.

use std::time::{Duration, SystemTime};

/// A moment: whole milliseconds since 1970-01-01 UTC. Databases keep it as an integer, so that
/// every database orders and compares it alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that is so many milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment, later. What is too far away to be told is the last moment there is.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// This moment, earlier.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long after `earlier` this is; nothing when it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(millis(after)),
            Err(before) => Self(millis(before.duration()).saturating_neg()),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(moment: Timestamp) -> Self {
        let span = Duration::from_millis(moment.0.unsigned_abs());
        let found = if moment.0 < 0 {
            Self::UNIX_EPOCH.checked_sub(span)
        } else {
            Self::UNIX_EPOCH.checked_add(span)
        };
        found.unwrap_or(Self::UNIX_EPOCH)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_go_there_and_back() {
        for millis in [0, 1, 1_700_000_000_123, -1, -86_400_000] {
            let moment = Timestamp::from_millis(millis);
            assert_eq!(Timestamp::from(SystemTime::from(moment)), moment);
        }
        let moment = Timestamp::from_millis(1_000);
        assert_eq!(moment.after(Duration::from_millis(5)).as_millis(), 1_005);
        assert_eq!(moment.before(Duration::from_secs(2)).as_millis(), -1_000);
        assert_eq!(moment.after(Duration::MAX).as_millis(), i64::MAX);
        assert_eq!(moment.since(Timestamp::from_millis(400)).as_millis(), 600);
        assert_eq!(moment.since(Timestamp::from_millis(2_000)), Duration::ZERO);
    }
}
