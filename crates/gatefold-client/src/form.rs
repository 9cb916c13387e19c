//! A form with files in it (`multipart/form-data`, RFC 7578), read from disk while it is sent.

use std::{
    io::{self, Cursor},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, ReadBuf},
    sync::Notify,
};

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// A form. Its parts are sent in the order in which they were put into it.
pub(crate) struct Form {
    boundary: String,
    /// What was written since the last file.
    text: Vec<u8>,
    parts: Vec<Part>,
}

enum Part {
    Text(Vec<u8>),
    File { path: PathBuf, file: File, len: u64 },
}

impl Form {
    /// A form whose boundary is this, which occurs in nothing that is sent.
    pub(crate) fn new(boundary: String) -> Self {
        Self {
            boundary,
            text: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Its `Content-Type`.
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Adds a field.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n",
            self.boundary
        );
        self.text.extend_from_slice(head.as_bytes());
    }

    /// Adds a file, as long as it is now.
    pub(crate) async fn file(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let file = File::open(path).await?;
        let facts = file.metadata().await?;
        if !facts.is_file() {
            return Err(io::Error::other("this is not a file"));
        }
        let called = path.file_name().unwrap_or_default().to_string_lossy();
        let head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\n\
             Content-Type: {}\r\n\r\n",
            self.boundary,
            quotable(&called),
            kind(path),
        );
        self.text.extend_from_slice(head.as_bytes());
        self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        self.parts.push(Part::File {
            path: path.to_owned(),
            len: facts.len(),
            file,
        });
        self.text.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// The form as it is sent, and how far that is.
    pub(crate) fn into_body(mut self) -> (Sending, Arc<Sent>) {
        let end = format!("--{}--\r\n", self.boundary);
        self.text.extend_from_slice(end.as_bytes());
        self.parts.push(Part::Text(self.text));
        let lens = self.parts.iter().map(Part::len);
        let of = lens.fold(0, u64::saturating_add);
        let sent = Arc::new(Sent {
            of,
            ..Sent::default()
        });
        self.parts.reverse();
        let sending = Sending {
            waiting: self.parts,
            current: None,
            left: of,
            buffer: vec![0; PIECE].into(),
            sent: Arc::clone(&sent),
        };
        (sending, sent)
    }
}

impl Part {
    fn len(&self) -> u64 {
        match self {
            Self::Text(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
            Self::File { len, .. } => *len,
        }
    }
}

/// How far a form is.
#[derive(Default)]
pub(crate) struct Sent {
    bytes: AtomicU64,
    of: u64,
    moved: Notify,
    unread: Mutex<Option<(PathBuf, io::Error)>>,
}

impl Sent {
    /// How many bytes are on their way.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many there are.
    pub(crate) fn of(&self) -> u64 {
        self.of
    }

    /// Waits until there are more.
    pub(crate) async fn moved(&self) {
        self.moved.notified().await;
    }

    /// Which file could not be read, if that is why it went no further.
    pub(crate) fn unread(&self) -> Option<(PathBuf, io::Error)> {
        self.unread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// A form that is sent.
pub(crate) struct Sending {
    /// What is still to come, the next at the end.
    waiting: Vec<Part>,
    current: Option<Current>,
    left: u64,
    buffer: Box<[u8]>,
    sent: Arc<Sent>,
}

struct Current {
    /// Of a file.
    path: PathBuf,
    reader: Box<dyn AsyncRead + Send + Sync + Unpin>,
    left: u64,
}

impl Current {
    fn of(part: Part) -> Self {
        let left = part.len();
        match part {
            Part::Text(text) => Self {
                path: PathBuf::new(),
                reader: Box::new(Cursor::new(text)),
                left,
            },
            Part::File { path, file, len } => Self {
                path,
                reader: Box::new(file.take(len)),
                left,
            },
        }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        loop {
            let current = match this.current.take().filter(|current| current.left > 0) {
                Some(current) => this.current.insert(current),
                None => match this.waiting.pop() {
                    Some(part) => {
                        this.current = Some(Current::of(part));
                        continue;
                    }
                    None => return Poll::Ready(None),
                },
            };
            let mut piece = ReadBuf::new(&mut this.buffer);
            let read = ready!(Pin::new(&mut current.reader).poll_read(context, &mut piece));
            let filled = piece.filled();
            let read = read.and_then(|()| {
                let is_short = filled.is_empty();
                let short = || io::Error::other("it became shorter while it was read");
                (!is_short).then_some(()).ok_or_else(short)
            });
            if let Err(error) = read {
                let kind = error.kind();
                let unread = Some((current.path.clone(), error));
                *this
                    .sent
                    .unread
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = unread;
                return Poll::Ready(Some(Err(kind.into())));
            }
            let len = u64::try_from(filled.len()).unwrap_or(u64::MAX);
            current.left = current.left.saturating_sub(len);
            this.left = this.left.saturating_sub(len);
            this.sent.bytes.fetch_add(len, Ordering::Relaxed);
            this.sent.moved.notify_one();
            return Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(filled)))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A name that can stand between quotation marks. What browsers write for one in it (`%22`) would be read
/// as it stands, and a track be called by it.
fn quotable(name: &str) -> String {
    name.replace(['"', '\\'], "'")
        .replace(char::is_control, " ")
}

/// What a file is, by its ending: for servers that do not look into it.
fn kind(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default();
    match ending.to_string_lossy().to_ascii_lowercase().as_str() {
        "mp3" => "audio/mpeg",
        "m4a" | "mp4" | "aac" => "audio/mp4",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "aif" | "aiff" => "audio/aiff",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn sent(mut body: Sending) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            all.extend_from_slice(frame?.data_ref().unwrap());
        }
        assert!(body.is_end_stream());
        Ok(all)
    }

    #[tokio::test]
    async fn a_form_is_as_long_as_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let (audio, empty) = (folder.path().join("a \"b\"\n.mp3"), folder.path().join("c"));
        let bytes = vec![7; 3 * PIECE + 1];
        std::fs::write(&audio, &bytes).unwrap();
        std::fs::write(&empty, "").unwrap();
        let mut form = Form::new("x".to_owned());
        assert_eq!(form.content_type(), "multipart/form-data; boundary=x");
        form.field("title", "夜");
        form.file("image", &empty).await.unwrap();
        form.file("file", &audio).await.unwrap();
        let (body, progress) = form.into_body();
        let len = body.size_hint().exact().unwrap();
        assert_eq!((progress.bytes(), progress.of()), (0, len));
        let all = sent(body).await.unwrap();
        assert_eq!(all.len() as u64, len);
        assert_eq!(progress.bytes(), len);
        let head = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n夜\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"c\"\r\n\
                    Content-Type: application/octet-stream\r\n\r\n\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a 'b' .mp3\"\r\n\
                    Content-Type: audio/mpeg\r\n\r\n";
        assert_eq!(all, [head.as_bytes(), &bytes, b"\r\n--x--\r\n"].concat());
    }

    #[tokio::test]
    async fn a_file_that_changes_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3");
        std::fs::write(&path, vec![7; 100]).unwrap();
        let form = || async {
            let mut form = Form::new("x".to_owned());
            form.file("file", &path).await.unwrap();
            form.into_body()
        };
        let (body, _) = form().await;
        std::fs::write(&path, vec![7; 200]).unwrap();
        let all = sent(body).await.unwrap();
        assert_eq!(all.split(|byte| *byte == 7).count(), 101);

        let (body, progress) = form().await;
        std::fs::write(&path, vec![7; 50]).unwrap();
        assert!(sent(body).await.is_err());
        let (unread, cause) = progress.unread().unwrap();
        assert_eq!(unread, path);
        assert!(cause.to_string().contains("shorter"));

        let mut form = Form::new("x".to_owned());
        assert!(form.file("file", folder.path()).await.is_err());
        assert!(
            form.file("file", &folder.path().join("none"))
                .await
                .is_err()
        );
    }
}
