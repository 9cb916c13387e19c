//! An edge that is asked to stop.

use std::net::TcpStream;

use gatefold_e2e::{
    Result,
    edge::Edge,
    http::{End, begin, sha256},
    process::eventually,
};
use tokio::io::AsyncReadExt;

use super::with_large_object;

/// Waits until the process has ended in order.
async fn ended(edge: &mut Edge) -> Result {
    let status = eventually(|| Ok(edge.ended()?.ok_or("it still runs")?)).await?;
    assert_eq!(status.code(), Some(0), "{status}");
    Ok(())
}

#[tokio::test]
async fn what_is_being_sent_is_finished_and_nothing_new_is_begun() -> Result {
    let mut stand = with_large_object("shutdown_time = \"10m\"")?;
    let (subject, edge) = (&stand.subject, &mut stand.edge);
    let object = subject.object("large.mp3")?;
    let begun = begin(subject.address, subject.link(object.name)?.get()).await?;
    assert_eq!(edge.operate("GET", "/health", "", "").await?.status, 200);
    edge.signal("TERM")?;
    let address = subject.address;
    eventually(|| match TcpStream::connect(address) {
        Ok(_) => Err("it still accepts connections".into()),
        Err(_) => Ok(()),
    })
    .await?;
    // Whoever spreads requests is told, and what runs is not hurried.
    let health = edge.operate("GET", "/health", "", "").await?;
    assert_eq!(health.status, 503);
    assert_eq!(health.json()?["status"], "stopping");
    assert!(edge.ended()?.is_none());
    let taken = begun.take(usize::MAX).await;
    assert_eq!(taken.end, End::Whole);
    assert_eq!(taken.answer.hash(), sha256(&object.bytes));
    ended(edge).await
}

#[tokio::test]
async fn who_takes_nothing_does_not_keep_it_for_ever() -> Result {
    let mut stand = with_large_object("shutdown_time = \"1s\"")?;
    let (subject, edge) = (&stand.subject, &mut stand.edge);
    let object = subject.object("large.mp3")?;
    let begun = begin(subject.address, subject.link(object.name)?.get()).await?;
    edge.signal("TERM")?;
    ended(edge).await?;
    let taken = begun.take(usize::MAX).await;
    assert_eq!(taken.end, End::Broken, "a part must not pass for the whole");
    assert!(object.bytes.starts_with(&taken.answer.body));
    Ok(())
}

#[tokio::test]
async fn who_asks_for_nothing_is_not_waited_for() -> Result {
    let mut stand = with_large_object("shutdown_time = \"10m\"")?;
    let mut idle = tokio::net::TcpStream::connect(stand.subject.address).await?;
    stand.edge.signal("INT")?;
    ended(&mut stand.edge).await?;
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
    Ok(())
}
