//! Clients who take their time. Time is paused: it moves on by itself when everybody waits for it.

use tokio::time::{Instant, sleep};

use super::*;

/// Holds whole answers of the small kind.
const ROOM: usize = 64 * 1024;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_slowly_is_not_waited_for() {
    let bench = Bench::new(Limits::default());
    for begun in ["", "G", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let mut client = bench.client(HOME, ROOM);
        let start = Instant::now();
        client.send(begun).await;
        // Another byte now and then does not help.
        if begun.is_empty() {
            assert_eq!(client.rest().await, b"");
        } else {
            // Another byte now and then does not help.
            while client.0.write_u8(b'x').await.is_ok() {
                sleep(3 * SECOND).await;
            }
        }
        let waited = start.elapsed();
        assert!(
            waited >= 10 * SECOND && waited <= 13 * SECOND,
            "{begun:?} {waited:?}"
        );
    }
    assert!(bench.counts(r#"gatefold_edge_connections_ended_total{reason="head"} 3"#));
    assert!(bench.counts("gatefold_edge_connections 0"));
}

#[tokio::test(start_paused = true)]
async fn a_head_has_its_time_from_its_own_beginning() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, ROOM);
    for pause in [Duration::ZERO, SECOND / 2, 30 * SECOND] {
        sleep(pause).await;
        client.send("GET / HTTP/1.1\r\n").await;
        sleep(9 * SECOND).await;
        client.send("host: x\r\n\r\n").await;
        assert_eq!(status(&client.answer().await), "200", "{pause:?}");
    }
    client.send("GET / HTTP/1.1\r\n").await;
    let start = Instant::now();
    assert_eq!(client.rest().await, b"");
    assert!(start.elapsed() <= 11 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_requests_is_ended() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, ROOM);
    for pause in [SECOND / 2, 74 * SECOND, Duration::ZERO] {
        assert_eq!(status(&client.get("/", "").await), "200");
        sleep(pause).await;
    }
    let start = Instant::now();
    assert_eq!(client.rest().await, b"");
    let waited = start.elapsed();
    assert!(waited >= 74 * SECOND && waited <= 76 * SECOND, "{waited:?}");
    assert!(bench.counts(r#"gatefold_edge_connections_ended_total{reason="idle"} 1"#));
}

#[tokio::test(start_paused = true)]
async fn requests_in_one_go_are_answered_in_turn() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, ROOM);
    let request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    // The third begins with the others, and ends when the connection's buffers have been given up.
    let (begun, rest) = request.split_at(20);
    client.send(&[request, request, begun].concat()).await;
    assert_eq!(status(&client.answer().await), "200");
    assert_eq!(status(&client.answer().await), "200");
    sleep(5 * SECOND).await;
    client.send(rest).await;
    assert_eq!(status(&client.answer().await), "200");
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_given_up() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, 1024);
    let start = Instant::now();
    client
        .send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    sleep(119 * SECOND).await;
    assert!(bench.counts("gatefold_edge_streams 1"));
    sleep(2 * SECOND).await;
    assert!(bench.counts("gatefold_edge_streams 0"));
    assert!(bench.counts(r#"gatefold_edge_connections_ended_total{reason="stalled"} 1"#));
    assert!(client.rest().await.len() <= 1024);
    assert!(start.elapsed() <= 122 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn who_takes_too_little_is_given_up() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, 1024);
    client
        .send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let start = Instant::now();
    let mut some = [0; 300];
    while client.0.read_exact(&mut some).await.is_ok() {
        sleep(SECOND).await;
    }
    assert!(start.elapsed() <= 65 * SECOND, "{:?}", start.elapsed());
    assert!(bench.counts(r#"gatefold_edge_connections_ended_total{reason="slow"} 1"#));
}

#[tokio::test(start_paused = true)]
async fn a_little_now_and_then_is_too_little() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, 1024);
    client
        .send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let start = Instant::now();
    // Less often than the rate is taken, and more often than the stall time.
    while client.0.read_u8().await.is_ok() && start.elapsed() < 3600 * SECOND {
        sleep(50 * SECOND).await;
    }
    assert!(bench.counts(r#"gatefold_edge_connections_ended_total{reason="slow"} 1"#));
}

#[tokio::test(start_paused = true)]
async fn who_takes_enough_is_served_for_as_long_as_it_lasts() {
    let bench = Bench::new(Limits::default());
    // Steadily, in bursts with a pause, and with a pause of nearly the stall time.
    for (bytes, pause) in [(600, 1), (16 * 1024, 25), (32 * 1024, 110)] {
        let mut client = bench.client(HOME, 1024);
        client
            .send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
            .await;
        let start = Instant::now();
        let mut some = vec![0; bytes];
        while start.elapsed() < 600 * SECOND {
            client.0.read_exact(&mut some).await.unwrap();
            sleep(pause * SECOND).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_not_the_clients_fault() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, ROOM);
    client
        .send("GET /waiting HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    client.until("begun\r\n").await;
    sleep(3600 * SECOND).await;
    bench.pages.end();
    client.until("ended\r\n0\r\n\r\n").await;
}
