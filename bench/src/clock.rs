//! The one place that asks for the time that passes, or lets it pass.

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

/// Waits between two looks at something that tells nobody when it has changed.
#[expect(
    clippy::disallowed_methods,
    reason = "the memory of another process has no event to wait for"
)]
pub(crate) fn pause(span: Duration) {
    std::thread::sleep(span);
}

/// What this thread has used of its core so far.
pub(crate) fn own_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
