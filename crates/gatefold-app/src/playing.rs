//! Playing: from a wish to hear a file to the address at which it can be heard.
//!
//! ```text
//! viewer, file -> track (from memory) -> decision -> [registry of supporters] -> link
//!                     \-> absent            \-> sign in, support, unknown       public | sealed
//! ```
//!
//! The server's own edge asks once more, with every request for bytes ([`Playing::reconsider`]): a
//! link is only as good as the listener's session, their support and the track's gate are now.

mod all;
mod delivery;
mod error;
mod service;

pub use delivery::{Delivery, DeliveryParts, Link, Sealer};
pub use error::PlayError;
pub use service::{Play, Playing};
