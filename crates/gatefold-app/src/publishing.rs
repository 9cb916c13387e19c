//! Publishing: from bytes to a track that can be played.
//!
//! Bytes first, and the row that names them last: what is interrupted leaves objects that nothing names,
//! and never a name for nothing.

use std::{sync::Arc, time::Duration};

use gatefold_domain::{AudioFormat, Clock, Did, FileId, Gate, ObjectKey, TrackId, Visibility};
use gatefold_media::bucket::{BucketError, Buckets, PutError};
use gatefold_store::{NewFile, NewRecording, NewTrack, Store, StoreError};
use rand_core::CryptoRng;
use tokio::io::AsyncRead;

use crate::{
    ids::Ids,
    jobs::Worker,
    settling::{Discard, Settling},
};

/// Publishes.
pub struct Publishing {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
    ids: Ids,
    worker: Worker,
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
        let ids = Ids::new(random);
        let settling = Settling::new(
            store.clone(),
            buckets.clone(),
            Arc::clone(&clock),
            ids.clone(),
        );
        let discard = Discard::new(store.clone(), buckets.clone(), Arc::clone(&clock));
        let worker = Worker::new(
            store.clone(),
            Arc::clone(&clock),
            u128::from_be_bytes(ids.next()),
            vec![Arc::new(settling), Arc::new(discard)],
        );
        Self {
            store,
            buckets,
            clock,
            ids,
            worker,
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
        let object = ObjectKey::audio(self.ids.next(), recording.format);
        let written = self.buckets.private.put(&object, source).await?;
        let file = FileId::random(self.ids.next());
        let new = NewTrack {
            artist: recording.artist,
            title: recording.title,
            description: None,
            album: None,
            tags: &[],
            features: &[],
            image: None,
            gate: recording.gate,
            visibility: recording.visibility,
            downloads: None,
            record_key: None,
            recording: NewRecording {
                audio: NewFile {
                    id: &file,
                    format: recording.format,
                    object: &object,
                    len: written.len,
                    sha256: &written.sha256,
                    duration: u64::try_from(recording.duration.as_millis()).unwrap_or(u64::MAX),
                },
                original: None,
                waveform: None,
            },
        };
        let now = self.clock.now().into();
        let track = match self.store.tracks().add(&new, now).await {
            Ok(track) => track,
            // Nobody knows whether it was kept: what it names has to stay.
            Err(error @ StoreError::Unavailable(_)) => return Err(error.into()),
            Err(error) => {
                discard(&self.buckets.private.delete(&object).await);
                return Err(error.into());
            }
        };
        self.follow().await?;
        Ok(Published { track, file })
    }

    /// Does all that follows changes and is due.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn follow(&self) -> Result<(), PublishError> {
        self.worker.do_all_due().await?;
        Ok(())
    }
}

/// What nothing names is of no use, but does no harm either.
fn discard(deleted: &Result<(), BucketError>) {
    if let Err(error) = deleted {
        tracing::warn!(%error, "an object that nothing names was left");
    }
}
