//! Developer tokens.

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    sign_in::{VERIFIER, program, text, whole},
    site::Site,
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    over_both,
    shared::{EVIL, assert_given_back, assert_is, assert_refused, assert_told, page},
};

over_both!(
    a_token_is_made_listed_used_and_revoked,
    a_token_is_asked_for_by_its_owner_in_a_browser,
    a_token_lives_for_a_year_at_most,
    who_asked_redeems_and_nobody_else,
    a_token_is_nobodys_but_its_owners,
);

const START: &str = "/auth/developer-token/start";
const TOKENS: &str = "/auth/developer-tokens";

async fn listed(browser: &mut Browser) -> Result<Vec<Value>> {
    let answer = browser.fetch(Method::GET, TOKENS, &Value::Null).await?;
    let tokens = whole(&answer)?;
    Ok(tokens["tokens"].as_array().ok_or("no list")?.clone())
}

async fn a_token_is_made_listed_used_and_revoked(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    assert!(listed(&mut browser).await?.is_empty());
    let cookies = browser.cookies.clone();
    let token = browser.make_token(&artist, "nightly upload").await?;
    // The browser is who it was.
    assert_eq!(browser.cookies, cookies);
    assert_is(&mut browser, &artist).await?;

    let tokens = listed(&mut browser).await?;
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    assert_eq!(tokens[0]["name"], "nightly upload");
    let id = text(&tokens[0], "session_id")?;
    assert_eq!((id.len(), token.len()), (8, 51));
    assert!(token.starts_with(&id));
    for moment in ["created_at", "expires_at"] {
        let moment = text(&tokens[0], moment)?;
        assert!(moment.ends_with('Z') && moment.contains('T'), "{moment}");
    }
    assert!(text(&tokens[0], "created_at")? < text(&tokens[0], "expires_at")?);

    let program = Program::bearer(site, &token);
    let me = whole(&program.get("/auth/me").await?)?;
    assert_eq!(me["did"], artist.did);
    assert_eq!(me["linked_accounts"], json!([]));
    // Its id alone, or its secret alone, is nothing.
    for part in [&token[..8], &token[8..], &token[..50]] {
        let answer = Program::bearer(site, part).get("/auth/me").await?;
        assert_refused(&answer, 401, "not_signed_in", "a part of it");
    }

    let path = format!("{TOKENS}/{id}");
    let revoked = browser.fetch(Method::DELETE, &path, &Value::Null).await?;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    let answer = program.get("/auth/me").await?;
    assert_refused(&answer, 401, "not_signed_in", "revoked");
    let again = browser.fetch(Method::DELETE, &path, &Value::Null).await?;
    assert_refused(&again, 404, "not_found", "revoked already");
    assert!(listed(&mut browser).await?.is_empty());
    // Its grant was one of its own.
    assert_is(&mut browser, &artist).await?;
    assert_given_back(site, &artist, 1).await?;

    let activity = page(&browser.open("/settings/activity").await?);
    assert!(activity.contains("nightly upload"), "{activity}");
    Ok(())
}

async fn a_token_is_asked_for_by_its_owner_in_a_browser(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    let wish = json!({"name": "mine", "expires_in_days": 1});
    let answer = browser.fetch(Method::POST, START, &wish).await?;
    assert_refused(&answer, 401, "not_signed_in", "nobody");
    browser.sign_in(&artist).await?;
    let by = gatefold_e2e::actors::By::Other(EVIL);
    let answer = browser.fetch_by(by, Method::POST, START, &wish).await?;
    assert_refused(&answer, 403, "cross_site", "another site");
    let session = program(site, &mut browser, &artist).await?;
    let token = browser.make_token(&artist, "mine").await?;
    for shown in [session, token] {
        let program = Program::bearer(site, &shown);
        let answer = program.ask(Method::POST, START, &wish).await?;
        assert_refused(&answer, 403, "browser_session_required", "a program");
    }

    // It is for the account of who asks, whoever signs in there.
    let begun = browser.fetch(Method::POST, START, &wish).await?;
    let there = text(&whole(&begun)?, "auth_url")?;
    if let Ok(back) = fan.consent(&there).await {
        let answer = browser.come_back(&back).await?;
        assert_told(&answer, 403, "Another account signed in", "another");
    }
    assert_eq!(listed(&mut browser).await?.len(), 1);
    Ok(())
}

async fn a_token_lives_for_a_year_at_most(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    for (days, status) in [
        (json!(366), 422),
        (json!(100_000), 422),
        (json!(-1), 422),
        (json!(1.5), 422),
        (json!("90"), 422),
        (json!(365), 200),
        (json!(1), 200),
        (json!(0), 200),
        (Value::Null, 200),
    ] {
        let wish = json!({"name": "mine", "expires_in_days": days});
        let answer = browser.fetch(Method::POST, START, &wish).await?;
        assert_eq!(answer.status, status, "{days}: {answer:?}");
    }
    for name in ["", " ", "two\nlines", &"a".repeat(101)] {
        let wish = json!({"name": name, "expires_in_days": 1});
        let answer = browser.fetch(Method::POST, START, &wish).await?;
        assert_refused(&answer, 422, "invalid_name", name);
    }
    let exchange = browser
        .ask_for_token(&artist, &json!({"name": "usual"}))
        .await?;
    assert_eq!(browser.exchange(&exchange).await?.status, 200);
    let tokens = listed(&mut browser).await?;
    assert_eq!(tokens[0]["name"], "usual");
    Ok(())
}

async fn who_asked_redeems_and_nobody_else(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    let exchange = browser
        .ask_for_token(&artist, &json!({"name": "mine"}))
        .await?;
    let mut elsewhere = Browser::new(site);
    elsewhere.sign_in(&artist).await?;
    let mut fans = Browser::new(site);
    fans.sign_in(&fan).await?;
    let mut nobody = Browser::new(site);
    for other in [&mut elsewhere, &mut fans, &mut nobody] {
        let answer = other.exchange(&exchange).await?;
        assert_refused(&answer, 401, "exchange_refused", "another browser");
    }
    let session = program(site, &mut elsewhere, &artist).await?;
    for program in [Program::nobody(site), Program::bearer(site, &session)] {
        let answer = program.exchange(&exchange, Some(VERIFIER)).await?;
        assert_refused(&answer, 401, "exchange_refused", "a program");
    }
    let answer = browser.exchange(&exchange).await?;
    assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
    let token = text(&whole(&answer)?, "session_id")?;
    let me = Program::bearer(site, &token).get("/auth/me").await?;
    assert_eq!(me.status, 200, "{me:?}");
    // Not as a cookie.
    let (name, _) = browser.cookies.iter().next().ok_or("no cookie")?;
    let mut other = Browser::new(site);
    other.cookies.insert(name.clone(), token);
    assert_refused(&other.me().await?, 401, "not_signed_in", "as a cookie");
    Ok(())
}

async fn a_token_is_nobodys_but_its_owners(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let (mut studio, mut phone) = (Browser::new(site), Browser::new(site));
    studio.sign_in(&artist).await?;
    phone.sign_in(&fan).await?;
    let token = studio.make_token(&artist, "mine").await?;
    assert!(listed(&mut phone).await?.is_empty());
    for id in [&token[..8], "abcdefgh", "x", "..%2F..", &token] {
        let path = format!("{TOKENS}/{id}");
        let answer = phone.fetch(Method::DELETE, &path, &Value::Null).await?;
        assert_refused(&answer, 404, "not_found", "somebody else's");
        let answer = Program::nobody(site)
            .ask(Method::DELETE, &path, &Value::Null)
            .await?;
        assert_refused(&answer, 401, "not_signed_in", "nobody's");
    }
    assert_eq!(listed(&mut studio).await?.len(), 1);
    let me = Program::bearer(site, &token).get("/auth/me").await?;
    assert_eq!(me.status, 200, "{me:?}");
    Ok(())
}
