//! The command line as artists and listeners use it: the command, as a process of its own, against a
//! whole site.
#![expect(
    clippy::indexing_slicing,
    reason = "the checks are tests, though what they share is not known for one"
)]

mod accounts;
mod broken;
mod downloads;
mod page;
mod profile;
mod stage;
mod tracks;
