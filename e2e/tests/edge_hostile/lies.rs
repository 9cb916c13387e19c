//! Every way of lying: what a client takes for whole is what the origin has, byte for byte.

use std::{sync::Arc, time::Duration};

use gatefold_e2e::{
    Result,
    edge::{SLICE, Setup},
    http::{End, Taken, sha256, take},
    process::PATIENCE,
    subject::Subject,
};
use gatefold_testkit::origins::{Content, Lie, Script, noise};
use http::{Method, StatusCode};

use crate::{Bench, by_name};

/// Three slices and a bit.
const LEN: usize = 3 * SLICE + 1234;
/// A part that touches two slices.
const PART: (usize, usize) = (SLICE - 1000, SLICE + 5000);
/// More than there is: what goes on has no end.
const ENOUGH: usize = 8 * LEN;

/// What a client may get to see of a lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Everything, as it is.
    Right,
    /// A beginning that is right, and a transfer that breaks off.
    Broken,
    /// An error in place of the object.
    Failed,
}

/// What clients may get to see of each lie.
fn allowed(lie: Lie) -> &'static [Seen] {
    use Seen::{Broken, Failed, Right};
    match lie {
        Lie::Honest | Lie::WholeForRange => &[Right],
        Lie::StallsBeforeHead
        | Lie::HangsUp
        | Lie::EndlessHead
        | Lie::Compressed
        | Lie::RedirectsElsewhere
        | Lie::RedirectsToLoopback
        | Lie::RedirectsInCircles
        | Lie::NotFound
        | Lie::Fails
        | Lie::NotHttp => &[Failed],
        Lie::StallsMidway
        | Lie::EndsEarly
        | Lie::ResetsMidway
        | Lie::TwoLengths
        | Lie::GarbledLength
        | Lie::Drips => &[Broken, Failed],
        // Only requests for parts meet these, and an edge may do without asking for parts.
        Lie::OtherRange | Lie::ShortRange | Lie::RangeWithoutName | Lie::GarbledRange => {
            &[Right, Broken, Failed]
        }
        // It is the origin's object as far as anybody can tell, or it is not.
        Lie::SendsTooMuch
        | Lie::ChangesAtEveryRequest
        | Lie::KeepsTagButChanges
        | Lie::OtherTotal
        | Lie::PageInstead
        | Lie::EndlessBody
        | Lie::EndlessChunks => &[Right, Broken, Failed],
    }
}

fn content(lie: Lie) -> Content {
    let name = format!("{lie:?}");
    Content::new(noise(&name, LEN), &name)
}

/// A host on which each object is lied about in the way that it is named after.
fn liars() -> Script {
    let scripts: Vec<(String, Script)> = Lie::ALL
        .iter()
        .map(|lie| (format!("{lie:?}"), lie.about(content(*lie))))
        .collect();
    let honest = Lie::NotFound.about(content(Lie::NotFound));
    by_name(move |wanted| {
        let mut scripts = scripts.iter();
        let found = scripts.find(|(name, _)| name == wanted);
        found.map_or_else(|| Arc::clone(&honest), |(_, script)| Arc::clone(script))
    })
}

/// What the origin has: one version, or as many as it has shown.
fn versions(lie: Lie, shown: usize) -> Vec<Vec<u8>> {
    let content = content(lie);
    let count = match lie {
        Lie::ChangesAtEveryRequest | Lie::KeepsTagButChanges => shown,
        _ => 1,
    };
    (0..count.max(1))
        .map(|before| {
            let version = if count > 1 {
                Lie::version(&content, before)
            } else {
                content.clone()
            };
            let mut bytes = version.bytes.to_vec();
            match lie {
                Lie::KeepsTagButChanges => bytes.truncate(LEN - before.min(LEN)),
                Lie::PageInstead => bytes = b"<!doctype html><script>alert(1)</script>".to_vec(),
                // Whoever goes on past the end that nobody announced sees what there is.
                Lie::EndlessBody | Lie::EndlessChunks => bytes.resize(2 * ENOUGH, b'z'),
                _ => {}
            }
            bytes
        })
        .collect()
}

/// Which of these it was.
fn judge(lie: Lie, range: Option<(usize, usize)>, taken: &Taken, shown: usize) -> Result<Seen> {
    let answer = &taken.answer;
    let status = answer.status;
    if lie == Lie::PageInstead && status == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(Seen::Right); // Short as the page is.
    }
    if status.is_client_error() || status.is_server_error() {
        let expected = if lie == Lie::NotFound {
            status == StatusCode::NOT_FOUND
        } else {
            [502, 503, 504].contains(&status.as_u16())
        };
        let kept = answer.header("cache-control") != "private, no-store";
        if !expected || kept || answer.headers.contains_key("etag") {
            return Err(format!("{lie:?}: {status}, {:?}", answer.headers).into());
        }
        return Ok(Seen::Failed);
    }
    let first = match (status, range) {
        (StatusCode::OK, _) => 0,
        (StatusCode::PARTIAL_CONTENT, Some((first, last))) => {
            let said = answer.header("content-range");
            if !said.starts_with(&format!("bytes {first}-{last}/")) {
                return Err(format!("{lie:?}: answers {said}").into());
            }
            first
        }
        _ => return Err(format!("{lie:?}: {status}").into()),
    };
    let kind = answer.header("content-type");
    let is_page = lie == Lie::PageInstead;
    let right_kind = if is_page {
        "application/octet-stream"
    } else {
        "audio/mpeg"
    };
    if kind != right_kind || answer.headers.contains_key("content-encoding") {
        return Err(format!("{lie:?}: is sent as {kind}").into());
    }
    let got = &answer.body;
    let fits = |version: &Vec<u8>| version.get(first..first + got.len()) == Some(&got[..]);
    let versions = versions(lie, shown);
    let Some(version) = versions.iter().find(|version| fits(version)) else {
        return Err(format!("{lie:?}: a wrong byte among {}", got.len()).into());
    };
    if taken.end != End::Whole {
        return Ok(Seen::Broken);
    }
    let end = match (status, range) {
        (StatusCode::PARTIAL_CONTENT, Some((_, last))) => last + 1,
        _ if matches!(lie, Lie::EndlessBody | Lie::EndlessChunks) => LEN,
        _ => version.len(),
    };
    if sha256(got) == sha256(&version[first..end]) {
        Ok(Seen::Right)
    } else {
        Err(format!("{lie:?}: {} bytes are taken for the whole", got.len()).into())
    }
}

async fn ask(subject: &Subject, lie: Lie, range: Option<(usize, usize)>) -> Result<Option<Taken>> {
    let link = subject.link(&format!("{lie:?}.mp3"))?;
    let asking = match range {
        None => link.get(),
        Some((first, last)) => link.get_with("range", &format!("bytes={first}-{last}")),
    };
    let taking = take(subject.address, asking, ENOUGH);
    // Whoever sends a byte a second is not waited for.
    let patience = if lie == Lie::Drips { 2 } else { 60 };
    match tokio::time::timeout(Duration::from_secs(patience), taking).await {
        Ok(taken) => Ok(Some(taken?)),
        Err(_) if lie == Lie::Drips => Ok(None),
        Err(_) => Err(format!("{lie:?}: no end").into()),
    }
}

async fn lie_to(bench: &Bench, lie: Lie) -> Result {
    for range in [None, Some(PART), None] {
        let Some(taken) = ask(&bench.subject, lie, range).await? else {
            continue;
        };
        let shown = bench.host.counts().requests;
        let seen = judge(lie, range, &taken, shown)?;
        if !allowed(lie).contains(&seen) {
            let (status, got) = (taken.answer.status, taken.answer.body.len());
            return Err(format!("{lie:?}, {range:?}: {seen:?}, {status}, {got} bytes").into());
        }
    }
    let head = bench
        .subject
        .link(&format!("{lie:?}.mp3"))?
        .ask(Method::HEAD);
    let head = bench.subject.answer(head);
    let head = tokio::time::timeout(PATIENCE, head).await??;
    assert!(head.body.is_empty(), "{lie:?}: HEAD");
    Ok(())
}

#[tokio::test]
async fn no_lie_becomes_a_wrong_byte() -> Result {
    let setup = Setup {
        patience: "1s",
        fresh: "0s",
        ..Setup::default()
    };
    let bench = Arc::new(Bench::start_with(liars(), setup).await?);
    let mut all = tokio::task::JoinSet::new();
    for lie in Lie::ALL {
        let bench = Arc::clone(&bench);
        all.spawn(async move { lie_to(&bench, *lie).await });
    }
    let mut wrong = Vec::new();
    while let Some(done) = all.join_next().await {
        wrong.extend(done?.err().map(|error| error.to_string()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And the edge is as well as before.
    let honest = ask(&bench.subject, Lie::Honest, None).await?;
    let honest = honest.ok_or("no answer")?;
    assert_eq!(judge(Lie::Honest, None, &honest, 1)?, Seen::Right);
    Ok(())
}

#[tokio::test]
async fn what_has_no_validator_is_passed_through_and_never_kept() -> Result {
    let content = Content {
        tag: None,
        ..content(Lie::Honest)
    };
    let bench = Bench::start(Lie::Honest.about(content.clone())).await?;
    let link = bench.subject.link("Honest.mp3")?;
    for time in 0..2 {
        let answer = bench.subject.answer(link.get()).await?;
        assert_eq!(answer.hash(), sha256(&content.bytes), "time {time}");
    }
    let wholes = bench.host.asked();
    let wholes = wholes.iter().filter(|asked| asked.method == "GET").count();
    assert!(
        wholes >= 2,
        "kept although nothing tells two versions apart"
    );
    // It may have become another meanwhile: nobody could tell.
    let changed = Lie::version(&content, 7);
    let changed = Content {
        tag: None,
        ..changed
    };
    bench.host.play(Lie::Honest.about(changed.clone()));
    let answer = bench.subject.answer(link.get()).await?;
    assert_eq!(answer.hash(), sha256(&changed.bytes));
    Ok(())
}

#[tokio::test]
async fn what_knows_no_ranges_is_passed_through() -> Result {
    let content = Content {
        ranges: false,
        ..content(Lie::Honest)
    };
    let bench = Bench::start(Lie::Honest.about(content.clone())).await?;
    let link = bench.subject.link("Honest.mp3")?;
    let answer = bench.subject.answer(link.get()).await?;
    assert_eq!(answer.hash(), sha256(&content.bytes));
    let answer = bench
        .subject
        .answer(link.get_with("range", "bytes=1000-1999"))
        .await?;
    match answer.status {
        StatusCode::OK => assert_eq!(answer.hash(), sha256(&content.bytes)),
        status => {
            assert_eq!(status, StatusCode::PARTIAL_CONTENT);
            assert_eq!(answer.hash(), sha256(&content.bytes[1000..2000]));
        }
    }
    Ok(())
}

#[tokio::test]
async fn redirects_lead_to_allowed_hosts_only() -> Result {
    let host = gatefold_e2e::keys::HOST;
    let content = content(Lie::Honest);
    let there = content.clone();
    let script = by_name(move |name| {
        let to = match name {
            "real" => return Lie::Honest.about(there.clone()),
            "near" => "/real.mp3".to_owned(),
            "full" => format!("https://{host}/real.mp3"),
            "twice" => "/near.mp3".to_owned(),
            "plain" => format!("http://{host}/real.mp3"),
            "port" => format!("https://{host}:8443/real.mp3"),
            "user" => format!("https://fan@{host}/real.mp3"),
            "below" => format!("https://a.{host}/real.mp3"),
            "metadata" => "https://169.254.169.254/latest".to_owned(),
            "six" => "https://[::1]/real.mp3".to_owned(),
            "number" => "https://2130706433/real.mp3".to_owned(),
            "script" => "data:audio/mpeg,la".to_owned(),
            _ => return Lie::RedirectsInCircles.about(there.clone()),
        };
        let there = there.clone();
        Arc::new(move |asked| {
            let mut reply = there.answer(asked);
            reply.status = "302 Found";
            reply.body = bytes::Bytes::new();
            reply.set("Content-Length", "0");
            reply.remove("ETag");
            reply.set("Location", to.clone());
            reply.steps()
        })
    });
    let bench = Bench::start(script).await?;
    for name in ["real", "near", "full", "twice"] {
        let link = bench.subject.link(&format!("{name}.mp3"))?;
        let answer = bench.subject.answer(link.get()).await?;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.hash(), sha256(&content.bytes), "{name}");
        assert!(!answer.headers.contains_key("location"), "{name}");
    }
    for name in [
        "plain", "port", "user", "below", "metadata", "six", "number", "script", "circle",
    ] {
        let link = bench.subject.link(&format!("{name}.mp3"))?;
        let answer = bench.subject.answer(link.get()).await?;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{name}: {answer:?}");
        assert!(!answer.headers.contains_key("location"), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn an_origin_learns_nothing_about_who_asks() -> Result {
    let bench = Bench::start(Lie::Honest.about(content(Lie::Honest))).await?;
    let link = bench.subject.link("Honest.mp3")?;
    let mut asking = link.get_with("cookie", "session=fan");
    for (name, value) in [
        ("authorization", "Bearer fan"),
        ("user-agent", "a player"),
        ("accept-language", "de"),
        ("x-forwarded-for", "192.0.2.7"),
        ("referer", "https://music.example/album"),
        ("if-none-match", "\"mine\""),
    ] {
        asking = gatefold_e2e::http::with(asking, name, value);
    }
    assert_eq!(bench.subject.answer(asking).await?.status, StatusCode::OK);
    let asked = bench.host.asked();
    assert!(!asked.is_empty());
    for asked in &asked {
        assert_eq!(asked.header("host"), Some(gatefold_e2e::keys::HOST));
        let told = format!("{asked:?}");
        for private in [
            "fan",
            "player",
            "192.0.2.7",
            "music.example",
            "mine",
            "securev1",
        ] {
            assert!(!told.contains(private), "{private} in {told}");
        }
    }
    Ok(())
}
