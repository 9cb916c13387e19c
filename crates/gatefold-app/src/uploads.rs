//! Uploads: from what an artist sends to a track that can be played.
//!
//! Bytes are received under `staging/` of the private bucket, whose key is known before the first of them.
//! When all are there, the upload and the job that works on it are accepted in one transaction: from then on
//! nothing of it is lost, whichever process goes on.

mod details;
mod making;

use std::{io, sync::Arc};

use bytes::Bytes;
use futures_core::Stream;
use gatefold_domain::{Clock, Did, ObjectKey, Timestamp, TrackId, UploadId};
use gatefold_media::bucket::{BucketError, Buckets, Hash, PutError, Written};
use gatefold_store::{Accepted, Arrived, NewUpload, Store, StoreError};
pub use gatefold_store::{Upload, UploadState};

use crate::{Trouble, ids::Ids, jobs::Worker};

pub use details::{Details, Received};
pub use making::{Making, MakingParts};

/// What is taken.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    /// The largest audio file, in bytes.
    pub audio: u64,
    /// The largest picture, in bytes.
    pub picture: u64,
    /// What one artist may keep here, in bytes.
    pub quota: u64,
}

/// Takes uploads.
pub struct Uploads {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
    ids: Ids,
    limits: UploadLimits,
    worker: Arc<Worker>,
}

/// Why an upload is not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It is larger than what is taken.
    #[error("the file is larger than what is taken here")]
    TooLarge {
        /// The most, in bytes.
        limit: u64,
    },
    /// Its artist keeps too much already.
    #[error("there is no room for it")]
    OverQuota {
        /// What they may keep, in bytes.
        quota: u64,
    },
    /// It did not come to its end.
    #[error("the upload broke off")]
    BrokenOff,
    /// Whoever sends it is no artist here.
    #[error("only artists upload")]
    NoArtist,
    /// Nothing can be answered.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// An upload that arrives. One that is not finished is given up by a sweep, if not before.
pub struct Receiving<'a> {
    uploads: &'a Uploads,
    id: UploadId,
    audio: ObjectKey,
    image: ObjectKey,
    written: Option<Written>,
    picture: Option<Written>,
}

impl Uploads {
    /// Takes uploads into these. The worker is woken when there is one to work on.
    #[must_use]
    pub fn new(
        store: Store,
        buckets: Buckets,
        clock: Arc<dyn Clock>,
        (ids, limits): (Ids, UploadLimits),
        worker: Arc<Worker>,
    ) -> Self {
        Self {
            store,
            buckets,
            clock,
            ids,
            limits,
            worker,
        }
    }

    /// Begins to receive one from an artist, which is to replace the audio of a track of theirs or to
    /// become a new one.
    ///
    /// # Errors
    /// [`UploadError::NoArtist`], [`UploadError::OverQuota`] when there is no room at all; when the
    /// database cannot be asked.
    pub async fn receive(
        &self,
        artist: &Did,
        replaces: Option<TrackId>,
    ) -> Result<Receiving<'_>, UploadError> {
        let kept = self.store.artists().bytes(artist).await?;
        if kept.ok_or(UploadError::NoArtist)? >= self.limits.quota {
            return Err(self.over_quota());
        }
        let receiving = Receiving {
            uploads: self,
            id: UploadId::from_bytes(self.ids.next()),
            audio: ObjectKey::staging(self.ids.next()),
            image: ObjectKey::staging(self.ids.next()),
            written: None,
            picture: None,
        };
        let new = NewUpload {
            id: receiving.id,
            artist,
            replaces,
            audio: &receiving.audio,
            image: &receiving.image,
        };
        self.store.uploads().begin(new, self.now()).await?;
        Ok(receiving)
    }

    /// An upload of an artist; `None` for one of somebody else.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, owner: &Did, id: UploadId) -> Result<Option<Upload>, Trouble> {
        let found = self.store.uploads().get(id).await?;
        Ok(found.filter(|upload| upload.artist == *owner))
    }

    fn over_quota(&self) -> UploadError {
        UploadError::OverQuota {
            quota: self.limits.quota,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }
}

impl Receiving<'_> {
    /// Receives the audio.
    ///
    /// # Errors
    /// [`UploadError::TooLarge`], [`UploadError::BrokenOff`]; when it cannot be kept.
    pub async fn audio(
        &mut self,
        source: impl Stream<Item = io::Result<Bytes>> + Unpin,
    ) -> Result<(), UploadError> {
        let limit = self.uploads.limits.audio;
        self.written = Some(self.put(&self.audio, source, limit).await?);
        Ok(())
    }

    /// Receives a picture.
    ///
    /// # Errors
    /// As [`Receiving::audio`].
    pub async fn image(
        &mut self,
        source: impl Stream<Item = io::Result<Bytes>> + Unpin,
    ) -> Result<(), UploadError> {
        let limit = self.uploads.limits.picture;
        self.picture = Some(self.put(&self.image, source, limit).await?);
        Ok(())
    }

    /// Whether there is audio already.
    #[must_use]
    pub fn has_audio(&self) -> bool {
        self.written.is_some()
    }

    /// Whether there is a picture already.
    #[must_use]
    pub fn has_image(&self) -> bool {
        self.picture.is_some()
    }

    /// Accepts it, with what its artist says of it: its id.
    ///
    /// # Errors
    /// [`UploadError::OverQuota`]; [`UploadError::BrokenOff`] when there is no audio, or it was given up
    /// meanwhile; when the database cannot be asked.
    pub async fn accept(self, details: &Details) -> Result<UploadId, UploadError> {
        let written = self.written.ok_or(UploadError::BrokenOff)?;
        let received = Received {
            details: details.clone(),
            audio: written.sha256,
            image: self.picture.map(|picture| picture.sha256),
        };
        let details = received.to_json()?;
        let arrived = Arrived {
            details: &details,
            audio: written.len,
            image: self.picture.map(|picture| picture.len),
            quota: self.uploads.limits.quota,
        };
        let uploads = self.uploads;
        let accepted = uploads
            .store
            .uploads()
            .arrived(self.id, arrived, uploads.now())
            .await?;
        match accepted {
            Accepted::Waiting => {
                uploads.worker.wake();
                Ok(self.id)
            }
            Accepted::OverQuota => {
                let error = uploads.over_quota();
                self.give_up("over_quota", "There is no room for it.").await;
                Err(error)
            }
            Accepted::GivenUp => Err(UploadError::BrokenOff),
        }
    }

    /// Gives it up: what was received is removed.
    pub async fn give_up(self, code: &str, problem: &str) {
        let uploads = self.uploads;
        let now = uploads.now();
        let kept = uploads.store.uploads();
        if let Err(error) = kept.give_up(self.id, (code, problem), now).await {
            // The sweep does it.
            tracing::warn!(%error, "an upload could not be given up yet");
        }
        uploads.worker.wake();
    }

    async fn put(
        &self,
        key: &ObjectKey,
        mut source: impl Stream<Item = io::Result<Bytes>> + Unpin,
        limit: u64,
    ) -> Result<Written, UploadError> {
        let mut writing = self
            .uploads
            .buckets
            .private
            .begin(key)
            .await
            .map_err(kept)?;
        let mut len = 0u64;
        while let Some(part) = next(&mut source).await {
            let refused = match part {
                Ok(part) => {
                    len = len.saturating_add(part.len() as u64);
                    if len <= limit {
                        writing.write(part).await.map_err(kept)?;
                        continue;
                    }
                    UploadError::TooLarge { limit }
                }
                Err(_) => UploadError::BrokenOff,
            };
            writing.abort().await;
            return Err(refused);
        }
        writing.finish().await.map_err(kept)
    }
}

async fn next<S: Stream + Unpin>(source: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *source).poll_next(context)).await
}

fn kept(error: BucketError) -> UploadError {
    UploadError::Trouble(Trouble::Unavailable(Box::new(error)))
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        Self::Trouble(error.into())
    }
}

/// A hash, written as hexadecimal digits.
fn hex(hash: &Hash) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The same, read.
fn unhex(text: &str) -> Option<Hash> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut hash = Hash::default();
    if pairs.len() != hash.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        let digits = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

/// Why an object could not be kept, for a job.
impl From<PutError> for crate::jobs::JobError {
    fn from(error: PutError) -> Self {
        match error {
            PutError::Source(cause) => Self::Other(cause.to_string()),
            PutError::Bucket(error) => Self::Bucket(error),
        }
    }
}
