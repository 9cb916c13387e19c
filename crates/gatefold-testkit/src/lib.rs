//! For tests: a clock that tests move, and what surrounds a server: origins for an edge, honest and
//! hostile, an atproto network, and databases.

mod child;
mod clock;
pub mod databases;
pub mod network;
pub mod origins;
mod shared;

pub use clock::ManualClock;
