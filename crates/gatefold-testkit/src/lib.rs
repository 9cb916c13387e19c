//! For tests: a clock that tests move.

mod clock;

pub use clock::ManualClock;
