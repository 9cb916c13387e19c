//! An object that is being written, and what becomes of it.

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;

use super::{BucketError, folder, s3};

/// The SHA-256 of an object's bytes.
pub type Hash = [u8; 32];

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How long it is, in bytes.
    pub len: u64,
    /// What its bytes are.
    pub sha256: Hash,
}

/// An object that is being written. Dropped before its end, it leaves nothing under its key; dropped while it
/// is being finished, it is there whole or not at all.
#[must_use = "nothing is kept before it is finished"]
pub struct Writing {
    sink: Sink,
    hash: Context,
    len: u64,
}

enum Sink {
    Folder(folder::Writing),
    S3(s3::Writing),
}

impl Writing {
    pub(super) fn to_folder(writing: folder::Writing) -> Self {
        Self::new(Sink::Folder(writing))
    }

    pub(super) fn to_s3(writing: s3::Writing) -> Self {
        Self::new(Sink::S3(writing))
    }

    fn new(sink: Sink) -> Self {
        Self {
            sink,
            hash: Context::new(&SHA256),
            len: 0,
        }
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// When that cannot be done: it is over then.
    pub async fn write(&mut self, part: Bytes) -> Result<(), BucketError> {
        self.hash.update(&part);
        self.len = self.len.saturating_add(part.len() as u64);
        match &mut self.sink {
            Sink::Folder(writing) => writing.write(part).await,
            Sink::S3(writing) => writing.write(part).await,
        }
    }

    /// What it would be if nothing else came.
    #[must_use]
    pub fn so_far(&self) -> Written {
        let digest = self.hash.clone().finish();
        let mut sha256 = Hash::default();
        for (to, from) in sha256.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Written {
            len: self.len,
            sha256,
        }
    }

    /// Gives it its key. Once this is confirmed it outlasts whatever happens to the process and the machine.
    ///
    /// # Errors
    /// [`BucketError::Exists`] when the key has been given away meanwhile, and when it cannot be kept.
    pub async fn finish(self) -> Result<Written, BucketError> {
        let written = self.so_far();
        match self.sink {
            Sink::Folder(writing) => writing.finish().await?,
            Sink::S3(writing) => writing.finish(written.len).await?,
        }
        Ok(written)
    }

    /// Gives it up, and waits until nothing is left of it.
    pub async fn abort(self) {
        match self.sink {
            Sink::Folder(writing) => writing.abort().await,
            Sink::S3(writing) => writing.abort().await,
        }
    }
}
