//! The edge as a server: opens sealed URLs and streams what they name.
//!
//! [`Edge`] answers one request; [`server::serve`] accepts connections and hands it the requests
//! under `/securev1/`, everything else to whoever else lives on the same address.
//!
//! ```text
//! request -> Facts -> admit -> origin: object -> plan -> head + body
//!                       \-> 403 with its stage    \-> 404, 502
//! ```

mod body;
mod edge;
mod etag;
pub mod folder;
pub mod server;
mod stall;

pub use body::Body;
pub use edge::{Edge, EdgeOptions};
pub use etag::TagKey;
