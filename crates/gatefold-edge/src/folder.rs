//! An origin on the local disk: `files:<name>` in an upload folder below one root.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use gatefold_edge_core::{MediaType, Object, answer::Failure};
use gatefold_seal::Segment;

use crate::etag::TagKey;

/// Folders of files below one root.
#[derive(Clone, Debug)]
pub struct Folders {
    root: PathBuf,
}

/// A file that was found, held open: whatever happens to its name, its bytes stay.
pub(crate) struct Found {
    pub(crate) file: Arc<File>,
    pub(crate) object: Object,
}

impl Folders {
    /// Serves the folders below `root`.
    ///
    /// # Errors
    /// When `root` is not a readable folder.
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        std::fs::read_dir(&root)?;
        Ok(Self { root })
    }

    /// Finds a file; blocks.
    pub(crate) fn find(
        &self,
        folder: &Segment,
        name: &Segment,
        tags: &TagKey,
    ) -> Result<Found, Failure> {
        let path = self.root.join(folder.as_str()).join(name.as_str());
        // A link may stay below the root or lead nowhere.
        let path = path.canonicalize().map_err(|error| failure(&error))?;
        if !path.starts_with(&self.root) {
            return Err(Failure::NotFound);
        }
        // Asked before opening as well, because opening a pipe would wait for its writer.
        let before = path.metadata().map_err(|error| failure(&error))?;
        if !before.is_file() {
            return Err(Failure::NotFound);
        }
        let file = File::open(&path).map_err(|error| failure(&error))?;
        let facts = file.metadata().map_err(|error| failure(&error))?;
        if !facts.is_file() {
            return Err(Failure::NotFound);
        }
        let object = Object {
            len: facts.len(),
            etag: tags.tag(
                &[folder.as_str().as_bytes(), name.as_str().as_bytes()],
                &version(&facts),
            ),
            modified: facts.modified().ok(),
            media_type: MediaType::of_name(name.as_str()),
        };
        Ok(Found {
            file: Arc::new(file),
            object,
        })
    }
}

/// What changes whenever a file's bytes do: the time of change too, which unlike the time of
/// modification nobody can set back.
fn version(facts: &Metadata) -> [u64; 7] {
    [
        facts.len(),
        facts.mtime().cast_unsigned(),
        facts.mtime_nsec().cast_unsigned(),
        facts.ctime().cast_unsigned(),
        facts.ctime_nsec().cast_unsigned(),
        facts.ino(),
        facts.dev(),
    ]
}

fn failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Failure::NotFound,
        kind => {
            tracing::error!(%kind, "an upload folder cannot be read");
            Failure::Origin
        }
    }
}

#[cfg(test)]
mod tests {
    use gatefold_seal::Source;

    use super::*;

    fn find(root: &Path, folder: &str, name: &str) -> Result<Object, Failure> {
        let Source::File { folder, name } =
            Source::parse(&format!("files:{name}"), Some(folder)).unwrap()
        else {
            unreachable!("files: is a file")
        };
        let tags = TagKey::from_bytes([1; 32].into());
        Folders::new(root)
            .unwrap()
            .find(&folder, &name, &tags)
            .map(|found| found.object)
    }

    #[test]
    fn files_are_found_and_their_versions_told_apart() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("demo")).unwrap();
        let path = root.path().join("demo/a.wav");
        std::fs::write(&path, "one").unwrap();
        let one = find(root.path(), "demo", "a.wav").unwrap();
        assert_eq!((one.len, one.media_type.as_str()), (3, "audio/wav"));
        std::fs::write(&path, "two!").unwrap();
        let two = find(root.path(), "demo", "a.wav").unwrap();
        assert_ne!(one.etag, two.etag);
    }

    #[test]
    fn nothing_but_a_file_below_the_root_is_found() {
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
        for (folder, name) in [
            ("demo", "missing.wav"),
            ("missing", "a.wav"),
            ("demo", "sub"),
            ("demo", "link.wav"),
            ("demo", "dangling.wav"),
            ("linked", "a.wav"),
        ] {
            assert_eq!(
                find(root.path(), folder, name),
                Err(Failure::NotFound),
                "{folder}/{name}"
            );
        }
    }
}
