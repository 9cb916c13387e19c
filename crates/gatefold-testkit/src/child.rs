//! A process that ends with whoever started it.

use std::{
    io,
    process::{Child, Command},
};

/// How to get what is missing is said with `missing`.
pub(crate) fn spawn(command: &mut Command, missing: &str) -> io::Result<Ended> {
    command
        .spawn()
        .map(Ended)
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, missing),
            _ => error,
        })
}

/// A process that is killed and waited for when this is dropped.
pub(crate) struct Ended(pub(super) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
