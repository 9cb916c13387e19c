//! Many who want the same: one fetch for all of them, and nobody who leaves breaks the others.

use std::{collections::BTreeMap, sync::Arc};

use gatefold_e2e::{
    Result,
    edge::SLICE,
    http::{send, sha256},
    process::{PATIENCE, eventually},
};
use gatefold_testkit::origins::{Asked, Content, Lie, Script, Step, noise};
use tokio::task::JoinSet;

use crate::Bench;

/// Three slices and a bit.
const LEN: usize = 3 * SLICE + 99;

fn content() -> Content {
    Content::new(noise("flight", LEN), "flight")
}

/// Honest, but sends no second half of anything large before it is released.
fn held() -> Script {
    let content = content();
    Arc::new(move |asked| {
        let reply = content.answer(asked);
        if reply.body.len() < 1000 {
            return reply.steps();
        }
        let rest = reply.body.slice(reply.body.len() / 2..);
        reply.half_then([Step::Hold, Step::Send(rest)])
    })
}

/// How often each thing was asked for.
fn tally(asked: &[Asked]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for asked in asked.iter().filter(|asked| asked.method == "GET") {
        let range = asked.header("range").unwrap_or("everything").to_owned();
        *tally.entry(range).or_default() += 1;
    }
    tally
}

/// Asks as so many at one time, once the first fetch is under way; gives their bodies' hashes.
/// The first of them leaves in the middle, if it is wanted.
async fn ask_all(bench: &Bench, askers: usize, first_leaves: bool) -> Result<Vec<String>> {
    let link = bench.subject.link("flight.mp3")?;
    let address = bench.subject.address;
    let ask = || send(address, link.get());
    let first = tokio::spawn(ask());
    // Something of a body is on its way, and held.
    bench.host.until(|counts| counts.bytes > 10_000).await;
    let before = bench.edge.vitals()?.connections;
    let mut others = JoinSet::new();
    for _ in 1..askers {
        others.spawn(ask());
    }
    let connected = |wanted: usize| {
        move || match bench.edge.vitals()?.connections {
            found if found >= wanted => Ok(()),
            found => Err(format!("{found} connections, not {wanted}").into()),
        }
    };
    eventually(connected(before + askers - 1)).await?;
    let mut hashes = Vec::new();
    if first_leaves {
        first.abort();
        let _ = first.await;
        bench.host.play(Lie::Honest.about(content()));
        bench.host.release();
    } else {
        bench.host.play(Lie::Honest.about(content()));
        bench.host.release();
        hashes.push(first.await??.hash());
    }
    while let Some(answer) = others.join_next().await {
        hashes.push(answer??.hash());
    }
    Ok(hashes)
}

async fn all_share(askers: usize, first_leaves: bool) -> Result {
    let bench = Bench::start(held()).await?;
    let all = ask_all(&bench, askers, first_leaves);
    let hashes = tokio::time::timeout(PATIENCE, all).await??;
    assert_eq!(hashes.len(), askers - usize::from(first_leaves));
    let right = sha256(&content().bytes);
    assert!(hashes.iter().all(|hash| *hash == right), "a wrong body");
    let tally = tally(&bench.host.asked());
    assert!(tally.values().all(|times| *times == 1), "{tally:?}");
    // No byte was fetched twice, in whatever parts.
    let heads = 1000 * bench.host.counts().requests as u64;
    let sent = bench.host.counts().bytes;
    assert!(
        sent <= LEN as u64 + heads,
        "{sent} bytes for {LEN}: {tally:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_hundred_who_ask_at_once_cause_one_fetch() -> Result {
    all_share(100, false).await
}

#[tokio::test]
async fn who_leaves_breaks_nobody() -> Result {
    all_share(20, true).await
}

#[tokio::test]
async fn what_is_kept_is_not_fetched_again() -> Result {
    let bench = Bench::start(Lie::Honest.about(content())).await?;
    let link = bench.subject.link("flight.mp3")?;
    let right = sha256(&content().bytes);
    assert_eq!(bench.subject.answer(link.get()).await?.hash(), right);
    let before = bench.host.counts().bytes;
    for _ in 0..5 {
        assert_eq!(bench.subject.answer(link.get()).await?.hash(), right);
        let part = link.get_with("range", "bytes=300000-400000");
        let part = bench.subject.answer(part).await?;
        assert_eq!(part.hash(), sha256(&content().bytes[300_000..=400_000]));
    }
    assert_eq!(
        bench.host.counts().bytes,
        before,
        "{:?}",
        tally(&bench.host.asked())
    );
    Ok(())
}
