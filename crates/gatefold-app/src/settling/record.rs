//! The record of a track in its artist's repository (`fm.plyr.track`).
//!
//! A record is put under a key that the track has for good, so that putting it twice is the same as once.
//! Before the first time it is written down that there may be one: whoever goes on after a process that
//! died in between knows that there is something to remove.

use std::sync::Arc;

use gatefold_domain::{Did, Gate, Timestamp, Visibility};
use gatefold_store::{Job, SettlingTrack, Store};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    accounts::{Accounts, Asked, RepositoryError},
    jobs::JobError,
};

/// Writes records.
pub struct Records {
    /// Where tracks are kept.
    pub store: Store,
    /// In whose name records are written.
    pub accounts: Arc<Accounts>,
    /// The collection of tracks, such as `fm.plyr.track`.
    pub collection: String,
    /// The site's address, without a slash at the end.
    pub site: String,
    /// Where the public bucket is read, with a slash at the end.
    pub public: String,
}

/// Where a record is, and which one.
#[derive(Deserialize)]
struct Put {
    uri: String,
    cid: String,
}

#[derive(Deserialize)]
struct Got {
    cid: Option<String>,
    value: Map<String, Value>,
}

/// The fields of a record that are a track's: others are left as they are.
const OURS: [&str; 12] = [
    "$type",
    "title",
    "artist",
    "audioUrl",
    "fileType",
    "createdAt",
    "album",
    "duration",
    "features",
    "imageUrl",
    "description",
    "supportGate",
];

impl Records {
    /// Brings the record to where the track is.
    pub(super) async fn follow(
        &self,
        job: &Job,
        track: &SettlingTrack,
        now: Timestamp,
    ) -> Result<(), JobError> {
        let Some(key) = &track.record_key else {
            return Ok(());
        };
        let is_shown = !track.is_removed && track.visibility != Visibility::Draft;
        let followed = match (is_shown, &track.record) {
            (true, _) => self.put(job, track, key, now).await,
            (false, Some(_)) => self.delete(job, track, key, now).await,
            (false, None) => Ok(()),
        };
        if let Err(Delayed::Server(error)) = &followed {
            let tracks = self.store.tracks();
            tracks
                .record_delayed(job, track.id, &error.to_string())
                .await?;
        }
        followed.map_err(Delayed::into)
    }

    async fn put(
        &self,
        job: &Job,
        track: &SettlingTrack,
        key: &str,
        now: Timestamp,
    ) -> Result<(), Delayed> {
        let tracks = self.store.tracks();
        if track.record.is_none() {
            let uri = format!("at://{}/{}/{key}", track.artist, self.collection);
            tracks
                .recorded(job, track.id, Some((&uri, "")), now)
                .await?;
        }
        let there = self.get(&track.artist, key).await?;
        let (before, cid) = there.map_or_else(Default::default, |got| (got.value, got.cid));
        let record = self.record(track, before).await?;
        let body = json!({
            "repo": track.artist.as_str(),
            "collection": self.collection,
            "rkey": key,
            "record": record,
            // Whoever changed it meanwhile is not overwritten: the next try begins with theirs.
            "swapRecord": cid,
        });
        let asked = Asked::Post("com.atproto.repo.putRecord", &body);
        let put: Put = self.accounts.in_name_of(&track.artist, &asked).await?;
        let record = Some((put.uri.as_str(), put.cid.as_str()));
        Ok(tracks.recorded(job, track.id, record, now).await?)
    }

    async fn get(&self, artist: &Did, key: &str) -> Result<Option<Got>, RepositoryError> {
        let parameters = [
            ("repo", artist.as_str()),
            ("collection", self.collection.as_str()),
            ("rkey", key),
        ];
        let asked = Asked::Get("com.atproto.repo.getRecord", &parameters);
        match self.accounts.in_name_of(artist, &asked).await {
            Ok(got) => Ok(Some(got)),
            Err(RepositoryError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn delete(
        &self,
        job: &Job,
        track: &SettlingTrack,
        key: &str,
        now: Timestamp,
    ) -> Result<(), Delayed> {
        let body = json!({
            "repo": track.artist.as_str(),
            "collection": self.collection,
            "rkey": key,
        });
        let asked = Asked::Post("com.atproto.repo.deleteRecord", &body);
        let _: Value = self.accounts.in_name_of(&track.artist, &asked).await?;
        let tracks = self.store.tracks();
        Ok(tracks.recorded(job, track.id, None, now).await?)
    }

    /// What the record says. What somebody else has put into it stays, but for a copy of gated audio.
    async fn record(
        &self,
        track: &SettlingTrack,
        mut record: Map<String, Value>,
    ) -> Result<Map<String, Value>, Delayed> {
        let artist = self.store.artists().get(&track.artist).await?;
        record.retain(|name, _| !OURS.contains(&name.as_str()));
        if !track.gate.is_open() {
            record.remove("audioBlob");
        }
        let Some(file) = track.files.first() else {
            return Ok(record);
        };
        let open = file.public.as_ref().filter(|_| track.is_for_all());
        let audio = match open {
            Some(key) => format!("{}{}", self.public, key.as_str()),
            None => format!("{}/audio/{}", self.site, file.id),
        };
        let features = track.features.iter();
        let features: Vec<_> = features
            .map(
                |feature| json!({ "did": feature.did.as_str(), "handle": feature.handle.as_str() }),
            )
            .collect();
        let gate = match track.gate {
            Gate::Open => None,
            Gate::SignedIn => Some("signed_in"),
            Gate::Supporters => Some("any"),
        };
        let image = track.image.map(|id| format!("{}/images/{id}", self.site));
        let fields = [
            ("$type", Some(json!(self.collection))),
            ("title", Some(json!(track.title))),
            ("artist", artist.map(|artist| json!(artist.display_name))),
            ("audioUrl", Some(json!(audio))),
            ("fileType", Some(json!(file.format.extension()))),
            ("createdAt", Some(json!(track.created.to_string()))),
            ("album", track.album.as_ref().map(|album| json!(album))),
            ("duration", Some(json!(file.duration.div_euclid(1000)))),
            ("features", (!features.is_empty()).then(|| json!(features))),
            ("imageUrl", image.map(|url| json!(url))),
            (
                "description",
                track.description.as_ref().map(|text| json!(text)),
            ),
            ("supportGate", gate.map(|kind| json!({ "type": kind }))),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                record.insert(name.to_owned(), value);
            }
        }
        Ok(record)
    }
}

/// Why a record is not where its track is yet.
enum Delayed {
    /// It is up to the artist's server, or to the artist.
    Server(RepositoryError),
    /// It is up to us.
    Store(gatefold_store::StoreError),
}

impl From<RepositoryError> for Delayed {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Store(error) => Self::Store(error),
            error @ (RepositoryError::NoSession
            | RepositoryError::NotFound
            | RepositoryError::Server(_)) => Self::Server(error),
        }
    }
}

impl From<gatefold_store::StoreError> for Delayed {
    fn from(error: gatefold_store::StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Delayed> for JobError {
    fn from(delayed: Delayed) -> Self {
        match delayed {
            Delayed::Server(error) => Self::Other(error.to_string()),
            Delayed::Store(error) => error.into(),
        }
    }
}
