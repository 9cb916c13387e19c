//! What another site makes somebody's browser do.

use bytes::Bytes;
use gatefold_e2e::{
    Result,
    actors::{Browser, By, Program},
    links::{form, location},
    sign_in::program_start,
    site::Site,
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    over_both,
    shared::{
        EVIL, assert_given_back, assert_is, assert_nobody, assert_refused, assert_told, page,
    },
};

over_both!(
    nobody_is_signed_in_as_who_sent_them_here,
    another_site_has_to_ask_the_person,
    another_browser_redeems_nothing,
    a_cookie_that_is_there_twice_is_refused,
    another_site_changes_nothing,
    another_name_is_not_answered_under,
    another_site_reads_nothing,
);

/// Login CSRF: the attacker begins, agrees, and has the victim's browser come back.
async fn nobody_is_signed_in_as_who_sent_them_here(site: &Site) -> Result {
    for (is_known, is_beginning) in [(false, false), (false, true), (true, false), (true, true)] {
        let attacker = site.network().account("evil").await?;
        let victim = site.network().account("fan").await?;
        let mut evil = Browser::new(site);
        let there = evil.begin(&attacker.handle).await?;
        let back = attacker.consent(&there).await?;
        let mut browser = Browser::new(site);
        if is_known {
            browser.sign_in(&victim).await?;
        }
        let own = if is_beginning {
            Some(browser.begin(&victim.handle).await?)
        } else {
            None
        };
        let answer = browser.come_back(&back).await?;
        assert_told(&answer, 403, "begun in another browser", "login CSRF");
        if is_known {
            assert_is(&mut browser, &victim).await?;
        } else {
            assert_nobody(&mut browser).await?;
        }
        // What the victim had begun is as good as before.
        if let Some(own) = own {
            browser.finish(&victim, &own).await?;
            assert_is(&mut browser, &victim).await?;
        }
        // What the server had given for it was given back.
        assert_given_back(site, &attacker, 1).await?;
    }
    Ok(())
}

async fn another_site_has_to_ask_the_person(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let program = program_start(
        &fan.handle,
        "a-verifier-of-the-attacker-that-is-long-enough",
    );
    let query = form(&[("handle", &fan.handle)]);
    let path = format!("/auth/start?{query}");
    for (path, words) in [(&path, "Another site sent you"), (&program, "a program")] {
        let mut browser = Browser::new(site);
        let asked = browser.visit(By::Other(EVIL), path).await?;
        assert_told(&asked, 200, words, "confirm");
        assert!(page(&asked).contains(&fan.handle));
        assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
        // The other site cannot press the button.
        for origin in [EVIL, "null", "http://localhost", "https://gatefoldtest.fm"] {
            let pressed = browser
                .submit_by(By::Other(origin), "/auth/start", &[("handle", &fan.handle)])
                .await?;
            assert_eq!(pressed.status, 403, "{origin}: {pressed:?}");
            assert!(!pressed.headers.contains_key("set-cookie"));
        }
        // Neither can who claims to be this site and is found out by the browser.
        let mut headers = vec![
            ("accept", "text/html"),
            ("sec-fetch-site", "cross-site"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let origin = browser.reach.origin.clone();
        headers.push(("origin", &origin));
        let body = Bytes::from(query.clone());
        let pressed = browser
            .send(Method::POST, "/auth/start", headers, body)
            .await?;
        assert_eq!(pressed.status, 403, "{pressed:?}");
        // The person can.
        browser.sign_in(&fan).await?;
        assert_is(&mut browser, &fan).await?;
    }
    // A link on the site itself, or an address that was typed, is the person's own wish.
    for by in [By::Itself, By::Person] {
        let mut browser = Browser::new(site);
        let there = location(&browser.visit(by, &path).await?)?;
        browser.finish(&fan, &there).await?;
    }
    Ok(())
}

async fn another_browser_redeems_nothing(site: &Site) -> Result {
    let attacker = site.network().account("evil").await?;
    let victim = site.network().account("fan").await?;
    let mut evil = Browser::new(site);
    let there = evil.begin(&attacker.handle).await?;
    let back = attacker.consent(&there).await?;
    let token = evil.land(&back).await?;

    let mut fresh = Browser::new(site);
    let mut begun = Browser::new(site);
    begun.begin(&victim.handle).await?;
    let mut known = Browser::new(site);
    known.sign_in(&victim).await?;
    for browser in [&mut fresh, &mut begun, &mut known] {
        let before = browser.cookies.clone();
        let answer = browser.exchange(&token).await?;
        assert_refused(&answer, 401, "exchange_refused", "a foreign token");
        assert_eq!(browser.cookies, before);
    }
    assert_is(&mut known, &victim).await?;
    // Nor was it used up by them.
    assert_eq!(evil.exchange(&token).await?.status, 200);
    assert_is(&mut evil, &attacker).await
}

async fn a_cookie_that_is_there_twice_is_refused(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&fan).await?;
    let own = browser.cookie_line();
    let (name, _) = own.split_once('=').ok_or("no cookie")?;
    let tossed = format!("{name}=tossed");
    for lines in [
        vec![format!("{own}; {tossed}")],
        vec![format!("{tossed}; {own}")],
        vec![own.clone(), tossed.clone()],
        vec![format!("{own}; {own}")],
    ] {
        let headers: Vec<_> = lines.iter().map(|line| ("cookie", line.as_str())).collect();
        let answer = browser
            .reach
            .ask(Method::GET, "/auth/me", &headers, Bytes::new())
            .await?;
        assert_refused(&answer, 400, "cookie_repeated", &lines.join(" | "));
    }
    // A cookie of another name is none of ours.
    let other = format!("{own}; theme=dark; x{tossed}");
    let headers = [("cookie", other.as_str())];
    let answer = browser
        .reach
        .ask(Method::GET, "/auth/me", &headers, Bytes::new())
        .await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    Ok(())
}

async fn another_site_changes_nothing(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&fan).await?;
    let wish = json!({"name": "mine", "expires_in_days": 1});
    for origin in [EVIL, "null", "https://gatefoldtest.fm", "http://localhost"] {
        let by = By::Other(origin);
        for (method, path, body) in [
            (Method::POST, "/auth/logout", &Value::Null),
            (Method::POST, "/auth/developer-token/start", &wish),
            (
                Method::DELETE,
                "/auth/developer-tokens/abcdefgh",
                &Value::Null,
            ),
            (
                Method::POST,
                "/auth/exchange",
                &json!({"exchange_token": "x"}),
            ),
        ] {
            let answer = browser.fetch_by(by, method, path, body).await?;
            assert_refused(&answer, 403, "cross_site", &format!("{path} by {origin}"));
        }
        for path in [
            "/sign-out",
            "/settings/sessions/end",
            "/settings/tokens",
            "/auth/start",
        ] {
            let answer = browser.submit_by(by, path, &[("id", "x")]).await?;
            assert_eq!(answer.status, 403, "{path} by {origin}: {answer:?}");
        }
    }
    // Who does not say where it comes from is not let in either.
    let line = browser.cookie_line();
    let headers = [("cookie", line.as_str())];
    let answer = browser
        .reach
        .ask(Method::POST, "/auth/logout", &headers, Bytes::new())
        .await?;
    assert_refused(&answer, 403, "cross_site", "no origin");
    assert_is(&mut browser, &fan).await?;
    let out = browser
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    Ok(())
}

async fn another_name_is_not_answered_under(site: &Site) -> Result {
    let reach = site.reach();
    let port = format!(
        "{}.evil.example",
        reach.origin.rsplit('/').next().ok_or("no host")?
    );
    for host in ["evil.example", "gatefoldtest.fm", "127.0.0.1:1", "", &port] {
        for path in ["/", "/auth/me", "/sign-in", "/oauth-client-metadata.json"] {
            let answer = reach
                .ask(Method::GET, path, &[("host", host)], Bytes::new())
                .await?;
            let status = answer.status.as_u16();
            assert!([400, 421].contains(&status), "{host}{path}: {answer:?}");
            assert!(!answer.headers.contains_key("set-cookie"));
        }
    }
    let own = reach.origin.rsplit('/').next().ok_or("no host")?;
    let twice = [("host", own), ("host", "evil.example")];
    let answer = reach.ask(Method::GET, "/", &twice, Bytes::new()).await?;
    assert_eq!(answer.status, 400, "{answer:?}");
    Ok(())
}

async fn another_site_reads_nothing(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&fan).await?;
    let answer = browser
        .fetch_by(By::Other(EVIL), Method::GET, "/auth/me", &Value::Null)
        .await?;
    for name in answer.headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "{name}");
    }
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    let headers = [("origin", EVIL), ("access-control-request-method", "GET")];
    let answer = browser
        .reach
        .ask(Method::OPTIONS, "/auth/me", &headers, Bytes::new())
        .await?;
    assert_refused(&answer, 403, "origin_not_allowed", "a preflight");
    // A token in a program's hands is no matter of sites.
    let answer = Program::bearer(site, &"A".repeat(43))
        .get("/auth/me")
        .await?;
    assert_refused(&answer, 401, "not_signed_in", "an unknown token");
    Ok(())
}
