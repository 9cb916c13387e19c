//! The host itself, seen by a client that looks at bytes.

use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::*;
use crate::origins::noise;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn ask(host: &Hostile, request: &str) -> Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(host.address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut got = Vec::new();
    // A reset is an end like any other here.
    let _ = stream.read_to_end(&mut got).await;
    Ok((stream, got))
}

fn content() -> Content {
    Content::new(noise("hostile", 1000), "one")
}

const WHOLE: &str = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
const PART: &str = "GET /a HTTP/1.1\r\nhost: x\r\nrange: bytes=10-19\r\n\r\n";

/// An honest answer, and then the end of the connection.
fn once(script: Script) -> Script {
    Arc::new(move |asked| {
        let mut steps = script(asked);
        steps.push(Step::Close);
        steps
    })
}

#[tokio::test]
async fn without_a_lie_it_is_a_web_host() -> Result {
    let host = Hostile::start(once(Lie::Honest.about(content()))).await?;
    let (_, got) = ask(&host, WHOLE).await?;
    assert!(got.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(got.ends_with(&content().bytes));
    let (_, got) = ask(&host, PART).await?;
    assert!(got.starts_with(b"HTTP/1.1 206 "));
    assert!(got.ends_with(&content().bytes[10..20]));
    let text = String::from_utf8_lossy(&got).into_owned();
    assert!(
        text.contains("Content-Range: bytes 10-19/1000\r\n"),
        "{text}"
    );
    let known = "GET /a HTTP/1.1\r\nif-none-match: \"one\"\r\n\r\n";
    assert!(ask(&host, known).await?.1.starts_with(b"HTTP/1.1 304 "));
    let other = "GET /a HTTP/1.1\r\nif-match: \"two\"\r\n\r\n";
    assert!(ask(&host, other).await?.1.starts_with(b"HTTP/1.1 412 "));
    let asked = host.asked();
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[1].header("range"), Some("bytes=10-19"));
    host.until(|counts| counts.open == 0).await;
    assert_eq!((host.counts().requests, host.counts().connections), (4, 4));
    Ok(())
}

#[tokio::test]
async fn who_is_held_is_released_and_who_leaves_is_noticed() -> Result {
    let host = Hostile::start(Lie::StallsMidway.about(content())).await?;
    let asking = async {
        let (_, got) = ask(&host, WHOLE).await?;
        Ok::<_, Box<dyn std::error::Error>>(got)
    };
    let releasing = async {
        host.until(|counts| counts.bytes > 500).await;
        host.release();
    };
    let (got, ()) = tokio::join!(asking, releasing);
    assert!(got?.ends_with(&content().bytes[..500]));
    let mut stream = TcpStream::connect(host.address).await?;
    stream.write_all(WHOLE.as_bytes()).await?;
    host.until(|counts| counts.requests == 2).await;
    assert_eq!(host.counts().open, 1);
    drop(stream);
    host.until(|counts| counts.open == 0).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn drops_come_one_a_second() -> Result {
    let begin = time::Instant::now();
    let dripping = Content::new(noise("drip", 10), "one");
    let host = Hostile::start(once(Lie::Drips.about(dripping.clone()))).await?;
    let (_, got) = ask(&host, WHOLE).await?;
    assert!(got.ends_with(&dripping.bytes));
    assert!(begin.elapsed() >= Duration::from_secs(9));
    Ok(())
}

#[tokio::test]
async fn every_lie_differs_from_the_truth() -> Result {
    for lie in Lie::ALL.iter().copied().filter(|lie| *lie != Lie::Honest) {
        // One request before, so that what changes has changed.
        let asked = |head: &str| Asked::parse(head, 1).ok_or("no request");
        let truth = |asked: &Asked| format!("{:?}", content().answer(asked).steps());
        let lies = |asked: &Asked| format!("{:?}", lie.about(content())(asked));
        let (whole, part) = (asked(WHOLE)?, asked(PART)?);
        assert!(
            lies(&whole) != truth(&whole) || lies(&part) != truth(&part),
            "{lie:?}"
        );
    }
    Ok(())
}
