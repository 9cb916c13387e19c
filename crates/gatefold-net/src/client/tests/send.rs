//! Requests of any method, and the switch for development.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Sleep, sleep},
};

use super::{
    OK, at,
    support::{Reply, Scripted, Server, client, resolved},
    text,
};
use crate::{Client, NetError, Opening, Outgoing, OutgoingBody, Replay, Url};

fn to(client: &Client, method: Method, url: &str) -> Outgoing {
    Outgoing::new(method, client.url(url).unwrap())
}

/// A body that is opened anew, and counted; what it gives may differ from what it announces.
struct Repeated {
    announced: u64,
    bytes: &'static [u8],
    opened: AtomicUsize,
}

impl Repeated {
    fn new(announced: u64, bytes: &'static [u8]) -> Arc<Self> {
        let opened = AtomicUsize::new(0);
        Arc::new(Self {
            announced,
            bytes,
            opened,
        })
    }
}

impl Replay for Repeated {
    fn length(&self) -> u64 {
        self.announced
    }

    fn open(&self) -> Opening<'_> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(Box::new(self.bytes) as _) })
    }
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut request = to(&client, Method::POST, "https://a.example/b?c=d");
    for (name, value) in [
        (header::AUTHORIZATION, "DPoP a"),
        (header::CONTENT_TYPE, "text/plain"),
        (header::HOST, "b.example"),
        (header::CONTENT_LENGTH, "7"),
        (header::TRANSFER_ENCODING, "chunked"),
        (header::CONNECTION, "close, authorization"),
        (header::ACCEPT_ENCODING, "gzip"),
        (header::EXPECT, "100-continue"),
    ] {
        let value = HeaderValue::from_static(value);
        request.headers.insert(name, value);
    }
    request.body = OutgoingBody::Bytes(Bytes::from_static(b"hello"));
    assert_eq!(text(client.send(request).await).await.unwrap(), "ok");
    assert_eq!(
        server.heads(),
        [
            "POST /b?c=d HTTP/1.1\r\nauthorization: DPoP a\r\ncontent-type: text/plain\r\n\
             accept-encoding: identity\r\nuser-agent: gatefold\r\nhost: a.example\r\n\
             content-length: 5\r\n\r\n"
        ]
    );
    assert_eq!(*server.bodies.lock().unwrap(), [b"hello"]);
}

#[tokio::test]
async fn a_post_of_nothing_says_so() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    for (method, announced) in [(Method::POST, true), (Method::GET, false)] {
        let answer = client.send(to(&client, method, "https://a.example/")).await;
        assert_eq!(text(answer).await.unwrap(), "ok");
        let head = server.heads().pop().unwrap();
        assert_eq!(head.contains("content-length: 0\r\n"), announced, "{head}");
    }
}

#[tokio::test]
async fn a_body_is_opened_for_each_time_that_it_is_sent() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let body = Repeated::new(200_000, vec![7; 200_000].leak());
    let mut request = to(&client, Method::POST, "https://a.example/");
    request.body = OutgoingBody::Replayable(body.clone());
    for times in 1..=2 {
        let answer = client.send(request.clone()).await;
        assert_eq!(text(answer).await.unwrap(), "ok");
        assert_eq!(body.opened.load(Ordering::SeqCst), times);
    }
    let got = server.bodies.lock().unwrap().clone();
    assert!(got.len() == 2 && got.iter().all(|got| *got == vec![7; 200_000]));
}

#[tokio::test]
async fn what_is_sent_is_as_long_as_was_said() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut longer = to(&client, Method::POST, "https://a.example/");
    longer.body = OutgoingBody::Replayable(Repeated::new(5, b"hello, and more"));
    assert_eq!(text(client.send(longer).await).await.unwrap(), "ok");
    assert_eq!(*server.bodies.lock().unwrap(), [b"hello"]);

    let mut shorter = to(&client, Method::POST, "https://a.example/");
    shorter.body = OutgoingBody::Replayable(Repeated::new(50, b"hello"));
    let answer = client.send(shorter).await;
    assert_eq!(answer.unwrap_err(), NetError::Unread);
    assert_eq!(server.bodies.lock().unwrap().len(), 1);
}

/// A body that cannot be opened.
struct Gone;

impl Replay for Gone {
    fn length(&self) -> u64 {
        1
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Err(io::Error::other("gone")) })
    }
}

#[tokio::test]
async fn a_body_that_is_gone_is_our_own_error() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut request = to(&client, Method::POST, "https://a.example/");
    request.body = OutgoingBody::Replayable(Arc::new(Gone));
    assert_eq!(client.send(request).await.unwrap_err(), NetError::Unread);
    assert_eq!(server.heads(), [""; 0]);
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_counts() {
    // The server reads the head alone, so that most of the body finds no room on the way.
    let server = Server::plain(|_| {
        let bytes = b"HTTP/1.1 401 X\r\nDPoP-Nonce: n\r\nContent-Length: 0\r\n\r\n";
        Reply::Stall(bytes.into())
    })
    .await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut request = to(&client, Method::POST, "https://a.example/early");
    let body: &'static [u8] = vec![7; 32 * 1024 * 1024].leak();
    request.body = OutgoingBody::Replayable(Repeated::new(32 * 1024 * 1024, body));
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(answer.headers.get("dpop-nonce").unwrap(), "n");
}

/// A body of which a byte is ready every 15 seconds.
struct Slow;

/// What [`Slow`] is read by.
struct Dripping(Pin<Box<Sleep>>);

const PAUSE: Duration = Duration::from_secs(15);

impl Replay for Slow {
    fn length(&self) -> u64 {
        8
    }

    fn open(&self) -> Opening<'_> {
        Box::pin(async { Ok(Box::new(Dripping(Box::pin(sleep(PAUSE)))) as _) })
    }
}

impl AsyncRead for Dripping {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.0 = Box::pin(sleep(PAUSE));
        buffer.put_slice(b".");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_body_that_goes_on_is_waited_for_and_an_answer_is_not() {
    let server = Server::plain(|_| Reply::Stall(Vec::new())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut request = to(&client, Method::POST, "https://a.example/");
    request.body = OutgoingBody::Replayable(Arc::new(Slow));
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    assert_eq!(client.send(request).await.unwrap_err(), NetError::TimedOut);
    // Eight pieces, then the time for connecting and for an answer.
    assert_eq!(before.elapsed().as_secs(), 8 * 15 + 10 + 20);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let server = Server::plain(|_| {
        let head = "HTTP/1.1 307 X\r\nLocation: https://a.example/b\r\nContent-Length: 0\r\n\r\n";
        Reply::Keep(head.into())
    })
    .await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let answer = client.send(to(&client, Method::GET, "https://a.example/a"));
    assert_eq!(answer.await.unwrap().status, 307);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn this_machine_is_reached_in_the_plain_only_under_the_switch() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let port = server.port;
    let closed = client(&[], |_| {});
    let open = client(&[], |options| options.insecure_loopback = true);
    for host in ["localhost", "127.0.0.1"] {
        let text_of = format!("http://{host}:{port}/a");
        assert!(closed.url(&text_of).is_err(), "{host}");
        let url = Url::parse_or_loopback(&text_of).unwrap();
        let refused = closed.send(Outgoing::new(Method::GET, url.clone())).await;
        assert_eq!(refused.unwrap_err(), NetError::NotAllowed, "{host}");
        assert_eq!(open.url(&text_of), Ok(url.clone()), "{host}");
        let answer = open.send(Outgoing::new(Method::GET, url.clone())).await;
        assert_eq!(text(answer).await.unwrap(), "ok", "{host}");
        let host_header = format!("host: {host}:{port}\r\n");
        assert!(server.heads().pop().unwrap().contains(&host_header));
        // What the edge fetches is https, whatever the switch says.
        let got = open.get(&url, &http::HeaderMap::new(), &|_| true).await;
        assert_eq!(got.unwrap_err(), NetError::NotAllowed, "{host}");
    }
    assert_eq!(server.heads().len(), 2);
}

#[tokio::test]
async fn the_switch_opens_nothing_else() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let port = server.port;
    // A name of the internet that leads to this machine, with a port that is allowed.
    let resolver = Scripted::new(vec![vec!["127.0.0.1"], vec!["::1"], vec!["10.0.0.1"]]);
    let client = resolved(&[], resolver, |options| {
        options.insecure_loopback = true;
        options.ports = vec![443, port];
    });
    for url in [
        format!("https://a.example:{port}/"),
        format!("https://localhost:{port}/"),
        "https://a.example/".to_owned(),
    ] {
        let answer = client.send(to(&client, Method::GET, &url)).await;
        assert_eq!(answer.unwrap_err(), NetError::NotPublic, "{url}");
    }
    let other = to(&client, Method::GET, "https://a.example:8443/");
    assert_eq!(client.send(other).await.unwrap_err(), NetError::NotAllowed);
    for url in ["http://a.example/", "http://10.0.0.1/", "http://[::]/"] {
        assert!(client.url(url).is_err(), "{url}");
    }
    assert_eq!(server.heads(), [""; 0]);
}

#[tokio::test]
async fn nothing_that_is_sent_prints() {
    let client = client(&[], |_| {});
    let mut request = to(&client, Method::POST, "https://a.example/secret");
    request.body = OutgoingBody::Bytes(Bytes::from_static(b"secret"));
    let printed = format!("{request:?} {:?}", request.body);
    assert_eq!(printed, "Outgoing(POST) OutgoingBody");
}
