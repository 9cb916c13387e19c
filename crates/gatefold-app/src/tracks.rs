//! Tracks, as everything that plays or shows them gets at them: from memory, while this process
//! hears of changes.

use std::{fmt, sync::Arc};

use gatefold_domain::{Clock, Did, FileId, ObjectKey, Timestamp, TrackId, Visibility};
use gatefold_seal::Source;
pub use gatefold_store::{AudioFile, Edit, Edited, FileRole, Restored, Track, TrackEdits};
use gatefold_store::{Change, Store, StoreError};

use crate::{Trouble, news::Listens, remembered::Remembered};

/// Tracks that are remembered by the names of their files, and as many by their objects.
const MOST: usize = 20_000;

/// A track that can be played.
pub struct Playable {
    /// What is kept of it.
    pub track: Track,
    /// Where an edge finds its bytes.
    pub(crate) source: Source,
}

impl fmt::Debug for Playable {
    /// Its number alone: where its bytes are is told to nobody.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Playable").field(&self.track.id).finish()
    }
}

impl Playable {
    /// A track, ready to be played; `None` when its object has a key that no edge takes.
    #[must_use]
    pub fn of(mut track: Track) -> Option<Self> {
        if !track.audio.is_current {
            // What was played before is its artist's alone.
            track.access.visibility = Visibility::Draft;
        }
        let spelled = format!("private:{}", track.audio.object.as_str());
        let source = Source::parse(&spelled, None).ok()?;
        Some(Self { track, source })
    }

    /// Where an edge finds its bytes.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }
}

/// The tracks. Share them in an [`Arc`].
pub struct Tracks {
    store: Store,
    clock: Arc<dyn Clock>,
    by_file: Remembered<FileId, Arc<Playable>>,
    by_object: Remembered<ObjectKey, Arc<Playable>>,
}

impl Tracks {
    /// The tracks of a database. They have to be told of changes, by
    /// [`News`](crate::news::News); until then every question goes to the database.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            by_file: Remembered::new(MOST),
            by_object: Remembered::new(MOST),
        }
    }

    /// The track that a file belongs to.
    ///
    /// # Errors
    /// When the database has to be asked and cannot be.
    pub async fn by_file(&self, file: &FileId) -> Result<Option<Arc<Playable>>, Trouble> {
        // Before anything is read, so that what is remembered in the end is no older.
        let epoch = self.by_file.epoch();
        if let Some(known) = self.by_file.get(file, self.now()) {
            return Ok(Some(known));
        }
        let found = playable(self.store.tracks().by_file(file).await?)?;
        if let Some(found) = &found {
            self.by_file.put(epoch, file, Arc::clone(found));
        }
        Ok(found)
    }

    /// The track whose bytes are this object of the private bucket.
    ///
    /// # Errors
    /// When the database has to be asked and cannot be.
    pub async fn by_object(&self, object: &ObjectKey) -> Result<Option<Arc<Playable>>, Trouble> {
        let epoch = self.by_object.epoch();
        if let Some(known) = self.by_object.get(object, self.now()) {
            return Ok(Some(known));
        }
        let found = playable(self.store.tracks().by_object(object).await?)?;
        if let Some(found) = &found {
            self.by_object.put(epoch, object, Arc::clone(found));
        }
        Ok(found)
    }

    /// A track, as the database has it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, id: TrackId) -> Result<Option<Track>, Trouble> {
        Ok(self.store.tracks().get(id).await?)
    }

    /// Tracks that are shown to everybody, the newest first; those before one when it is named.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn newest(&self, before: Option<TrackId>, most: u32) -> Result<Vec<Track>, Trouble> {
        Ok(self.store.tracks().newest(before, most).await?)
    }

    /// Changes a track of an artist. It holds in this process when this returns, and within a second in
    /// the others; what has to follow elsewhere does so by its jobs.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn edit(
        &self,
        owner: &Did,
        id: TrackId,
        edits: TrackEdits<'_>,
    ) -> Result<Edited, Trouble> {
        let now = self.now();
        let changed = self.store.tracks().edit(owner, id, edits, now).await;
        // Also when that failed: it may have been committed all the same.
        self.forget_track(id);
        Ok(changed?)
    }

    /// Deletes a track of an artist, as [`Tracks::edit`] changes one. `false` when there is none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn remove(&self, owner: &Did, id: TrackId) -> Result<bool, Trouble> {
        let removed = self.store.tracks().remove(owner, id, self.now()).await;
        self.forget_track(id);
        Ok(removed?)
    }

    /// Plays a revision of a track again, as [`Tracks::edit`] changes one.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn restore(
        &self,
        owner: &Did,
        id: TrackId,
        revision: i64,
    ) -> Result<Restored, Trouble> {
        let tracks = self.store.tracks();
        let restored = tracks.restore(owner, id, revision, self.now()).await;
        self.forget_track(id);
        Ok(restored?)
    }

    fn forget_track(&self, id: TrackId) {
        self.by_file.forget_where(|_, known| known.track.id == id);
        self.by_object.forget_where(|_, known| known.track.id == id);
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }
}

impl Listens for Tracks {
    fn heard(&self, asked: Timestamp) {
        self.by_file.heard(asked);
        self.by_object.heard(asked);
    }

    fn forget(&self, change: &Change) {
        match change {
            Change::Track(id) => self.forget_track(*id),
            // Their names stand beside their tracks.
            Change::Account(did) => {
                self.by_file
                    .forget_where(|_, known| known.track.access.artist == *did);
                self.by_object
                    .forget_where(|_, known| known.track.access.artist == *did);
            }
            Change::Session(_) | Change::Browser(_) | Change::Withdrawn(_) => {}
        }
    }

    fn forget_all(&self) {
        self.by_file.forget_all();
        self.by_object.forget_all();
    }
}

/// What the store found, ready to be played.
fn playable(track: Option<Track>) -> Result<Option<Arc<Playable>>, StoreError> {
    let playable = |track| {
        let playable = Playable::of(track).map(Arc::new);
        playable.ok_or(StoreError::defect(
            "the key of an object is none that an edge takes",
        ))
    };
    track.map(playable).transpose()
}
