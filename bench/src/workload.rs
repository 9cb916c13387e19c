//! What is asked for: generated files, and parts of them.

use std::path::{Path, PathBuf};

use rand_core::Rng;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::error::{Doing, Error};

const KIB: usize = 1024;

/// How many files there are: each peer is asked for all of them in turn.
const FILES: usize = 4;
const FILE_LEN: usize = 5 * KIB * KIB;
/// How many places of each file are asked for.
const PLACES: usize = 16;

/// The folder of the files, below the folder that peers serve.
pub(crate) const FOLDER: &str = "media";

/// One kind of request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// The length of a range, or nothing for whole files.
    range: Option<usize>,
}

/// Everything that is compared.
pub(crate) const WORKLOADS: [Workload; 3] = [
    Workload {
        name: "1 KiB range",
        range: Some(KIB),
    },
    Workload {
        name: "64 KiB range",
        range: Some(64 * KIB),
    },
    Workload {
        name: "5 MiB whole",
        range: None,
    },
];

/// A part of a file and what a right answer to a request for it is.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Which file.
    pub(crate) file: usize,
    /// The `Range` to ask for.
    pub(crate) range: Option<String>,
    pub(crate) expected: Expected,
}

/// A right answer.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    pub(crate) len: u64,
    pub(crate) content_range: Option<String>,
    pub(crate) sha256: [u8; 32],
}

/// The files, in a folder that goes when this does.
pub(crate) struct Library {
    folder: TempDir,
    contents: Vec<Vec<u8>>,
}

impl Library {
    /// Writes files of random bytes into a new folder below `parent`.
    pub(crate) fn create(parent: &Path, rng: &mut impl Rng) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("gatefold-bench-")
            .tempdir_in(parent)
            .doing(format_args!("make a folder in {}", parent.display()))?;
        let mut library = Self {
            folder,
            contents: Vec::new(),
        };
        let files = library.root().join(FOLDER);
        std::fs::create_dir_all(&files).doing("make a folder for files")?;
        for name in names() {
            let mut content = vec![0; FILE_LEN];
            rng.fill_bytes(&mut content);
            std::fs::write(files.join(name), &content).doing("write a file to serve")?;
            library.contents.push(content);
        }
        Ok(library)
    }

    /// A folder for whatever peers need besides the files.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that peers serve.
    pub(crate) fn root(&self) -> PathBuf {
        self.scratch().join("files")
    }

    /// What one kind of request asks for, in the order of asking.
    pub(crate) fn parts(&self, workload: Workload) -> Vec<Part> {
        let places = if workload.range.is_some() { PLACES } else { 1 };
        (0..places)
            .flat_map(|place| {
                let files = self.contents.iter().enumerate();
                files.filter_map(move |(file, content)| match workload.range {
                    None => Some(whole(file, content)),
                    Some(len) => range(file, content, place_of(place, content.len(), len), len),
                })
            })
            .collect()
    }
}

/// The files' names below [`FOLDER`].
pub(crate) fn names() -> impl Iterator<Item = String> {
    (0..FILES).map(|file| format!("{file}.wav"))
}

/// Spreads places over a file, on no boundary in particular.
fn place_of(place: usize, total: usize, len: usize) -> usize {
    const STEP: usize = 1_299_709;
    let room = total.saturating_sub(len).saturating_add(1);
    place.wrapping_mul(STEP).checked_rem(room).unwrap_or(0)
}

fn whole(file: usize, content: &[u8]) -> Part {
    Part {
        file,
        range: None,
        expected: Expected {
            status: 200,
            len: content.len() as u64,
            content_range: None,
            sha256: Sha256::digest(content).into(),
        },
    }
}

fn range(file: usize, content: &[u8], first: usize, len: usize) -> Option<Part> {
    let end = first.checked_add(len)?;
    let bytes = content.get(first..end)?;
    let last = end.checked_sub(1)?;
    Some(Part {
        file,
        range: Some(format!("bytes={first}-{last}")),
        expected: Expected {
            status: 206,
            len: len as u64,
            content_range: Some(format!("bytes {first}-{last}/{}", content.len())),
            sha256: Sha256::digest(bytes).into(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_within_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::create(folder.path(), &mut gatefold_ops::system_random()).unwrap();
        for workload in WORKLOADS {
            let parts = library.parts(workload);
            let places = if workload.range.is_some() { PLACES } else { 1 };
            assert_eq!(parts.len(), FILES * places, "{}", workload.name);
            for part in parts {
                let len = workload.range.unwrap_or(FILE_LEN);
                assert_eq!(part.expected.len, len as u64);
            }
        }
    }
}
