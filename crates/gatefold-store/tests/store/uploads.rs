//! Uploads, from their first byte to what comes of them.

use gatefold_domain::{Gate, ObjectKey, TrackId, UploadId, Visibility};
use gatefold_store::{
    Accepted, Arrived, BucketName, Completed, Job, JobKind, NewObject, NewTrack, NewUpload,
    ObjectState, Store, UploadState,
};

use crate::{
    database::{Database, at, hash, person},
    on_both,
    tracks::{New, recording, with_artist},
};

on_both!(
    an_upload_becomes_a_track,
    an_upload_that_fails_leaves_nothing,
    who_has_too_much_keeps_nothing_more,
    what_is_silent_is_given_up,
    the_audio_of_a_track_that_is_gone_goes_too,
);

const LOTS: u64 = u64::MAX / 4;

fn upload(number: u8) -> UploadId {
    UploadId::from_bytes([number; 16])
}

fn audio(number: u8) -> ObjectKey {
    ObjectKey::staging([number; 16])
}

fn image(number: u8) -> ObjectKey {
    ObjectKey::staging([100 + number; 16])
}

async fn begin(store: &Store, number: u8, replaces: Option<TrackId>) {
    let new = NewUpload {
        id: upload(number),
        artist: &person('a'),
        replaces,
        audio: &audio(number),
        image: &image(number),
    };
    store.uploads().begin(new, at(1)).await.unwrap();
}

async fn arrived(store: &Store, number: u8, quota: u64) -> Accepted {
    let arrived = Arrived {
        details: "{}",
        audio: 100,
        image: None,
        quota,
    };
    let uploads = store.uploads();
    uploads
        .arrived(upload(number), arrived, at(2))
        .await
        .unwrap()
}

async fn job(store: &Store) -> Option<Job> {
    let jobs = store.jobs();
    let taken = jobs.take(&[JobKind::Upload], 1, at(1000), at(2000)).await;
    taken.unwrap()
}

async fn expect(store: &Store, job: &Job, key: &ObjectKey) {
    let object = NewObject {
        key,
        bucket: BucketName::Private,
        artist: &person('a'),
        track: None,
    };
    store.objects().expect(job, &[object], at(3)).await.unwrap();
}

async fn state(store: &Store, number: u8) -> UploadState {
    let found = store.uploads().get(upload(number)).await.unwrap();
    found.unwrap().state
}

/// Gives a track other audio, as an upload and its worker do.
pub(crate) async fn replace(store: &Store, id: TrackId, new: &New) {
    let number = new.number;
    begin(store, number, Some(id)).await;
    assert_eq!(arrived(store, number, LOTS).await, Accepted::Waiting);
    let job = job(store).await.unwrap();
    expect(store, &job, &new.object()).await;
    let (file, object, sha256) = (new.file(), new.object(), hash(number));
    let recording = recording(&file, &object, &sha256);
    let replacement = (&new.artist, id, recording);
    let uploads = store.uploads();
    let replaced = uploads
        .replaced(&job, upload(number), replacement, at(4))
        .await;
    assert_eq!(replaced.unwrap(), Completed::Track(id));
}

async fn an_upload_becomes_a_track(database: &Database) {
    let store = with_artist(database).await;
    begin(&store, 1, None).await;
    assert_eq!(state(&store, 1).await, UploadState::Receiving);
    assert!(job(&store).await.is_none(), "nothing is whole yet");
    assert_eq!(arrived(&store, 1, LOTS).await, Accepted::Waiting);
    assert_eq!(arrived(&store, 1, LOTS).await, Accepted::GivenUp, "once");
    let bytes = store.artists().bytes(&person('a')).await.unwrap();
    assert_eq!(bytes, Some(100));
    let job = job(&store).await.unwrap();
    assert_eq!(job.subject, upload(1).to_string());
    let uploads = store.uploads();
    uploads
        .progress(&job, upload(1), "reading", 40, at(3))
        .await
        .unwrap();
    let found = uploads.get(upload(1)).await.unwrap().unwrap();
    assert_eq!((found.state, found.percent), (UploadState::Processing, 40));
    assert_eq!(
        (&*found.phase, found.details.as_deref()),
        ("reading", Some("{}"))
    );
    let new = New::open(1);
    let (file, object, sha256) = (new.file(), new.object(), hash(1));
    let track = NewTrack {
        artist: &new.artist,
        title: "Night Tram",
        description: None,
        album: None,
        tags: &[],
        features: &[],
        image: None,
        gate: Gate::Supporters,
        visibility: Visibility::Public,
        downloads: None,
        record_key: None,
        recording: recording(&file, &object, &sha256),
    };
    let nobodys = uploads.completed(&job, upload(1), &track, at(4)).await;
    assert_eq!(
        nobodys.unwrap(),
        Completed::GivenUp,
        "nobody expects its object"
    );
    expect(&store, &job, &object).await;
    let completed = uploads.completed(&job, upload(1), &track, at(4)).await;
    let Completed::Track(id) = completed.unwrap() else {
        panic!("no track came of it");
    };
    let found = uploads.get(upload(1)).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.track),
        (UploadState::Completed, Some(id))
    );
    assert!(found.audio.is_none() && found.image.is_none());
    let track = store.tracks().get(id).await.unwrap().unwrap();
    assert_eq!(track.audio.id, file);
    let points = store.waveforms().get(&file).await.unwrap();
    assert_eq!(points, Some(vec![1, 2, 3]));
    let staged = store.objects().get(&audio(1)).await.unwrap().unwrap();
    assert_eq!(staged.state, ObjectState::Condemned);
    assert!(self::job(&store).await.is_none());
}

async fn an_upload_that_fails_leaves_nothing(database: &Database) {
    let store = with_artist(database).await;
    begin(&store, 1, None).await;
    arrived(&store, 1, LOTS).await;
    let job = job(&store).await.unwrap();
    let why = ("damaged", "The file is damaged.");
    store
        .uploads()
        .failed(&job, upload(1), why, at(3))
        .await
        .unwrap();
    let found = store.uploads().get(upload(1)).await.unwrap().unwrap();
    assert_eq!(found.state, UploadState::Failed);
    let (code, problem) = found.failure.unwrap();
    assert_eq!((&*code, &*problem), why);
    for key in [audio(1), image(1)] {
        let object = store.objects().get(&key).await.unwrap().unwrap();
        assert_eq!(object.state, ObjectState::Condemned);
    }
    assert!(self::job(&store).await.is_none());
    let ended = store.uploads().sweep(at(0), at(4), 10, at(5)).await;
    assert_eq!(ended.unwrap(), 1);
    assert!(store.uploads().get(upload(1)).await.unwrap().is_none());
}

async fn who_has_too_much_keeps_nothing_more(database: &Database) {
    let store = with_artist(database).await;
    begin(&store, 1, None).await;
    assert_eq!(arrived(&store, 1, 100).await, Accepted::Waiting);
    begin(&store, 2, None).await;
    assert_eq!(arrived(&store, 2, 199).await, Accepted::OverQuota);
    assert_eq!(state(&store, 2).await, UploadState::Receiving);
    let bytes = store.artists().bytes(&person('a')).await.unwrap();
    assert_eq!(bytes, Some(100));
    let why = ("over_quota", "There is no room for it.");
    store
        .uploads()
        .give_up(upload(2), why, at(3))
        .await
        .unwrap();
    assert_eq!(state(&store, 2).await, UploadState::Failed);
    // One that was accepted stays.
    store
        .uploads()
        .give_up(upload(1), why, at(3))
        .await
        .unwrap();
    assert_eq!(state(&store, 1).await, UploadState::Waiting);
}

async fn what_is_silent_is_given_up(database: &Database) {
    let store = with_artist(database).await;
    begin(&store, 1, None).await;
    for (silent_since, swept) in [(at(1), 0), (at(2), 1), (at(9), 0)] {
        let found = store.uploads().sweep(silent_since, at(0), 10, at(9)).await;
        assert_eq!(found.unwrap(), swept);
    }
    assert_eq!(state(&store, 1).await, UploadState::Failed);
    assert_eq!(arrived(&store, 1, LOTS).await, Accepted::GivenUp);
}

async fn the_audio_of_a_track_that_is_gone_goes_too(database: &Database) {
    let store = with_artist(database).await;
    let (old, new) = (New::open(1), New::open(2));
    let id = old.keep(&store).await.unwrap();
    begin(&store, 2, Some(id)).await;
    arrived(&store, 2, LOTS).await;
    store
        .tracks()
        .remove(&person('a'), id, at(3))
        .await
        .unwrap();
    let job = job(&store).await.unwrap();
    expect(&store, &job, &new.object()).await;
    let (file, object, sha256) = (new.file(), new.object(), hash(2));
    let replacement = (&new.artist, id, recording(&file, &object, &sha256));
    let uploads = store.uploads();
    let replaced = uploads.replaced(&job, upload(2), replacement, at(4)).await;
    assert_eq!(replaced.unwrap(), Completed::NoTrack);
    assert!(store.tracks().by_file(&file).await.unwrap().is_none());
}
