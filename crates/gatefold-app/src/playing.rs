//! Playing: from a wish to hear a file to the address at which it can be heard.
//!
//! ```text
//! viewer, file -> track (from memory) -> decision -> [registry of supporters] -> link
//!                     \-> absent            \-> sign in, support, unknown       public | sealed | token | presigned
//! ```
//!
//! Whoever opens sealed links or tokens asks once more, with every request for bytes
//! ([`Playing::reconsider`], [`Playing::redeem`]): such a link is only as good as the listener's session,
//! their support and the track's gate are now. A presigned URL is asked about no more.

mod all;
mod delivery;
mod error;
mod presigned;
mod service;
mod token;

pub use delivery::{Delivery, DeliveryParts, Link, Means, Private, PrivateLink, Sealer};
pub use error::PlayError;
pub use presigned::Presigned;
pub use service::{Play, Playing, RedeemError};
pub use token::{TokenRefusal, Tokens};
