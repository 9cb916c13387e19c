//! Over folders.

use std::{
    fs,
    pin::Pin,
    task::{Context as Polled, Poll},
};

use gatefold_domain::AudioFormat;
use tempfile::TempDir;
use tokio::io::ReadBuf;

use super::*;

fn bucket() -> (Bucket, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Bucket::folder(folder.path()).unwrap(), folder)
}

fn key(number: u8) -> ObjectKey {
    ObjectKey::audio([number; 16], AudioFormat::Mp3)
}

/// All files of a bucket, whole or not.
fn files(bucket: &Bucket) -> Vec<String> {
    fn below(path: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    below(bucket.path(), &mut found);
    found
}

/// Gives some bytes and then fails.
struct Breaks(usize);

impl AsyncRead for Breaks {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Polled<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let len = self.0.min(buffer.remaining());
        if len == 0 {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()));
        }
        buffer.put_slice(&vec![7; len]);
        self.0 = self.0.saturating_sub(len);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_is_put_is_there_whole() {
    let (bucket, _folder) = bucket();
    for (number, len) in (1..).zip([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5]) {
        let content: Vec<u8> = (0..=250).cycle().take(len).collect();
        let written = bucket.put(&key(number), &content[..]).await.unwrap();
        assert_eq!(written.len, len as u64);
        let digest = aws_lc_rs::digest::digest(&SHA256, &content);
        assert_eq!(written.sha256, digest.as_ref());
        let path = bucket.path().join(key(number).as_str());
        assert!(fs::read(path).unwrap() == content, "{len}");
        assert_eq!(bucket.len(&key(number)).await.unwrap(), Some(len as u64));
    }
    assert_eq!(bucket.len(&key(99)).await.unwrap(), None);
    assert_eq!(files(&bucket).len(), 6, "nothing is left beside");
}

#[tokio::test]
async fn what_breaks_off_leaves_nothing() {
    let (bucket, _folder) = bucket();
    for len in [0, 1, CHUNK, CHUNK + 1] {
        let put = bucket.put(&key(1), Breaks(len)).await;
        assert!(matches!(put, Err(PutError::Source(_))), "{len}");
        assert_eq!(files(&bucket), [""; 0], "{len}");
    }
}

#[tokio::test]
async fn a_key_is_given_once() {
    let (bucket, _folder) = bucket();
    bucket.put(&key(1), &b"first"[..]).await.unwrap();
    let again = bucket.put(&key(1), &b"second"[..]).await;
    assert!(matches!(again, Err(PutError::Bucket(BucketError::Exists))));
    let path = bucket.path().join(key(1).as_str());
    assert_eq!(fs::read(path).unwrap(), b"first");
    assert_eq!(files(&bucket).len(), 1);
}

#[tokio::test]
async fn a_copy_is_what_the_original_was() {
    let ((from, _one), (to, _other)) = (bucket(), bucket());
    let content = vec![3; 2 * CHUNK + 1];
    let written = from.put(&key(1), &content[..]).await.unwrap();
    let hash = written.sha256;
    let copied = from.copy_to(&key(1), &hash, &to, &key(2)).await.unwrap();
    assert_eq!(copied, written);
    assert!(fs::read(to.path().join(key(2).as_str())).unwrap() == content);
    let taken = from.copy_to(&key(1), &hash, &to, &key(2)).await;
    assert!(matches!(taken, Err(BucketError::Exists)));
    let missing = from.copy_to(&key(9), &hash, &to, &key(3)).await;
    assert!(matches!(missing, Err(BucketError::NotFound)), "{missing:?}");
    // A byte has changed under us.
    let path = from.path().join(key(1).as_str());
    let mut damaged = content;
    damaged[CHUNK] ^= 1;
    fs::write(path, damaged).unwrap();
    let copied = from.copy_to(&key(1), &hash, &to, &key(3)).await;
    assert!(matches!(copied, Err(BucketError::Damaged)));
    assert_eq!(files(&to).len(), 1);
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_may_be_gone_already() {
    let (bucket, _folder) = bucket();
    bucket.put(&key(1), &b"first"[..]).await.unwrap();
    bucket.delete(&key(1)).await.unwrap();
    bucket.delete(&key(1)).await.unwrap();
    assert_eq!(bucket.len(&key(1)).await.unwrap(), None);
}

#[tokio::test]
async fn no_error_names_a_key() {
    let (bucket, folder) = bucket();
    let missing = bucket.copy_to(&key(1), &[0; 32], &bucket, &key(2)).await;
    // The bucket's folder becomes a file.
    drop(folder);
    fs::write(bucket.path(), "").unwrap();
    let put = bucket.put(&key(1), &b"x"[..]).await.unwrap_err();
    for text in [missing.unwrap_err().to_string(), put.to_string()] {
        assert!(
            !text.contains("01010101") && !text.contains("audio"),
            "{text}"
        );
    }
    fs::remove_file(bucket.path()).unwrap();
}
