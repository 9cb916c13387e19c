//! The client against servers on loopback that are written by hand.

mod runtimes;
mod send;
mod support;

use std::time::Duration;

use crate::{Answer, Client, NetError, Roots, Url};
use http::{HeaderMap, HeaderValue, header};
use support::{Reply, Scripted, Server, certificate, client, path, resolved};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async fn get(client: &Client, url: &str) -> Result<Answer, NetError> {
    let url = Url::parse(url).unwrap();
    client.get(&url, &HeaderMap::new(), &|_| true).await
}

async fn text(answer: Result<Answer, NetError>) -> Result<String, NetError> {
    let bytes = answer?.body.collect(1024).await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

fn at(server: &Server) -> String {
    format!("http://127.0.0.1:{}", server.port)
}

#[tokio::test]
async fn an_upstream_gets_the_request_as_its_host_would() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::RANGE, "bytes=0-0"),
        (header::IF_MATCH, "\"a\""),
        (header::COOKIE, "secret"),
        (header::AUTHORIZATION, "secret"),
        (header::ACCEPT_ENCODING, "gzip"),
        (header::REFERER, "https://secret.example/"),
        (header::HOST, "b.example"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let url = Url::parse("https://a.example/b%20c/d.mp3?e=f").unwrap();
    let answer = client.get(&url, &headers, &|_| true).await;
    assert_eq!(text(answer).await.unwrap(), "ok");
    assert_eq!(
        server.heads(),
        [
            "GET /b%20c/d.mp3?e=f HTTP/1.1\r\nrange: bytes=0-0\r\nif-match: \"a\"\r\n\
         accept-encoding: identity\r\nuser-agent: gatefold\r\nhost: a.example\r\n\r\n"
        ]
    );
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    for _ in 0..3 {
        assert_eq!(
            text(get(&client, "https://a.example/").await)
                .await
                .unwrap(),
            "ok"
        );
    }
    assert_eq!(server.connections(), [0, 0, 0]);
}

#[tokio::test]
async fn tls_is_held_against_the_host_and_not_against_the_place() {
    let certified = certificate("a.example");
    let server = Server::tls(&certified, |_| Reply::Keep(OK.into())).await;
    let place = format!("https://127.0.0.1:{}", server.port);
    let hosts = [("a.example", place.clone()), ("b.example", place)];
    let roots = Roots::These(vec![certified.cert.der().to_vec()]);
    let client = client(&hosts, |options| options.roots = roots);
    assert_eq!(
        text(get(&client, "https://a.example/").await)
            .await
            .unwrap(),
        "ok"
    );
    let other = get(&client, "https://b.example/").await;
    assert_eq!(other.unwrap_err(), NetError::Tls);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn nobody_unknown_is_believed() {
    let server = Server::tls(&certificate("a.example"), |_| Reply::Keep(OK.into())).await;
    let place = format!("https://127.0.0.1:{}", server.port);
    let client = client(&[("a.example", place)], |_| {});
    assert_eq!(
        get(&client, "https://a.example/").await.unwrap_err(),
        NetError::Tls
    );
    assert_eq!(server.heads(), [""; 0]);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_whatever_it_said_before() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let port = server.port;
    let resolver = Scripted::new(vec![
        vec!["127.0.0.1"],
        vec!["10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
        vec!["169.254.169.254"],
    ]);
    let client = resolved(&[], resolver.clone(), |options| options.ports = vec![port]);
    for asked in 1..=3 {
        let answer = get(&client, &format!("https://a.example:{port}/")).await;
        assert_eq!(answer.unwrap_err(), NetError::NotPublic);
        // Looked up exactly once for each connection: there is no second answer to be used.
        assert_eq!(resolver.asked(), asked);
    }
    let unknown = get(&client, &format!("https://a.example:{port}/")).await;
    assert_eq!(unknown.unwrap_err(), NetError::Unreachable);
    assert_eq!(server.heads(), [""; 0]);
}

#[tokio::test]
async fn an_upstream_by_name_may_be_private() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let resolver = Scripted::new(vec![vec!["127.0.0.1"]]);
    let place = format!("http://nginx:{}", server.port);
    let client = resolved(&[("a.example", place)], resolver, |_| {});
    assert_eq!(
        text(get(&client, "https://a.example/").await)
            .await
            .unwrap(),
        "ok"
    );
}

#[tokio::test]
async fn a_port_is_used_only_where_it_is_allowed() {
    let client = client(&[], |options| options.ports = vec![443, 8443]);
    for (url, expected) in [
        ("https://a.example:22/", NetError::NotAllowed),
        ("https://a.example:80/", NetError::NotAllowed),
        ("https://a.example:8443/", NetError::Unreachable),
        ("https://a.example/", NetError::Unreachable),
    ] {
        assert_eq!(get(&client, url).await.unwrap_err(), expected, "{url}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_only_inside_of_what_is_allowed() {
    let server = Server::plain(|head| {
        let to = match path(head) {
            "/relative" => "ok",
            "/absolute" => "https://b.example/ok",
            "/chain/1" => "2",
            "/chain/2" => "3",
            "/chain/3" => "4",
            "/chain/4" => "5",
            "/chain/5" => "../ok",
            "/long" => "/chain/1",
            "/loop" => "/loop",
            "/ping" => "/pong",
            "/pong" => "/ping",
            "/away" => "https://c.example/ok",
            "/plain" => "http://a.example/ok",
            "/user" => "https://me@b.example/ok",
            "/port" => "https://b.example:8080/ok",
            "/address" => "https://127.0.0.1/ok",
            "/hex" => "https://0x7f000001/ok",
            "/none" => return Reply::Keep(b"HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n".into()),
            "/choices" => {
                let bytes = b"HTTP/1.1 300 X\r\nLocation: /ok\r\nContent-Length: 2\r\n\r\nno";
                return Reply::Keep(bytes.into());
            }
            _ => return Reply::Keep(OK.into()),
        };
        let head = format!("HTTP/1.1 302 X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        Reply::Keep(head.into())
    })
    .await;
    let hosts = ["a.example", "b.example", "c.example"].map(|host| (host, at(&server)));
    let client = client(&hosts, |_| {});
    let allowed = |url: &Url| url.host() != "c.example";
    for (from, expected) in [
        ("/relative", Ok("ok")),
        ("/absolute", Ok("ok")),
        ("/chain/1", Ok("ok")),
        ("/choices", Ok("no")),
        ("/long", Err(NetError::TooManyRedirects)),
        ("/loop", Err(NetError::TooManyRedirects)),
        ("/ping", Err(NetError::TooManyRedirects)),
        ("/away", Err(NetError::NotAllowed)),
        ("/port", Err(NetError::NotAllowed)),
        ("/plain", Err(NetError::BadRedirect)),
        ("/user", Err(NetError::BadRedirect)),
        ("/address", Err(NetError::BadRedirect)),
        ("/hex", Err(NetError::BadRedirect)),
        ("/none", Err(NetError::BadRedirect)),
    ] {
        let url = Url::parse(&format!("https://a.example{from}")).unwrap();
        let answer = client.get(&url, &HeaderMap::new(), &allowed).await;
        let got = text(answer).await;
        assert_eq!(got.as_deref().map_err(|error| *error), expected, "{from}");
    }
    let asked_away = |head: &String| head.contains("c.example");
    assert!(!server.heads().iter().any(asked_away));
    let first = Url::parse("https://c.example/ok").unwrap();
    let refused = client.get(&first, &HeaderMap::new(), &allowed).await;
    assert_eq!(refused.unwrap_err(), NetError::NotAllowed);
}

#[tokio::test]
async fn what_a_peer_breaks_is_an_error() {
    let server = Server::plain(|head| match path(head) {
        "/reset" => Reply::Close(Vec::new()),
        "/noise" => Reply::Close(b"SSH-2.0-OpenSSH\r\n".into()),
        "/head" => Reply::Endless(b"HTTP/1.1 200 OK\r\nX: ".repeat(4096)),
        "/short" => Reply::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok".into()),
        "/chunk" => {
            let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n";
            Reply::Close(bytes.into())
        }
        _ => Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n".repeat(64)),
    })
    .await;
    let client = client(&[("a.example", at(&server))], |_| {});
    for (path, expected) in [
        ("/reset", NetError::Protocol),
        ("/noise", NetError::Protocol),
        ("/head", NetError::Protocol),
        ("/short", NetError::Protocol),
        ("/chunk", NetError::Protocol),
        ("/endless", NetError::TooLong),
    ] {
        let answer = get(&client, &format!("https://a.example{path}")).await;
        assert_eq!(text(answer).await, Err(expected), "{path}");
    }
}

#[tokio::test]
async fn what_is_longer_than_asked_for_is_not_taken() {
    let server = Server::plain(|_| Reply::Keep(OK.into())).await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let answer = get(&client, "https://a.example/").await.unwrap();
    assert_eq!(answer.body.announced(), Some(2));
    assert_eq!(answer.body.collect(1).await, Err(NetError::TooLong));
}

/// Lets the servers' and the client's tasks come to rest, after which only time can wake them.
async fn advance_past(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let server = Server::plain(|head| match path(head) {
        "/head" => Reply::Stall(b"HTTP/1.1 200 OK\r\n".into()),
        _ => Reply::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok".into()),
    })
    .await;
    let client = client(&[("a.example", at(&server))], |_| {});
    let mut answer = get(&client, "https://a.example/body").await.unwrap();
    assert_eq!(answer.body.chunk().await.unwrap().unwrap(), "ok");
    tokio::time::pause();
    // A reader's own delay does not count.
    advance_past(3600).await;
    let before = tokio::time::Instant::now();
    assert_eq!(answer.body.chunk().await, Some(Err(NetError::TimedOut)));
    assert_eq!(before.elapsed().as_secs(), 20);
    tokio::time::resume();
    drop(answer);

    tokio::time::pause();
    let answer = get(&client, "https://a.example/head").await;
    assert_eq!(answer.unwrap_err(), NetError::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    // Takes connections and says nothing: the kernel accepts, nobody answers the handshake.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("https://{}", silent.local_addr().unwrap());
    let client = client(&[("a.example", place)], |_| {});
    let before = tokio::time::Instant::now();
    let answer = get(&client, "https://a.example/").await;
    assert_eq!(answer.unwrap_err(), NetError::TimedOut);
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn a_place_where_nobody_listens_is_unreachable() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let client = client(&[("a.example", place)], |_| {});
    let answer = get(&client, "https://a.example/").await;
    assert_eq!(answer.unwrap_err(), NetError::Unreachable);
}
