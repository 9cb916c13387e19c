//! Tracks, their files, and what their artists decide.

use gatefold_domain::{AudioFormat, Did, FileId, Gate, ObjectKey, TrackId, Visibility};
use gatefold_store::{Change, NewFile, NewTrack, Profile, Store, StoreError};

use crate::{
    database::{Database, at, hash, person},
    on_both,
};

on_both!(
    a_track_is_found_by_all_of_its_names,
    nothing_is_taken_twice,
    lists_show_what_is_shown_to_everybody,
    a_changed_gate_is_told_to_all,
    a_changed_visibility_is_told_to_all,
    who_is_no_artist_has_no_tracks,
);

/// What is to be kept: the number makes all of its names.
struct New {
    artist: Did,
    number: u8,
    gate: Gate,
    visibility: Visibility,
}

impl New {
    fn open(number: u8) -> Self {
        Self {
            artist: person('a'),
            number,
            gate: Gate::Open,
            visibility: Visibility::Public,
        }
    }

    fn file(&self) -> FileId {
        FileId::random([self.number; 16])
    }

    fn object(&self) -> ObjectKey {
        ObjectKey::audio([self.number; 16], AudioFormat::Mp3)
    }

    fn public(&self) -> ObjectKey {
        ObjectKey::audio([100 + self.number; 16], AudioFormat::Mp3)
    }

    async fn keep(&self, store: &Store) -> Result<TrackId, StoreError> {
        let public = self.public();
        let new = NewTrack {
            artist: &self.artist,
            title: "Night Tram",
            gate: self.gate,
            visibility: self.visibility,
            audio: NewFile {
                id: &self.file(),
                format: AudioFormat::Mp3,
                object: &self.object(),
                public: self.gate.is_open().then_some(&public),
                len: u64::from(u32::MAX) + 1,
                sha256: &hash(self.number),
                duration: 61_500,
            },
        };
        store.tracks().add(new, at(self.number.into())).await
    }
}

async fn with_artist(database: &Database) -> Store {
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
        assert_eq!((track.gate_generation, track.created), (1, at(1)));
        assert_eq!(track.audio.id, new.file());
        assert_eq!(track.audio.format, AudioFormat::Mp3);
        assert!(track.audio.object == new.object() && track.audio.public == Some(new.public()));
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

async fn a_changed_gate_is_told_to_all(database: &Database) {
    let store = with_artist(database).await;
    let (new, other) = (New::open(1), New::open(2));
    let id = new.keep(&store).await.unwrap();
    other.keep(&store).await.unwrap();
    let tracks = store.tracks();
    for (generation, gate, public) in [
        (2, Gate::Supporters, None),
        (3, Gate::Open, Some(New::open(3).public())),
    ] {
        let cursor = store.changes().cursor().await.unwrap();
        assert!(
            tracks
                .set_gate(id, gate, public.as_ref(), at(9))
                .await
                .unwrap()
        );
        let track = tracks.get(id).await.unwrap().unwrap();
        assert_eq!(
            (track.access.gate, track.gate_generation),
            (gate, generation)
        );
        assert!(track.audio.public == public);
        assert!(track.audio.object == new.object());
        let news = store.changes().since(cursor).await.unwrap();
        assert_eq!(news.changes, [Change::Track(id)]);
    }
    // A key that another track's copy has is not given away.
    let taken = tracks
        .set_gate(id, Gate::Open, Some(&other.public()), at(9))
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict)));
    let track = tracks.get(id).await.unwrap().unwrap();
    assert_eq!(track.gate_generation, 3, "and nothing has changed");
    let none = TrackId::new(99).unwrap();
    assert!(
        !tracks
            .set_gate(none, Gate::Open, None, at(9))
            .await
            .unwrap()
    );
}

async fn a_changed_visibility_is_told_to_all(database: &Database) {
    let store = with_artist(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let cursor = store.changes().cursor().await.unwrap();
    let tracks = store.tracks();
    assert!(
        tracks
            .set_visibility(id, Visibility::Draft, at(9))
            .await
            .unwrap()
    );
    let track = tracks.get(id).await.unwrap().unwrap();
    assert_eq!(track.access.visibility, Visibility::Draft);
    let news = store.changes().since(cursor).await.unwrap();
    assert_eq!(news.changes, [Change::Track(id)]);
    let none = TrackId::new(99).unwrap();
    let changed = tracks.set_visibility(none, Visibility::Draft, at(9)).await;
    assert!(!changed.unwrap());
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
