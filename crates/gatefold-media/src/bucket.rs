//! Buckets: objects by their keys, in folders of this machine.
//!
//! An object appears under its key when it is whole and on the disk, and never changes: what is new has
//! a key of its own. What is copied is held against the hash that the original had when it came.

mod error;

use std::{fs::File, path::Path, path::PathBuf, sync::Arc};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use gatefold_domain::ObjectKey;
use opendal_core::{ErrorKind, Operator, Reader};
use opendal_service_fs::Fs;
use tokio::io::{AsyncRead, AsyncReadExt};

pub use error::{BucketError, PutError};

/// How much is read and written at once, in bytes.
const CHUNK: usize = 256 * 1024;
/// Where objects are while they are not whole: no key names anything in it.
const INCOMING: &str = ".incoming";

/// The SHA-256 of an object's bytes.
pub type Hash = [u8; 32];

/// A bucket. Clones are the same one.
#[derive(Clone)]
pub struct Bucket {
    operator: Operator,
    root: Arc<PathBuf>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How long it is, in bytes.
    pub len: u64,
    /// What its bytes are.
    pub sha256: Hash,
}

/// The two buckets of a site.
#[derive(Clone)]
pub struct Buckets {
    /// Has the bytes of every track.
    pub private: Bucket,
    /// Has copies of those that everybody may hear.
    pub public: Bucket,
}

impl Bucket {
    /// A bucket in a folder, which is made where it is missing.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn folder(path: &Path) -> Result<Self, BucketError> {
        std::fs::create_dir_all(path.join(INCOMING))?;
        let root = path.canonicalize()?;
        let as_text = |path: &Path| path.to_str().map(str::to_owned).ok_or(BucketError::Name);
        let service = Fs::default()
            .root(&as_text(&root)?)
            .atomic_write_dir(&as_text(&root.join(INCOMING))?);
        Ok(Self {
            operator: Operator::new(service)?,
            root: Arc::new(root),
        })
    }

    /// Keeps what is read under a key that is new.
    ///
    /// # Errors
    /// When it cannot be read to its end, the key is taken, or the bucket cannot be written: then there
    /// is nothing under the key.
    pub async fn put(
        &self,
        key: &ObjectKey,
        mut source: impl AsyncRead + Unpin,
    ) -> Result<Written, PutError> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut writing = Writing::begin(self, key).await?;
        loop {
            chunk.clear();
            let mut part = (&mut source).take(CHUNK as u64);
            match part.read_to_end(&mut chunk).await {
                Ok(0) => return Ok(writing.finish().await?),
                Ok(_) => writing.write(Bytes::copy_from_slice(&chunk)).await?,
                Err(cause) => {
                    writing.abort().await;
                    return Err(PutError::Source(cause));
                }
            }
        }
    }

    /// Copies an object, which has this hash, to a key of another bucket that is new.
    ///
    /// # Errors
    /// When the one cannot be read or the other not written, and [`BucketError::Damaged`] when the bytes
    /// are not what they were: then there is nothing under the key.
    pub async fn copy_to(
        &self,
        key: &ObjectKey,
        hash: &Hash,
        to: &Self,
        to_key: &ObjectKey,
    ) -> Result<Written, BucketError> {
        let reader: Reader = self.operator.reader(key.as_str()).await?;
        let len = self.operator.stat(key.as_str()).await?.content_length();
        let mut writing = Writing::begin(to, to_key).await?;
        let mut at = 0;
        while at < len {
            let end = at.saturating_add(CHUNK as u64).min(len);
            match reader.read(at..end).await {
                Ok(part) => writing.write(part.to_bytes()).await?,
                Err(cause) => {
                    writing.abort().await;
                    return Err(cause.into());
                }
            }
            at = end;
        }
        if writing.hash_so_far() != *hash {
            writing.abort().await;
            return Err(BucketError::Damaged);
        }
        writing.finish().await
    }

    /// Removes an object, whether it is there or not.
    ///
    /// # Errors
    /// When that cannot be done.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        Ok(self.operator.delete(key.as_str()).await?)
    }

    /// How long an object is, in bytes; `None` when there is none.
    ///
    /// # Errors
    /// When the bucket cannot be asked.
    pub async fn len(&self, key: &ObjectKey) -> Result<Option<u64>, BucketError> {
        match self.operator.stat(key.as_str()).await {
            Ok(found) => Ok(Some(found.content_length())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The folder that it is in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Sees to it that an object's name is on the disk, as its bytes are.
    async fn sync_name(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let path = self.root.join(key.as_str());
        let syncing = tokio::task::spawn_blocking(move || {
            let folder = path.parent().unwrap_or(&path);
            File::open(folder)?.sync_all()
        });
        Ok(syncing.await.map_err(std::io::Error::other)??)
    }
}

/// An object that is being written.
struct Writing<'a> {
    bucket: &'a Bucket,
    key: &'a ObjectKey,
    writer: opendal_core::Writer,
    hash: Context,
    len: u64,
}

impl<'a> Writing<'a> {
    async fn begin(bucket: &'a Bucket, key: &'a ObjectKey) -> Result<Self, BucketError> {
        let writer = bucket.operator.writer_with(key.as_str());
        Ok(Self {
            bucket,
            key,
            writer: writer.if_not_exists(true).await?,
            hash: Context::new(&SHA256),
            len: 0,
        })
    }

    async fn write(&mut self, part: Bytes) -> Result<(), BucketError> {
        self.hash.update(&part);
        self.len = self.len.saturating_add(part.len() as u64);
        if let Err(cause) = self.writer.write(part).await {
            self.abort().await;
            return Err(cause.into());
        }
        Ok(())
    }

    fn hash_so_far(&self) -> Hash {
        hash(self.hash.clone())
    }

    async fn finish(mut self) -> Result<Written, BucketError> {
        if let Err(cause) = self.writer.close().await {
            self.abort().await;
            return Err(cause.into());
        }
        self.bucket.sync_name(self.key).await?;
        Ok(Written {
            len: self.len,
            sha256: hash(self.hash),
        })
    }

    async fn abort(&mut self) {
        // What stays of it has no key.
        let _ = self.writer.abort().await;
    }
}

fn hash(context: Context) -> Hash {
    let digest = context.finish();
    let mut hash = Hash::default();
    for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    hash
}

#[cfg(test)]
mod tests;
