//! Secrets kept in files that only their owner may read.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// The longest secret file, in bytes.
const MAX_LEN: u64 = 1024 * 1024;

/// Why a secret cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Others may read or change the file.
    #[error("{path} holds a secret but others may open it (mode {mode:03o}): run `chmod 600 {path}`", path = path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is a folder, a pipe or a device.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// The file is larger than any secret.
    #[error("{} is larger than a file of secrets can be", .0.display())]
    TooLarge(PathBuf),
    /// Reading or writing failed.
    #[error("{path}: {cause}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Reads a secret. `Ok(None)` when there is no such file.
///
/// # Errors
/// When others than its owner may open the file, or it cannot be read.
pub fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
    let io = |cause| SecretError::Io {
        path: path.to_owned(),
        cause,
    };
    // Asked before opening as well, because opening a pipe would wait for its writer.
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(facts) if !facts.is_file() => return Err(SecretError::NotAFile(path.to_owned())),
        facts => facts.map_err(io)?,
    };
    let file = fs::File::open(path).map_err(io)?;
    let facts = file.metadata().map_err(io)?;
    let mode = facts.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    if facts.len() > MAX_LEN {
        return Err(SecretError::TooLarge(path.to_owned()));
    }
    // Room for all of it at once: a buffer that grew would leave copies behind.
    let room = usize::try_from(facts.len()).unwrap_or_default();
    let mut secret = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    file.take(MAX_LEN).read_to_end(&mut secret).map_err(io)?;
    Ok(Some(secret))
}

/// Changes a secret: `change` is given what is there now, if anything, and gives what is to be
/// there instead. Whoever else changes a file of the same folder this way waits; whoever reads it
/// sees all of the old or all of the new.
///
/// # Errors
/// When the file cannot be read or written, or `change` fails, which leaves everything as it was.
pub fn update<E: From<SecretError>>(
    path: &Path,
    change: impl FnOnce(Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, E>,
) -> Result<(), E> {
    let io = |cause| SecretError::Io {
        path: path.to_owned(),
        cause,
    };
    // What a link leads to is changed, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = make_folder(&target).map_err(io)?;
    let lock = fs::File::open(&folder).map_err(io)?;
    lock.lock().map_err(io)?;
    let before = read(&target)?;
    let secret = change(before.as_deref().map(Vec::as_slice))?;
    write_beside(&folder, &secret)
        .and_then(|half| half.persist(&target).map_err(|error| error.error))
        .and_then(|_| lock.sync_all())
        .map_err(io)?;
    Ok(())
}

/// Writes a new secret, which appears whole or not at all, on disk before this returns.
///
/// # Errors
/// When there is such a file already ([`io::ErrorKind::AlreadyExists`]), or it cannot be written.
pub fn write_new(path: &Path, secret: &[u8]) -> Result<(), SecretError> {
    let io = |cause| SecretError::Io {
        path: path.to_owned(),
        cause,
    };
    let folder = make_folder(path).map_err(io)?;
    let half = write_beside(&folder, secret).map_err(io)?;
    half.persist_noclobber(path)
        .map_err(|error| error.error)
        .and_then(|_| fs::File::open(folder)?.sync_all())
        .map_err(io)
}

/// Reads a secret, or makes it where there is none. Of several processes that make it at once, one
/// does, and all have what that one made.
///
/// # Errors
/// When it can be neither read nor written.
pub fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Zeroizing<Vec<u8>>,
) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    if let Some(secret) = read(path)? {
        return Ok(secret);
    }
    match write_new(path, &make()) {
        // Another process was faster; its secret is the one that counts.
        Err(SecretError::Io { cause, .. }) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        written => written?,
    }
    Ok(read(path)?.unwrap_or_default())
}

fn make_folder(path: &Path) -> io::Result<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}

/// Writes a secret beside its place, whole and on disk; it goes away unless it is put there.
fn write_beside(folder: &Path, secret: &[u8]) -> io::Result<NamedTempFile> {
    if secret.len() as u64 > MAX_LEN {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    // With a name of its own, and for its owner alone.
    let mut half = tempfile::Builder::new()
        .prefix(".gatefold-")
        .tempfile_in(folder)?;
    half.write_all(secret)?;
    half.as_file().sync_all()?;
    Ok(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/one.key");
        assert!(read(&path).unwrap().is_none());
        write_new(&path, b"secret").unwrap();
        assert_eq!(**read(&path).unwrap().unwrap(), *b"secret");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.key");
        write_new(&path, b"first").unwrap();
        let error = write_new(&path, b"second").unwrap_err();
        assert!(
            matches!(error, SecretError::Io { cause, .. } if cause.kind() == io::ErrorKind::AlreadyExists)
        );
        assert_eq!(**read(&path).unwrap().unwrap(), *b"first");
    }

    #[test]
    fn a_secret_that_several_make_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.key");
        let make = |byte| {
            *read_or_make(&path, || vec![byte].into())
                .unwrap()
                .first()
                .unwrap()
        };
        let made: Vec<u8> = std::thread::scope(|scope| {
            let threads = [1, 2, 3, 4].map(|byte| scope.spawn(move || make(byte)));
            threads.map(|thread| thread.join().unwrap()).into()
        });
        assert!(made.iter().all(|byte| *byte == made[0]), "{made:?}");
        assert_eq!(make(5), made[0]);
    }

    #[test]
    fn a_change_sees_what_is_there_and_replaces_it_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.key");
        let grow = |before: Option<&[u8]>| {
            let mut after = before.unwrap_or_default().to_vec();
            after.push(b'x');
            Ok::<_, SecretError>(Zeroizing::new(after))
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..8).for_each(|_| update(&path, grow).unwrap()));
            }
        });
        assert_eq!(**read(&path).unwrap().unwrap(), [b'x'; 32]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.key");
        write_new(&path, b"secret").unwrap();
        let failing = update(&path, |_| Err(SecretError::TooLarge(path.clone())));
        assert!(failing.is_err());
        assert_eq!(**read(&path).unwrap().unwrap(), *b"secret");
    }

    #[test]
    fn what_a_link_leads_to_is_changed_and_not_the_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write_new(&real, b"before").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        update(&link, |_| Ok::<_, SecretError>(b"after".to_vec().into())).unwrap();
        assert_eq!(**read(&real).unwrap().unwrap(), *b"after");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn nothing_is_written_that_could_not_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.key");
        let much = vec![b'x'; usize::try_from(MAX_LEN).unwrap() + 1];
        assert!(write_new(&path, &much).is_err());
        assert!(read(&path).unwrap().is_none());
    }

    #[test]
    fn a_folder_is_not_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let message = read(folder.path()).unwrap_err().to_string();
        assert!(message.ends_with("is not a file"), "{message}");
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.key");
        write_new(&path, b"secret").unwrap();
        for mode in [0o640, 0o604, 0o660, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let message = read(&path).unwrap_err().to_string();
            assert!(message.contains("chmod 600"), "{message}");
        }
    }
}
