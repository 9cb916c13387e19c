//! Buckets to test, of both kinds, and what can be seen behind them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bytes::Bytes;
use gatefold_domain::{AudioFormat, ObjectKey};
use gatefold_testkit::origins::{self, noise};
use tempfile::TempDir;

use super::super::*;

/// A bucket, and the folder in which its bytes are in the end.
pub(super) struct Ground {
    pub(super) bucket: Bucket,
    /// Where objects are files.
    pub(super) objects: PathBuf,
    folder: TempDir,
    server: Option<origins::S3>,
}

/// One of each kind.
pub(super) fn grounds() -> [Ground; 2] {
    [folder(), remote()]
}

pub(super) fn folder() -> Ground {
    let folder = tempfile::tempdir().unwrap();
    Ground {
        bucket: Bucket::folder(folder.path()).unwrap(),
        objects: folder.path().to_owned(),
        folder,
        server: None,
    }
}

pub(super) fn remote() -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let server = origins::S3::start(folder.path()).unwrap();
    Ground {
        bucket: Bucket::s3(&options(&server)).unwrap(),
        objects: folder.path().join(origins::BUCKET),
        folder,
        server: Some(server),
    }
}

/// How the server's bucket is reached.
pub(super) fn options(server: &origins::S3) -> S3Options {
    S3Options {
        endpoint: format!("http://{}", server.address),
        region: origins::REGION.to_owned(),
        bucket: origins::BUCKET.to_owned(),
        prefix: None,
        access_key_id: origins::ACCESS_KEY.to_owned(),
        secret_access_key: origins::SECRET_KEY.to_owned().into(),
        connect_time: Duration::from_secs(5),
        idle_time: Duration::from_mins(1),
        cache_control: Some(PUBLIC_CACHE_CONTROL),
    }
}

impl Ground {
    pub(super) fn kind(&self) -> &'static str {
        if self.server.is_some() {
            "S3"
        } else {
            "folder"
        }
    }

    pub(super) fn server(&self) -> Option<&origins::S3> {
        self.server.as_ref()
    }

    /// Stops the server, or takes the folder away.
    pub(super) fn take_away(mut self) -> Bucket {
        self.server = None;
        drop(self.folder);
        self.bucket
    }

    /// All files of it, whole or not, but for what the server notes about objects.
    pub(super) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        below(self.folder.path(), &mut found);
        let is_note = |path: &String| path.contains("/.bucket-");
        found.retain(|path| !is_note(path));
        found
    }

    /// An object's bytes, as they are kept.
    pub(super) fn kept(&self, key: &ObjectKey) -> Vec<u8> {
        fs::read(self.objects.join(key.as_str())).unwrap()
    }
}

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

pub(super) fn key(number: u8) -> ObjectKey {
    ObjectKey::audio([number; 16], AudioFormat::Mp3)
}

pub(super) fn content(len: usize) -> Bytes {
    noise("an object of a bucket", len)
}

/// All of an object, as it is read.
pub(super) async fn read(bucket: &Bucket, key: &ObjectKey) -> Result<Vec<u8>, BucketError> {
    let mut reading = bucket.read(key).await?;
    let mut all = Vec::new();
    while let Some(part) = reading.next().await {
        all.extend_from_slice(&part?);
    }
    assert_eq!(reading.object_len(), all.len() as u64);
    Ok(all)
}

/// Gives pieces of some bytes, and then the end or a fault.
pub(super) struct Given {
    bytes: Bytes,
    breaks: bool,
    was_asked: AtomicBool,
}

impl Given {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::new(bytes, false)
    }

    pub(super) fn breaking(bytes: Bytes) -> Self {
        Self::new(bytes, true)
    }

    fn new(bytes: Bytes, breaks: bool) -> Self {
        Self {
            bytes,
            breaks,
            was_asked: AtomicBool::new(false),
        }
    }
}

impl Stream for Given {
    type Item = io::Result<Bytes>;

    /// Every second time it is asked, it lets itself be waited for.
    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        use std::task::Poll;
        if !self.was_asked.fetch_not(Ordering::Relaxed) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let len = self.bytes.len().min(1_000_000);
        let piece = self.bytes.split_to(len);
        Poll::Ready(match (piece.is_empty(), self.breaks) {
            (false, _) => Some(Ok(piece)),
            (true, true) => Some(Err(io::ErrorKind::ConnectionReset.into())),
            (true, false) => None,
        })
    }
}
