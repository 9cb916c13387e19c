//! Publishing: from bytes to a track that can be played.
//!
//! Bytes first, and the row that names them last: what is interrupted leaves objects that nothing names,
//! and never a name for nothing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gatefold_domain::{
    AudioFormat, Clock, Did, FileId, Gate, IdBytes, ObjectKey, TrackId, Visibility,
};
use gatefold_media::bucket::{BucketError, Buckets, PutError, Written};
use gatefold_store::{NewFile, NewTrack, Store, StoreError};
use rand_core::CryptoRng;
use tokio::io::AsyncRead;

/// Publishes.
pub struct Publishing {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
    random: Mutex<Box<dyn CryptoRng + Send>>,
}

/// What is to be published, besides its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Recording<'a> {
    /// Whose it is: an artist.
    pub artist: &'a Did,
    /// What it is called.
    pub title: &'a str,
    /// Its format.
    pub format: AudioFormat,
    /// How long it plays.
    pub duration: Duration,
    /// What it demands of its listeners.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The track.
    pub track: TrackId,
    /// The file that is played.
    pub file: FileId,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The bytes cannot be kept.
    #[error(transparent)]
    Put(#[from] PutError),
    /// They cannot be copied to where everybody may hear them.
    #[error("it cannot be made public: {0}")]
    Copy(#[from] BucketError),
    /// The track cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Publishing {
    /// Publishes into these.
    #[must_use]
    pub fn new(
        store: Store,
        buckets: Buckets,
        clock: Arc<dyn Clock>,
        random: Box<dyn CryptoRng + Send>,
    ) -> Self {
        Self {
            store,
            buckets,
            clock,
            random: Mutex::new(random),
        }
    }

    /// Publishes a recording whose bytes are read from `source`.
    ///
    /// # Errors
    /// When it cannot be: there is no such track then.
    pub async fn publish(
        &self,
        recording: Recording<'_>,
        source: impl AsyncRead + Unpin,
    ) -> Result<Published, PublishError> {
        let object = ObjectKey::audio(self.id(), recording.format);
        let written = self.buckets.private.put(&object, source).await?;
        let public = self.copy(&recording, &object, &written).await;
        let public = match public {
            Ok(public) => public,
            Err(error) => {
                discard(&self.buckets.private.delete(&object).await);
                return Err(error.into());
            }
        };
        let file = FileId::random(self.id());
        let new = NewTrack {
            artist: recording.artist,
            title: recording.title,
            gate: recording.gate,
            visibility: recording.visibility,
            audio: NewFile {
                id: &file,
                format: recording.format,
                object: &object,
                public: public.as_ref(),
                len: written.len,
                sha256: &written.sha256,
                duration: u64::try_from(recording.duration.as_millis()).unwrap_or(u64::MAX),
            },
        };
        let now = self.clock.now().into();
        match self.store.tracks().add(new, now).await {
            Ok(track) => Ok(Published { track, file }),
            // Nobody knows whether it was kept: what it names has to stay.
            Err(error @ StoreError::Unavailable(_)) => Err(error.into()),
            Err(error) => {
                discard(&self.buckets.private.delete(&object).await);
                if let Some(public) = &public {
                    discard(&self.buckets.public.delete(public).await);
                }
                Err(error.into())
            }
        }
    }

    /// The copy that everybody may have, where there is to be one.
    async fn copy(
        &self,
        recording: &Recording<'_>,
        object: &ObjectKey,
        written: &Written,
    ) -> Result<Option<ObjectKey>, BucketError> {
        if !recording.gate.is_open() || recording.visibility == Visibility::Draft {
            return Ok(None);
        }
        let key = ObjectKey::audio(self.id(), recording.format);
        let Buckets { private, public } = &self.buckets;
        private
            .copy_to(object, &written.sha256, public, &key)
            .await?;
        Ok(Some(key))
    }

    fn id(&self) -> IdBytes {
        let mut bytes = IdBytes::default();
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        random.fill_bytes(&mut bytes);
        bytes
    }
}

/// What nothing names is of no use, but does no harm either.
fn discard(deleted: &Result<(), BucketError>) {
    if let Err(error) = deleted {
        tracing::warn!(%error, "an object that nothing names was left");
    }
}
