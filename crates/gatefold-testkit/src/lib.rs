//! For tests: a clock that tests move, and origins for an edge, honest and hostile.

mod clock;
pub mod origins;

pub use clock::ManualClock;
