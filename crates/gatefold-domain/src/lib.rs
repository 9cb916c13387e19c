//! The words of gatefold as types: pure, without I/O.

mod clock;

pub use clock::Clock;
