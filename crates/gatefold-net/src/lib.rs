//! The one way out: the HTTP client through which everything that gatefold fetches goes.
//!
//! ```text
//! Url -> allowed? -> name looked up once -> public? -> connected to -> answer
//!  ^                                                                     |
//!  '------------------------- redirect, joined and judged again ---------'
//! ```
//!
//! Only https, only public addresses; a host that the operator maps to an [`Upstream`] is the one
//! exception to both, and under a switch for development this machine is another. Nothing is decompressed, nothing is waited for without end, and no error says
//! what was asked for.

mod address;
mod background;
mod body;
mod client;
mod connect;
mod error;
mod outgoing;
mod resolve;
mod roots;
mod upstream;
mod url;

pub use address::is_public;
pub use body::Body;
pub use client::{Answer, Client, ClientOptions};
pub use error::NetError;
pub use outgoing::{Opening, Outgoing, OutgoingBody, Reader, Replay};
pub use resolve::{Addresses, Resolve, SystemResolver};
pub use roots::{Roots, RootsError};
pub use upstream::{InvalidHost, InvalidUpstream, Upstream, Upstreams};
pub use url::{InvalidUrl, Url};
