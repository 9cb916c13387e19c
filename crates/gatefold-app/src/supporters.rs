//! Who supports whom: a registry that is asked over the network, behind a cache that keeps it from
//! being asked too often and a breaker that lets it recover.
//!
//! ```text
//! supports? -> answered within the last minute -------------------------> yes, no
//!                \-> one question for all who ask the same
//!                      answered -----------------------------------------> yes, no
//!                      failed, not asked: a yes of the last 10 minutes ----> yes
//!                                         otherwise --------------------> unknown, never no
//!                      refused to tell of these two ---------------------> unknown
//! ```

mod atprotofans;
mod breaker;
mod fixed;
mod memory;
mod registry;
mod service;

pub use atprotofans::{Atprotofans, question, read_answer};
pub use fixed::FixedList;
pub use registry::{Asking, NoRegistry, Registry, RegistryError};
pub use service::{Answer, Supporters, SupportersParts};
