//! The client against servers that say what a test wants them to, and not only what is right. What is right
//! is tested in `e2e/tests/command_line`, against the real one.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on ends here"
)]

mod answers;
mod downloads;
mod lists;
mod stand_in;
mod uploads;
