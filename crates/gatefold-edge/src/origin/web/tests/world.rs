//! An https origin in front of one server that answers as it is told.

use std::{
    fmt::Write as _,
    pin::Pin,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use gatefold_edge_core::MediaType;
use gatefold_net::{ClientOptions, Roots, SystemResolver, Upstreams};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::super::*;

/// The object that the servers have.
pub(super) const OBJECT: &[u8] = b"0123456789";
pub(super) const URL: &str = "https://a.example/song.mp3";
pub(super) const OLD: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
pub(super) const NOW: &str = "Mon, 01 Jan 2024 00:01:00 GMT";
pub(super) const SOON: &str = "Mon, 01 Jan 2024 00:00:59 GMT";
pub(super) const TAG: &str = "ETag: \"one\"\r\n";

/// What follows a written answer.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Then {
    Close,
    Stall,
    Forever,
}

type Answers = Arc<dyn Fn(&str) -> (Vec<u8>, Then) + Send + Sync>;

pub(super) struct World {
    pub(super) origin: WebOrigin,
    pub(super) seen: Arc<Mutex<Vec<String>>>,
}

impl World {
    /// An origin whose hosts `a.example` and `b.example` (not allowed) are at one server.
    pub(super) async fn new(
        answers: impl Fn(&str) -> (Vec<u8>, Then) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answers, log): (Answers, _) = (Arc::new(answers), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&log)));
            }
        });
        let mut upstreams = Upstreams::default();
        for host in ["a.example", "b.example"] {
            upstreams.insert(host, place.parse().unwrap()).unwrap();
        }
        let options = ClientOptions {
            upstreams,
            roots: Roots::These(Vec::new()),
            ..ClientOptions::default()
        };
        let client = Client::new(options, Arc::new(SystemResolver)).unwrap();
        let options = WebOptions {
            hosts: vec!["a.example".parse().unwrap()],
            fresh: None,
        };
        Self {
            origin: WebOrigin::new(client, options),
            seen,
        }
    }

    /// One answer, whatever is asked.
    pub(super) async fn always(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |_| (answer.clone(), Then::Close)).await
    }

    pub(super) async fn look(&self, known: Option<&Version>) -> Result<Looked, OriginError> {
        Origin::look(&self.origin, URL, known).await
    }

    pub(super) async fn read(
        &self,
        facts: &Facts,
        first: u64,
        last: Option<u64>,
    ) -> Result<Vec<u8>, Cut> {
        let mut chunks = Origin::read(&self.origin, URL, facts, first, last)
            .await
            .map_err(|error| Cut { given: 0, error })?;
        let mut all = Vec::new();
        while let Some(chunk) = next(&mut chunks).await {
            match chunk {
                Ok(bytes) => all.extend_from_slice(&bytes),
                Err(error) => {
                    // What was given before is right, and nothing follows.
                    let start = usize::try_from(first).unwrap();
                    assert!(OBJECT[start..].starts_with(&all));
                    assert!(next(&mut chunks).await.is_none());
                    let given = all.len();
                    return Err(Cut { given, error });
                }
            }
        }
        Ok(all)
    }

    pub(super) fn last_head(&self) -> String {
        self.seen.lock().unwrap().last().cloned().unwrap()
    }
}

/// A read that ended in an error.
#[derive(Debug, PartialEq)]
pub(super) struct Cut {
    pub(super) given: usize,
    pub(super) error: OriginError,
}

pub(super) async fn next(chunks: &mut Chunks) -> Option<Result<Bytes, OriginError>> {
    std::future::poll_fn(|context| Pin::as_mut(chunks).poll_next(context)).await
}

async fn serve(mut stream: TcpStream, answers: Answers, log: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return;
        };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    log.lock().unwrap().push(head.clone());
    let (bytes, then) = answers(&head);
    if stream.write_all(&bytes).await.is_err() {
        return;
    }
    match then {
        Then::Close => {}
        Then::Stall => std::future::pending().await,
        Then::Forever => while stream.write_all(&[b'x'; 4096]).await.is_ok() {},
    }
}

/// An answer with this status line, these headers (each with its line end) and this body.
pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// A right answer for the bytes `first` to `last`.
pub(super) fn partial(first: usize, last: usize, headers: &str) -> Vec<u8> {
    let part = &OBJECT[first..=last];
    let mut all = String::new();
    let total = OBJECT.len();
    write!(all, "Content-Range: bytes {first}-{last}/{total}\r\n").unwrap();
    write!(all, "Content-Length: {}\r\n{headers}", part.len()).unwrap();
    answer("206 Partial Content", &all, part)
}

pub(super) fn whole(headers: &str) -> Vec<u8> {
    answer(
        "200 OK",
        &format!("Content-Length: 10\r\n{headers}"),
        OBJECT,
    )
}

pub(super) fn chunked(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let headers = format!("Transfer-Encoding: chunked\r\n{headers}");
    let body = [
        format!("{:x}\r\n", body.len()).as_bytes(),
        body,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    answer(status, &headers, &body)
}

pub(super) fn tagged() -> Version {
    Version::new(b"e\"one\"")
}

pub(super) fn timed() -> Version {
    Version::new(format!("t{OLD}\n10").as_bytes())
}

/// The facts of the object that the servers have.
pub(super) fn ten(version: Option<Version>, ranges: bool) -> Facts {
    Facts {
        len: Some(10),
        version,
        modified: None,
        media_type: MediaType::OTHER,
        ranges,
    }
}
