//! The studio: what artists do with their tracks.

use std::{fs::File, path::PathBuf, sync::Arc};

use bytes::Bytes;
use gatefold_domain::{
    AlbumId, Clock, Did, Downloads, Gate, ImageId, ObjectKey, Timestamp, TrackId, Visibility,
    text::slug,
};
use gatefold_media::{
    Failure,
    bucket::Buckets,
    isolated::{LARGE_FILE, Reader, SMALL_FILE},
};
pub use gatefold_store::Revision;
use gatefold_store::{
    AlbumName, BucketName, Edit, Edited, Feature, NewImage, NewObject, Restored, Store, TrackEdits,
};

use crate::{Trouble, ids::Ids, jobs::Worker, tracks::Tracks};

/// What the studio is made of.
pub struct StudioParts {
    /// Where tracks are kept.
    pub store: Store,
    /// And their bytes.
    pub buckets: Buckets,
    /// What is remembered of them.
    pub tracks: Arc<Tracks>,
    /// Does what follows.
    pub worker: Arc<Worker>,
    /// Reads pictures.
    pub reader: Reader,
    /// A folder for what is being worked on.
    pub work: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// New names.
    pub ids: Ids,
}

/// The studio.
pub struct Studio(StudioParts);

/// What an artist changes of a track: all of it was checked. What is not named stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What it is called.
    pub title: Option<String>,
    /// What is said of it.
    pub description: Edit<String>,
    /// The album that it is of.
    pub album: Edit<String>,
    /// The words on it.
    pub tags: Option<Vec<String>>,
    /// Who else is heard on it.
    pub features: Option<Vec<Feature>>,
    /// What it demands of its listeners.
    pub gate: Option<Gate>,
    /// Where it is shown.
    pub visibility: Option<Visibility>,
    /// Who may keep a file of it.
    pub downloads: Edit<Downloads>,
    /// The bytes of its picture.
    pub image: Option<Bytes>,
}

/// Why a track is not as its artist wants it to be.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// They have no such track, or no such revision of it.
    #[error("there is no such track of yours")]
    NotFound,
    /// The picture is not taken: a code that stays, and what to do.
    #[error("{1}")]
    Picture(&'static str, String),
    /// Nothing can be answered.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Studio {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: StudioParts) -> Self {
        Self(parts)
    }

    /// Changes a track. What has to follow elsewhere does so soon, by its jobs.
    ///
    /// # Errors
    /// [`StudioError::NotFound`], [`StudioError::Picture`]; when something cannot be asked.
    pub async fn change(
        &self,
        owner: &Did,
        id: TrackId,
        change: Change,
    ) -> Result<(), StudioError> {
        let found = self.0.store.tracks().get(id).await?;
        if found.is_none_or(|track| track.access.artist != *owner) {
            return Err(StudioError::NotFound);
        }
        let picture = match &change.image {
            Some(bytes) => Some(self.picture(owner, bytes).await?),
            None => None,
        };
        let album_slug = match &change.album {
            Edit::Set(title) => slug(title).unwrap_or_else(|| "album".to_owned()),
            Edit::Keep | Edit::Clear => String::new(),
        };
        let tags: Option<Vec<_>> = change
            .tags
            .as_ref()
            .map(|tags| tags.iter().map(String::as_str).collect());
        let edits = TrackEdits {
            title: change.title.as_deref(),
            description: as_text(&change.description),
            album: as_text(&change.album).map(|title| AlbumName {
                title,
                slug: &album_slug,
                id: AlbumId::from_bytes(self.0.ids.next()),
            }),
            image: picture
                .as_ref()
                .map_or(Edit::Keep, |picture| Edit::Set(picture.to_keep())),
            tags: tags.as_deref(),
            features: change.features.as_deref(),
            gate: change.gate,
            visibility: change.visibility,
            downloads: change.downloads,
        };
        let edited = self.0.tracks.edit(owner, id, edits).await?;
        self.0.worker.wake();
        match edited {
            Edited::Done => Ok(()),
            Edited::NotFound => Err(StudioError::NotFound),
            Edited::GivenUp => {
                Err(Trouble::Unavailable("a picture was given up meanwhile".into()).into())
            }
        }
    }

    /// Deletes a track. It is gone for everybody when this returns, and within a second in other
    /// processes.
    ///
    /// # Errors
    /// [`StudioError::NotFound`]; when the database cannot be asked.
    pub async fn remove(&self, owner: &Did, id: TrackId) -> Result<(), StudioError> {
        let removed = self.0.tracks.remove(owner, id).await?;
        self.0.worker.wake();
        removed.then_some(()).ok_or(StudioError::NotFound)
    }

    /// What was played of a track before, the newest first.
    ///
    /// # Errors
    /// [`StudioError::NotFound`]; when the database cannot be asked.
    pub async fn revisions(&self, owner: &Did, id: TrackId) -> Result<Vec<Revision>, StudioError> {
        let found = self.0.store.tracks().get(id).await?;
        if found.is_none_or(|track| track.access.artist != *owner) {
            return Err(StudioError::NotFound);
        }
        Ok(self.0.store.tracks().revisions(id).await?)
    }

    /// Plays a revision again. The one whose place it took.
    ///
    /// # Errors
    /// [`StudioError::NotFound`]; when the database cannot be asked.
    pub async fn restore(
        &self,
        owner: &Did,
        id: TrackId,
        revision: i64,
    ) -> Result<Revision, StudioError> {
        let restored = self.0.tracks.restore(owner, id, revision).await?;
        self.0.worker.wake();
        let Restored::Done { displaced } = restored else {
            return Err(StudioError::NotFound);
        };
        let revisions = self.0.store.tracks().revisions(id).await?;
        let found = revisions.into_iter().find(|known| known.id == displaced);
        found.ok_or(StudioError::NotFound)
    }

    /// Reads a picture, and keeps it in both sizes under keys that are expected.
    async fn picture(&self, owner: &Did, bytes: &Bytes) -> Result<Picture, StudioError> {
        let folder = self.folder(bytes).await.map_err(broken)?;
        let file = File::open(folder.path().join(RECEIVED)).map_err(broken)?;
        self.0
            .reader
            .picture(file, folder.path())
            .await
            .map_err(|failure| match failure {
                Failure::Refused(refusal) => {
                    StudioError::Picture(refusal.code(), refusal.to_string())
                }
                Failure::System(error) => broken(error),
            })?;
        let ids = &self.0.ids;
        let mut picture = Picture {
            id: ImageId::from_bytes(ids.next()),
            large: (ObjectKey::image(ids.next()), 0),
            small: (ObjectKey::image(ids.next()), 0),
        };
        let expected = |key| NewObject {
            key,
            bucket: BucketName::Private,
            artist: owner,
            track: None,
        };
        let objects = [expected(&picture.large.0), expected(&picture.small.0)];
        self.0
            .store
            .objects()
            .expect_now(&objects, self.now())
            .await?;
        for ((key, len), name) in [
            (&mut picture.large, LARGE_FILE),
            (&mut picture.small, SMALL_FILE),
        ] {
            let private = &self.0.buckets.private;
            let written = private.put_file(key, &folder.path().join(name)).await;
            *len = written
                .map_err(|error| Trouble::Unavailable(Box::new(error)))?
                .len;
        }
        Ok(picture)
    }

    async fn folder(&self, bytes: &Bytes) -> std::io::Result<tempfile::TempDir> {
        std::fs::create_dir_all(&self.0.work)?;
        let folder = tempfile::Builder::new()
            .prefix("picture-")
            .tempdir_in(&self.0.work)?;
        tokio::fs::write(folder.path().join(RECEIVED), bytes).await?;
        Ok(folder)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now().into()
    }
}

/// The file of a picture as it came.
const RECEIVED: &str = "received";

struct Picture {
    id: ImageId,
    large: (ObjectKey, u64),
    small: (ObjectKey, u64),
}

impl Picture {
    fn to_keep(&self) -> NewImage<'_> {
        NewImage {
            id: self.id,
            large: &self.large.0,
            large_len: self.large.1,
            small: &self.small.0,
            small_len: self.small.1,
        }
    }
}

fn as_text(edit: &Edit<String>) -> Edit<&str> {
    match edit {
        Edit::Keep => Edit::Keep,
        Edit::Clear => Edit::Clear,
        Edit::Set(text) => Edit::Set(text),
    }
}

fn broken(error: std::io::Error) -> StudioError {
    StudioError::Trouble(Trouble::Unavailable(Box::new(error)))
}

impl From<gatefold_store::StoreError> for StudioError {
    fn from(error: gatefold_store::StoreError) -> Self {
        Self::Trouble(error.into())
    }
}
