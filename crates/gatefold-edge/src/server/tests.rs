//! A server as clients meet it, byte for byte.

mod limits;
mod public;
mod sockets;
mod time;

use std::{
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

use gatefold_seal::{Keyring, Opener};
use gatefold_testkit::ManualClock;
use http_body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    runtime::Handle,
    sync::oneshot,
    task::JoinHandle,
};

use super::*;
use crate::{CacheOptions, EdgeOptions, Freshness, Origins, TagKey, sessions::NoSessions};

const HOME: &str = "192.0.2.1";

/// A server whose edge knows no key, and what it counts.
struct Bench {
    server: Server,
    metrics: Arc<Metrics>,
    clock: ManualClock,
    pages: Pages,
    stopping: watch::Sender<()>,
    stopped: watch::Receiver<()>,
}

impl Bench {
    fn new(limits: Limits) -> Self {
        Self::over(limits, Origins::default())
    }

    fn over(limits: Limits, origins: Origins) -> Self {
        let clock = ManualClock::at_unix(1_778_850_000);
        let edge = Edge::new(EdgeOptions {
            opener: Arc::new(Opener::new(Keyring::new())),
            origins,
            cache: CacheOptions::default(),
            freshness: Freshness::default(),
            sessions: Arc::new(NoSessions),
            tag_key: TagKey::from_bytes([1; 32].into()),
            clock: Arc::new(clock.clone()),
            overrun: 0,
            background: Handle::current(),
        });
        let edge = Arc::new(edge.unwrap());
        let metrics = Arc::clone(edge.shared_metrics());
        let (stopping, stopped) = watch::channel(());
        Self {
            server: Server::new(edge, limits).unwrap(),
            metrics,
            clock,
            pages: Pages::default(),
            stopping,
            stopped,
        }
    }

    /// A client at an address, over a connection that holds `room` bytes on their way.
    fn client(&self, address: &str, room: usize) -> Client<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(room);
        let connection = Connection::new(
            Arc::clone(&self.server.0),
            self.pages.clone(),
            address.parse().unwrap(),
            self.stopped.clone(),
        );
        tokio::spawn(connection.serve(ours));
        Client(theirs)
    }

    /// Listens on loopback with one listener.
    async fn listen(&self) -> (SocketAddr, JoinHandle<io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (server, pages, mut stopped) = (
            self.server.clone(),
            self.pages.clone(),
            self.stopped.clone(),
        );
        let serving = tokio::spawn(async move {
            let stop = async move {
                let _ = stopped.changed().await;
            };
            server.serve(listener, pages, stop).await
        });
        (address, serving)
    }

    /// Whether the metrics have such a line.
    fn counts(&self, line: &str) -> bool {
        self.metrics.render().lines().any(|found| found == line)
    }
}

/// What shares the edge's address: `/`, `/endless`, and `/waiting`, whose end a test decides.
#[derive(Clone, Default)]
struct Pages {
    ends: Arc<Mutex<Vec<oneshot::Sender<()>>>>,
    threads: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    /// Ends every `/waiting`.
    fn end(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            let _ = end.send(());
        }
    }
}

impl Service<Request<Incoming>> for Pages {
    type Response = Response<Page>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Page>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let thread = std::thread::current().name().map(str::to_owned);
        self.threads.lock().unwrap().extend(thread);
        let page = match request.uri().path() {
            "/endless" => Page::Endless,
            "/waiting" => {
                let (end, waits) = oneshot::channel();
                self.ends.lock().unwrap().push(end);
                Page::Waiting(Some("begun"), waits)
            }
            _ => Page::Short(Some("hello")),
        };
        std::future::ready(Ok(Response::new(page)))
    }
}

enum Page {
    Short(Option<&'static str>),
    Endless,
    Waiting(Option<&'static str>, oneshot::Receiver<()>),
}

impl http_body::Body for Page {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let text = match &mut *self {
            Self::Short(text) | Self::Waiting(text @ Some(_), _) => text.take(),
            Self::Endless => Some("and so on, and so forth, for as long as it is taken"),
            Self::Waiting(None, end) => {
                std::task::ready!(Pin::new(end).poll(context)).unwrap();
                *self = Self::Short(None);
                Some("ended")
            }
        };
        Poll::Ready(text.map(|text| Ok(Frame::data(text.into()))))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Short(text) => SizeHint::with_exact(text.map_or(0, str::len) as u64),
            Self::Endless | Self::Waiting(..) => SizeHint::default(),
        }
    }
}

struct Client<S>(S);

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until what was read ends like this.
    async fn until(&mut self, end: &str) -> String {
        let mut read = Vec::new();
        while !read.ends_with(end.as_bytes()) {
            let byte = self.0.read_u8().await;
            read.push(byte.unwrap_or_else(|error| {
                panic!("{error} after {:?}", String::from_utf8_lossy(&read))
            }));
        }
        String::from_utf8(read).unwrap()
    }

    /// Asks for a path and reads the whole answer.
    async fn get(&mut self, path: &str, lines: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n{lines}\r\n"))
            .await;
        self.answer().await
    }

    /// Reads a whole answer, which says its length or comes in chunks.
    async fn answer(&mut self) -> String {
        let head = self.until("\r\n\r\n").await;
        let len = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let body = match len {
            Some(len) => {
                let mut body = vec![0; len.parse().unwrap()];
                self.0.read_exact(&mut body).await.unwrap();
                String::from_utf8(body).unwrap()
            }
            None => self.until("0\r\n\r\n").await,
        };
        head + &body
    }

    /// Reads what is left until the connection ends, in whatever way.
    async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        rest
    }
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap()
}
