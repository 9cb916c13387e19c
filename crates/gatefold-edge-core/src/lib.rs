//! The decisions of a media edge, pure: facts of a request in, a plan or a refusal out.
//!
//! ```text
//! Facts --admit--> Admission --plan(Object)--> Plan --answer--> Head, bytes to send
//!          \-> Denial                                \-> Failure
//! ```
//!
//! The crate does no I/O and knows no clock and no platform, so that a native server and a worker
//! give the same answers.

mod admit;
pub mod answer;
mod identity;
mod media_type;
mod plan;
mod range;

pub use admit::{Admission, Denial, Facts, admit};
pub use identity::Identity;
pub use media_type::MediaType;
pub use plan::{Object, Plan, plan};
pub use range::{ByteRange, Requested, requested};
