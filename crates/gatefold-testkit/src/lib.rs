//! For tests: a clock that tests move, and what surrounds a server: origins for an edge, honest and
//! hostile, an atproto network, a registry of supporters, and databases.

mod child;
mod clock;
pub mod databases;
pub mod network;
pub mod origins;
pub mod registry;
mod shared;

pub use clock::ManualClock;
