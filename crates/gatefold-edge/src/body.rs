//! What is sent: nothing, a text, or a part of a file read as the client takes it.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use bytes::Bytes;
use gatefold_domain::Clock;
use gatefold_edge_core::ByteRange;
use gatefold_seal::UnixSeconds;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::folder::Found;

/// How much of a file is read at once, in bytes. An answer holds one such piece, and the connection
/// one or two more on their way.
const CHUNK: u64 = 256 * 1024;

/// The body of an answer.
pub struct Body(Kind);

enum Kind {
    Memory(Option<Bytes>),
    File(FileBody),
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self(Kind::Memory(None))
    }

    /// A body that is there already.
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self(Kind::Memory(Some(text.into())))
    }

    pub(crate) fn file(found: Found, range: ByteRange, deadline: Deadline) -> Self {
        Self(Kind::File(FileBody {
            file: found.file,
            len: found.object.len,
            modified: found.object.modified,
            offset: range.first,
            left: range.len(),
            reading: None,
            deadline,
        }))
    }
}

/// When an answer that is still being sent is cut off.
pub(crate) struct Deadline {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) last: UnixSeconds,
}

impl Deadline {
    fn has_passed(&self) -> bool {
        UnixSeconds::from(self.clock.now()) > self.last
    }
}

struct FileBody {
    file: Arc<File>,
    /// Size and time of modification when the file was found.
    len: u64,
    modified: Option<SystemTime>,
    offset: u64,
    left: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    deadline: Deadline,
}

impl FileBody {
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if self.reading.is_none() && self.deadline.has_passed() {
            self.left = 0;
            return Poll::Ready(Some(Err(io::Error::other("the URL's time has passed"))));
        }
        let (file, offset, len) = (&self.file, self.offset, self.left.min(CHUNK));
        let found = (self.len, self.modified);
        let reading = self.reading.get_or_insert_with(|| {
            let file = Arc::clone(file);
            tokio::task::spawn_blocking(move || read_at(&file, offset, len, found))
        });
        let chunk = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let chunk = chunk.unwrap_or_else(|lost| Err(io::Error::other(lost)));
        match &chunk {
            Ok(bytes) => {
                let read = bytes.len() as u64;
                self.offset = self.offset.saturating_add(read);
                self.left = self.left.saturating_sub(read);
            }
            Err(_) => self.left = 0,
        }
        Poll::Ready(Some(chunk))
    }
}

/// Reads exactly `len` bytes of the file as it was `found`. One that has become shorter or was
/// written to is an error: never a short answer, never a mixture.
fn read_at(
    file: &File,
    offset: u64,
    len: u64,
    found: (u64, Option<SystemTime>),
) -> io::Result<Bytes> {
    let len = usize::try_from(len).map_err(io::Error::other)?;
    let mut chunk = vec![0; len];
    file.read_exact_at(&mut chunk, offset)?;
    let facts = file.metadata()?;
    if found != (facts.len(), facts.modified().ok()) {
        return Err(io::Error::other("the file changed while it was sent"));
    }
    Ok(chunk.into())
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Kind::Memory(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::File(file) => file
                .poll_chunk(context)
                .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Memory(bytes) => bytes.is_none(),
            Kind::File(file) => file.left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.0 {
            Kind::Memory(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Kind::File(file) => file.left,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, time::Duration};

    use gatefold_edge_core::{MediaType, Object};
    use gatefold_testkit::ManualClock;
    use http_body_util::BodyExt;

    use super::*;

    const NOW: u64 = 1_778_850_000;

    fn file(len: u64) -> File {
        let content: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        file
    }

    fn body(file: &File, first: u64, last: u64, clock: &ManualClock) -> Body {
        let deadline = Deadline {
            clock: Arc::new(clock.clone()),
            last: UnixSeconds(NOW + 10),
        };
        let facts = file.metadata().unwrap();
        let object = Object {
            len: facts.len(),
            etag: String::new(),
            modified: facts.modified().ok(),
            media_type: MediaType::OTHER,
        };
        let file = Arc::new(file.try_clone().unwrap());
        let found = Found { file, object };
        Body::file(found, ByteRange { first, last }, deadline)
    }

    #[tokio::test]
    async fn exactly_the_range_is_sent() {
        let clock = ManualClock::at_unix(NOW);
        let end = 3 * CHUNK + 16;
        let file = file(end + 1);
        for (first, last) in [(0, 0), (0, end), (end, end), (CHUNK - 1, 2 * CHUNK)] {
            let body = body(&file, first, last, &clock);
            let sent = body.collect().await.unwrap().to_bytes();
            let expected: Vec<u8> = (first..=last).map(|at| (at % 251) as u8).collect();
            assert!(sent == expected, "{first}-{last}");
        }
    }

    #[tokio::test]
    async fn a_file_that_shrinks_ends_in_an_error() {
        let clock = ManualClock::at_unix(NOW);
        let file = file(2 * CHUNK);
        let mut body = body(&file, 0, 2 * CHUNK - 1, &clock);
        assert!(body.frame().await.unwrap().is_ok());
        file.set_len(CHUNK + 5).unwrap();
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_file_that_is_written_to_ends_in_an_error() {
        let clock = ManualClock::at_unix(NOW);
        let file = file(2 * CHUNK);
        let mut body = body(&file, 0, 2 * CHUNK - 1, &clock);
        assert!(body.frame().await.unwrap().is_ok());
        // The same length, other bytes, a later time.
        file.write_all_at(b"other", CHUNK).unwrap();
        let later = file.metadata().unwrap().modified().unwrap();
        file.set_modified(later.checked_add(Duration::from_secs(1)).unwrap())
            .unwrap();
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }

    #[tokio::test]
    async fn an_answer_is_cut_off_when_it_outlives_its_url_by_too_much() {
        let clock = ManualClock::at_unix(NOW);
        let file = file(3 * CHUNK);
        let mut body = body(&file, 0, 2 * CHUNK - 1, &clock);
        clock.advance(Duration::from_secs(10));
        assert!(body.frame().await.unwrap().is_ok());
        clock.advance(Duration::from_secs(1));
        assert!(body.frame().await.unwrap().is_err());
    }
}
