//! Lists, in the order of keys.

use std::fs;

use super::{super::*, ground::*};

/// Every page of a list.
async fn pages(bucket: &Bucket, within: Within, limit: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut after = None;
    loop {
        let page = bucket.list(within, after.as_ref(), limit).await.unwrap();
        all.extend(page.iter().map(|it| it.key.as_str().to_owned()));
        if page.len() < limit {
            return all;
        }
        after = page.last().map(|last| last.key.clone());
    }
}

#[tokio::test]
async fn lists_are_whole_and_in_order() {
    for ground in grounds() {
        let mut keys: Vec<String> = (0..1234)
            .map(|number: u32| format!("audio/{:08x}.mp3", number.wrapping_mul(0x9e37_79b9)))
            .collect();
        // Their order is that of whole keys, not of folders.
        keys.extend((0..20).map(|number| format!("staging/{number}")));
        keys.extend(
            [
                "audio.mp3",
                "audio-1",
                "audio0",
                "a/b/c/d",
                "a/b-c",
                "a/b.c",
                "a/b0",
            ]
            .map(String::from),
        );
        for key in &keys {
            let path = ground.objects.join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        // None of these is an object that anybody has put there.
        for other in ["README", "audio/Cover.JPG"] {
            fs::write(ground.objects.join(other), "x").unwrap();
        }
        if ground.server().is_none() {
            for other in ["empty", "audio/empty", "0/1/2/3"] {
                fs::create_dir_all(ground.objects.join(other)).unwrap();
            }
        }
        keys.sort_unstable();
        let bucket = &ground.bucket;
        for limit in [7, 300, 1000, 1001, 5000] {
            let found = pages(bucket, Within::Everything, limit).await;
            assert!(found == keys, "{}: {limit}", ground.kind());
        }
        let staging: Vec<_> = keys
            .iter()
            .filter(|key| key.starts_with("staging/"))
            .collect();
        for limit in [1, 6, 1000] {
            let found = pages(bucket, Within::Staging, limit).await;
            assert!(
                found.iter().eq(staging.iter().copied()),
                "{}",
                ground.kind()
            );
        }
        let listed = bucket.list(Within::Staging, None, 1).await.unwrap();
        let facts = bucket.facts(&listed[0].key).await.unwrap().unwrap();
        assert_eq!((facts.len, listed[0].facts.len), (1, 1));
        assert!(listed[0].facts.modified.is_some());
        assert!(
            bucket
                .list(Within::Everything, None, 0)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn what_is_empty_lists_nothing() {
    for ground in grounds() {
        for within in [Within::Everything, Within::Staging] {
            let found = pages(&ground.bucket, within, 1).await;
            assert_eq!(found, [""; 0], "{}", ground.kind());
        }
    }
}

#[tokio::test]
async fn what_is_being_written_is_not_listed() {
    for ground in grounds() {
        let mut writing = ground.bucket.begin(&key(1)).await.unwrap();
        writing.write(content(9 << 20)).await.unwrap();
        let found = pages(&ground.bucket, Within::Everything, 10).await;
        assert_eq!(found, [""; 0], "{}", ground.kind());
        assert_eq!(ground.bucket.facts(&key(1)).await.unwrap(), None);
        writing.abort().await;
    }
}
