//! What follows a change is done once, by one at a time.

use gatefold_store::{Finished, Job, JobKind, Store, StoreError, TrackEdits};

use crate::{
    database::{Database, at, person},
    on_both,
    tracks::{New, with_artist},
};

on_both!(
    a_job_is_somebodys_until_its_lease_passes,
    who_is_late_changes_nothing,
    more_to_do_is_done,
    what_failed_waits,
    two_workers_never_have_the_same,
    one_is_taken_at_a_time_whatever_is_believed_of_them,
    who_changes_and_who_follows_never_wait_for_each_other,
);

/// A track, which brings a job.
async fn with_job(database: &Database) -> Store {
    let store = with_artist(database).await;
    New::open(1).keep(&store).await.unwrap();
    store
}

async fn take(store: &Store, holder: u128, now: i64, until: i64) -> Option<Job> {
    let jobs = store.jobs();
    let taken = jobs.take(&JobKind::ALL, holder, at(now), at(until)).await;
    taken.unwrap()
}

async fn a_job_is_somebodys_until_its_lease_passes(database: &Database) {
    let store = with_job(database).await;
    assert!(take(&store, 1, 0, 30).await.is_none(), "it is due later");
    assert_eq!(store.jobs().next_due().await.unwrap(), Some(at(1)));
    let job = take(&store, 1, 1, 31).await.unwrap();
    assert_eq!((job.kind, job.attempts), (JobKind::Settle, 1));
    assert!(take(&store, 2, 30, 60).await.is_none());
    assert!(store.jobs().renew(&job, at(40)).await.unwrap());
    assert!(take(&store, 2, 39, 60).await.is_none());
    let again = take(&store, 2, 40, 70).await.unwrap();
    assert_eq!((again.attempts, &again.subject), (2, &job.subject));
    assert!(!store.jobs().renew(&job, at(90)).await.unwrap());
    let jobs = store.jobs();
    let other = jobs.take(&[JobKind::Upload], 3, at(99), at(100)).await;
    assert!(other.unwrap().is_none(), "of another kind");
}

async fn who_is_late_changes_nothing(database: &Database) {
    let store = with_job(database).await;
    let late = take(&store, 1, 1, 2).await.unwrap();
    let job = take(&store, 2, 2, 30).await.unwrap();
    let tracks = store.tracks();
    let id = late.subject.parse().unwrap();
    let track = tracks.settling(id).await.unwrap().unwrap();
    let record = Some(("at://did:web:a/b/c", "cid"));
    let passed = [
        tracks.recorded(&late, id, record, at(3)).await.err(),
        tracks.record_delayed(&late, id, "no").await.err(),
        tracks.settled(&late, &track, at(3)).await.err(),
        store.objects().expect(&late, &[], at(3)).await.err(),
    ];
    for error in passed {
        assert!(matches!(error, Some(StoreError::LeasePassed)), "{error:?}");
    }
    let jobs = store.jobs();
    assert!(!jobs.put_off(&late, at(4), None).await.unwrap());
    let finished = jobs.finish(&late, at(4)).await.unwrap();
    assert_eq!(finished, Finished::Passed);
    let after = tracks.settling(id).await.unwrap().unwrap();
    assert_eq!((after.settled, after.record), (0, None));
    let finished = tracks.settled(&job, &track, at(5)).await.unwrap();
    assert_eq!(finished, Finished::Done);
    assert!(take(&store, 1, 99, 100).await.is_none());
}

async fn more_to_do_is_done(database: &Database) {
    let store = with_job(database).await;
    let job = take(&store, 1, 1, 30).await.unwrap();
    let id = job.subject.parse().unwrap();
    let tracks = store.tracks();
    let before = tracks.settling(id).await.unwrap().unwrap();
    // While it is done, there is more to do: nobody else begins it.
    let artist = before.artist.clone();
    let edits = TrackEdits {
        title: Some("Day Tram"),
        ..Default::default()
    };
    tracks.edit(&artist, id, edits, at(2)).await.unwrap();
    assert!(take(&store, 2, 3, 30).await.is_none());
    let finished = tracks.settled(&job, &before, at(4)).await.unwrap();
    assert_eq!(finished, Finished::Again);
    let job = take(&store, 2, 4, 30).await.unwrap();
    assert_eq!((job.attempts, job.generation), (1, 2));
    let after = tracks.settling(id).await.unwrap().unwrap();
    assert_eq!((after.settled, after.generation), (1, 2));
    let finished = tracks.settled(&job, &after, at(5)).await.unwrap();
    assert_eq!(finished, Finished::Done);
}

async fn what_failed_waits(database: &Database) {
    let store = with_job(database).await;
    let jobs = store.jobs();
    let job = take(&store, 1, 1, 30).await.unwrap();
    assert!(
        jobs.put_off(&job, at(60), Some("a server is down"))
            .await
            .unwrap()
    );
    assert!(take(&store, 1, 59, 90).await.is_none());
    let waiting = jobs.waiting(JobKind::Settle, &job.subject).await.unwrap();
    let waiting = waiting.unwrap();
    assert_eq!((waiting.due, waiting.attempts), (at(60), 1));
    assert_eq!(waiting.problem.as_deref(), Some("a server is down"));
    let again = take(&store, 1, 60, 90).await.unwrap();
    assert_eq!(again.attempts, 2);
    // What only goes on later has not failed, however often it does.
    let mut going = again;
    for second in 61..70 {
        assert!(jobs.put_off(&going, at(second), None).await.unwrap());
        going = take(&store, 1, second, 90).await.unwrap();
        assert_eq!(going.attempts, 1);
    }
}

async fn two_workers_never_have_the_same(database: &Database) {
    let store = with_artist(database).await;
    for number in 1..=20 {
        New::open(number).keep(&store).await.unwrap();
    }
    let worker = async |holder| {
        let store = database.store().await;
        let mut taken = Vec::new();
        while let Some(job) = take(&store, holder, 100, 200).await {
            taken.push(job.subject);
        }
        taken
    };
    let (mut one, other) = tokio::join!(worker(1), worker(2));
    one.extend(other);
    one.sort_unstable();
    one.dedup();
    assert_eq!(one.len(), 20);
}

/// PostgreSQL chooses how to look for a job by how many it has counted. When it counted, there was one.
async fn one_is_taken_at_a_time_whatever_is_believed_of_them(database: &Database) {
    let store = with_artist(database).await;
    New::open(1).keep(&store).await.unwrap();
    database.sql("ANALYZE jobs").await;
    for number in 2..=20 {
        New::open(number).keep(&store).await.unwrap();
    }
    let mut taken = Vec::new();
    while let Some(job) = take(&store, 1, 100, 200).await {
        taken.push(job.subject);
    }
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 20);
}

/// Both touch a track or a like, and the job that follows it: in one order, or PostgreSQL would end one of
/// them, whose caller is told to come again.
async fn who_changes_and_who_follows_never_wait_for_each_other(database: &Database) {
    let store = with_job(database).await;
    let (listener, artist) = (person('b'), person('a'));
    store.accounts().seen(&listener, None, at(0)).await.unwrap();
    let kinds = [JobKind::Settle, JobKind::Like];
    let id = take(&store, 1, 1, 2)
        .await
        .unwrap()
        .subject
        .parse()
        .unwrap();
    let (tracks, likes, jobs) = (store.tracks(), store.likes(), store.jobs());
    for round in 10..60 {
        let is_liked = round % 2 == 0;
        likes
            .set(id, &listener, (is_liked, "key"), at(round))
            .await
            .unwrap();
        let mut following = Vec::new();
        while let Some(job) = jobs.take(&kinds, 1, at(round + 1), at(999)).await.unwrap() {
            following.push(job);
        }
        let changing = async {
            for is_liked in [!is_liked, is_liked] {
                let set = likes.set(id, &listener, (is_liked, "key"), at(round)).await;
                assert!(set.unwrap());
                let title = TrackEdits {
                    title: Some("another"),
                    ..TrackEdits::default()
                };
                tracks.edit(&artist, id, title, at(round)).await.unwrap();
            }
        };
        let follow = async {
            for job in &following {
                for _ in 0..4 {
                    if job.kind == JobKind::Like {
                        let Some(like) = likes.of(job).await.unwrap() else {
                            continue;
                        };
                        likes
                            .recorded(job, &like, ("at://a/b/c", "cid"))
                            .await
                            .unwrap();
                    } else {
                        let record = Some(("at://a/b/c", "cid"));
                        tracks.recorded(job, id, record, at(round)).await.unwrap();
                        tracks.record_delayed(job, id, "no").await.unwrap();
                    }
                }
                jobs.put_off(job, at(round), None).await.unwrap();
            }
        };
        tokio::join!(changing, follow);
    }
}
