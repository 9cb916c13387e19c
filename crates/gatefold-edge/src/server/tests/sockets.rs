//! Over real sockets: accepting, stopping, many cores.

use std::collections::BTreeSet;

use super::*;

async fn connect(address: SocketAddr) -> Client<TcpStream> {
    Client(TcpStream::connect(address).await.unwrap())
}

#[tokio::test]
async fn stopping_finishes_what_is_being_sent_and_begins_nothing() {
    let bench = Bench::new(Limits::default());
    let (address, serving) = bench.listen().await;
    let mut stream = connect(address).await;
    stream
        .send("GET /waiting HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    stream.until("begun\r\n").await;
    let mut idle = connect(address).await;
    assert_eq!(status(&idle.get("/", "").await), "200");
    let mut begun = connect(address).await;
    assert_eq!(status(&begun.get("/", "").await), "200");
    begun.send("GET / HTT").await;
    let mut silent = connect(address).await;

    drop(bench.stopping);
    assert_eq!(idle.rest().await, b"");
    assert_eq!(begun.rest().await, b"");
    assert_eq!(silent.rest().await, b"");
    assert!(TcpStream::connect(address).await.is_err());
    bench.pages.end();
    stream.until("ended\r\n0\r\n\r\n").await;
    assert_eq!(stream.rest().await, b"");
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn stopping_waits_no_longer_than_it_may() {
    let bench = Bench::new(Limits {
        shutdown_time: Duration::ZERO,
        ..Limits::default()
    });
    let (address, serving) = bench.listen().await;
    let mut stream = connect(address).await;
    stream
        .send("GET /waiting HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    stream.until("begun\r\n").await;
    drop(bench.stopping);
    serving.await.unwrap().unwrap();
    assert_eq!(stream.rest().await, b"");
}

#[tokio::test]
async fn further_connections_wait_for_their_turn() {
    let bench = Bench::new(Limits {
        connections: 1,
        ..Limits::default()
    });
    let (address, _serving) = bench.listen().await;
    let mut first = connect(address).await;
    assert_eq!(status(&first.get("/", "").await), "200");
    let mut second = connect(address).await;
    second.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(status(&first.get("/", "").await), "200");
    assert!(bench.counts("gatefold_edge_connections 1"));
    drop(first);
    assert_eq!(status(&second.answer().await), "200");
}

#[tokio::test]
async fn every_core_serves_and_stops() {
    let bench = Bench::new(Limits::default());
    let listeners = Listeners::bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
    let address = listeners.address();
    let (server, pages, mut stopped) = (
        bench.server.clone(),
        bench.pages.clone(),
        bench.stopped.clone(),
    );
    let serving = tokio::spawn(async move {
        let stop = async move {
            let _ = stopped.changed().await;
        };
        server.serve_on_cores(listeners, pages, stop).await
    });
    // The system spreads them by their ports: that all of these fall to one core does not happen.
    for _ in 0..128 {
        assert_eq!(status(&connect(address).await.get("/", "").await), "200");
    }
    let threads: BTreeSet<_> = bench.pages.threads.lock().unwrap().drain(..).collect();
    assert_eq!(
        threads.into_iter().collect::<Vec<_>>(),
        ["core-0", "core-1"]
    );

    let mut stream = connect(address).await;
    stream
        .send("GET /waiting HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    stream.until("begun\r\n").await;
    drop(bench.stopping);
    bench.pages.end();
    stream.until("ended\r\n0\r\n\r\n").await;
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_address_is_had_once() {
    let first = Listeners::bind("127.0.0.1:0".parse().unwrap(), 1).unwrap();
    assert!(Listeners::bind(first.address(), 1).is_err());
    assert!(Listeners::bind(first.address(), 2).is_err());
    // Not even from somebody who would share it.
    let shared = Listeners::bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
    assert!(Listeners::bind(shared.address(), 2).is_err());
}

#[tokio::test]
async fn a_server_that_could_serve_nobody_does_not_begin() {
    let limits = Limits {
        connections: 0,
        ..Limits::default()
    };
    let bench = Bench::new(Limits::default());
    let edge = Arc::clone(&bench.server.0.edge);
    let refused = Server::new(edge, limits);
    assert_eq!(refused.err(), Some(LimitsError::Zero("connections")));
}

#[tokio::test]
async fn a_connection_that_waits_takes_little() {
    let bench = Bench::new(Limits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (shared, stopped) = (Arc::clone(&bench.server.0), bench.stopped.clone());
    let connection = Connection::new(shared, bench.pages.clone(), HOME.parse().unwrap(), stopped);
    let serving = connection.serve_tcp(stream.unwrap());
    assert!(
        size_of_val(&serving) <= 1280,
        "{} bytes",
        size_of_val(&serving)
    );
}

#[tokio::test]
async fn a_page_whose_length_is_known_says_it() {
    let bench = Bench::new(Limits::default());
    let answer = bench.client("192.0.2.1", 64 * 1024).get("/", "").await;
    assert!(answer.contains("\r\ncontent-length: 5\r\n"), "{answer}");
    assert!(!answer.contains("transfer-encoding"), "{answer}");
}
