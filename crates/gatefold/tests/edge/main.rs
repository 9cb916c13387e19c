//! An edge that stands alone, as an operator runs it: a folder, a configuration, signals.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what these tests share may panic as they may"
)]

mod doctor;
mod keys;
mod operator;
mod said;
mod sources;
mod start;
mod tickets;
