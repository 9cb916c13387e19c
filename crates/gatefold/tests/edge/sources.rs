//! Where bytes come from, and what is kept of them.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
};

use serde_json::json;

use crate::operator::{CLIENT, Operator, SONG};

/// A web host with one object, which it gives whole to whoever asks.
fn web_host() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while request.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let len = SONG.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-type: audio/wav\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(SONG));
        }
    });
    address
}

#[test]
fn every_kind_of_source_is_configured_and_what_is_kept_is_purged() {
    let operator = Operator::with_song();
    operator.succeed(&[
        "keys",
        "new",
        "minter",
        "web",
        "--out",
        "web.json",
        "--host",
        "cdn.example.com",
        "--client",
        CLIENT,
    ]);
    operator.write(
        "gatefold.toml",
        format!(
            r#"
            [edge]
            url = "https://edge.example.com"
            [edge.private]
            bucket = "music"
            endpoint = "http://127.0.0.1:9"
            access_key_id = "edge"
            secret_access_key = "secret"
            [edge.https]
            hosts = ["cdn.example.com"]
            upstreams = {{ "cdn.example.com" = "http://{}" }}
            [edge.cache]
            folder = "cache"
            disk = "64 MiB"
            "#,
            web_host()
        ),
    );
    let edge = operator.start();
    let url = operator.succeed(&[
        "seal",
        "--minter",
        "web.json",
        "--client",
        CLIENT,
        "https://cdn.example.com/song.wav",
    ]);
    assert_eq!(edge.play(url.trim()), (200, SONG.to_vec()));
    let purge = |body: &str| edge.admin("POST", "/purge", &operator.token(), body);
    let body = r#"{"object":"https://cdn.example.com/song.wav"}"#;
    assert_eq!(
        purge(r#"{"prefix":"https://other.example/"}"#),
        (200, json!({"removed": 0}))
    );
    assert_eq!(purge(body), (200, json!({"removed": 1})));
    assert_eq!(purge(body), (200, json!({"removed": 0})));
}
