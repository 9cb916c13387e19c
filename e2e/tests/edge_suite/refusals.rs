//! Every refusal of a sealed URL: each code at its stage.

use std::collections::BTreeSet;

use gatefold_e2e::{
    Result,
    edge::Stand,
    http::with,
    keys::{HOST, LONGEST, SITE},
    raw,
    subject::{Kind, Link, Subject, window_since},
};
use gatefold_seal::{Source, Window};

use crate::{over_every_origin, shared::assert_refused};

over_every_origin![every_code_has_its_stage];

/// A URL, who asks for it, and what it is refused with.
struct Case {
    what: &'static str,
    link: Link,
    stage: &'static str,
    code: &'static str,
}

/// The token with one character changed, which stands `at` so many after the prefix.
fn changed(link: &Link, at: usize) -> Result<Link> {
    let mut path = link.path.clone().into_bytes();
    let at = "/securev1/EC".len() + at;
    path[at] = if path[at] == b'B' { b'C' } else { b'B' };
    let path = String::from_utf8(path)?;
    Ok(Link {
        path,
        ..link.clone()
    })
}

fn outer(good: &Link) -> Result<Vec<Case>> {
    let path = &good.path;
    let mut cases: Vec<_> = [
        ("no token", "/securev1/".to_owned()),
        ("a bare prefix", "/securev1/EC".to_owned()),
        ("another file", "/securev1/robots.txt".to_owned()),
        ("a question mark", format!("{path}?")),
        ("a query", format!("{path}?download=1")),
        ("a slash at the end", format!("{path}/")),
        ("padding", format!("{path}=")),
        ("an escape", path.replacen("EC", "%45C", 1)),
        ("another prefix", path.replacen("EC", "ED", 1)),
        (
            "a shorter token",
            path.chars().take(path.len() - 4).collect(),
        ),
        ("a longer token", format!("{path}AAAA")),
        ("a token of no end", format!("{path}{}", "A".repeat(4000))),
    ]
    .into_iter()
    .map(|(what, path)| Case {
        what,
        link: Link {
            path,
            ..good.clone()
        },
        stage: "token",
        code: "malformed_token",
    })
    .collect();
    // Offsets into base64url: version, edge's key, minter's key, what is sealed.
    for (what, at, stage, code) in [
        ("another version", 0, "token", "unknown_version"),
        ("another edge key", 3, "key", "unknown_edge_key"),
        ("another minter", 9, "key", "unknown_minter"),
        ("another exchange", 20, "open", "not_authentic"),
        ("other content", 150, "open", "not_authentic"),
    ] {
        let link = changed(good, at)?;
        cases.push(Case {
            what,
            link,
            stage,
            code,
        });
    }
    Ok(cases)
}

fn keys(subject: &Subject, window: Window) -> Result<Vec<Case>> {
    let keys = &subject.keys;
    let mut cases = Vec::new();
    for (what, by, code) in [
        ("another edge's URL", &keys.elsewhere, "unknown_edge_key"),
        ("an unknown minter's URL", &keys.unknown, "unknown_minter"),
        ("a retired minter's URL", &keys.retired, "retired_minter"),
        (
            "a URL for a retired key",
            &keys.outdated,
            "retired_edge_key",
        ),
    ] {
        let link = subject.seal(by, "small.wav", subject.kind.client(), window)?;
        cases.push(Case {
            what,
            link,
            stage: "key",
            code,
        });
    }
    Ok(cases)
}

/// Payloads that no minter of ours would seal.
fn payloads(subject: &Subject, good: &Link) -> Result<Vec<Case>> {
    let (window, client) = (good.window, subject.kind.client());
    let json = |source: &str, until: u64, rest: &str| {
        let (index, lifetime) = (window.index(), window.lifetime());
        let phase = match window.phase() {
            0 => String::new(),
            phase => format!(r#","phaseSeconds":{phase}"#),
        };
        raw::padded(&format!(
            r#"{{"originalSource":"{source}","validUntilUnix":{until},"client":"{client}","windowIndex":{index},"lifetimeSeconds":{lifetime}{phase}{rest}}}"#
        ))
    };
    let until = window.valid_until().0;
    let url = format!("https://{HOST}/small.wav");
    let plain = String::from_utf8(json(&url, until, ""))?;
    let spaced = raw::padded(&format!(" {}", plain.trim_end()));
    let padded_twice = format!("{plain}{}", " ".repeat(64)).into_bytes();
    let mut cases = Vec::new();
    for (what, plaintext, code) in [
        (
            "what is no JSON",
            raw::padded("seal me"),
            "malformed_payload",
        ),
        ("an empty object", raw::padded("{}"), "malformed_payload"),
        (
            "a field too many",
            json(&url, until, r#","admin":1"#),
            "malformed_payload",
        ),
        ("a space before", spaced, "malformed_payload"),
        ("a padding too many", padded_twice, "malformed_payload"),
        (
            "an end that is not the window's",
            json(&url, until + 1, ""),
            "inconsistent_payload",
        ),
        (
            "a plain http source",
            json("http://media.example/a", until, ""),
            "unsupported_source",
        ),
        (
            "a local file",
            json("file:///etc/passwd", until, ""),
            "unsupported_source",
        ),
        (
            "a source with a user",
            json("https://a@media.example/b", until, ""),
            "unsupported_source",
        ),
        (
            "an unnormal path",
            json("https://media.example/a/../b", until, ""),
            "unsupported_source",
        ),
        (
            "this machine's address",
            json("https://127.0.0.1/a", until, ""),
            "unsupported_source",
        ),
        (
            "the same as one number",
            json("https://2130706433/a", until, ""),
            "unsupported_source",
        ),
        (
            "an upload in no folder",
            json("files:a.wav", until, ""),
            "inconsistent_payload",
        ),
        (
            "an address in a key",
            json("private:../a", until, ""),
            "unsupported_source",
        ),
    ] {
        let path = raw::seal(&subject.keys.minter, &plaintext)?;
        let link = Link {
            path,
            ..good.clone()
        };
        cases.push(Case {
            what,
            link,
            stage: "payload",
            code,
        });
    }
    Ok(cases)
}

fn scopes(subject: &Subject, window: Window) -> Result<Vec<Case>> {
    let (minter, uploads) = (&subject.keys.minter, &subject.keys.uploads);
    let client = subject.kind.client();
    let web = |url: &str| Source::parse(url, None);
    let upload = |folder: &str| Source::parse("files:small.wav", Some(folder));
    let long = window_since(60, 2 * LONGEST)?;
    let usual = || subject.kind.source("small.wav");
    let other = "https://other.example";
    let mut cases = Vec::new();
    for (what, by, source, client, window, code) in [
        (
            "another host",
            minter,
            web("https://other.example/a.mp3")?,
            client,
            window,
            "source_out_of_scope",
        ),
        (
            "a host below",
            minter,
            web("https://a.media.example/a.mp3")?,
            client,
            window,
            "source_out_of_scope",
        ),
        (
            "another folder",
            minter,
            upload("other")?,
            client,
            window,
            "source_out_of_scope",
        ),
        (
            "a host, by who has none",
            uploads,
            web("https://media.example/small.wav")?,
            SITE,
            window,
            "source_out_of_scope",
        ),
        (
            "the bucket, by who has not",
            uploads,
            Source::parse("private:small.wav", None)?,
            client,
            window,
            "source_out_of_scope",
        ),
        (
            "another client",
            minter,
            usual()?,
            other,
            window,
            "client_out_of_scope",
        ),
        (
            "too long a window",
            minter,
            usual()?,
            client,
            long,
            "lifetime_out_of_scope",
        ),
    ] {
        let link = subject.seal_source(by, source, client, window)?;
        cases.push(Case {
            what,
            link,
            stage: "scope",
            code,
        });
    }
    Ok(cases)
}

async fn every_code_has_its_stage(subject: &Subject) -> Result {
    let good = subject.link("small.wav")?;
    let mut cases = outer(&good)?;
    cases.extend(keys(subject, good.window)?);
    cases.extend(payloads(subject, &good)?);
    cases.extend(scopes(subject, good.window)?);
    let mut seen = BTreeSet::new();
    for Case {
        what,
        link,
        stage,
        code,
    } in cases
    {
        let answer = subject.answer(link.get()).await?;
        assert_refused(&answer, stage, code, what)?;
        seen.insert(code);
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(
            !said.contains("small") && !said.contains(HOST),
            "{what}: {said}"
        );
    }
    // The codes of the stages before the window; windows and clients have tests of their own.
    assert_eq!(seen.len(), 13, "{seen:?}");
    // None of that has spoiled anything.
    assert_eq!(subject.answer(good.get()).await?.status, 200);
    Ok(())
}

/// The first check that fails is the one that is told, and the order of checks is fixed.
#[tokio::test]
async fn the_first_stage_decides() -> Result {
    let subject = &Stand::start(Kind::Folder)?.subject;
    let keys = &subject.keys;
    let other = "https://other.example";
    let (old, long) = (
        window_since(10_000, 300)?,
        window_since(100_000, 2 * LONGEST)?,
    );
    let seal = |by, client, window| subject.seal(by, "gone.mp3", client, window);
    for (what, link, stage) in [
        (
            "a retired minter, everything else wrong too",
            seal(&keys.retired, other, long)?,
            "key",
        ),
        (
            "out of scope, expired, another's",
            seal(&keys.minter, other, old)?,
            "scope",
        ),
        (
            "expired, another's, not there",
            seal(&keys.minter, SITE, old)?,
            "window",
        ),
        ("another's, not there", subject.link("gone.mp3")?, "client"),
    ] {
        let mut asking = link.get();
        asking.headers_mut().remove("origin");
        let asking = with(asking, "origin", "https://third.example");
        let answer = subject.answer(asking).await?;
        assert_eq!(answer.json()?["stage"], stage, "{what}");
    }
    Ok(())
}
