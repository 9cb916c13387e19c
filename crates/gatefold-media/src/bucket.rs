//! Buckets: objects by their keys, in a folder of this machine or at an S3 server.
//!
//! An object appears under its key when it is whole and kept, and never changes: what is new has a key of
//! its own. What is copied is held against the hash that the original had when it came. Nothing here is
//! larger in memory than a few pieces of an object.
//!
//! What is given up in the middle leaves nothing under its key. It is cleaned up in tasks of its own
//! ([`Bucket::settled`]); what a process leaves behind that is killed, [`Bucket::clean`] removes.

mod error;
mod folder;
mod reading;
mod s3;
mod signed_url;
mod writing;

use std::{future::poll_fn, io, path::Path, pin::Pin};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use gatefold_domain::{ObjectKey, Timestamp};
use tokio::io::{AsyncRead, AsyncReadExt};

use folder::Folder;
use s3::S3;

pub use error::{BucketError, PutError};
pub use reading::Reading;
pub use s3::{PUBLIC_CACHE_CONTROL, S3Options};
pub use signed_url::{SIGNED_PREFIX, SignedObject, SignedUrlRefusal, UrlSigner};
pub use writing::{Hash, Writing, Written};

/// How much is read and written at once, in bytes.
const CHUNK: usize = 256 * 1024;

/// A bucket. Clones are the same one.
#[derive(Clone)]
pub struct Bucket {
    kind: Kind,
    /// Signs URLs, where the bucket's server does not.
    signer: Option<UrlSigner>,
}

#[derive(Clone)]
enum Kind {
    Folder(Folder),
    S3(S3),
}

/// The two buckets of a site.
#[derive(Clone)]
pub struct Buckets {
    /// Has the bytes of every track.
    pub private: Bucket,
    /// Has copies of those that everybody may hear.
    pub public: Bucket,
}

/// What is known of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How long it is, in bytes.
    pub len: u64,
    /// When it appeared; `None` when the bucket does not say.
    pub modified: Option<Timestamp>,
}

/// An object of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: ObjectKey,
    /// What is known of it.
    pub facts: Facts,
}

/// On what terms a URL is signed.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// When it is signed.
    pub now: Timestamp,
    /// When it ends, in whole seconds.
    pub until: Timestamp,
    /// What the answer is to say of how it is kept (RFC 6266).
    pub disposition: Option<&'a str>,
    /// What the answer is to say that it is. A folder says what the key's ending says.
    pub media_type: Option<&'a str>,
}

/// A signed URL. It has no `Debug`: it is for one answer.
#[derive(Clone)]
pub struct Signed(String);

impl Signed {
    /// It as text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Which objects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// All of them.
    Everything,
    /// Those that were received and are not what they will be yet.
    Staging,
}

impl Within {
    /// What their keys begin with.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Everything => "",
            Self::Staging => "staging/",
        }
    }
}

impl Bucket {
    /// A bucket in a folder, which is made where it is missing. Blocks.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn folder(path: &Path) -> Result<Self, BucketError> {
        Ok(Self {
            kind: Kind::Folder(Folder::new(path)?),
            signer: None,
        })
    }

    /// A bucket of an S3 server, which nobody asks yet.
    ///
    /// # Errors
    /// When an option is unusable.
    pub fn s3(options: &S3Options) -> Result<Self, BucketError> {
        Ok(Self {
            kind: Kind::S3(S3::new(options)?),
            signer: None,
        })
    }

    /// The same, whose URLs are signed so when it is in a folder; an S3 server signs its own.
    #[must_use]
    pub fn signing(self, signer: UrlSigner) -> Self {
        Self {
            signer: Some(signer),
            ..self
        }
    }

    /// The folder that it is in, if it is in one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Folder(folder) => Some(folder.root()),
            Kind::S3(_) => None,
        }
    }

    /// Begins an object, whose key is new.
    ///
    /// # Errors
    /// [`BucketError::Exists`] when it is not, and when the bucket cannot be written.
    pub async fn begin(&self, key: &ObjectKey) -> Result<Writing, BucketError> {
        Ok(match &self.kind {
            Kind::Folder(folder) => Writing::to_folder(folder.begin(key).await?),
            Kind::S3(s3) => Writing::to_s3(s3.begin(key).await?),
        })
    }

    /// Keeps what is read under a key that is new.
    ///
    /// # Errors
    /// When it cannot be read to its end, the key is taken, or the bucket cannot be written: then
    /// nothing of it is under the key.
    pub async fn put(
        &self,
        key: &ObjectKey,
        mut source: impl AsyncRead + Unpin,
    ) -> Result<Written, PutError> {
        let mut writing = self.begin(key).await?;
        loop {
            let mut chunk = BytesMut::with_capacity(CHUNK);
            while chunk.len() < CHUNK {
                match source.read_buf(&mut chunk).await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(cause) => {
                        writing.abort().await;
                        return Err(PutError::Source(cause));
                    }
                }
            }
            if chunk.is_empty() {
                return Ok(writing.finish().await?);
            }
            writing.write(chunk.freeze()).await?;
        }
    }

    /// Keeps what a stream gives under a key that is new.
    ///
    /// # Errors
    /// As [`Bucket::put`].
    pub async fn put_stream(
        &self,
        key: &ObjectKey,
        mut source: impl Stream<Item = io::Result<Bytes>> + Unpin,
    ) -> Result<Written, PutError> {
        let mut writing = self.begin(key).await?;
        while let Some(part) = poll_fn(|context| Pin::new(&mut source).poll_next(context)).await {
            match part {
                Ok(part) => writing.write(part).await?,
                Err(cause) => {
                    writing.abort().await;
                    return Err(PutError::Source(cause));
                }
            }
        }
        Ok(writing.finish().await?)
    }

    /// Keeps what is in a file under a key that is new.
    ///
    /// # Errors
    /// As [`Bucket::put`].
    pub async fn put_file(&self, key: &ObjectKey, path: &Path) -> Result<Written, PutError> {
        let file = tokio::fs::File::open(path).await;
        self.put(key, file.map_err(PutError::Source)?).await
    }

    /// What is known of an object; `None` when there is none.
    ///
    /// # Errors
    /// When the bucket cannot be asked.
    pub async fn facts(&self, key: &ObjectKey) -> Result<Option<Facts>, BucketError> {
        let found = match &self.kind {
            Kind::Folder(folder) => folder.facts(key).await,
            Kind::S3(s3) => s3.facts(key).await,
        };
        match found {
            Ok(facts) => Ok(Some(facts)),
            Err(BucketError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How long an object is, in bytes; `None` when there is none.
    ///
    /// # Errors
    /// When the bucket cannot be asked.
    pub async fn len(&self, key: &ObjectKey) -> Result<Option<u64>, BucketError> {
        Ok(self.facts(key).await?.map(|facts| facts.len))
    }

    /// An object's bytes, from its first to its last.
    ///
    /// # Errors
    /// When there is none, or the bucket cannot be asked.
    pub async fn read(&self, key: &ObjectKey) -> Result<Reading, BucketError> {
        match &self.kind {
            Kind::Folder(folder) => folder.read(key).await,
            Kind::S3(s3) => s3.read(key).await,
        }
    }

    /// Copies an object, which has this hash, to a key of another bucket that is new. The bytes come
    /// through here, whatever the buckets are: nobody else's word is taken for what they are.
    ///
    /// # Errors
    /// When the one cannot be read or the other not written, and [`BucketError::Damaged`] when the bytes
    /// are not what they were: then there is no copy.
    pub async fn copy_to(
        &self,
        key: &ObjectKey,
        expected: &Hash,
        to: &Self,
        to_key: &ObjectKey,
    ) -> Result<Written, BucketError> {
        let mut reading = self.read(key).await?;
        let mut writing = to.begin(to_key).await?;
        while let Some(part) = reading.next().await {
            match part {
                Ok(part) => writing.write(part).await?,
                Err(cause) => {
                    writing.abort().await;
                    return Err(cause);
                }
            }
        }
        if writing.so_far().sha256 != *expected {
            writing.abort().await;
            return Err(BucketError::Damaged);
        }
        writing.finish().await
    }

    /// Removes an object, whether it is there or not. Once that is confirmed it does not come back.
    ///
    /// # Errors
    /// When that cannot be done.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        match &self.kind {
            Kind::Folder(folder) => folder.delete(key).await,
            Kind::S3(s3) => s3.delete(key).await,
        }
    }

    /// The objects whose keys follow `after`, in the order of their keys (of their bytes), at most
    /// `limit` of them. Fewer than that are the last. What else is in a folder or bucket and has no key is not
    /// among them.
    ///
    /// # Errors
    /// When the bucket cannot be asked.
    pub async fn list(
        &self,
        within: Within,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, BucketError> {
        match &self.kind {
            Kind::Folder(folder) => folder.list(within, after, limit).await,
            Kind::S3(s3) => s3.list(within, after, limit).await,
        }
    }

    /// A URL at which whoever has it gets the object, for a while: nobody is asked for anything else
    /// there, and it tells the key, and which bucket. At most seven days.
    ///
    /// # Errors
    /// [`BucketError::NotSigned`] for a bucket in a folder [that signs none](Bucket::signing).
    pub async fn presign(&self, key: &ObjectKey, terms: Terms<'_>) -> Result<Signed, BucketError> {
        match (&self.kind, &self.signer) {
            (Kind::Folder(_), Some(signer)) => Ok(signer.sign(key, &terms)),
            (Kind::Folder(_), None) => Err(BucketError::NotSigned),
            (Kind::S3(s3), _) => s3.presign(key, &terms).await,
        }
    }

    /// Removes what was left in the middle and not touched since `before`, and says how many such things
    /// there were. A bucket of an S3 server does that by a rule of its own, which the operator sets:
    /// nothing happens here.
    ///
    /// # Errors
    /// When the folder cannot be looked through.
    pub async fn clean(&self, before: Timestamp) -> Result<usize, BucketError> {
        match &self.kind {
            Kind::Folder(folder) => folder.clean(before).await,
            Kind::S3(_) => Ok(0),
        }
    }

    /// Waits until what was given up in the middle is cleaned up, and what is being written is over. What
    /// begins meanwhile waits for that, too.
    pub async fn settled(&self) {
        let under_way = match &self.kind {
            Kind::Folder(folder) => folder.under_way(),
            Kind::S3(s3) => s3.under_way(),
        };
        drop(under_way.write().await);
    }
}

#[cfg(test)]
mod tests;
