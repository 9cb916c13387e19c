//! Times and durations as people write them.

use std::time::{Duration, SystemTime};

use gatefold_domain::Clock;
use gatefold_ops::SystemClock;
use gatefold_seal::UnixSeconds;

/// Reads a duration such as `90s`, `30m` or `1h 30m`; whole seconds.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    humantime::parse_duration(text)
        .map(|duration| duration.as_secs())
        .map_err(|error| format!("{error} (write it like 90s, 30m or 7days)"))
}

/// Reads a moment such as `2026-11-22T20:15:00Z`.
pub(super) fn moment(text: &str) -> Result<UnixSeconds, String> {
    humantime::parse_rfc3339(text)
        .map(UnixSeconds::from)
        .map_err(|error| format!("{error} (write it like 2026-11-22T20:15:00Z)"))
}

/// The given moment, or the present one.
pub(super) fn or_now(at: Option<UnixSeconds>) -> UnixSeconds {
    at.unwrap_or_else(|| SystemClock.now().into())
}

/// Writes a moment as RFC 3339 does.
pub(super) fn show(at: UnixSeconds) -> String {
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(at.0))
        // The year 9999 is as far as RFC 3339 goes.
        .filter(|_| at.0 < 253_402_300_800)
        .map_or_else(
            || format!("second {}", at.0),
            |at| humantime::format_rfc3339_seconds(at).to_string(),
        )
}

/// Writes a duration.
pub(super) fn show_seconds(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}
