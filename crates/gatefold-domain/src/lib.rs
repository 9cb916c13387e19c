//! The words of gatefold as types: pure, without I/O.

mod clock;
mod did;
mod handle;
mod session;
mod timestamp;

pub use clock::Clock;
pub use did::{Did, DidMethod, InvalidDid};
pub use handle::{Handle, InvalidHandle};
pub use session::{InvalidSessionId, InvalidSessionKind, SessionId, SessionKind};
pub use timestamp::Timestamp;
