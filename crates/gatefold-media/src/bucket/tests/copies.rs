//! Copies, from each kind of bucket to each.

use std::fs;

use super::{super::*, ground::*};

/// More than a part of those in which an S3 server gets objects.
const LEN: usize = 9 << 20;

#[tokio::test]
async fn a_copy_is_what_the_original_was() {
    for from in grounds() {
        for to in grounds() {
            let way = format!("{} to {}", from.kind(), to.kind());
            copied(&from, &to, &way).await;
            from.bucket.delete(&key(1)).await.unwrap();
        }
    }
}

async fn copied(from: &Ground, to: &Ground, way: &str) {
    let content = content(LEN);
    let (original, there) = (&from.bucket, &to.bucket);
    let written = original.put(&key(1), &content[..]).await.unwrap();
    let hash = written.sha256;
    let copy = original.copy_to(&key(1), &hash, there, &key(2)).await;
    assert_eq!(copy.unwrap(), written, "{way}");
    assert!(to.kept(&key(2)) == content, "{way}");
    let taken = original.copy_to(&key(1), &hash, there, &key(2)).await;
    assert!(matches!(taken, Err(BucketError::Exists)), "{way}");
    let missing = original.copy_to(&key(9), &hash, there, &key(3)).await;
    assert!(matches!(missing, Err(BucketError::NotFound)), "{way}");
    // A byte has changed under us, early or late.
    let path = from.objects.join(key(1).as_str());
    for at in [0, CHUNK, LEN - 1] {
        let mut damaged = content.to_vec();
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        let copied = original.copy_to(&key(1), &hash, there, &key(3)).await;
        assert!(matches!(copied, Err(BucketError::Damaged)), "{way}: {at}");
        assert_eq!(there.facts(&key(3)).await.unwrap(), None, "{way}");
    }
    there.settled().await;
    assert_eq!(to.files().len(), 1, "{way}");
}
