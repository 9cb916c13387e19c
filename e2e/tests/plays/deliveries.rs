//! What each delivery promises of a link to something gated, whoever tries it, on folders and on buckets.

use gatefold_app::tracks::TrackEdits;
use gatefold_domain::{Gate, Visibility};
use gatefold_e2e::{Result, http::Answer, process::eventually_so};
use http::Method;
use serde_json::Value;

use crate::stage::{Listener, Stage, Track};

/// Makes each check a test by every delivery, on folders and on buckets, and on each database by turns.
macro_rules! by_every_delivery {
    ($($check:ident),+ $(,)?) => {
        by_every_delivery!(@ sealed_from_folders, small, "sealed", Folders, $($check),+);
        by_every_delivery!(@ sealed_from_buckets, large, "sealed", Buckets, $($check),+);
        by_every_delivery!(@ token_from_folders, large, "token", Folders, $($check),+);
        by_every_delivery!(@ token_from_buckets, small, "token", Buckets, $($check),+);
        by_every_delivery!(@ presigned_from_folders, small, "presigned", Folders, $($check),+);
        by_every_delivery!(@ presigned_from_buckets, large, "presigned", Buckets, $($check),+);
    };
    (@ $name:ident, $setup:ident, $delivery:literal, $shelves:ident, $($check:ident),+) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $check() -> gatefold_e2e::Result {
                    let setup = gatefold_e2e::site::Setup {
                        delivery: $delivery,
                        shelves: gatefold_e2e::site::Shelves::$shelves,
                        ..gatefold_e2e::site::Setup::$setup()
                    };
                    let stage = crate::stage::Stage::set(setup).await?;
                    super::$check(stage).await
                }
            )+
        }
    };
}
pub(crate) use by_every_delivery;

by_every_delivery!(
    a_link_is_for_whom_its_delivery_promises,
    a_link_ends_when_its_delivery_promises,
    a_link_tells_no_more_than_its_delivery_promises,
    what_is_changed_is_refused,
);

/// Whether a link works by itself, for whoever has it.
fn is_bearer(stage: &Stage) -> bool {
    stage.site.delivery() == "presigned"
}

async fn assert_plays(listener: &Listener, link: &str, track: &Track) -> Result {
    let heard = listener.get(link).await?;
    assert_eq!(heard.status, 200, "{}: {heard:?}", listener.name);
    assert!(heard.body == track.bytes, "{}", listener.name);
    assert_eq!(heard.header("content-type"), "audio/mpeg");
    let cache = heard.header("cache-control");
    assert!(
        cache.starts_with("private, max-age=") && cache.ends_with(", immutable"),
        "{cache}"
    );
    let range = [("range", "bytes=400000-400099")];
    let part = listener.ask(Method::GET, link, &range).await?;
    assert_eq!(part.status, 206, "{}", listener.name);
    assert!(part.body == track.bytes[400_000..400_100]);
    let total = format!("bytes 400000-400099/{}", track.bytes.len());
    assert_eq!(part.header("content-range"), total);
    if listener.is_asked_at_site(link) {
        // Not every S3 server knows conditions.
        let tag = heard.header("etag");
        let known = [("if-none-match", &*tag)];
        let again = listener.ask(Method::GET, link, &known).await?;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    }
    Ok(())
}

/// Refused, without a byte, an address, or a cache that would keep it.
fn assert_refused(answer: &Answer, what: &str) {
    assert!(
        [401, 402, 403, 404].contains(&answer.status.as_u16()),
        "{what}: {answer:?}"
    );
    assert_eq!(answer.header("location"), "", "{what}");
    assert!(answer.body.len() < 1000, "{what}");
    assert!(
        !answer.header("cache-control").contains("max-age"),
        "{what}"
    );
}

async fn a_link_is_for_whom_its_delivery_promises(stage: Stage) -> Result {
    let track = stage.publish(Gate::Supporters, Visibility::Public).await?;
    let link = stage.by_cookie(&stage.fan).link(&track).await?;
    for listener in stage.both(&stage.fan) {
        assert_eq!(listener.link(&track).await?, link, "{}", listener.name);
        assert_plays(&listener, &link, &track).await?;
    }
    let others = [
        stage.by_cookie(&stage.stranger),
        stage.by_token(&stage.stranger),
        stage.by_cookie(&stage.artist),
        stage.nobody(),
    ];
    for listener in others {
        if is_bearer(&stage) {
            assert_plays(&listener, &link, &track).await?;
            continue;
        }
        for method in [Method::GET, Method::HEAD] {
            let elsewhere = [("origin", "https://evil.example")];
            for headers in [&[][..], &elsewhere] {
                let answer = listener.ask(method.clone(), &link, headers).await?;
                assert_refused(&answer, &listener.name);
                assert_eq!(answer.header("access-control-allow-origin"), "");
            }
        }
    }
    Ok(())
}

async fn a_link_ends_when_its_delivery_promises(mut stage: Stage) -> Result {
    let track = stage.publish(Gate::Supporters, Visibility::Public).await?;
    let by_token = stage.by_token(&stage.fan);
    let by_cookie = stage.by_cookie(&stage.fan);
    let told = by_cookie
        .get(&format!("{}/url", track.path()))
        .await?
        .json()?;
    let link = told["url"].as_str().ok_or("no url")?;
    let longest = if is_bearer(&stage) { 300 } else { 1800 };
    let left = told["valid_for"].as_u64().ok_or("no time")?;
    assert!(left <= longest && told["lifetime"] == longest, "{told}");
    assert!(!is_bearer(&stage) || told["grace"] == 0);

    // The session, which is one of two.
    let id: String = stage.fan.token.chars().take(8).collect();
    let path = format!("/auth/developer-tokens/{id}");
    let browser = &mut stage.fan.browser;
    let revoked = browser.fetch(Method::DELETE, &path, &Value::Null).await?;
    assert!(revoked.status.is_success(), "{revoked:?}");
    assert_holds(&stage, &by_token, (link, &track)).await?;
    assert_plays(&by_cookie, link, &track).await?;

    // The gate, which another process changes.
    let draft = TrackEdits {
        visibility: Some(Visibility::Draft),
        ..TrackEdits::default()
    };
    stage.edit(track.published.track, draft).await?;
    assert_eq!(
        stage
            .by_cookie(&stage.artist)
            .get(&track.path())
            .await?
            .status,
        307
    );
    // What this process remembers of the file, and of its bytes, it forgets within a second: each by itself.
    let path = track.path();
    let ends = [Some(&*path), (!is_bearer(&stage)).then_some(link)];
    for address in ends.into_iter().flatten() {
        eventually_so(async || {
            let status = by_cookie.get(address).await?.status;
            let has_ended = status.is_client_error();
            has_ended
                .then_some(())
                .ok_or_else(|| format!("{status} still").into())
        })
        .await?;
    }
    // Not even that there is such a track.
    assert_eq!(by_cookie.get(&path).await?.status, 404);
    assert_holds(&stage, &by_cookie, (link, &track)).await
}

/// A link is worth nothing any more, unless it works by itself: then it ends with its time.
async fn assert_holds(stage: &Stage, listener: &Listener, (link, track): (&str, &Track)) -> Result {
    if is_bearer(stage) {
        return assert_plays(listener, link, track).await;
    }
    for method in [Method::GET, Method::HEAD] {
        let answer = listener.ask(method, link, &[]).await?;
        assert_refused(&answer, &listener.name);
    }
    Ok(())
}

async fn a_link_tells_no_more_than_its_delivery_promises(stage: Stage) -> Result {
    let track = stage
        .publish_to_keep(Gate::Supporters, Visibility::Public)
        .await?;
    let fan = stage.by_cookie(&stage.fan);
    let folder = stage.site.media().join("private/audio");
    let mut keys = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        keys.push(entry?.file_name().to_string_lossy().into_owned());
    }
    assert_eq!(keys.len(), 1);
    let link = fan.link(&track).await?;
    let saved = fan.get(&format!("{}/download", track.path())).await?;
    for address in [&link, &saved.header("location")] {
        assert_eq!(address.contains(&keys[0]), is_bearer(&stage), "{address}");
    }
    let heard = fan.get(&link).await?;
    assert!(!format!("{:?}", heard.headers).contains(&keys[0]));
    Ok(())
}

/// What the site says of addresses that were changed.
const REFUSALS: [&str; 5] = [
    "malformed_token",
    "not_authentic",
    "wrong_token",
    "wrong_signature",
    "invalid_query",
];

async fn what_is_changed_is_refused(stage: Stage) -> Result {
    let track = stage
        .publish_to_keep(Gate::Supporters, Visibility::Public)
        .await?;
    let other = stage
        .publish(Gate::Supporters, Visibility::Unlisted)
        .await?;
    let fan = stage.by_cookie(&stage.fan);
    let link = fan.link(&track).await?;
    let other = fan.link(&other).await?;
    let mut spoiled = vec![
        link.replace("expires=1", "expires=2"),
        link.replace("X-Amz-Expires=", "X-Amz-Expires=9"),
        format!("{link}A"),
        link.chars().take(link.len().saturating_sub(1)).collect(),
    ];
    // What makes the one good does nothing for the other.
    if let (Some((path, _)), Some((_, query))) = (link.split_once('?'), other.split_once('?')) {
        spoiled.push(format!("{path}?{query}"));
        spoiled.push(path.to_owned());
        spoiled.push(format!("{path}?"));
    }
    for spoiled in spoiled.iter().filter(|spoiled| **spoiled != link) {
        let answer = fan.get(spoiled).await?;
        let is_refused = [400, 403, 404].contains(&answer.status.as_u16());
        assert!(
            is_refused && answer.body.len() < 1000,
            "{spoiled}: {answer:?}"
        );
        if fan.is_asked_at_site(spoiled) {
            let code = answer.json()?["code"].clone();
            let is_known = REFUSALS.iter().any(|known| code == *known);
            assert!(is_known, "{spoiled}: {code}");
        }
    }
    Ok(())
}
