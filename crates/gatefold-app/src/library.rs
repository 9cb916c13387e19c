//! The library: what there is to hear, as whoever asks may see it, and what listeners do with it.

mod search;

use std::{sync::Arc, time::Duration};

use gatefold_domain::{
    Clock, Decision, Did, FileId, ImageId, ObjectKey, Timestamp, TrackId, Visibility,
};
use gatefold_media::bucket::Buckets;
pub use gatefold_media::bucket::Reading;
pub use gatefold_store::{Album, AlbumsOf, Artist, Filter, ListedAlbum, ListedTrack, TagCount};
use gatefold_store::{Hash, Store};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use search::{Found, Kind};

use crate::{Trouble, ids::Ids, jobs::Worker, playing::Playing, record_key};

/// How long somebody is not counted again who plays the same track.
const ONCE_IN: Duration = Duration::from_mins(30);
/// The most tracks of a list that somebody likes.
const MOST_LIKED: u32 = 500;

/// What the library is made of.
pub struct LibraryParts {
    /// Where tracks are kept.
    pub store: Store,
    /// Their pictures are there.
    pub buckets: Buckets,
    /// Who may hear them.
    pub playing: Arc<Playing>,
    /// Writes the records of likes.
    pub worker: Arc<Worker>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// New names.
    pub ids: Ids,
    /// What listeners are hashed with who are counted.
    pub listener_key: Zeroizing<[u8; 32]>,
}

/// The library.
pub struct Library(LibraryParts);

/// A track, as somebody sees it.
#[derive(Clone)]
pub struct Seen {
    /// The track.
    pub listed: ListedTrack,
    /// Whether there is a gate that keeps them out.
    pub is_gated: bool,
    /// Whether they are its artist.
    pub is_theirs: bool,
}

/// Who listens, for counting.
#[derive(Clone, Copy, Debug)]
pub enum Listener<'a> {
    /// Somebody who is signed in.
    Person(&'a Did),
    /// Somebody who is not: their address.
    Address(std::net::IpAddr),
}

impl Library {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: LibraryParts) -> Self {
        Self(parts)
    }

    /// A track; `None` also when it is somebody else's draft.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn track(&self, id: TrackId, viewer: Option<&Did>) -> Result<Option<Seen>, Trouble> {
        let found = self.0.store.tracks().listed(id, viewer).await?;
        self.seen_one(found, viewer).await
    }

    /// The track whose record is there.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_record(
        &self,
        uri: &str,
        viewer: Option<&Did>,
    ) -> Result<Option<Seen>, Trouble> {
        let tracks = self.0.store.tracks();
        let found = tracks.listed_by_record(uri, viewer).await?;
        self.seen_one(found, viewer).await
    }

    /// Tracks that everybody sees, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn shown(
        &self,
        filter: Filter<'_>,
        most: u32,
        viewer: Option<&Did>,
    ) -> Result<Vec<Seen>, Trouble> {
        let found = self.0.store.tracks().shown(filter, most, viewer).await?;
        Ok(self.seen(found, viewer).await)
    }

    /// Tracks that everybody sees, those first that are liked most.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn top(&self, most: u32, viewer: Option<&Did>) -> Result<Vec<Seen>, Trouble> {
        let found = self.0.store.tracks().top(most, viewer).await?;
        Ok(self.seen(found, viewer).await)
    }

    /// All tracks of an artist, for themselves, and how many there are.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn own(&self, artist: &Did, page: (u64, u32)) -> Result<(Vec<Seen>, u64), Trouble> {
        let (found, total) = self.0.store.tracks().of_artist(artist, page).await?;
        Ok((self.seen(found, Some(artist)).await, total))
    }

    /// What somebody likes and may see, the latest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn liked(&self, did: &Did) -> Result<Vec<Seen>, Trouble> {
        let found = self.0.store.tracks().liked_by(did, MOST_LIKED).await?;
        Ok(self.seen(found, Some(did)).await)
    }

    /// Words that begin so and are on tracks that everybody sees.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn tags(&self, prefix: &str, most: u32) -> Result<Vec<TagCount>, Trouble> {
        Ok(self
            .0
            .store
            .tags()
            .shown(&prefix.to_lowercase(), most)
            .await?)
    }

    /// A word, if it is on tracks that everybody sees.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn tag(&self, name: &str) -> Result<Option<TagCount>, Trouble> {
        Ok(self.0.store.tags().get(&name.to_lowercase()).await?)
    }

    /// Albums that everybody sees, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn albums(&self, of: AlbumsOf<'_>, most: u32) -> Result<Vec<Album>, Trouble> {
        Ok(self.0.store.albums().shown(of, most).await?)
    }

    /// Likes a track, or no longer. `false` when there is none for them.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn like(&self, viewer: &Did, id: TrackId, is_liked: bool) -> Result<bool, Trouble> {
        let found = self.0.store.tracks().get(id).await?;
        let is_there = found.is_some_and(|track| is_seen(&track.access, Some(viewer)));
        if !is_there {
            return Ok(false);
        }
        let key = record_key::new(&*self.0.clock, &self.0.ids);
        let likes = self.0.store.likes();
        let set = likes.set(id, viewer, (is_liked, &key), self.now()).await?;
        self.0.worker.wake();
        Ok(set)
    }

    /// Counts a play of whoever may hear a track: once in a while for each. How often it was played;
    /// `None` when there is none for them, or they may not hear it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn play(&self, id: TrackId, listener: Listener<'_>) -> Result<Option<u64>, Trouble> {
        let Some(track) = self.0.store.tracks().get(id).await? else {
            return Ok(None);
        };
        let viewer = match listener {
            Listener::Person(did) => Some(did),
            Listener::Address(_) => None,
        };
        let decided = self.0.playing.decide_all(viewer, &[&track.access]).await;
        if decided.first() != Some(&Decision::Play) {
            return Ok(None);
        }
        let now = self.now();
        let plays = self.0.store.plays();
        let hash = self.hash(listener);
        Ok(plays.count(id, &hash, (now.before(ONCE_IN), now)).await?)
    }

    /// A picture of something that a viewer may see: its bytes.
    ///
    /// # Errors
    /// When the database or the bucket cannot be asked.
    pub async fn image(
        &self,
        id: ImageId,
        (is_large, viewer): (bool, Option<&Did>),
    ) -> Result<Option<Reading>, Trouble> {
        let Some(image) = self.0.store.images().get(id).await? else {
            return Ok(None);
        };
        if !image.is_shown && viewer != Some(&image.artist) {
            return Ok(None);
        }
        let key: &ObjectKey = if is_large { &image.large } else { &image.small };
        Ok(Some(self.0.buckets.private.read(key).await?))
    }

    /// How loud a file is, from its beginning to its end, for whoever may hear it; `None` for what was not
    /// decoded.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn waveform(&self, file: &FileId) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(self.0.store.waveforms().get(file).await?)
    }

    async fn seen_one(
        &self,
        found: Option<ListedTrack>,
        viewer: Option<&Did>,
    ) -> Result<Option<Seen>, Trouble> {
        let found = found.filter(|listed| is_seen(&listed.track.access, viewer));
        Ok(self.seen(found.into_iter().collect(), viewer).await.pop())
    }

    async fn seen(&self, found: Vec<ListedTrack>, viewer: Option<&Did>) -> Vec<Seen> {
        let accesses: Vec<_> = found.iter().map(|listed| &listed.track.access).collect();
        let decided = self.0.playing.decide_all(viewer, &accesses).await;
        let seen = found.into_iter().zip(decided);
        seen.map(|(listed, decision)| Seen {
            is_gated: decision != Decision::Play,
            is_theirs: viewer == Some(&listed.track.access.artist),
            listed,
        })
        .collect()
    }

    /// Who listens, in a way that tells nobody who it was.
    fn hash(&self, listener: Listener<'_>) -> Hash {
        let mut hasher = Sha256::new().chain_update(*self.0.listener_key);
        match listener {
            Listener::Person(did) => {
                hasher.update(b"person ");
                hasher.update(did.as_str());
            }
            Listener::Address(address) => {
                hasher.update(b"address ");
                hasher.update(address.to_canonical().to_string());
            }
        }
        hasher.finalize().into()
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now().into()
    }
}

/// Whether somebody may know of such a track.
fn is_seen(access: &gatefold_domain::Access, viewer: Option<&Did>) -> bool {
    access.visibility != Visibility::Draft || viewer == Some(&access.artist)
}
