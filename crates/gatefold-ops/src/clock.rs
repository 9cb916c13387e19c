//! The one place that asks the system for the time.

use std::time::SystemTime;

use gatefold_domain::Clock;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the clock that others are given")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
