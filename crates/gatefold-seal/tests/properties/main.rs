//! What holds for every key, payload, token, window and scope.

#![expect(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "a helper that panics fails its test, and so does an overflow"
)]

mod scopes;
mod tickets;
mod tokens;
mod windows;
