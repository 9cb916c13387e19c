//! A request of any method, with a body that can be sent more than once.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::Notify,
};

use crate::{error::NetError, url::Url};

/// How much of a body is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// A request. Clones share their body.
#[derive(Clone)]
pub struct Outgoing {
    /// Its method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Its headers. What belongs to the connection or follows from the URL and the body is not
    /// taken from here: `Host`, `Content-Length`, `Accept-Encoding`, `Connection` and the like.
    pub headers: HeaderMap,
    /// Its body.
    pub body: OutgoingBody,
}

/// What a request carries.
#[derive(Clone, Default)]
pub enum OutgoingBody {
    /// Nothing.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Bytes),
    /// What is read anew each time that it is sent, a file for example.
    Replayable(Arc<dyn Replay>),
}

/// A reader of a body.
pub type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// What opening a body gives.
pub type Opening<'a> = Pin<Box<dyn Future<Output = io::Result<Reader>> + Send + 'a>>;

/// A body that can be sent more than once and need not be held in memory.
pub trait Replay: Send + Sync {
    /// How long it is, in bytes. When less can be read, the request fails; what there is beyond is
    /// not sent.
    fn length(&self) -> u64;

    /// Opens it at its beginning.
    fn open(&self) -> Opening<'_>;
}

impl Outgoing {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: OutgoingBody::Empty,
        }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Outgoing({})", self.method)
    }
}

impl fmt::Debug for OutgoingBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OutgoingBody")
    }
}

/// A body on its way, as the HTTP library takes it.
pub(crate) enum Sent {
    Nothing,
    Bytes(Bytes),
    Read {
        reader: Reader,
        left: u64,
        buffer: Box<[u8]>,
        taken: Arc<Notify>,
    },
}

impl Sent {
    /// Opens a body. Each piece that is taken of it is told to `taken`.
    pub(crate) async fn open(body: OutgoingBody, taken: &Arc<Notify>) -> Result<Self, NetError> {
        Ok(match body {
            OutgoingBody::Empty => Self::Nothing,
            OutgoingBody::Bytes(bytes) => Self::Bytes(bytes),
            OutgoingBody::Replayable(replay) => Self::Read {
                reader: replay.open().await.map_err(|_| NetError::Unread)?,
                left: replay.length(),
                buffer: vec![0; PIECE].into(),
                taken: Arc::clone(taken),
            },
        })
    }

    /// How many bytes are still to come.
    pub(crate) fn left(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::Read { left, .. } => *left,
        }
    }
}

impl http_body::Body for Sent {
    type Data = Bytes;
    type Error = NetError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NetError>>> {
        match self.get_mut() {
            Self::Bytes(bytes) if !bytes.is_empty() => {
                Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes)))))
            }
            Self::Nothing | Self::Bytes(_) | Self::Read { left: 0, .. } => Poll::Ready(None),
            Self::Read {
                reader,
                left,
                buffer,
                taken,
            } => {
                let most = usize::try_from(*left).unwrap_or(PIECE).min(PIECE);
                let mut piece = ReadBuf::new(buffer.get_mut(..most).unwrap_or_default());
                let read = ready!(Pin::new(reader).poll_read(context, &mut piece));
                let filled = piece.filled();
                if read.is_err() || filled.is_empty() {
                    return Poll::Ready(Some(Err(NetError::Unread)));
                }
                *left = left.saturating_sub(u64::try_from(filled.len()).unwrap_or(u64::MAX));
                taken.notify_one();
                Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(filled)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}
