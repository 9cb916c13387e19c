//! For tests: a clock that tests move, and what surrounds a server: origins for an edge, honest and
//! hostile, an atproto network, a registry of supporters, databases, and a
//! catalogue of any size to put into one.

pub mod catalogue;
mod child;
mod clock;
pub mod databases;
pub mod network;
pub mod origins;
pub mod registry;
mod shared;

pub use clock::ManualClock;
