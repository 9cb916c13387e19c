//! What an exchange token yields, and to whom.

use std::sync::Arc;

use bytes::Bytes;
use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    links::location,
    sign_in::{VERIFIER, program, program_start, text, whole},
    site::Site,
};
use http::Method;
use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    over_both,
    shared::{assert_is, assert_refused},
};

over_both!(
    of_a_hundred_who_redeem_a_token_one_does,
    a_program_shows_the_verifier_of_its_challenge,
    what_looks_like_a_browser_is_one,
    a_browser_does_not_redeem_what_is_for_a_program,
    a_session_is_shown_only_as_what_it_is,
);

/// How many redeem a token at once.
const CROWD: usize = 100;

async fn of_a_hundred_who_redeem_a_token_one_does(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    let there = browser.begin(&fan.handle).await?;
    let back = fan.consent(&there).await?;
    let token = browser.land(&back).await?;
    // In two processes, as nothing in one of them alone may decide it.
    let another = site.another()?;
    let begin = Arc::new(Barrier::new(CROWD));
    let mut crowd = JoinSet::new();
    for number in 0..CROWD {
        let mut browser = browser.clone();
        if number % 2 == 1 {
            browser.reach = site.at(&another);
        }
        let (token, begin) = (token.clone(), Arc::clone(&begin));
        crowd.spawn(async move {
            begin.wait().await;
            let answer = browser.exchange(&token).await?;
            Ok::<_, gatefold_e2e::Error>((answer, browser))
        });
    }
    let mut winners = Vec::new();
    while let Some(redeemed) = crowd.join_next().await {
        let (answer, browser) = redeemed??;
        if answer.status == 200 {
            winners.push(browser);
        } else {
            assert_refused(&answer, 401, "exchange_refused", "another was first");
        }
    }
    assert_eq!(winners.len(), 1);
    assert_is(&mut winners[0], &fan).await?;
    let sessions = winners[0].open("/settings/sessions").await?;
    let page = crate::shared::page(&sessions);
    assert_eq!(page.matches("name=\"id\"").count(), 1, "{page}");
    Ok(())
}

async fn a_program_shows_the_verifier_of_its_challenge(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let mut browser = Browser::new(site);
    let start = program_start(&artist.handle, VERIFIER);
    let there = location(&browser.open(&start).await?)?;
    let back = artist.consent(&there).await?;
    let token = browser.land(&back).await?;
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    let nobody = Program::nobody(site);
    let wrong = VERIFIER.replace('d', "e");
    for verifier in [None, Some(""), Some("x"), Some(wrong.as_str())] {
        let answer = nobody.exchange(&token, verifier).await?;
        assert_refused(&answer, 401, "exchange_refused", "no verifier");
    }
    let answer = nobody.exchange(&token, Some(VERIFIER)).await?;
    assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
    let session = text(&whole(&answer)?, "session_id")?;
    let again = nobody.exchange(&token, Some(VERIFIER)).await?;
    assert_refused(&again, 401, "exchange_refused", "once more");

    let me = whole(&Program::bearer(site, &session).get("/auth/me").await?)?;
    assert_eq!(me["did"], artist.did);
    assert_eq!(me["linked_accounts"], json!([]));
    for start in ["&verifier_challenge=short", "&verifier_challenge=%00"] {
        let path = format!("/auth/start?handle={}{start}", artist.handle);
        let answer = nobody.get(&path).await?;
        assert_refused(&answer, 400, "invalid_challenge", start);
    }
    Ok(())
}

async fn what_looks_like_a_browser_is_one(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let mut browser = Browser::new(site);
    let start = program_start(&artist.handle, VERIFIER);
    let there = location(&browser.open(&start).await?)?;
    let back = artist.consent(&there).await?;
    let token = browser.land(&back).await?;
    let body = json!({"exchange_token": token, "verifier": VERIFIER}).to_string();
    let origin = site.origin.clone();
    for mark in [
        ("origin", "null"),
        ("origin", origin.as_str()),
        ("origin", "https://evil.example"),
        ("cookie", "theme=dark"),
        ("sec-fetch-site", "none"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
        ("sec-fetch-user", "?1"),
    ] {
        let headers = [("content-type", "application/json"), mark];
        let answer = site
            .reach()
            .ask(
                Method::POST,
                "/auth/exchange",
                &headers,
                Bytes::from(body.clone()),
            )
            .await?;
        assert_refused(&answer, 401, "exchange_refused", &format!("{mark:?}"));
    }
    // What no page can send without asking first is not even read.
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let headers = [("content-type", kind)];
        let answer = site
            .reach()
            .ask(
                Method::POST,
                "/auth/exchange",
                &headers,
                Bytes::from(body.clone()),
            )
            .await?;
        assert_refused(&answer, 415, "not_json", kind);
    }
    let answer = Program::nobody(site)
        .exchange(&token, Some(VERIFIER))
        .await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    Ok(())
}

async fn a_browser_does_not_redeem_what_is_for_a_program(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    let start = program_start(&artist.handle, VERIFIER);
    let there = location(&browser.open(&start).await?)?;
    let back = artist.consent(&there).await?;
    let for_program = browser.land(&back).await?;
    let body = json!({"exchange_token": for_program, "verifier": VERIFIER});
    let answer = browser.fetch(Method::POST, "/auth/exchange", &body).await?;
    assert_refused(&answer, 401, "exchange_refused", "a browser");

    // Nor a program what is for a browser.
    let there = browser.begin(&artist.handle).await?;
    let back = artist.consent(&there).await?;
    let for_browser = browser.land(&back).await?;
    for verifier in [None, Some(VERIFIER)] {
        let answer = Program::nobody(site)
            .exchange(&for_browser, verifier)
            .await?;
        assert_refused(&answer, 401, "exchange_refused", "a program");
    }
    assert_eq!(browser.exchange(&for_browser).await?.status, 200);
    Ok(())
}

async fn a_session_is_shown_only_as_what_it_is(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    let session = program(site, &mut browser, &artist).await?;
    let (name, cookie) = browser.cookies.iter().next().ok_or("no cookie")?;
    let (name, cookie) = (name.clone(), cookie.clone());
    let answer = Program::bearer(site, &cookie).get("/auth/me").await?;
    assert_refused(&answer, 401, "not_signed_in", "a cookie as a bearer");
    let mut other = Browser::new(site);
    other.cookies.insert(name, session.clone());
    assert_refused(
        &other.me().await?,
        401,
        "not_signed_in",
        "a bearer as a cookie",
    );
    // A program's session does not do what a person has to do.
    let program = Program::bearer(site, &session);
    let wish = json!({"name": "mine"});
    let answer = program
        .ask(Method::POST, "/auth/developer-token/start", &wish)
        .await?;
    assert_refused(&answer, 403, "browser_session_required", "a program");
    let out = program
        .ask(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    let answer = program.get("/auth/me").await?;
    assert_refused(&answer, 401, "not_signed_in", "signed out");
    assert_is(&mut browser, &artist).await
}
