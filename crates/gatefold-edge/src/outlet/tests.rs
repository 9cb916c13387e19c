//! Over real sockets, as clients meet it; and what must never be sent.

use std::{
    convert::Infallible,
    io::{IoSlice, Write},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_LENGTH};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    runtime,
};

use super::*;
use crate::Piece;

/// A run of an answer: whether it is sent as a file, and its length.
type Run = (bool, usize);

/// A file with bytes that tell where they are.
fn file(len: usize) -> (Arc<File>, Vec<u8>) {
    let content: Vec<u8> = (0..len)
        .map(|at| u8::try_from(at % 251).unwrap() ^ u8::try_from(at / 65_536 % 256).unwrap())
        .collect();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&content).unwrap();
    (Arc::new(file), content)
}

/// A body of runs of one file, one behind the other.
struct Mixed {
    outlet: Outlet,
    file: Arc<File>,
    content: Bytes,
    runs: std::vec::IntoIter<Run>,
    at: usize,
}

impl http_body::Body for Mixed {
    type Data = Piece;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, Infallible>>> {
        let Some((is_file, len)) = self.runs.next() else {
            return Poll::Ready(None);
        };
        let piece = if is_file {
            let part = FilePart::new(Arc::clone(&self.file), self.at as u64, len);
            Piece::from(self.outlet.push(part))
        } else {
            Piece::from(self.content.slice(self.at..).slice(..len))
        };
        self.at = self.at.saturating_add(len);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.runs.as_slice().iter();
        SizeHint::with_exact(left.map(|(_, len)| *len as u64).sum())
    }
}

/// Answers the requests of one connection with one list of runs after the other; gives how hyper
/// ended and what is left in the outlet.
async fn answers(
    stream: TcpStream,
    (file, content): (Arc<File>, Bytes),
    lists: Vec<Vec<Run>>,
) -> (hyper::Result<()>, usize) {
    let outlet = Outlet::default();
    let socket = FileSocket::new(stream, outlet.clone());
    let lists = Mutex::new(lists.into_iter());
    let service = service_fn(|_: Request<Incoming>| {
        let runs = lists.lock().unwrap().next().unwrap_or_default();
        let body = Mixed {
            outlet: outlet.clone(),
            file: Arc::clone(&file),
            content: content.clone(),
            runs: runs.into_iter(),
            at: 0,
        };
        std::future::ready(Ok::<_, Infallible>(Response::new(body)))
    });
    let served = http1::Builder::new()
        .max_buf_size(8192)
        .serve_connection(TokioIo::new(socket), service)
        .await;
    let left = outlet.lock().parts.len();
    (served, left)
}

/// Two ends of a connection; the second takes little at a time.
async fn pair(room: u32) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpSocket::new_v4().unwrap();
    client.set_recv_buffer_size(room).unwrap();
    let address = listener.local_addr().unwrap();
    let (client, server) = tokio::join!(client.connect(address), listener.accept());
    (server.unwrap().0, client.unwrap())
}

/// Reads an answer's head; gives the length that it says.
async fn head(client: &mut TcpStream) -> Option<usize> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let name = format!("{CONTENT_LENGTH}: ");
    let len = head.lines().find_map(|line| line.strip_prefix(&name));
    Some(len.map_or(0, |len| len.parse().unwrap()))
}

/// Requests, all sent at once: whether each is a `HEAD`, and the runs of its answer.
type Asked = Vec<(bool, Vec<Run>)>;

fn asked() -> impl Strategy<Value = Asked> {
    let len = prop_oneof![1..300_usize, 1..40_000_usize, 60_000..MOST];
    let runs = prop::collection::vec((any::<bool>(), len), 0..6);
    prop::collection::vec((prop::bool::weighted(0.2), runs), 1..5)
}

/// Asks, takes `bite` bytes at a time, and checks every byte.
async fn check(asked: Asked, room: u32, bite: usize) {
    let longest = asked.iter().map(|(_, runs)| len(runs)).max().unwrap_or(0);
    let (file, content) = file(longest);
    let (server, mut client) = pair(room).await;
    let lists = asked.iter().map(|(_, runs)| runs.clone()).collect();
    let kept = Arc::clone(&file);
    let serving = answers(server, (file, content.clone().into()), lists);
    let taking = async {
        let mut requests = String::new();
        for (is_head, _) in &asked {
            let method = if *is_head { "HEAD" } else { "GET" };
            requests.push_str(method);
            requests.push_str(" / HTTP/1.1\r\nhost: x\r\n\r\n");
        }
        client.write_all(requests.as_bytes()).await.unwrap();
        for (is_head, runs) in &asked {
            assert_eq!(head(&mut client).await, Some(len(runs)), "{runs:?}");
            let mut left = if *is_head { &[] } else { &content[..len(runs)] };
            let mut bites = vec![0; bite];
            while !left.is_empty() {
                let most = left.len().min(bite);
                let read = client.read(&mut bites[..most]).await.unwrap();
                assert!(read > 0, "{} bytes too few", left.len());
                let (expected, rest) = left.split_at(read);
                assert!(
                    bites[..read] == *expected,
                    "{} bytes before the end",
                    left.len()
                );
                left = rest;
            }
        }
        client.shutdown().await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "too many bytes");
    };
    let ((served, left), ()) = tokio::join!(serving, taking);
    served.unwrap();
    assert_eq!((left, Arc::strong_count(&kept)), (0, 1));
}

fn len(runs: &[Run]) -> usize {
    runs.iter().map(|(_, len)| len).sum()
}

fn on_a_runtime(test: impl Future<Output = ()>) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn answers_are_right_however_they_are_cut(
        asked in asked(),
        room in 4096..1_000_000_u32,
        bite in prop_oneof![500..5_000_usize, Just(1 << 20)],
    ) {
        on_a_runtime(check(asked, room, bite));
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_open() {
    let (file, content) = file(4 * MOST);
    let (server, mut client) = pair(4096).await;
    let kept = Arc::clone(&file);
    let runs = vec![(true, MOST), (false, MOST), (true, MOST), (true, MOST)];
    let serving = answers(server, (file, content.into()), vec![runs]);
    let leaving = async move {
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        head(&mut client).await.unwrap();
        client.read_exact(&mut [0; 5000]).await.unwrap();
    };
    let ((served, _), ()) = tokio::join!(serving, leaving);
    assert!(served.is_err());
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[tokio::test]
async fn a_file_that_is_shorter_than_promised_ends_the_connection() {
    let (file, content) = file(100_000);
    let (server, mut client) = pair(1 << 20).await;
    let serving = answers(server, (file, Bytes::new()), vec![vec![(true, 100_001)]]);
    let taking = async move {
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        assert_eq!(head(&mut client).await, Some(100_001));
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest).await;
        rest
    };
    let ((served, _), rest) = tokio::join!(serving, taking);
    assert!(served.is_err());
    assert!(rest == content);
}

/// What goes wrong between a body and the socket.
type Mishap = fn(&Outlet, FilePart) -> Vec<StandIn>;

#[tokio::test]
async fn nothing_is_sent_once_files_and_answers_are_out_of_step() {
    let table: [(&str, Mishap); 5] = [
        ("copied", |outlet, part| {
            let mut copied = outlet.push(part);
            assert_eq!(copied.copy_to_bytes(10).len(), 10);
            vec![copied]
        }),
        ("forgotten", |outlet, part| {
            drop(outlet.push(part.clone()));
            vec![outlet.push(part)]
        }),
        ("of another connection", |_, part| {
            vec![Outlet::default().push(part)]
        }),
        ("in another order", |outlet, part| {
            let shorter = FilePart {
                left: 7,
                ..part.clone()
            };
            let (first, second) = (outlet.push(part), outlet.push(shorter));
            vec![second, first]
        }),
        ("cut short", |outlet, part| vec![outlet.push(part)]),
    ];
    for (name, mishap) in table {
        let (file, _) = file(1000);
        let (server, mut client) = pair(1 << 20).await;
        let outlet = Outlet::default();
        let mut socket = pin!(FileSocket::new(server, outlet.clone()));
        let stand_ins = mishap(&outlet, FilePart::new(file, 0, 1000));
        let first = stand_ins.first().unwrap().chunk();
        let first = if name == "cut short" {
            &first[..999]
        } else {
            first
        };
        let write = |slice: &[u8], socket: Pin<&mut FileSocket>| {
            let mut context = Context::from_waker(std::task::Waker::noop());
            match socket.poll_write_vectored(&mut context, &[IoSlice::new(slice)]) {
                Poll::Ready(Err(_)) => {}
                written => panic!("{name}: {written:?}"),
            }
        };
        write(first, socket.as_mut());
        drop(stand_ins);
        if name != "of another connection" {
            // Not even what has nothing to do with it.
            write(b"memory", socket.as_mut());
        }
        socket.shutdown().await.unwrap();
        let mut sent = Vec::new();
        client.read_to_end(&mut sent).await.unwrap();
        assert_eq!(sent, b"", "{name}");
    }
}

#[tokio::test]
async fn a_stand_in_moves_over_what_was_sent_and_no_further() {
    let (file, content) = file(1000);
    let (server, mut client) = pair(1 << 20).await;
    let outlet = Outlet::default();
    let mut socket = FileSocket::new(server, outlet.clone());
    let mut stand_in = outlet.push(FilePart::new(file, 100, 900));
    let sent = socket.write(stand_in.chunk()).await.unwrap();
    assert_eq!(sent, 900);
    assert!(socket.write(b"x").await.is_err(), "it has not moved yet");
    stand_in.advance(sent);
    drop(stand_in);
    assert_eq!(socket.write(b"x").await.unwrap(), 1);
    drop(socket);
    let mut read = Vec::new();
    client.read_to_end(&mut read).await.unwrap();
    assert!(read == [&content[100..], b"x"].concat());
}
