//! What clients may take of an edge.

use gatefold_e2e::{
    Result,
    edge::{Setup, Stand},
    http::{Answer, begin, get, with},
    process::PATIENCE,
    raw as sealing,
    subject::{FAN, Kind, now},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::with_large_object;
use crate::{requests::raw, shared::assert_unkept};

fn limited(limits: &'static str) -> Result<Stand> {
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    let shelf = gatefold_testkit::origins::shelf();
    Stand::start_with(Kind::Folder, setup, shelf)
}

fn assert_limited(answer: &Answer, status: u16, code: &str) -> Result {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.json()?["code"], code);
    assert_unkept(answer, code);
    let wait = answer.header("retry-after");
    assert_eq!(
        wait.parse::<u64>().is_ok_and(|wait| wait > 0),
        status == 429,
        "{wait}"
    );
    Ok(())
}

#[tokio::test]
async fn a_long_url_is_not_looked_at() -> Result {
    let Stand { subject, .. } = &limited("url_len = \"6 KiB\"")?;
    for start in ["/securev1/EC", "/securev1/bind?ticket=ET"] {
        let fits = format!("{start}{}", "A".repeat(6 * 1024 - start.len()));
        assert_eq!(subject.answer(get(&fits)).await?.status, 403, "{start}");
        let answer = subject.answer(get(&format!("{fits}A"))).await?;
        assert_limited(&answer, 414, "url_too_long")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_large_head_is_not_read_to_its_end() -> Result {
    let Stand { subject, .. } = &limited("header_len = \"8 KiB\"")?;
    let link = subject.link("small.wav")?;
    let padded = |len: usize| link.get_with("x-padding", &"a".repeat(len));
    assert_eq!(subject.answer(padded(7000)).await?.status, 200);
    let large = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nx-padding: {}\r\n\r\n",
        link.path,
        "a".repeat(9000)
    );
    let answer = raw(subject, large.as_bytes()).await?;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(subject.answer(link.get()).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn half_a_head_is_waited_for_so_long() -> Result {
    let Stand { subject, edge, .. } = &limited("header_time = \"1s\"")?;
    let link = subject.link("small.wav")?;
    for bytes in ["", "GET /securev1/EC HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = TcpStream::connect(subject.address).await?;
        stream.write_all(bytes.as_bytes()).await?;
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "it is still waited for after {bytes:?}");
        assert!(rest.is_empty(), "{:?}", String::from_utf8_lossy(&rest));
    }
    let ended = r#"gatefold_edge_connections_ended_total{reason="head"}"#;
    edge.counted(ended, 2).await?;
    assert_eq!(subject.answer(link.get()).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn one_client_has_so_many_answers_at_once() -> Result {
    let limits = "per_client = 2\ntrusted_proxies = [\"127.0.0.1/32\"]";
    let Stand { subject, edge, .. } = &with_large_object(limits)?;
    let link = subject.link("large.mp3")?;
    let part = |client: &str| {
        let asking = link.get_with("range", "bytes=0-9");
        with(asking, "x-forwarded-for", client)
    };
    let whole = || with(link.get(), "x-forwarded-for", "192.0.2.1");
    let held = [
        begin(subject.address, whole()).await?,
        begin(subject.address, whole()).await?,
    ];
    assert!(held.iter().all(|begun| begun.head.status == 200));
    let answer = subject.answer(part("192.0.2.1")).await?;
    assert_limited(&answer, 429, "too_many_at_once")?;
    // Somebody else is not meant, and who has left takes nothing.
    assert_eq!(subject.answer(part("192.0.2.2")).await?.status, 206);
    drop(held);
    edge.counted("gatefold_edge_streams", 0).await?;
    assert_eq!(subject.answer(part("192.0.2.1")).await?.status, 206);
    Ok(())
}

#[tokio::test]
async fn one_address_fails_so_often() -> Result {
    let limits = "failed_opens = 3\ntrusted_proxies = [\"127.0.0.1/32\"]";
    let Stand { subject, .. } = &limited(limits)?;
    let link = subject.link("small.wav")?;
    let bind = |host: &str| {
        let ticket = sealing::session_ticket(&subject.keys.minter, host, FAN, now());
        get(&format!("/securev1/bind?ticket={ticket}"))
    };
    let from = |address, asking| with(asking, "x-forwarded-for", address);
    // Neither a URL that was once good nor one that is another's is held against anybody.
    for _ in 0..9 {
        let asking = from("192.0.2.1", get(&link.path));
        assert_eq!(subject.answer(asking).await?.json()?["stage"], "client");
    }
    for (address, stage, failing) in [
        ("192.0.2.1", "token", get("/securev1/ECnonsense")),
        ("192.0.2.2", "ticket", bind("other.example")),
    ] {
        for time in 0..3 {
            let answer = subject.answer(from(address, failing.clone())).await?;
            assert_eq!(answer.status, 403, "time {time}");
            assert_eq!(answer.json()?["stage"], stage, "time {time}");
        }
        // Whatever comes then, good or bad, is not looked at.
        for asking in [failing, link.get(), bind(&subject.host)] {
            let answer = subject.answer(from(address, asking)).await?;
            assert_limited(&answer, 429, "too_many_failures")?;
        }
    }
    let other = subject.answer(from("192.0.2.3", link.get())).await?;
    assert_eq!(other.status, 200);
    Ok(())
}

#[tokio::test]
async fn so_many_connections_are_served_and_others_wait() -> Result {
    let setup = Setup {
        limits: "connections = 1",
        more: "cores = 1",
        ..Setup::default()
    };
    let shelf = gatefold_testkit::origins::shelf();
    let Stand { subject, edge, .. } = &Stand::start_with(Kind::Folder, setup, shelf)?;
    let mut first = TcpStream::connect(subject.address).await?;
    let asking = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    first.write_all(asking).await?;
    let mut byte = [0; 1];
    first.read_exact(&mut byte).await?;
    let mut second = TcpStream::connect(subject.address).await?;
    second.write_all(asking).await?;
    // While the edge answers others, at its other address.
    for _ in 0..50 {
        let counts = edge.counts().await?;
        assert_eq!(counts.get("gatefold_edge_connections"), Some(&1));
    }
    assert!(second.try_read(&mut byte).is_err(), "nothing has come");
    drop(first);
    second.read_exact(&mut byte).await?;
    Ok(())
}
