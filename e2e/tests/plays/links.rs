//! What a sealed link promises, and to whom.

use gatefold_app::tracks::TrackEdits;
use gatefold_domain::{Gate, Visibility};
use gatefold_e2e::{Result, http::Answer, process::PATIENCE};
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    over_both,
    stage::{Listener, Stage, Track},
};

over_both!(
    a_link_is_for_one_listener,
    it_ends_with_the_session,
    it_ends_with_the_gate,
    a_registry_that_is_away_stops_nobody_whom_it_knew,
    bad_input_is_a_clear_no,
);

fn assert_refused(answer: &Answer, code: &str, what: &str) -> Result {
    assert_eq!(answer.status, 403, "{what}: {answer:?}");
    let said = answer.json()?;
    assert_eq!(
        (&said["code"], &said["stage"]),
        (&Value::from(code), &Value::from("client")),
        "{what}"
    );
    assert_eq!(
        answer.header("cache-control"),
        "private, no-store",
        "{what}"
    );
    Ok(())
}

async fn a_link_is_for_one_listener(stage: Stage) -> Result {
    let track = stage.publish(Gate::Supporters, Visibility::Public).await?;
    let fan = stage.by_cookie(&stage.fan);
    let link = fan.link(&track).await?;
    // Inside its window it is the same, whoever of the two asks for it: a browser keeps what it names.
    assert_eq!(stage.by_token(&stage.fan).link(&track).await?, link);

    for listener in stage.both(&stage.fan) {
        assert_plays(&listener, &link, &track).await?;
    }
    for listener in [
        stage.by_cookie(&stage.stranger),
        stage.by_token(&stage.stranger),
        // Even the artist: it is somebody else's.
        stage.by_cookie(&stage.artist),
    ] {
        assert_refused(&listener.get(&link).await?, "wrong_client", &listener.name)?;
        let asked = listener.ask(Method::HEAD, &link, &[]).await?;
        assert_eq!(asked.status, 403, "{}", listener.name);
    }
    let nobody = stage.nobody();
    let elsewhere: &[(&'static str, &str)] = &[("origin", "https://evil.example")];
    for headers in [&[][..], elsewhere] {
        let answer = nobody.ask(Method::GET, &link, headers).await?;
        assert_refused(&answer, "no_client", "nobody")?;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    // Somebody else's page, with the listener's own browser: it may not read the answer.
    let answer = fan.ask(Method::GET, &link, elsewhere).await?;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    Ok(())
}

async fn assert_plays(listener: &Listener, link: &str, track: &Track) -> Result {
    let whole = listener.get(link).await?;
    assert_eq!(whole.status, 200, "{}: {whole:?}", listener.name);
    assert!(whole.body == track.bytes, "{}", listener.name);
    let cache = whole.header("cache-control");
    assert!(
        cache.starts_with("private, max-age=") && cache.ends_with(", immutable"),
        "{cache}"
    );
    assert_eq!(whole.header("cdn-cache-control"), "no-store");
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    let tag = whole.header("etag");
    let part = listener
        .ask(Method::GET, link, &[("range", "bytes=400000-400099")])
        .await?;
    assert_eq!(part.status, 206);
    assert!(part.body == track.bytes[400_000..400_100]);
    let kept = listener
        .ask(Method::GET, link, &[("if-none-match", &tag)])
        .await?;
    assert_eq!(kept.status, 304);
    let asked = listener.ask(Method::HEAD, link, &[]).await?;
    assert_eq!(asked.status, 200);
    assert_eq!(
        asked.header("content-length"),
        track.bytes.len().to_string()
    );
    Ok(())
}

async fn it_ends_with_the_session(mut stage: Stage) -> Result {
    let track = stage.publish(Gate::SignedIn, Visibility::Public).await?;
    let by_token = stage.by_token(&stage.fan);
    let by_cookie = stage.by_cookie(&stage.fan);
    let link = by_cookie.link(&track).await?;
    assert_eq!(by_token.get(&link).await?.status, 200);

    let id = stage.fan.token.chars().take(8).collect::<String>();
    let path = format!("/auth/developer-tokens/{id}");
    let browser = &mut stage.fan.browser;
    let revoked = browser.fetch(Method::DELETE, &path, &Value::Null).await?;
    assert!(revoked.status.is_success(), "{revoked:?}");
    assert_refused(&by_token.get(&link).await?, "no_client", "a revoked token")?;
    assert_eq!(by_cookie.get(&link).await?.status, 200);

    let out = browser
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert!(out.status.is_success(), "{out:?}");
    assert_refused(&by_cookie.get(&link).await?, "no_client", "who signed out")?;
    // Nor is there a new one.
    assert_eq!(by_cookie.get(&track.path()).await?.status, 401);
    Ok(())
}

/// By another process: it holds in this one as soon as that has heard, which is within a second.
async fn it_ends_with_the_gate(stage: Stage) -> Result {
    let stranger = stage.by_cookie(&stage.stranger);
    let track = stage.publish(Gate::SignedIn, Visibility::Public).await?;
    let link = stranger.link(&track).await?;
    assert_eq!(stranger.get(&link).await?.status, 200);
    let id = track.published.track;
    let supporters = TrackEdits {
        gate: Some(Gate::Supporters),
        ..TrackEdits::default()
    };
    stage.edit(id, supporters).await?;
    let refused = until_it_is(&stranger, &link, StatusCode::FORBIDDEN).await?;
    assert_refused(&refused, "access_ended", "a gate that was tightened")?;
    assert_eq!(stranger.get(&track.path()).await?.status, 402);
    // Who supports the artist hears it as before, by a link from before too.
    let fan = stage.by_cookie(&stage.fan);
    let link = fan.link(&track).await?;
    assert_eq!(fan.get(&link).await?.status, 200);

    let draft = TrackEdits {
        visibility: Some(Visibility::Draft),
        ..TrackEdits::default()
    };
    stage.edit(id, draft).await?;
    let refused = until_it_is(&fan, &link, StatusCode::FORBIDDEN).await?;
    assert_refused(&refused, "access_ended", "a draft")?;
    assert_eq!(fan.get(&track.path()).await?.status, 404);
    let artist = stage.by_cookie(&stage.artist);
    let link = artist.link(&track).await?;
    assert_eq!(artist.get(&link).await?.status, 200);
    Ok(())
}

async fn until_it_is(listener: &Listener, link: &str, status: StatusCode) -> Result<Answer> {
    let begun = Instant::now();
    loop {
        let answer = listener.get(link).await?;
        if answer.status == status || begun.elapsed() > PATIENCE {
            return Ok(answer);
        }
    }
}

/// A registry that is away stops nobody who was a supporter a moment ago, and lets nobody in.
async fn a_registry_that_is_away_stops_nobody_whom_it_knew(stage: Stage) -> Result {
    let track = stage.publish(Gate::Supporters, Visibility::Public).await?;
    let fan = stage.by_cookie(&stage.fan);
    let link = fan.link(&track).await?;
    stage.registry.set(gatefold_testkit::registry::Mood::Gone);
    assert_eq!(fan.get(&link).await?.status, 200);
    let stranger = stage.by_cookie(&stage.stranger);
    assert_eq!(stranger.get(&track.path()).await?.status, 503);
    Ok(())
}

async fn bad_input_is_a_clear_no(stage: Stage) -> Result {
    let track = stage.publish(Gate::SignedIn, Visibility::Public).await?;
    let fan = stage.by_cookie(&stage.fan);
    let long = format!("/audio/{}", "a".repeat(65));
    for path in [
        "/audio/nothing",
        "/audio/..%2f..%2fetc%2fpasswd",
        "/audio/%00",
        "/audio/%ff",
        "/audio/a.mp3",
        "/audio/a%20b",
        &long,
    ] {
        for path in [path.to_owned(), format!("{path}/url")] {
            let answer = fan.get(&path).await?;
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.json()?["code"], "not_found", "{path}");
        }
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let origin = stage.site.origin.clone();
        let answer = fan
            .ask(method.clone(), &track.path(), &[("origin", &origin)])
            .await?;
        assert_eq!(answer.status, 405, "{method}");
    }
    let link = fan.link(&track).await?;
    for (spoiled, code) in [
        (format!("{link}A"), "malformed_token"),
        (format!("{link}?x=1"), "malformed_token"),
        (
            link.replace("/securev1/EC", "/securev1/ED"),
            "malformed_token",
        ),
    ] {
        let answer = fan.get(&spoiled).await?;
        assert_eq!(answer.status, 403, "{spoiled}");
        assert_eq!(answer.json()?["code"], code, "{spoiled}");
    }
    // A cookie that came twice shows nobody, whatever else comes with it.
    let cookie = stage.fan.browser.cookie_line();
    let twice = format!("{cookie}; {cookie}");
    let answer = stage
        .nobody()
        .ask(Method::GET, &link, &[("cookie", &twice)])
        .await?;
    assert_refused(&answer, "no_client", "a cookie that came twice")?;
    Ok(())
}
