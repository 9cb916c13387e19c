//! What goes wrong in the middle.

use std::{
    fs,
    future::poll_fn,
    io::Write,
    process::Command,
    task::Poll,
    time::{Duration, SystemTime},
};

use gatefold_domain::Timestamp;
use rustix::process::{Resource, getrlimit};

use super::{super::*, ground::*};

/// Two parts of those in which an S3 server gets objects, and a bit.
const LEN: usize = (17 << 20) + 1;

#[tokio::test]
async fn what_breaks_off_leaves_nothing() {
    for ground in grounds() {
        for len in [0, 1, CHUNK + 1, LEN] {
            let source = Given::breaking(content(len));
            let put = ground.bucket.put_stream(&key(1), source).await;
            assert!(matches!(put, Err(PutError::Source(_))), "{len}");
            assert_eq!(ground.files(), [""; 0], "{}: {len}", ground.kind());
        }
    }
}

/// Polls a future so many times and drops it then; whether it was over before.
async fn dropped_after<T>(polls: usize, future: impl Future<Output = T>) -> bool {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(|context| {
        let Some(fewer) = left.checked_sub(1) else {
            return Poll::Ready(false);
        };
        left = fewer;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn whoever_leaves_leaves_nothing_half_done() {
    for ground in grounds() {
        let (bucket, content) = (&ground.bucket, content(LEN));
        let mut polls = 0;
        let mut broken_off = 0;
        loop {
            let (key, source) = (key(1), Given::whole(content.clone()));
            let put = bucket.put_stream(&key, source);
            let was_over = dropped_after(polls, put).await;
            bucket.settled().await;
            // Who left at the very end may have left an object, and a whole one.
            if bucket.facts(&key).await.unwrap().is_some() {
                assert!(ground.kept(&key) == content, "{polls}");
                bucket.delete(&key).await.unwrap();
            } else {
                broken_off += 1;
            }
            assert_eq!(ground.files(), [""; 0], "{}: {polls}", ground.kind());
            if was_over {
                break;
            }
            polls += 1;
        }
        assert!(broken_off > 10, "{}: {broken_off}", ground.kind());
    }
}

#[tokio::test]
async fn what_a_killed_process_left_is_cleaned_up() {
    let ground = folder();
    let mut writing = ground.bucket.begin(&key(1)).await.unwrap();
    writing.write(content(10)).await.unwrap();
    let [left] = &ground.files()[..] else {
        panic!("one file")
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
    let file = fs::File::options().write(true).open(left).unwrap();
    file.set_modified(now).unwrap();
    ground.bucket.put(&key(2), &b"whole"[..]).await.unwrap();
    let clean = |before| ground.bucket.clean(Timestamp::from(before));
    assert_eq!(clean(now).await.unwrap(), 0);
    assert_eq!(clean(now + Duration::from_secs(1)).await.unwrap(), 1);
    assert_eq!(
        ground.files().len(),
        1,
        "whole objects are no concern of it"
    );
    // Whoever was writing it all the same learns of it, and nothing appears.
    assert!(writing.finish().await.is_err());
    assert_eq!(ground.bucket.facts(&key(1)).await.unwrap(), None);
    assert_eq!(remote().bucket.clean(now.into()).await.unwrap(), 0);
}

/// What everything says of a bucket that cannot be used.
async fn said(bucket: &Bucket) -> Vec<BucketError> {
    let other = folder();
    vec![
        match bucket.put(&key(1), &b"x"[..]).await.unwrap_err() {
            PutError::Bucket(error) => error,
            PutError::Source(error) => panic!("{error}"),
        },
        bucket.facts(&key(1)).await.unwrap_err(),
        bucket.read(&key(1)).await.err().unwrap(),
        bucket.delete(&key(1)).await.unwrap_err(),
        bucket
            .list(Within::Everything, None, 1)
            .await
            .err()
            .unwrap(),
        bucket
            .copy_to(&key(1), &[0; 32], &other.bucket, &key(2))
            .await
            .unwrap_err(),
    ]
}

/// No text names a key, the bucket, the server or a folder.
fn tells_nothing(error: &BucketError) {
    let text = error.to_string();
    for secret in ["0101", "audio/", ".mp3", "private", "127.0.0.1", "tmp"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_told() {
    let ground = remote();
    ground.bucket.put(&key(1), &b"x"[..]).await.unwrap();
    let right = options(ground.server().unwrap());
    let wrong_secret = S3Options {
        secret_access_key: "wrong".to_owned().into(),
        ..right.clone()
    };
    let wrong_key = S3Options {
        access_key_id: "nobody".to_owned(),
        ..right
    };
    for options in [wrong_secret, wrong_key] {
        for error in said(&Bucket::s3(&options).unwrap()).await {
            assert!(matches!(error, BucketError::Refused), "{error}");
            tells_nothing(&error);
        }
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_told() {
    let bucket = remote().take_away();
    for error in said(&bucket).await {
        assert!(matches!(error, BucketError::Unavailable(_)), "{error}");
        tells_nothing(&error);
    }
}

#[tokio::test]
async fn a_folder_that_is_missing_is_told() {
    let bucket = folder().take_away();
    let put = bucket.put(&key(1), &b"x"[..]).await.unwrap_err();
    assert!(put.to_string().contains("cannot be used now"), "{put}");
    let listed = bucket.list(Within::Staging, None, 1).await;
    assert!(matches!(listed, Err(BucketError::Unavailable(_))));
}

#[tokio::test]
async fn a_server_that_goes_away_in_the_middle_is_told() {
    let ground = remote();
    let mut writing = ground.bucket.begin(&key(1)).await.unwrap();
    writing.write(content(LEN)).await.unwrap();
    let _bucket = ground.take_away();
    let error = writing.finish().await.unwrap_err();
    assert!(matches!(error, BucketError::Unavailable(_)), "{error}");
    tells_nothing(&error);
}

#[test]
fn a_full_disk_is_told() {
    // A process that may write files of 8 KiB at most, and is told so rather than ended.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let test = std::env::current_exe().unwrap();
    let run = Command::new("bash")
        .args(["-c", limited])
        .arg(test)
        .args(["--exact", "bucket::tests::broken::where_the_disk_is_full"])
        .args(["--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    assert!(said.contains("it was full"), "{said}");
}

#[tokio::test]
#[ignore = "run by `a_full_disk_is_told`, where files cannot grow"]
async fn where_the_disk_is_full() {
    if getrlimit(Resource::Fsize).current.is_none() {
        return;
    }
    let ground = folder();
    ground.bucket.put(&key(1), &[1; 100][..]).await.unwrap();
    for len in [10_000, 1 << 20] {
        let put = ground.bucket.put(&key(2), &content(len)[..]).await;
        assert!(matches!(put, Err(PutError::Bucket(BucketError::Full))));
    }
    ground.bucket.settled().await;
    assert_eq!(ground.files().len(), 1);
    assert_eq!(ground.kept(&key(1)), [1; 100]);
    writeln!(io::stdout(), "it was full").unwrap();
}
