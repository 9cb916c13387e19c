//! The edge as a server: opens sealed URLs and streams what they name.
//!
//! [`Edge`] answers one request; [`server::serve`] accepts connections and hands it the requests
//! under `/securev1/`, and under `/media/` where it has public objects; everything else goes to whoever
//! else lives on the same address.
//!
//! ```text
//! request -> Facts -> open -> person? -> prove -> catalogue: object -> plan -> head + body of slices
//!                       \-> 403 with its stage, 503    \-> 404, 502             |
//!                                                memory, disk, or one fetch for all who wait
//! ```

mod body;
mod cache;
mod catalogue;
mod edge;
mod etag;
pub mod metrics;
pub mod origin;
mod outcome;
mod outlet;
mod place;
mod public;
pub mod server;
pub mod sessions;
mod supply;

pub use body::{Body, Piece};
pub use cache::{CacheOptions, DEFAULT_SLICE, disk::DiskError};
pub use edge::{Edge, EdgeOptions, Granted};
pub use etag::TagKey;
pub use outcome::{Answer, Outcome};
pub use public::PUBLIC_PREFIX;
pub use supply::{Freshness, Origins};
