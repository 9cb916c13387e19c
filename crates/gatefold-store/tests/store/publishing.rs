//! A track's life as far as the database sees it: copies, revisions, its end; and what stays behind.

use gatefold_domain::{
    AlbumId, AudioFormat, FileId, Gate, ImageId, ObjectKey, TrackId, Visibility,
};
use gatefold_store::{
    AlbumName, BucketName, Edit, Edited, Feature, Finished, Job, JobKind, NewImage, NewObject,
    ObjectState, Restored, SettlingTrack, Store, TrackEdits,
};

use crate::{
    database::{Database, at, hash, person},
    on_both,
    tracks::{New, with_artist},
};

on_both!(
    a_copy_is_known_before_it_is_there,
    a_copy_that_comes_too_late_is_refused,
    a_gate_condemns_every_copy,
    only_what_everybody_sees_is_counted,
    a_picture_is_seen_with_its_track,
    what_was_played_before_can_be_again,
    a_deleted_track_leaves_nothing,
    keys_are_nobodys_or_somebodys,
);

fn nothing() -> TrackEdits<'static> {
    TrackEdits::default()
}

fn gated(gate: Gate) -> TrackEdits<'static> {
    TrackEdits {
        gate: Some(gate),
        ..nothing()
    }
}

async fn job(store: &Store, kind: JobKind) -> Option<Job> {
    let jobs = store.jobs();
    jobs.take(&[kind], 1, at(1000), at(2000)).await.unwrap()
}

async fn settling(store: &Store, id: TrackId) -> SettlingTrack {
    store.tracks().settling(id).await.unwrap().unwrap()
}

/// Makes a copy as a worker does; whether it is the track's.
async fn copy(store: &Store, job: &Job, track: &SettlingTrack, key: &ObjectKey) -> bool {
    let object = NewObject {
        key,
        bucket: BucketName::Public,
        artist: &track.artist,
        track: Some(track.id),
    };
    store
        .objects()
        .expect(job, &[object], at(10))
        .await
        .unwrap();
    let file = &track.files.first().unwrap().id;
    let tracks = store.tracks();
    let published = tracks.published(job, track, file, key, 7, at(11)).await;
    published.unwrap()
}

/// Removes what is condemned, as a worker does: their keys.
async fn discard(store: &Store) -> Vec<String> {
    let mut gone = Vec::new();
    while let Some(job) = job(store, JobKind::Discard).await {
        let key: ObjectKey = job.subject.parse().unwrap();
        let object = store.objects().get(&key).await.unwrap().unwrap();
        assert_eq!(object.state, ObjectState::Condemned);
        let finished = store.objects().gone(&job, &key, at(20)).await.unwrap();
        assert_eq!(finished, Finished::Done);
        assert!(store.objects().get(&key).await.unwrap().is_none());
        gone.push(job.subject);
    }
    gone.sort_unstable();
    gone
}

async fn a_copy_is_known_before_it_is_there(database: &Database) {
    let store = with_artist(database).await;
    let new = New::open(1);
    let id = new.keep(&store).await.unwrap();
    let job = job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert!(track.is_for_all() && !track.is_removed);
    assert_eq!((track.generation, track.settled, track.leaving), (1, 0, 0));
    assert_eq!(track.title, "Night Tram");
    assert_eq!(track.description.as_deref(), Some("of trams"));
    assert_eq!(track.files.len(), 1);
    assert!(track.files[0].object == new.object() && track.files[0].sha256 == hash(1));
    assert!(copy(&store, &job, &track, &new.public()).await);
    let object = store.objects().get(&new.public()).await.unwrap().unwrap();
    assert_eq!(object.state, ObjectState::Kept);
    assert_eq!(
        (object.bucket, object.track),
        (BucketName::Public, Some(id))
    );
    let found = store.tracks().get(id).await.unwrap().unwrap();
    assert!(found.audio.public == Some(new.public()) && found.is_settling());
    let finished = store.tracks().settled(&job, &track, at(12)).await.unwrap();
    assert_eq!(finished, Finished::Done);
    let found = store.tracks().get(id).await.unwrap().unwrap();
    assert!(!found.is_settling());
    // A second copy is not wanted.
    let second = New::open(2).public();
    store
        .tracks()
        .edit(&person('a'), id, nothing(), at(13))
        .await
        .unwrap();
    let job = self::job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert!(!copy(&store, &job, &track, &second).await);
}

async fn a_copy_that_comes_too_late_is_refused(database: &Database) {
    let store = with_artist(database).await;
    let new = New::open(1);
    let id = new.keep(&store).await.unwrap();
    let job = job(&store, JobKind::Settle).await.unwrap();
    let before = settling(&store, id).await;
    let edited = store
        .tracks()
        .edit(&person('a'), id, gated(Gate::Supporters), at(5))
        .await;
    assert_eq!(edited.unwrap(), Edited::Done);
    assert!(!copy(&store, &job, &before, &new.public()).await);
    // It was never named, and goes.
    store.objects().give_up(&new.public(), at(6)).await.unwrap();
    assert_eq!(discard(&store).await, [new.public().as_str()]);
    let found = store.tracks().get(id).await.unwrap().unwrap();
    assert!(found.audio.public.is_none());
}

async fn a_gate_condemns_every_copy(database: &Database) {
    let store = with_artist(database).await;
    let new = New::open(1);
    let id = new.keep(&store).await.unwrap();
    let first = job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert!(copy(&store, &first, &track, &new.public()).await);
    store
        .tracks()
        .settled(&first, &track, at(12))
        .await
        .unwrap();
    for (edits, is_settling) in [
        (gated(Gate::SignedIn), true),
        (gated(Gate::Supporters), true),
    ] {
        store
            .tracks()
            .edit(&person('a'), id, edits, at(13))
            .await
            .unwrap();
        let found = store.tracks().get(id).await.unwrap().unwrap();
        assert!(found.audio.public.is_none());
        assert_eq!(found.is_settling(), is_settling);
    }
    let second = job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert_eq!((track.leaving, track.generation), (1, 3));
    // Nothing is settled while a copy is there.
    store
        .tracks()
        .settled(&second, &track, at(14))
        .await
        .unwrap();
    assert!(store.tracks().get(id).await.unwrap().unwrap().is_settling());
    assert_eq!(discard(&store).await, [new.public().as_str()]);
    let third = job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert_eq!(track.leaving, 0);
    store
        .tracks()
        .settled(&third, &track, at(15))
        .await
        .unwrap();
    assert!(!store.tracks().get(id).await.unwrap().unwrap().is_settling());
    assert!(job(&store, JobKind::Settle).await.is_none());
}

async fn only_what_everybody_sees_is_counted(database: &Database) {
    let store = with_artist(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let album = |number| AlbumName {
        title: "Lines",
        slug: "lines",
        id: AlbumId::from_bytes([number; 16]),
    };
    let edit = async |edits| {
        let edited = store.tracks().edit(&person('a'), id, edits, at(5)).await;
        assert_eq!(edited.unwrap(), Edited::Done);
        let tags = "SELECT name || track_count FROM tags ORDER BY name";
        let albums = "SELECT title || track_count FROM albums";
        (database.sql(tags).await, database.sql(albums).await)
    };
    let counts = |tags: &[&str], albums: &[&str]| {
        let owned = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        (owned(tags), owned(albums))
    };
    let into = TrackEdits {
        album: Edit::Set(album(1)),
        tags: Some(&["day", "tram"]),
        ..nothing()
    };
    assert_eq!(
        edit(into).await,
        counts(&["day1", "night0", "tram1"], &["Lines1"])
    );
    let draft = TrackEdits {
        visibility: Some(Visibility::Draft),
        album: Edit::Set(album(2)),
        ..nothing()
    };
    assert_eq!(
        edit(draft).await,
        counts(&["day0", "night0", "tram0"], &["Lines0"])
    );
    let shown = TrackEdits {
        visibility: Some(Visibility::Public),
        ..nothing()
    };
    assert_eq!(
        edit(shown).await,
        counts(&["day1", "night0", "tram1"], &["Lines1"])
    );
    let unlisted = TrackEdits {
        visibility: Some(Visibility::Unlisted),
        ..nothing()
    };
    assert_eq!(
        edit(unlisted).await,
        counts(&["day0", "night0", "tram0"], &["Lines0"])
    );
    let out = TrackEdits {
        visibility: Some(Visibility::Public),
        album: Edit::Clear,
        ..nothing()
    };
    // An album without tracks goes.
    assert_eq!(edit(out).await, counts(&["day1", "night0", "tram1"], &[]));
}

async fn a_picture_is_seen_with_its_track(database: &Database) {
    let store = with_artist(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let keys = |number| {
        (
            ObjectKey::image([number; 16]),
            ObjectKey::image([number + 1; 16]),
        )
    };
    let picture = ImageId::from_bytes([1; 16]);
    let set = async |number: u8, image| {
        let (large, small) = keys(number);
        let edits = TrackEdits {
            image: Edit::Set(NewImage {
                id: image,
                large: &large,
                large_len: 20,
                small: &small,
                small_len: 5,
            }),
            ..nothing()
        };
        store
            .tracks()
            .edit(&person('a'), id, edits, at(5))
            .await
            .unwrap()
    };
    assert_eq!(
        set(1, picture).await,
        Edited::GivenUp,
        "nobody expects them"
    );
    let expect = async |number| {
        let job = job(&store, JobKind::Settle).await.unwrap();
        let (large, small) = keys(number);
        let artist = person('a');
        let object = |key| NewObject {
            key,
            bucket: BucketName::Private,
            artist: &artist,
            track: None,
        };
        let both = [object(&large), object(&small)];
        store.objects().expect(&job, &both, at(6)).await.unwrap();
        assert!(store.jobs().put_off(&job, at(0), None).await.unwrap());
    };
    expect(1).await;
    let before = store.artists().bytes(&person('a')).await.unwrap().unwrap();
    assert_eq!(set(1, picture).await, Edited::Done);
    let after = store.artists().bytes(&person('a')).await.unwrap().unwrap();
    assert_eq!(after - before, 25);
    let image = store.images().get(picture).await.unwrap().unwrap();
    assert!(image.is_shown && image.large == keys(1).0 && image.small == keys(1).1);
    let draft = TrackEdits {
        visibility: Some(Visibility::Draft),
        ..nothing()
    };
    store
        .tracks()
        .edit(&person('a'), id, draft, at(7))
        .await
        .unwrap();
    assert!(!store.images().get(picture).await.unwrap().unwrap().is_shown);
    // Another takes its place, and it goes.
    expect(3).await;
    assert_eq!(set(3, ImageId::from_bytes([2; 16])).await, Edited::Done);
    assert!(store.images().get(picture).await.unwrap().is_none());
    let (large, small) = keys(1);
    assert_eq!(discard(&store).await, [large.as_str(), small.as_str()]);
    let after = store.artists().bytes(&person('a')).await.unwrap().unwrap();
    assert_eq!(after - before, 25);
}

async fn what_was_played_before_can_be_again(database: &Database) {
    let store = with_artist(database).await;
    let (old, new) = (New::open(1), New::open(2));
    let id = old.keep(&store).await.unwrap();
    let first = job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert!(copy(&store, &first, &track, &old.public()).await);
    store
        .tracks()
        .settled(&first, &track, at(12))
        .await
        .unwrap();
    crate::uploads::replace(&store, id, &new).await;
    let current = async |file: FileId| {
        let track = store.tracks().by_file(&file).await.unwrap().unwrap();
        assert_eq!(track.id, id);
        track.audio.is_current
    };
    assert!(current(new.file()).await && !current(old.file()).await);
    assert_eq!(
        store.tracks().get(id).await.unwrap().unwrap().audio.id,
        new.file()
    );
    assert!(
        discard(&store)
            .await
            .contains(&old.public().as_str().to_owned())
    );
    let tracks = store.tracks();
    tracks
        .edit(&person('a'), id, gated(Gate::Supporters), at(13))
        .await
        .unwrap();
    let revisions = tracks.revisions(id).await.unwrap();
    assert_eq!(revisions.len(), 1);
    assert_eq!(revisions[0].format, AudioFormat::Mp3);
    assert_eq!(
        (revisions[0].gate, revisions[0].duration),
        (Gate::Open, 61_500)
    );
    let number = revisions[0].id;
    for (who, id, revision) in [
        ('b', id, number),
        ('a', id, number + 1),
        ('a', id, 99),
        ('a', TrackId::new(99).unwrap(), number),
    ] {
        let restored = tracks.restore(&person(who), id, revision, at(14)).await;
        assert_eq!(restored.unwrap(), Restored::NotFound);
    }
    let restored = tracks
        .restore(&person('a'), id, number, at(14))
        .await
        .unwrap();
    assert_eq!(
        restored,
        Restored::Done {
            displaced: number + 1
        }
    );
    assert!(!current(new.file()).await && current(old.file()).await);
    let track = tracks.get(id).await.unwrap().unwrap();
    assert_eq!(
        (track.audio.id, track.access.gate),
        (old.file(), Gate::Supporters)
    );
    let revisions = tracks.revisions(id).await.unwrap();
    assert_eq!((revisions.len(), revisions[0].id), (1, number + 1));
    assert_eq!(revisions[0].gate, Gate::Supporters);
}

async fn a_deleted_track_leaves_nothing(database: &Database) {
    let store = with_artist(database).await;
    let (old, new, other) = (New::open(1), New::open(2), New::open(3));
    let id = old.keep(&store).await.unwrap();
    other.keep(&store).await.unwrap();
    let only_other = store.artists().bytes(&person('a')).await.unwrap().unwrap() / 2;
    let first = job(&store, JobKind::Settle).await.unwrap();
    let track = settling(&store, id).await;
    assert!(copy(&store, &first, &track, &old.public()).await);
    store
        .tracks()
        .settled(&first, &track, at(12))
        .await
        .unwrap();
    crate::uploads::replace(&store, id, &new).await;
    let named = [Feature {
        did: person('c'),
        handle: "carol.example.com".parse().unwrap(),
    }];
    let edits = TrackEdits {
        album: Edit::Set(AlbumName {
            title: "Lines",
            slug: "lines",
            id: AlbumId::from_bytes([1; 16]),
        }),
        features: Some(&named),
        ..nothing()
    };
    store
        .tracks()
        .edit(&person('a'), id, edits, at(13))
        .await
        .unwrap();
    assert_eq!(settling(&store, id).await.features, named);
    assert!(
        store
            .tracks()
            .remove(&person('a'), id, at(14))
            .await
            .unwrap()
    );
    assert!(
        !store
            .tracks()
            .remove(&person('a'), id, at(14))
            .await
            .unwrap()
    );
    assert!(store.tracks().get(id).await.unwrap().is_none());
    for new in [&old, &new] {
        assert!(store.tracks().by_file(&new.file()).await.unwrap().is_none());
        assert!(
            store
                .tracks()
                .by_object(&new.object())
                .await
                .unwrap()
                .is_none()
        );
    }
    let track = settling(&store, id).await;
    assert!(track.is_removed && track.files.is_empty() && track.leaving == 1);
    discard(&store).await;
    while let Some(job) = job(&store, JobKind::Settle).await {
        let track = settling(&store, job.subject.parse().unwrap()).await;
        store.tracks().settled(&job, &track, at(20)).await.unwrap();
    }
    assert!(store.tracks().settling(id).await.unwrap().is_none());
    for (table, left) in [
        ("tracks", 1),
        ("files", 1),
        ("revisions", 1),
        ("objects", 1),
        ("waveforms", 1),
        ("track_tags", 2),
        ("features", 0),
        ("albums", 0),
        ("jobs", 0),
    ] {
        let count = database.sql(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(count, [left.to_string()], "{table}");
    }
    let bytes = store.artists().bytes(&person('a')).await.unwrap();
    assert_eq!(bytes, Some(only_other));
}

async fn keys_are_nobodys_or_somebodys(database: &Database) {
    let store = with_artist(database).await;
    let (new, nobodys) = (New::open(1), New::open(2).object());
    new.keep(&store).await.unwrap();
    let known = store
        .objects()
        .known(&[new.object(), nobodys])
        .await
        .unwrap();
    assert!(known.len() == 1 && known.contains(&new.object()));
    assert!(store.objects().known(&[]).await.unwrap().is_empty());
    // What is expected for too long is given up; what is kept is not.
    let job = job(&store, JobKind::Settle).await.unwrap();
    let artist = person('a');
    let object = NewObject {
        key: &new.public(),
        bucket: BucketName::Public,
        artist: &artist,
        track: None,
    };
    store
        .objects()
        .expect(&job, &[object], at(50))
        .await
        .unwrap();
    for (before, given_up) in [(at(50), 0), (at(51), 1), (at(99), 0)] {
        let swept = store.objects().give_up_stale(before, 10, at(60)).await;
        assert_eq!(swept.unwrap(), given_up);
    }
    assert_eq!(discard(&store).await, [new.public().as_str()]);
}
