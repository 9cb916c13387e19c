//! What artists have published at a site, done by a process beside it on the same database and
//! buckets.

use std::{sync::Arc, time::Duration};

use gatefold_app::{
    publishing::{Published, Publishing, Recording},
    tracks::{Edited, TrackEdits, Tracks},
};
use gatefold_domain::{AudioFormat, Clock, Did, Gate, TrackId, Visibility};
use gatefold_ops::{SystemClock, system_random};
use gatefold_store::{Crypter, JobKind, KeyFile, Options, Profile, Store};

use super::Site;
use crate::Result;

/// The other process.
pub struct Library {
    tracks: Tracks,
    store: Store,
    publishing: Publishing,
}

impl Library {
    /// Opens that of a site.
    ///
    /// # Errors
    /// When its database or its buckets cannot be opened.
    pub async fn of(site: &Site) -> Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let keys = KeyFile::parse(&std::fs::read(site.column_keys())?)?;
        let crypter = Crypter::new(&keys, Box::new(system_random()))?;
        let options = Options {
            connections: 1,
            migrate: false,
        };
        let url = site.database_url().parse()?;
        let store = Store::open(&url, crypter, options, clock.now().into()).await?;
        let buckets = site.buckets()?;
        Ok(Self {
            tracks: Tracks::new(store.clone(), Arc::clone(&clock)),
            publishing: Publishing::new(store.clone(), buckets, clock, Box::new(system_random())),
            store,
        })
    }

    /// What keeps a track from settling, as the database has it.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn unsettled(&self, id: i64) -> Result<String> {
        let jobs = self.store.jobs();
        let waiting = jobs.waiting(JobKind::Settle, &id.to_string()).await?;
        Ok(match waiting {
            Some(waiting) => format!("{} attempts, {:?}", waiting.attempts, waiting.problem),
            None => "no job".to_owned(),
        })
    }

    /// Makes somebody who has an account an artist.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn artist(&self, did: &str, name: &str, support_url: &str) -> Result {
        let profile = Profile {
            display_name: name,
            support_url: Some(support_url),
            ..Profile::default()
        };
        let now = SystemClock.now().into();
        let did: Did = did.parse()?;
        Ok(self.store.artists().put(&did, profile, now).await?)
    }

    /// Changes a track of an artist, and does all that follows.
    ///
    /// # Errors
    /// When there is no such track, or something cannot be done.
    pub async fn edit(&self, artist: &str, id: TrackId, edits: TrackEdits<'_>) -> Result {
        match self.tracks.edit(&artist.parse()?, id, edits).await? {
            Edited::Done => Ok(self.publishing.follow().await?),
            Edited::NotFound | Edited::GivenUp => Err("there is no such track".into()),
        }
    }

    /// Publishes these bytes as a track of an artist.
    ///
    /// # Errors
    /// When they cannot be kept.
    pub async fn publish(
        &self,
        artist: &str,
        (gate, visibility): (Gate, Visibility),
        format: AudioFormat,
        bytes: &[u8],
    ) -> Result<Published> {
        let title = "A song of this test";
        self.publish_as(title, artist, (gate, visibility), format, bytes)
            .await
    }

    /// The same under a title.
    ///
    /// # Errors
    /// When they cannot be kept.
    pub async fn publish_as(
        &self,
        title: &str,
        artist: &str,
        (gate, visibility): (Gate, Visibility),
        format: AudioFormat,
        bytes: &[u8],
    ) -> Result<Published> {
        let recording = Recording {
            artist: &artist.parse()?,
            title,
            format,
            duration: Duration::from_secs(3),
            gate,
            visibility,
        };
        Ok(self.publishing.publish(recording, bytes).await?)
    }
}
