//! The workspace held against its own rules: which crate may see which, and how a file looks.

mod arrows;
mod tidy;
mod workspace;
