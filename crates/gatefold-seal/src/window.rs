//! Windows of time: numbered spans in which a sealed URL stays the same.

use std::time::{Duration, SystemTime};

use crate::refusal::Refusal;

/// The largest integer that a payload may carry: 2^53 - 1, exact in every JSON implementation.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The shortest lifetime that an edge accepts, in seconds.
pub const SHORTEST_LIFETIME: u64 = 60;

/// The longest lifetime that an edge accepts, in seconds: seven days.
pub const LONGEST_LIFETIME: u64 = 7 * 24 * 60 * 60;

/// How long before a window begins it is accepted already, in seconds, because the minter's clock
/// may be ahead of the edge's.
pub const EARLY_SECONDS: u64 = 5;

/// The grace after a window's end unless a scope says otherwise, in seconds.
pub const DEFAULT_GRACE: u64 = 30;

/// A moment in whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(pub u64);

impl UnixSeconds {
    /// The whole seconds from this moment until `later`; 0 when `later` has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_secs(later.0.saturating_sub(self.0))
    }
}

impl From<SystemTime> for UnixSeconds {
    /// Rounds down. A clock that stands before 1970 reads as 0: every window has then yet to
    /// begin, so such an edge refuses instead of accepting what has long ended.
    fn from(time: SystemTime) -> Self {
        Self(
            time.duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
        )
    }
}

/// One window: `index` counts windows of `lifetime` seconds since 1970, shifted back by `phase`.
///
/// A value of this type always agrees with itself: its lifetime is between [`SHORTEST_LIFETIME`]
/// and [`LONGEST_LIFETIME`], its phase is smaller than its lifetime, and its start and end exist
/// and fit [`MAX_INTEGER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    index: u64,
    lifetime: u64,
    phase: u64,
    start: u64,
    end: u64,
}

/// Why a window cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The lifetime is not between [`SHORTEST_LIFETIME`] and [`LONGEST_LIFETIME`].
    #[error("the lifetime must be {SHORTEST_LIFETIME} to {LONGEST_LIFETIME} seconds, not {0}")]
    Lifetime(u64),
    /// The phase is not smaller than the lifetime.
    #[error("the phase must be smaller than the lifetime of {lifetime} seconds, not {phase}")]
    Phase {
        /// The lifetime in seconds.
        lifetime: u64,
        /// The phase in seconds.
        phase: u64,
    },
    /// The window begins before 1970 or ends after second 2^53 - 1.
    #[error("the window lies outside of the time that can be counted")]
    Range,
}

impl Window {
    /// The window that holds `now`.
    ///
    /// # Errors
    /// When `lifetime` or `phase` (both in seconds) are out of range, or the window's end is.
    pub fn at(now: UnixSeconds, lifetime: u64, phase: u64) -> Result<Self, WindowError> {
        check_lengths(lifetime, phase)?;
        let index = number(now, lifetime, phase).ok_or(WindowError::Range)?;
        Self::numbered(index, lifetime, phase)
    }

    /// The window with a given number.
    ///
    /// # Errors
    /// When `lifetime` or `phase` (both in seconds) are out of range, or the window's end is.
    pub fn numbered(index: u64, lifetime: u64, phase: u64) -> Result<Self, WindowError> {
        check_lengths(lifetime, phase)?;
        let end = index
            .checked_add(1)
            .and_then(|next| next.checked_mul(lifetime))
            .and_then(|unshifted| unshifted.checked_sub(phase))
            .filter(|end| *end <= MAX_INTEGER)
            .ok_or(WindowError::Range)?;
        Ok(Self {
            index,
            lifetime,
            phase,
            // The very first window of a shifted row begins before 1970; it is cut there.
            start: end.saturating_sub(lifetime),
            end,
        })
    }

    /// The window's number.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The window's length in seconds.
    #[must_use]
    pub fn lifetime(&self) -> u64 {
        self.lifetime
    }

    /// By how many seconds the row of windows is shifted back.
    #[must_use]
    pub fn phase(&self) -> u64 {
        self.phase
    }

    /// The first moment of the window.
    #[must_use]
    pub fn starts(&self) -> UnixSeconds {
        UnixSeconds(self.start)
    }

    /// The first moment after the window: `validUntilUnix`.
    #[must_use]
    pub fn valid_until(&self) -> UnixSeconds {
        UnixSeconds(self.end)
    }

    /// Whether `now` lies in the window.
    #[must_use]
    pub fn holds(&self, now: UnixSeconds) -> bool {
        (self.start..self.end).contains(&now.0)
    }

    /// Whether a URL of this window is good at `now`, with `grace` seconds after its end (never
    /// more than one lifetime, whatever is asked for).
    ///
    /// # Errors
    /// [`Refusal::NotYet`] more than [`EARLY_SECONDS`] before it begins, [`Refusal::Expired`]
    /// after the grace, or when a whole further window has passed.
    pub fn admits(&self, now: UnixSeconds, grace: u64) -> Result<(), Refusal> {
        let expected = number(now, self.lifetime, self.phase).ok_or(Refusal::NotYet)?;
        if expected < self.index {
            let early = self.start.saturating_sub(now.0);
            return if expected.checked_add(1) == Some(self.index) && early <= EARLY_SECONDS {
                Ok(())
            } else {
                Err(Refusal::NotYet)
            };
        }
        let drift = expected.saturating_sub(self.index);
        let last = self.end.saturating_add(grace.min(self.lifetime));
        if drift <= 1 && now.0 <= last {
            Ok(())
        } else {
            Err(Refusal::Expired)
        }
    }
}

fn check_lengths(lifetime: u64, phase: u64) -> Result<(), WindowError> {
    if !(SHORTEST_LIFETIME..=LONGEST_LIFETIME).contains(&lifetime) {
        return Err(WindowError::Lifetime(lifetime));
    }
    if phase >= lifetime {
        return Err(WindowError::Phase { lifetime, phase });
    }
    Ok(())
}

fn number(now: UnixSeconds, lifetime: u64, phase: u64) -> Option<u64> {
    now.0.checked_add(phase)?.checked_div(lifetime)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-05-15T13:00:00Z, a multiple of 3600.
    const ONE_O_CLOCK: u64 = 1_778_850_000;

    fn window_of(minted: u64, lifetime: u64, phase: u64) -> Window {
        Window::at(UnixSeconds(minted), lifetime, phase).unwrap()
    }

    #[test]
    fn a_url_made_a_second_before_the_end_lives_through_the_grace() {
        let window = window_of(ONE_O_CLOCK - 1, 3600, 0);
        assert_eq!(window.valid_until(), UnixSeconds(ONE_O_CLOCK));
        let table = [
            (ONE_O_CLOCK - 3606, Err(Refusal::NotYet)),
            (ONE_O_CLOCK - 3605, Ok(())),
            (ONE_O_CLOCK - 3600, Ok(())),
            (ONE_O_CLOCK - 1, Ok(())),
            (ONE_O_CLOCK, Ok(())),
            (ONE_O_CLOCK + 1, Ok(())),
            (ONE_O_CLOCK + 30, Ok(())),
            (ONE_O_CLOCK + 31, Err(Refusal::Expired)),
        ];
        for (now, verdict) in table {
            assert_eq!(window.admits(UnixSeconds(now), 30), verdict, "at {now}");
        }
    }

    #[test]
    fn two_windows_of_drift_are_refused_whatever_the_grace() {
        let window = window_of(ONE_O_CLOCK, 60, 0);
        let end = window.valid_until().0;
        assert_eq!(window.admits(UnixSeconds(end + 59), u64::MAX), Ok(()));
        assert_eq!(
            window.admits(UnixSeconds(end + 60), u64::MAX),
            Err(Refusal::Expired)
        );
    }

    #[test]
    fn the_phase_moves_the_boundary_back() {
        let window = window_of(ONE_O_CLOCK, 3600, 600);
        assert_eq!(window.starts(), UnixSeconds(ONE_O_CLOCK - 600));
        assert_eq!(window.valid_until(), UnixSeconds(ONE_O_CLOCK + 3000));
    }

    #[test]
    fn lengths_out_of_range_are_refused() {
        for lifetime in [0, 59, 604_801, u64::MAX] {
            assert_eq!(
                Window::at(UnixSeconds(ONE_O_CLOCK), lifetime, 0),
                Err(WindowError::Lifetime(lifetime))
            );
        }
        assert!(Window::at(UnixSeconds(ONE_O_CLOCK), 60, 60).is_err());
        assert_eq!(
            Window::numbered(MAX_INTEGER, 60, 0),
            Err(WindowError::Range)
        );
        assert_eq!(Window::numbered(u64::MAX, 60, 0), Err(WindowError::Range));
        assert_eq!(
            Window::at(UnixSeconds(u64::MAX), 60, 59),
            Err(WindowError::Range)
        );
    }

    #[test]
    fn the_first_window_of_a_shifted_row_begins_with_time_itself() {
        let window = window_of(0, 60, 30);
        assert_eq!((window.index(), window.starts().0), (0, 0));
        assert_eq!(window.valid_until(), UnixSeconds(30));
    }

    #[test]
    fn a_clock_before_1970_reads_as_zero() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(UnixSeconds::from(before), UnixSeconds(0));
    }
}
