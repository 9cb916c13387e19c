//! Bytes: where they are kept, and what is in those that people upload.

pub mod audio;
pub mod bucket;
pub mod image;
pub mod isolated;
mod refusal;

pub use refusal::{Failure, Found, Refusal};
