//! The one place that asks for the time that passes.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A moment to measure from.
#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures time that passes"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What this thread has used of its core so far.
pub(crate) fn own_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
