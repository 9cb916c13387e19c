//! The client against a server on this machine that is as strict as the real one, and misbehaves
//! when it is told to.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on ends here"
)]

mod network;
mod refresh;
mod requests;
mod revoke;
mod sign_in;
mod support;
