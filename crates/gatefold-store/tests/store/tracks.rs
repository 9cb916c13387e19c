//! Tracks, their files, and what their artists decide.

use gatefold_domain::{AudioFormat, Did, FileId, Gate, ObjectKey, TrackId, Visibility};
use gatefold_store::{
    Change, Edited, FileRole, Hash, NewFile, NewRecording, NewTrack, Profile, Store, StoreError,
    TrackEdits,
};

use crate::{
    database::{Database, at, hash, person},
    on_both,
};

on_both!(
    a_track_is_found_by_all_of_its_names,
    nothing_is_taken_twice,
    lists_show_what_is_shown_to_everybody,
    a_change_is_told_to_all,
    who_is_no_artist_has_no_tracks,
);

/// What is to be kept: the number makes all of its names.
pub(crate) struct New {
    pub(crate) artist: Did,
    pub(crate) number: u8,
    pub(crate) gate: Gate,
    pub(crate) visibility: Visibility,
}

impl New {
    pub(crate) fn open(number: u8) -> Self {
        Self {
            artist: person('a'),
            number,
            gate: Gate::Open,
            visibility: Visibility::Public,
        }
    }

    pub(crate) fn file(&self) -> FileId {
        FileId::random([self.number; 16])
    }

    pub(crate) fn object(&self) -> ObjectKey {
        ObjectKey::audio([self.number; 16], AudioFormat::Mp3)
    }

    pub(crate) fn public(&self) -> ObjectKey {
        ObjectKey::audio([100 + self.number; 16], AudioFormat::Mp3)
    }

    pub(crate) async fn keep(&self, store: &Store) -> Result<TrackId, StoreError> {
        let (file, object, sha256) = (self.file(), self.object(), hash(self.number));
        let new = NewTrack {
            artist: &self.artist,
            title: "Night Tram",
            description: Some("of trams"),
            album: None,
            tags: &["night", "tram"],
            features: &[],
            image: None,
            gate: self.gate,
            visibility: self.visibility,
            downloads: None,
            record_key: Some("3laaaaaaaaa2a"),
            recording: recording(&file, &object, &sha256),
        };
        store.tracks().add(&new, at(self.number.into())).await
    }
}

/// A recording with this file.
pub(crate) fn recording<'a>(
    id: &'a FileId,
    object: &'a ObjectKey,
    sha256: &'a Hash,
) -> NewRecording<'a> {
    NewRecording {
        audio: NewFile {
            id,
            format: AudioFormat::Mp3,
            object,
            len: u64::from(u32::MAX) + 1,
            sha256,
            duration: 61_500,
        },
        original: None,
        waveform: Some(&[1, 2, 3]),
    }
}

pub(crate) async fn with_artist(database: &Database) -> Store {
    let store = database.store().await;
    let handle = "alice.example.com".parse().unwrap();
    let artist = person('a');
    store
        .accounts()
        .seen(&artist, Some(&handle), at(0))
        .await
        .unwrap();
    for support_url in [None, Some("https://example.com/support")] {
        let profile = Profile {
            display_name: "Alice & the Signals",
            support_url,
            ..Profile::default()
        };
        store.artists().put(&artist, profile, at(0)).await.unwrap();
    }
    store
}

async fn a_track_is_found_by_all_of_its_names(database: &Database) {
    let store = with_artist(database).await;
    let new = New::open(1);
    let id = new.keep(&store).await.unwrap();
    let tracks = store.tracks();
    let found = [
        tracks.get(id).await.unwrap().unwrap(),
        tracks.by_file(&new.file()).await.unwrap().unwrap(),
        tracks.by_object(&new.object()).await.unwrap().unwrap(),
        tracks.newest(None, 1).await.unwrap().remove(0),
    ];
    for track in found {
        assert_eq!(track.id, id);
        assert_eq!(track.title, "Night Tram");
        assert_eq!(track.access.artist, person('a'));
        assert_eq!(track.access.gate, Gate::Open);
        assert_eq!(track.access.visibility, Visibility::Public);
        assert_eq!(track.artist_name, "Alice & the Signals");
        let handle = track.artist_handle.unwrap();
        assert_eq!(handle.as_str(), "alice.example.com");
        let support = track.support_url.as_deref();
        assert_eq!(support, Some("https://example.com/support"));
        assert_eq!((track.generation, track.gate_generation), (1, 1));
        assert_eq!((track.settled, track.created), (0, at(1)));
        assert_eq!(track.audio.id, new.file());
        assert_eq!(track.audio.format, AudioFormat::Mp3);
        assert!(track.audio.object == new.object() && track.audio.public.is_none());
        assert!(track.audio.is_current);
        assert_eq!(track.audio.role, FileRole::Audio);
        assert_eq!(track.audio.len, 4_294_967_296);
        assert_eq!(track.audio.duration, 61_500);
    }
    let other = New::open(2);
    assert!(tracks.by_file(&other.file()).await.unwrap().is_none());
    // The public copy leads to nothing that is private.
    assert!(tracks.by_object(&new.public()).await.unwrap().is_none());
    let none = TrackId::new(id.get() + 1).unwrap();
    assert!(tracks.get(none).await.unwrap().is_none());
}

async fn nothing_is_taken_twice(database: &Database) {
    let store = with_artist(database).await;
    New::open(1).keep(&store).await.unwrap();
    let again = New::open(1).keep(&store).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    let all = store.tracks().newest(None, 10).await.unwrap();
    assert_eq!(all.len(), 1, "nothing is left of the second");
}

async fn lists_show_what_is_shown_to_everybody(database: &Database) {
    let store = with_artist(database).await;
    let mut ids = Vec::new();
    for (number, visibility) in [
        (1, Visibility::Public),
        (2, Visibility::Draft),
        (3, Visibility::Unlisted),
        (4, Visibility::Public),
        (5, Visibility::Public),
    ] {
        let new = New {
            visibility,
            ..New::open(number)
        };
        ids.push(new.keep(&store).await.unwrap());
    }
    let list = async |before, most| {
        let tracks = store.tracks().newest(before, most).await.unwrap();
        tracks.iter().map(|track| track.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 10).await, [ids[4], ids[3], ids[0]]);
    assert_eq!(list(None, 2).await, [ids[4], ids[3]]);
    assert_eq!(list(Some(ids[3]), 2).await, [ids[0]]);
    assert!(list(Some(ids[0]), 2).await.is_empty());
}

async fn a_change_is_told_to_all(database: &Database) {
    let store = with_artist(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let tracks = store.tracks();
    let cursor = store.changes().cursor().await.unwrap();
    let edits = TrackEdits {
        gate: Some(Gate::Supporters),
        visibility: Some(Visibility::Draft),
        ..TrackEdits::default()
    };
    let edited = tracks.edit(&person('a'), id, edits, at(9)).await;
    assert_eq!(edited.unwrap(), Edited::Done);
    let track = tracks.get(id).await.unwrap().unwrap();
    assert_eq!(track.access.gate, Gate::Supporters);
    assert_eq!(track.access.visibility, Visibility::Draft);
    assert_eq!((track.generation, track.gate_generation), (2, 2));
    let news = store.changes().since(cursor).await.unwrap();
    assert_eq!(news.changes, [Change::Track(id)]);
    // Others have no say, and learn nothing.
    let none = TrackId::new(id.get() + 1).unwrap();
    for (who, id) in [('a', none), ('b', id)] {
        let edited = tracks.edit(&person(who), id, edits, at(9)).await;
        assert_eq!(edited.unwrap(), Edited::NotFound);
        assert!(!tracks.remove(&person(who), id, at(9)).await.unwrap());
    }
}

async fn who_is_no_artist_has_no_tracks(database: &Database) {
    let store = with_artist(database).await;
    let new = New {
        artist: person('b'),
        ..New::open(1)
    };
    assert!(new.keep(&store).await.is_err());
    assert!(store.tracks().newest(None, 10).await.unwrap().is_empty());
}
