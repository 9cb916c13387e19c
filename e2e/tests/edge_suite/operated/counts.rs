//! What an edge tells of itself: numbers that move with what happens, and nothing else.

use std::net::{Ipv4Addr, SocketAddr};

use gatefold_e2e::{
    Result,
    edge::{Setup, Stand},
    http::{Ask, ask, get, with},
    keys::{HOST, LONGEST, SITE},
    raw,
    subject::{FAN, Kind, Subject, now, window_since},
};
use gatefold_seal::Source;
use gatefold_testkit::origins::{ACCESS_KEY, SECRET_KEY, shelf};
use http::Method;

/// A request, and how it is counted: outcome and stage.
type Case = (Ask, &'static str, &'static str);

fn served(subject: &Subject, tag: &str) -> Result<Vec<Case>> {
    let link = subject.link("small.wav")?;
    let preflight = with(ask(Method::OPTIONS, &link.path), "origin", SITE);
    let gone = subject.link("gone.wav")?;
    let away = Source::parse(&format!("https://{HOST}/away.wav"), None)?;
    let away = subject.seal_source(&subject.keys.minter, away, FAN, link.window)?;
    let ticket = raw::session_ticket(&subject.keys.minter, &subject.host, FAN, now());
    Ok(vec![
        (link.get(), "whole", ""),
        (link.ask(Method::HEAD), "whole", ""),
        (link.get_with("range", "bytes=0-9"), "part", ""),
        (link.get_with("if-none-match", tag), "not_modified", ""),
        (link.get_with("range", "bytes=9999-"), "unsatisfiable", ""),
        (
            link.get_with("if-match", "\"x\""),
            "precondition_failed",
            "",
        ),
        (
            with(preflight, "access-control-request-method", "GET"),
            "preflight",
            "",
        ),
        (link.ask(Method::POST), "method_not_allowed", ""),
        (gone.get(), "not_found", ""),
        (away.get(), "origin_failed", ""),
        (get(&format!("/securev1/bind?ticket={ticket}")), "bound", ""),
    ])
}

fn refused(subject: &Subject) -> Result<Vec<Case>> {
    let (minter, kind) = (&subject.keys.minter, subject.kind);
    let link = subject.link("small.wav")?;
    let unknown = subject.seal(
        &subject.keys.unknown,
        "small.wav",
        kind.client(),
        link.window,
    )?;
    let changed = {
        let mut path = link.path.clone();
        let last = if path.pop() == Some('A') { 'Q' } else { 'A' };
        path.push(last);
        path
    };
    let empty = raw::seal(minter, &raw::padded("{}"))?;
    let site = subject.seal(minter, "small.wav", SITE, link.window)?;
    let old = subject.seal(
        minter,
        "small.wav",
        kind.client(),
        window_since(10_000, LONGEST)?,
    )?;
    let long = format!("/securev1/EC{}", "A".repeat(9000));
    Ok(vec![
        (get("/securev1/ECnonsense"), "refused", "token"),
        (unknown.get(), "refused", "key"),
        (get(&changed), "refused", "open"),
        (get(&empty), "refused", "payload"),
        (site.get(), "refused", "scope"),
        (old.get(), "refused", "window"),
        (get(&link.path), "refused", "client"),
        (get("/securev1/bind?ticket=ET"), "refused", "ticket"),
        (get(&long), "limited", "url_too_long"),
    ])
}

#[tokio::test]
async fn what_happens_is_counted_where_it_belongs_and_nothing_is_given_away() -> Result {
    const REQUESTS: &str = "gatefold_edge_requests_total";
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let setup = Setup {
        web: Some(nobody),
        log: "trace",
        ..Setup::default()
    };
    let Stand { subject, edge, .. } = &Stand::start_with(Kind::Bucket, setup, shelf())?;
    let small = subject.link("small.wav")?;
    let first = subject.answer(small.get()).await?;
    let mut cases = served(subject, &first.header("etag"))?;
    cases.extend(refused(subject)?);
    let mut asked = vec![small.path.clone()];
    for (asking, outcome, stage) in cases {
        asked.push(asking.uri().to_string());
        let before = edge.counts().await?;
        subject.answer(asking).await?;
        let after = edge.counts().await?;
        let moved: Vec<_> = after
            .iter()
            .filter(|(name, _)| name.starts_with(REQUESTS))
            .filter(|(name, value)| before.get(*name) != Some(*value))
            .collect();
        let name = format!(r#"{REQUESTS}{{outcome="{outcome}",stage="{stage}"}}"#);
        let value = before.get(&name).ok_or("no such count")? + 1;
        assert_eq!(moved, [(&name, &value)]);
    }
    let counts = edge.counts().await?;
    let count = |name: &str| counts.get(name).copied();
    let from = |place: &str| count(&format!(r#"gatefold_edge_slices_total{{from="{place}"}}"#));
    assert_eq!(from("miss"), Some(1), "one slice, fetched once");
    assert!(from("memory").is_some_and(|times| times >= 2));
    assert!(count("gatefold_edge_sent_bytes_total") >= Some(2 * 1000 + 10));
    assert!(count(r#"gatefold_edge_cache_bytes{in="memory"}"#) >= Some(1000));

    // Everything that it says to anybody who is not the rightful client.
    let mut said = edge.log()?;
    assert!(said.contains("refused"), "it logs: {said}");
    for (address, path) in [
        (edge.admin, "/metrics"),
        (edge.admin, "/health"),
        (edge.address, "/health"),
    ] {
        let answer = gatefold_e2e::http::send(address, get(path)).await?;
        assert_eq!(answer.status, 200, "{path}");
        said.push_str(std::str::from_utf8(&answer.body)?);
    }
    let mut secrets = vec![
        "small".to_owned(),
        "gone".to_owned(),
        "away".to_owned(),
        HOST.to_owned(),
        FAN.to_owned(),
        SITE.to_owned(),
        ACCESS_KEY.to_owned(),
        SECRET_KEY.to_owned(),
        edge.token()?,
    ];
    // Of each token what is its own: enough to tell it, too much to be there by chance.
    secrets.extend(asked.iter().filter_map(|path| {
        let token = path.strip_prefix("/securev1/")?;
        Some(token.get(token.len().saturating_sub(20)..)?.to_owned())
    }));
    for secret in secrets.iter().filter(|secret| secret.len() > 3) {
        let line = said.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret} is given away");
    }
    Ok(())
}
