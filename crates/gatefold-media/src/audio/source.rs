//! The bytes of a file, with a bound on how often they are read.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// How many bytes may be read beyond the multiple of the length.
const SPARE: u64 = 8 * 1024 * 1024;
/// How often a file may be read over.
const TIMES: u64 = 4;
/// How often one may go to another place in it. A file in which audio and tables take turns does so
/// often; one that is read in order, a few times.
const JUMPS: u64 = 4_000_000;

/// A file that is read over and over.
#[derive(Debug, thiserror::Error)]
#[error("the file was read over too often")]
pub(super) struct Spent;

/// Bytes that can be read only so often: a file that leads its reader in circles ends here.
pub(super) struct Source<R> {
    inner: R,
    len: u64,
    left: u64,
    jumps: u64,
}

impl<R: Seek> Source<R> {
    /// All of `inner`, from its start.
    pub(super) fn new(mut inner: R) -> io::Result<Self> {
        let len = inner.seek(SeekFrom::End(0))?;
        inner.seek(SeekFrom::Start(0))?;
        Ok(Self {
            inner,
            len,
            left: len.saturating_mul(TIMES).saturating_add(SPARE),
            jumps: JUMPS,
        })
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }
}

/// Whether it is this that ended a reading.
pub(super) fn is_spent(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<Spent>())
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        // What finds nothing counts too.
        let cost = (read as u64).max(1);
        self.left = self
            .left
            .checked_sub(cost)
            .ok_or_else(|| io::Error::other(Spent))?;
        Ok(read)
    }
}

impl<R: Seek> Seek for Source<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.jumps = self
            .jumps
            .checked_sub(1)
            .ok_or_else(|| io::Error::other(Spent))?;
        self.inner.seek(to)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for Source<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_file_is_read_a_few_times_and_no_more() {
        let mut source = Source::new(Cursor::new(vec![1_u8; 1 << 20])).unwrap();
        let mut times = 0;
        let error = loop {
            source.seek(SeekFrom::Start(0)).unwrap();
            match io::copy(&mut source, &mut io::sink()) {
                Ok(read) => assert_eq!(read, 1 << 20),
                Err(error) => break error,
            }
            times += 1;
        };
        assert!(is_spent(&error));
        assert!((4..=12).contains(&times), "{times}");
        assert!(!is_spent(&io::Error::other("another")));
    }
}
