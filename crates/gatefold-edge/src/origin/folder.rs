//! An origin on the local disk: upload folders below one root.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use gatefold_edge_core::MediaType;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{BoxFuture, Chunks, Facts, Looked, Origin, OriginError, Version};

/// How much of a file is read at once, in bytes.
const CHUNK: u64 = 256 * 1024;

/// Looking at a file costs little, so that a change of it is seen soon.
const FRESH: Duration = Duration::from_secs(1);

/// Folders of files below one root.
#[derive(Clone, Debug)]
pub struct Folders {
    root: Arc<PathBuf>,
}

impl Folders {
    /// Serves what is below `root`.
    ///
    /// # Errors
    /// When `root` is not a readable folder.
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        std::fs::read_dir(&root)?;
        Ok(Self {
            root: Arc::new(root),
        })
    }

    /// Opens a file; blocks.
    fn open(&self, name: &str) -> Result<(File, Facts), OriginError> {
        // A link may stay below the root or lead nowhere.
        let path = self.root.join(name).canonicalize();
        let path = path.map_err(|error| failure(&error))?;
        if !path.starts_with(&*self.root) {
            return Err(OriginError::NotFound);
        }
        // Asked before opening as well, because opening a pipe would wait for its writer.
        let before = path.metadata().map_err(|error| failure(&error))?;
        if !before.is_file() {
            return Err(OriginError::NotFound);
        }
        let file = File::open(&path).map_err(|error| failure(&error))?;
        let metadata = file.metadata().map_err(|error| failure(&error))?;
        if !metadata.is_file() {
            return Err(OriginError::NotFound);
        }
        let facts = Facts {
            len: Some(metadata.len()),
            version: Some(version(&metadata)),
            modified: metadata.modified().ok(),
            media_type: MediaType::of_name(name),
            ranges: true,
        };
        Ok((file, facts))
    }
}

impl Origin for Folders {
    fn look<'a>(
        &'a self,
        name: &'a str,
        known: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Looked, OriginError>> {
        let (folders, name) = (self.clone(), name.to_owned());
        Box::pin(async move {
            let (_, facts) = blocking(move || folders.open(&name)).await?;
            Ok(match known {
                Some(known) if facts.version.as_ref() == Some(known) => Looked::Unchanged,
                _ => Looked::Is(facts),
            })
        })
    }

    fn read<'a>(
        &'a self,
        name: &'a str,
        facts: &'a Facts,
        first: u64,
        last: Option<u64>,
    ) -> BoxFuture<'a, Result<Chunks, OriginError>> {
        let (folders, name) = (self.clone(), name.to_owned());
        Box::pin(async move {
            let (file, now) = blocking(move || folders.open(&name)).await?;
            if now.version != facts.version {
                return Err(OriginError::Changed);
            }
            let end = facts.len.unwrap_or_default();
            let end = last.map_or(end, |last| last.saturating_add(1).min(end));
            Ok(Box::pin(Reading {
                file: Arc::new(file),
                version: now.version,
                offset: first,
                end,
                chunk: None,
            }) as Chunks)
        })
    }

    fn is_near(&self) -> bool {
        true
    }

    fn fresh_for(&self) -> Option<Duration> {
        Some(FRESH)
    }
}

/// A part of a file, read as it is taken.
struct Reading {
    file: Arc<File>,
    version: Option<Version>,
    offset: u64,
    end: u64,
    chunk: Option<JoinHandle<Result<Bytes, OriginError>>>,
}

impl Stream for Reading {
    type Item = Result<Bytes, OriginError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let left = this.end.saturating_sub(this.offset);
        if left == 0 {
            return Poll::Ready(None);
        }
        let chunk = this.chunk.get_or_insert_with(|| {
            let (file, version) = (Arc::clone(&this.file), this.version.clone());
            let offset = this.offset;
            spawn_blocking(move || read_at(&file, offset, left.min(CHUNK), version.as_ref()))
        });
        let chunk = ready!(Pin::new(chunk).poll(context));
        this.chunk = None;
        let chunk = chunk.unwrap_or(Err(OriginError::Failed));
        match &chunk {
            Ok(bytes) => this.offset = this.offset.saturating_add(bytes.len() as u64),
            Err(_) => this.offset = this.end,
        }
        Poll::Ready(Some(chunk))
    }
}

/// Reads exactly `len` bytes of the file as it was. One that has become shorter or was written to
/// is an error: never a short answer, never a mixture.
fn read_at(
    file: &File,
    offset: u64,
    len: u64,
    version_then: Option<&Version>,
) -> Result<Bytes, OriginError> {
    let len = usize::try_from(len).map_err(|_| OriginError::Failed)?;
    let mut chunk = vec![0; len];
    let read = file.read_exact_at(&mut chunk, offset);
    let metadata = file.metadata().map_err(|error| failure(&error))?;
    if version_then != Some(&version(&metadata)) {
        return Err(OriginError::Changed);
    }
    read.map_err(|error| failure(&error))?;
    Ok(chunk.into())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OriginError> + Send + 'static,
) -> Result<T, OriginError> {
    spawn_blocking(work)
        .await
        .unwrap_or(Err(OriginError::Failed))
}

/// What changes whenever a file's bytes do: the time of change too, which unlike the time of
/// modification nobody can set back.
fn version(metadata: &Metadata) -> Version {
    let parts = [
        metadata.len(),
        metadata.mtime().cast_unsigned(),
        metadata.mtime_nsec().cast_unsigned(),
        metadata.ctime().cast_unsigned(),
        metadata.ctime_nsec().cast_unsigned(),
        metadata.ino(),
        metadata.dev(),
    ];
    Version::new(&parts.map(u64::to_be_bytes).concat())
}

fn failure(error: &io::Error) -> OriginError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => OriginError::NotFound,
        kind => {
            tracing::error!(%kind, "an upload folder cannot be read");
            OriginError::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn look(root: &Path, name: &str) -> Result<Facts, OriginError> {
        match Folders::new(root).unwrap().look(name, None).await? {
            Looked::Is(facts) => Ok(facts),
            Looked::Unchanged => panic!("nothing was known"),
        }
    }

    async fn next(chunks: &mut Chunks) -> Option<Result<Bytes, OriginError>> {
        poll_fn(|context| chunks.as_mut().poll_next(context)).await
    }

    #[tokio::test]
    async fn files_are_found_and_their_versions_told_apart() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("demo")).unwrap();
        let path = root.path().join("demo/a.wav");
        std::fs::write(&path, "one").unwrap();
        let one = look(root.path(), "demo/a.wav").await.unwrap();
        assert_eq!((one.len, one.media_type.as_str()), (Some(3), "audio/wav"));
        let folders = Folders::new(root.path()).unwrap();
        let again = folders.look("demo/a.wav", one.version.as_ref()).await;
        assert_eq!(again, Ok(Looked::Unchanged));
        std::fs::write(&path, "two!").unwrap();
        let two = look(root.path(), "demo/a.wav").await.unwrap();
        assert_ne!(one.version, two.version);
        let old = folders.read("demo/a.wav", &one, 0, None).await;
        assert_eq!(old.err(), Some(OriginError::Changed));
    }

    #[tokio::test]
    async fn nothing_but_a_file_below_the_root_is_found() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("a.wav"), "secret").unwrap();
        std::fs::create_dir_all(root.path().join("demo/sub")).unwrap();
        let link = |target: &Path, name: &str| {
            std::os::unix::fs::symlink(target, root.path().join(name)).unwrap();
        };
        link(&outside.path().join("a.wav"), "demo/link.wav");
        link(outside.path(), "linked");
        link(Path::new("/nowhere"), "demo/dangling.wav");
        for name in [
            "demo/missing.wav",
            "missing/a.wav",
            "demo/sub",
            "demo/link.wav",
            "demo/dangling.wav",
            "linked/a.wav",
        ] {
            let found = look(root.path(), name).await;
            assert_eq!(found, Err(OriginError::NotFound), "{name}");
        }
    }

    #[tokio::test]
    async fn exactly_the_part_is_read() {
        let root = tempfile::tempdir().unwrap();
        let end = 2 * CHUNK + 16;
        let content: Vec<u8> = (0..=end).map(|at| (at % 251) as u8).collect();
        std::fs::write(root.path().join("a.wav"), &content).unwrap();
        let folders = Folders::new(root.path()).unwrap();
        let facts = look(root.path(), "a.wav").await.unwrap();
        for (first, last) in [
            (0, Some(0)),
            (0, None),
            (end, Some(end)),
            (CHUNK - 1, Some(2 * CHUNK)),
            (5, Some(end + 99)),
        ] {
            let mut chunks = folders.read("a.wav", &facts, first, last).await.unwrap();
            let mut read = Vec::new();
            while let Some(chunk) = next(&mut chunks).await {
                read.extend_from_slice(&chunk.unwrap());
            }
            let (first, last) = (
                usize::try_from(first).unwrap(),
                usize::try_from(last.unwrap_or(end).min(end)).unwrap(),
            );
            assert!(read == content[first..=last], "{first}-{last}");
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_or_is_written_to_ends_in_an_error() {
        let shrink = |file: &File| file.set_len(CHUNK + 5).unwrap();
        let rewrite = |file: &File| {
            file.write_all_at(b"other", CHUNK).unwrap();
            let later = file.metadata().unwrap().modified().unwrap();
            let later = later.checked_add(Duration::from_secs(1)).unwrap();
            file.set_modified(later).unwrap();
        };
        for change in [shrink as fn(&File), rewrite] {
            let root = tempfile::tempdir().unwrap();
            let path = root.path().join("a.wav");
            std::fs::write(&path, vec![7; usize::try_from(2 * CHUNK).unwrap()]).unwrap();
            let folders = Folders::new(root.path()).unwrap();
            let facts = look(root.path(), "a.wav").await.unwrap();
            let mut chunks = folders.read("a.wav", &facts, 0, None).await.unwrap();
            assert!(next(&mut chunks).await.unwrap().is_ok());
            change(&File::options().write(true).open(&path).unwrap());
            assert_eq!(next(&mut chunks).await, Some(Err(OriginError::Changed)));
            assert!(next(&mut chunks).await.is_none());
        }
    }
}
