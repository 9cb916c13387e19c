//! The decisions of a media edge, pure: facts of a request in, a plan or a refusal out.
//!
//! ```text
//! Facts --open--> Unproven --prove(Proof)--> Admission --plan(Object)--> Plan --answer--> Head
//!         \-> Denial         \-> Denial                                    \-> Failure
//! ```
//!
//! Between the two halves of admission stands what only a server can know: whether a session proves
//! the person that a URL is bound to. [`Binder`] gives that proof at an edge that has no sessions,
//! from tickets and a cookie.
//!
//! The crate does no I/O and knows no clock and no platform, so that a native server and a worker
//! give the same answers.

pub mod admit;
pub mod answer;
mod binder;
mod content_range;
mod cookie;
mod identity;
mod media_type;
mod plan;
mod proof;
mod range;

pub use admit::{Admission, Cors, Denial, Facts, Preflight, Unproven};
pub use binder::{BIND_PATH, Binder, Bound, InvalidEdgeUrl, edge_host};
pub use content_range::ContentRange;
pub use cookie::sole_cookie;
pub use identity::Identity;
pub use media_type::MediaType;
pub use plan::{Object, Plan, plan};
pub use proof::Proof;
pub use range::{ByteRange, Requested, requested};
