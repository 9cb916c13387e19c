//! Time, which everything takes as a parameter.

use std::time::SystemTime;

/// Tells the time of day. The system's clock is `gatefold_ops::SystemClock`; tests have one that
/// they move.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> SystemTime;
}
