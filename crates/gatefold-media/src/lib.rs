//! Bytes: where they are kept.

pub mod bucket;
