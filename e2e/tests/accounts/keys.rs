//! The client's keys: one takes over from another while people stay signed in.

use std::fs;

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    command,
    sign_in::whole,
    site::{Client, Keeping, Setup, Site},
};
use http::Method;
use serde_json::Value;

use crate::shared::{assert_given_back, assert_is, theirs};

/// The steps of an operator, and what people notice of them: nothing, until the last one.
#[tokio::test]
async fn a_key_takes_over_and_who_signed_in_before_stays() -> Result {
    let setup = Setup::new(Keeping::Sqlite, Client::Confidential);
    let mut site = Site::start(setup).await?;
    let mut people = Vec::new();
    for name in ["artist", "fan", "other"] {
        people.push(site.network().account(name).await?);
    }
    let mut browsers: Vec<_> = people.iter().map(|_| Browser::new(&site)).collect();
    for at in [0, 1] {
        browsers[at].sign_in(&people[at]).await?;
    }
    let old = published(&site).await?;

    // 1. A key more, which is published and does not sign yet.
    change(&site, &["rotate"])?;
    site.first.hang_up()?;
    let both = published(&site).await?;
    assert_eq!((old.len(), both.len()), (1, 2));
    let new = both
        .iter()
        .find(|id| !old.contains(id))
        .ok_or("no new key")?;
    for browser in &mut browsers[..2] {
        assert_eq!(browser.me().await?.status, 200);
    }
    browsers[2].sign_in(&people[2]).await?;
    assert_eq!(kid(&site, &people[2]).await?, old[0]);

    // 2. A quarter of an hour later it signs for who comes then.
    pass_its_time(&site)?;
    site.first.hang_up()?;
    forget(&site).await?;
    let late = site.network().account("late").await?;
    let mut browser = Browser::new(&site);
    browser.sign_in(&late).await?;
    assert_eq!(kid(&site, &late).await?, *new);
    // What began with the old one goes on with the old one.
    out(&mut browsers[0]).await?;
    assert_given_back(&site, &people[0], 1).await?;
    assert_eq!(kid(&site, &people[0]).await?, old[0]);

    // 3. It is taken away, which ends what began with it, and nothing else.
    change(&site, &["retire", &old[0]])?;
    site.first.hang_up()?;
    assert_eq!(published(&site).await?, std::slice::from_ref(new));
    assert_is(&mut browser, &late).await?;
    out(&mut browsers[1]).await?;
    let grants = theirs(&site, &people[1]).await?;
    assert_eq!(grants.len(), 1, "nobody can sign for it any more");
    out(&mut browser).await?;
    assert_given_back(&site, &late, 1).await?;
    assert_eq!(kid(&site, &late).await?, *new);
    browsers[1].sign_in(&people[1]).await?;
    assert_eq!(kid(&site, &people[1]).await?, *new);
    Ok(())
}

async fn out(browser: &mut Browser) -> Result {
    let out = browser
        .fetch(Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    Ok(())
}

/// The keys that the site publishes.
async fn published(site: &Site) -> Result<Vec<String>> {
    let keys = whole(&Program::nobody(site).get("/.well-known/jwks.json").await?)?;
    let keys = keys["keys"].as_array().ok_or("no keys")?;
    let ids = keys.iter().filter_map(|key| key["kid"].as_str());
    Ok(ids.map(str::to_owned).collect())
}

/// The key by which the site showed itself last, where it was about this person.
async fn kid(site: &Site, account: &gatefold_testkit::network::Account) -> Result<String> {
    let grants = theirs(site, account).await?;
    let last = grants.last().and_then(|grant| grant.kid.clone());
    Ok(last.ok_or("not signed")?)
}

fn change(site: &Site, arguments: &[&str]) -> Result<String> {
    let path = site.client_keys().display().to_string();
    command::run([&["keys", "oauth", "--file", &path], arguments].concat())
}

/// Every key has been published for as long as it has to be.
fn pass_its_time(site: &Site) -> Result {
    let path = site.client_keys();
    let mut file: Value = serde_json::from_slice(&fs::read(&path)?)?;
    for key in file["keys"].as_array_mut().ok_or("no keys")? {
        assert!(key["signs_from_unix"].is_number(), "another format");
        key["signs_from_unix"] = key["created_unix"].clone();
    }
    Ok(fs::write(path, file.to_string())?)
}

/// Servers ask for the keys anew, as they do every ten minutes.
async fn forget(site: &Site) -> Result {
    let host = site.origin.trim_start_matches("https://");
    let base = format!("http://{}", site.first.address);
    Ok(site.network().client(host, Some(&base)).await?)
}
