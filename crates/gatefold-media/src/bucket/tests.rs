//! One suite over both kinds of bucket.

mod broken;
mod copies;
mod ground;
mod lists;
mod objects;
