//! Clients who want too much.

use gatefold_ops::config::{Given, Network, Value};
use tokio::time::advance;

use super::*;

const ROOM: usize = 64 * 1024;

/// A URL that no edge could open.
const NONSENSE: &str = "/securev1/ECnonsense";

fn network(text: &str) -> Network {
    Network::read(&Given::Text(text.to_owned())).unwrap()
}

fn assert_limited(answer: &str, expected: &str, code: &str) {
    assert_eq!(status(answer), expected, "{answer}");
    assert!(answer.contains(&format!(r#""code":"{code}""#)), "{answer}");
    assert!(
        answer.contains("\r\ncache-control: private, no-store\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("\r\ncontent-type: application/json\r\n"),
        "{answer}"
    );
    let told = answer.contains("\r\nretry-after: ");
    assert_eq!(told, expected == "429", "{answer}");
}

#[tokio::test]
async fn a_long_url_is_414() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, ROOM);
    let most = Limits::default().url_len;
    for prefix in ["/", "/?", "/securev1/", "/securev1/EC?"] {
        let longest = format!("{prefix}{}", "x".repeat(most - prefix.len()));
        assert_ne!(status(&client.get(&longest, "").await), "414", "{prefix}");
        let answer = client.get(&format!("{longest}x"), "").await;
        assert_limited(&answer, "414", "url_too_long");
    }
    assert!(
        bench.counts(r#"gatefold_edge_requests_total{outcome="limited",stage="url_too_long"} 2"#)
    );
}

#[tokio::test]
async fn a_large_head_is_431() {
    let bench = Bench::new(Limits::default());
    let large = format!("x: {}\r\n", "x".repeat(Limits::default().header_len));
    let many = "x: y\r\n".repeat(100);
    for lines in [large, many] {
        let mut client = bench.client(HOME, ROOM);
        client
            .send(&format!("GET / HTTP/1.1\r\nhost: x\r\n{lines}\r\n"))
            .await;
        let answer = String::from_utf8(client.rest().await).unwrap();
        assert_eq!(status(&answer), "431");
    }
    let mut client = bench.client(HOME, ROOM);
    let fits = format!("x: {}\r\n{}", "x".repeat(15 * 1024), "x: y\r\n".repeat(98));
    assert_eq!(status(&client.get("/", &fits).await), "200");
}

#[tokio::test]
async fn a_client_has_so_many_answers_at_once() {
    let bench = Bench::new(Limits {
        at_once: 2,
        proxies: vec![network("10.0.0.0/8")],
        ..Limits::default()
    });
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut client = bench.client(HOME, ROOM);
        client
            .send("GET /waiting HTTP/1.1\r\nhost: x\r\n\r\n")
            .await;
        client.until("begun\r\n").await;
        held.push(client);
    }
    let mut third = bench.client(HOME, ROOM);
    for path in ["/", NONSENSE] {
        assert_limited(&third.get(path, "").await, "429", "too_many_at_once");
    }
    // Who says so without being a proxy is nobody else, and a proxy's client is not the proxy.
    let claim = "x-forwarded-for: 192.0.2.9\r\n";
    assert_eq!(status(&third.get("/", claim).await), "429");
    let mut proxy = bench.client("10.0.0.1", ROOM);
    let same = format!("x-forwarded-for: {HOME}\r\n");
    assert_eq!(status(&proxy.get("/", &same).await), "429");
    assert_eq!(status(&proxy.get("/", claim).await), "200");
    let mut other = bench.client("192.0.2.2", ROOM);
    assert_eq!(status(&other.get("/", "").await), "200");
    // An answer that has ended makes room.
    bench.pages.end();
    for client in &mut held {
        client.until("ended\r\n0\r\n\r\n").await;
    }
    assert_eq!(status(&third.get("/", "").await), "200");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_nonsense_is_turned_away_and_forgiven() {
    let bench = Bench::new(Limits {
        failed_opens: 3,
        forgiven_after: Duration::from_secs(3),
        ..Limits::default()
    });
    let mut client = bench.client(HOME, ROOM);
    for _ in 0..3 {
        assert_eq!(status(&client.get(NONSENSE, "").await), "403");
    }
    for _ in 0..10 {
        let answer = client.get(NONSENSE, "").await;
        assert_limited(&answer, "429", "too_many_failures");
    }
    // Over another connection too; what is no sealed URL is not meant; nor is anybody else.
    let mut again = bench.client(HOME, ROOM);
    assert_eq!(status(&again.get(NONSENSE, "").await), "429");
    assert_eq!(status(&again.get("/", "").await), "200");
    let mut other = bench.client("192.0.2.2", ROOM);
    assert_eq!(status(&other.get(NONSENSE, "").await), "403");
    advance(Duration::from_secs(1)).await;
    assert_eq!(status(&client.get(NONSENSE, "").await), "403");
    assert_eq!(status(&client.get(NONSENSE, "").await), "429");
    for line in [
        r#"gatefold_edge_requests_total{outcome="refused",stage="token"} 5"#,
        r#"gatefold_edge_requests_total{outcome="limited",stage="too_many_failures"} 12"#,
    ] {
        assert!(bench.counts(line), "{line}\n{}", bench.metrics.render());
    }
}

#[tokio::test]
async fn other_refusals_are_not_held_against_anybody() {
    let bench = Bench::new(Limits {
        failed_opens: 1,
        ..Limits::default()
    });
    let mut client = bench.client(HOME, ROOM);
    let request = format!("POST {NONSENSE} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    for _ in 0..5 {
        client.send(&request).await;
        assert_eq!(status(&client.answer().await), "405");
    }
}

#[tokio::test]
async fn bytes_of_bodies_are_counted() {
    let bench = Bench::new(Limits::default());
    let mut client = bench.client(HOME, ROOM);
    client.get("/", "").await;
    client.get("/", "").await;
    assert!(bench.counts("gatefold_edge_sent_bytes_total 10"));
}
