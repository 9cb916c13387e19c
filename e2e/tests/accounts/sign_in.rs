//! People sign in, and are known from then on.

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    links::{location, parameter},
    sign_in::whole,
    site::{Client, Keeping, SCOPES, Setup, Site},
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    over_both,
    shared::{assert_is, assert_nobody, assert_refused, page},
};

over_both!(
    an_artist_and_a_fan_are_who_they_are_and_a_stranger_is_nobody,
    the_cookies_are_for_this_site_alone,
    an_exchange_token_is_told_to_nobody_on_the_way,
    people_go_on_where_they_wanted_to,
    a_did_is_as_good_as_a_handle,
    the_documents_of_the_client_are_public,
);

async fn an_artist_and_a_fan_are_who_they_are_and_a_stranger_is_nobody(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let (mut studio, mut phone, mut other) =
        (Browser::new(site), Browser::new(site), Browser::new(site));
    studio.sign_in(&artist).await?;
    phone.sign_in(&fan).await?;
    assert_is(&mut studio, &artist).await?;
    assert_is(&mut phone, &fan).await?;
    assert_nobody(&mut other).await?;
    let program = Program::nobody(site).get("/auth/me").await?;
    assert_refused(&program, 401, "not_signed_in", "a program");

    let me = studio.me().await?.json()?;
    let own = json!([{"did": artist.did, "handle": artist.handle}]);
    assert_eq!(me["linked_accounts"], own);
    assert_eq!(me["enabled_flags"], json!([]));
    let home = studio.open("/").await?;
    assert!(page(&home).contains(&artist.handle), "{}", page(&home));
    let home = other.open("/").await?;
    assert!(!page(&home).contains(&artist.handle), "{}", page(&home));

    // A page that is for people who are known leads others to where they become so.
    let settings = other.open("/settings/sessions").await?;
    assert_eq!(location(&settings)?, "/sign-in?next=%2Fsettings%2Fsessions");
    assert_eq!(studio.open("/settings/sessions").await?.status, 200);
    Ok(())
}

/// The attributes of a cookie, as they are set.
fn attributes<'a>(lines: &'a [&'a str], name: &str) -> Vec<&'a str> {
    let line = lines
        .iter()
        .find(|line| line.split('=').next() == Some(name));
    let attributes = line.copied().unwrap_or_default().split("; ").skip(1);
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort_unstable();
    attributes
}

async fn the_cookies_are_for_this_site_alone(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    let is_https = site.origin.starts_with("https:");
    let (session, binding) = if is_https {
        ("__Host-session_id", "__Host-signin")
    } else {
        ("session_id", "signin")
    };
    let expected = |life: &'static str| {
        let mut all = vec!["HttpOnly", "SameSite=Lax", "Path=/", life];
        all.extend(is_https.then_some("Secure"));
        all.sort_unstable();
        all
    };

    let begun = browser.start(&fan.handle).await?;
    let lines = begun.headers.get_all("set-cookie").iter();
    let lines: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(attributes(&lines, binding), expected("Max-Age=600"));

    let back = fan.consent(&location(&begun)?).await?;
    let landed = browser.come_back(&back).await?;
    assert!(!landed.headers.contains_key("set-cookie"), "{landed:?}");
    let token = parameter(&location(&landed)?, "exchange_token").ok_or("no token")?;
    let answer = browser.exchange(&token).await?;
    assert_eq!(whole(&answer)?["session_id"], Value::Null);
    let lines = answer.headers.get_all("set-cookie").iter();
    let lines: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    // The session, and the end of what bound the sign-in to this browser.
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(attributes(&lines, session), expected("Max-Age=1209600"));
    assert_eq!(attributes(&lines, binding), expected("Max-Age=0"));
    let names: Vec<_> = browser.cookies.keys().map(String::as_str).collect();
    assert_eq!(names, [session]);
    // 256 bits.
    assert_eq!(browser.cookies[session].len(), 43);
    let strict = answer.header("strict-transport-security");
    assert_eq!(!strict.is_empty(), is_https, "{strict}");
    Ok(())
}

async fn an_exchange_token_is_told_to_nobody_on_the_way(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    let there = browser.begin(&fan.handle).await?;
    let back = fan.consent(&there).await?;
    let answer = browser.come_back(&back).await?;
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let landing = location(&answer)?;
    let token = parameter(&landing, "exchange_token").ok_or("no token")?;

    let answer = browser
        .visit(
            gatefold_e2e::actors::By::Other("http://localhost"),
            &landing,
        )
        .await?;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let policy = answer.header("content-security-policy");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!page(&answer).contains(&token), "the page repeats it");
    // Looking at the page redeems nothing: its script does.
    assert_eq!(browser.exchange(&token).await?.status, 200);
    Ok(())
}

async fn people_go_on_where_they_wanted_to(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    let fields = [
        ("handle", fan.handle.as_str()),
        ("next", "/tracks/12?tab=likes"),
    ];
    let begun = browser.submit("/auth/start", &fields).await?;
    let back = fan.consent(&location(&begun)?).await?;
    let landing = location(&browser.come_back(&back).await?)?;
    assert_eq!(
        parameter(&landing, "next").as_deref(),
        Some("/tracks/12?tab=likes")
    );

    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let fields = [("handle", fan.handle.as_str()), ("next", next)];
        let answer = browser.submit("/auth/start", &fields).await?;
        assert_eq!(answer.status, 400, "{next}: {answer:?}");
        assert!(!answer.headers.contains_key("location"), "{next}");
    }
    Ok(())
}

async fn a_did_is_as_good_as_a_handle(site: &Site) -> Result {
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    for typed in [fan.did.clone(), format!(" @{} ", fan.handle)] {
        let there = browser.begin(&typed).await?;
        browser.finish(&fan, &there).await?;
        assert_is(&mut browser, &fan).await?;
    }
    Ok(())
}

async fn the_documents_of_the_client_are_public(site: &Site) -> Result {
    let program = Program::nobody(site);
    let metadata = whole(&program.get("/oauth-client-metadata.json").await?)?;
    let keys = whole(&program.get("/.well-known/jwks.json").await?)?;
    assert_eq!(metadata["client_id"], site.client_id());
    assert_eq!(metadata["scope"], SCOPES);
    assert_eq!(metadata["dpop_bound_access_tokens"], true);
    assert_eq!(
        metadata["redirect_uris"],
        json!([format!("{}/auth/callback", site.origin)])
    );
    let keys = keys["keys"].as_array().ok_or("no keys")?;
    if site.origin.starts_with("https:") {
        assert_eq!(metadata["token_endpoint_auth_method"], "private_key_jwt");
        assert_eq!(keys.len(), 1);
        assert!(keys.iter().all(|key| key.get("d").is_none()), "private");
    } else {
        assert_eq!(metadata["token_endpoint_auth_method"], "none");
        assert!(keys.is_empty());
    }
    let answer = program
        .ask(Method::POST, "/oauth-client-metadata.json", &json!({}))
        .await?;
    assert_refused(&answer, 405, "method_not_allowed", "a document");
    Ok(())
}

/// Neither depends on the other; the macro has both together.
#[tokio::test]
async fn kinds_of_clients_and_of_databases_go_with_each_other() -> Result {
    for (keeping, client) in [
        (Keeping::Postgres, Client::Public),
        (Keeping::Sqlite, Client::Confidential),
    ] {
        let site = Site::start(Setup::new(keeping, client)).await?;
        let fan = site.network().account("fan").await?;
        let mut browser = Browser::new(&site);
        browser.sign_in(&fan).await?;
        assert_is(&mut browser, &fan).await?;
    }
    Ok(())
}
