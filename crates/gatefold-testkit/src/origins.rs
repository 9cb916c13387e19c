//! Where an edge under test takes bytes from: a folder, real servers as processes of their own, and
//! one that lies at the level of bytes.

mod hostile;
mod nginx;
mod s3;
mod shelf;

pub use hostile::{Asked, Content, Counts, Hostile, Lie, Reply, Script, Step};
pub use nginx::Nginx;
pub use s3::{ACCESS_KEY, BUCKET, REGION, S3, SECRET_KEY};
pub use shelf::{Object, noise, put, shelf};
