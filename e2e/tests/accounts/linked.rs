//! Several accounts in one browser.

use gatefold_e2e::{
    Result,
    actors::{Browser, By},
    links::location,
    site::Site,
};
use gatefold_testkit::network::Account;
use serde_json::{Value, json};

use crate::{
    over_both,
    shared::{EVIL, assert_given_back, assert_is, assert_nobody, assert_refused, page},
};

over_both!(
    a_second_account_is_added_and_switched_to,
    accounts_are_not_added_or_switched_by_another_site,
    nobody_switches_to_an_account_of_another_browser,
    who_signs_out_leaves_nobody_behind,
    who_signs_in_anew_leaves_nobody_behind,
);

async fn add(browser: &mut Browser, account: &Account) -> Result {
    let added = browser
        .submit("/settings/accounts/add", &[("handle", &account.handle)])
        .await?;
    browser.finish(account, &location(&added)?).await
}

async fn switch(browser: &mut Browser, account: &Account) -> Result {
    let switched = browser
        .submit("/settings/accounts/switch", &[("did", &account.did)])
        .await?;
    assert_eq!(location(&switched)?, "/settings/accounts");
    Ok(())
}

async fn linked(browser: &mut Browser) -> Result<Vec<String>> {
    let me = browser.me().await?.json()?;
    let linked = me["linked_accounts"].as_array().ok_or("no list")?;
    let dids = linked.iter().filter_map(|account| account["did"].as_str());
    let mut dids: Vec<_> = dids.map(str::to_owned).collect();
    dids.sort_unstable();
    Ok(dids)
}

fn both(one: &Account, other: &Account) -> Vec<String> {
    let mut dids = vec![one.did.clone(), other.did.clone()];
    dids.sort_unstable();
    dids
}

async fn a_second_account_is_added_and_switched_to(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    add(&mut browser, &fan).await?;
    assert_is(&mut browser, &fan).await?;
    assert_eq!(linked(&mut browser).await?, both(&artist, &fan));

    let before = browser.clone();
    switch(&mut browser, &artist).await?;
    assert_is(&mut browser, &artist).await?;
    assert_eq!(linked(&mut browser).await?, both(&artist, &fan));
    assert_ne!(browser.cookies, before.cookies);
    let accounts = page(&browser.open("/settings/accounts").await?);
    for account in [&artist, &fan] {
        assert!(accounts.contains(&account.handle), "{accounts}");
    }

    // And back, under a cookie that is new again.
    switch(&mut browser, &fan).await?;
    assert_is(&mut browser, &fan).await?;
    assert_ne!(browser.cookies, before.cookies);
    Ok(())
}

async fn accounts_are_not_added_or_switched_by_another_site(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    add(&mut browser, &fan).await?;
    for origin in [EVIL, "null"] {
        let by = By::Other(origin);
        for (path, field, value) in [
            ("/settings/accounts/switch", "did", &artist.did),
            ("/settings/accounts/add", "handle", &artist.handle),
        ] {
            let answer = browser.submit_by(by, path, &[(field, value)]).await?;
            assert_eq!(answer.status, 403, "{path} by {origin}: {answer:?}");
            assert!(!answer.headers.contains_key("set-cookie"), "{path}");
        }
        let visited = browser.visit(by, "/settings/accounts/switch").await?;
        assert_eq!(visited.status, 405, "{origin}: {visited:?}");
    }
    assert_is(&mut browser, &fan).await
}

async fn nobody_switches_to_an_account_of_another_browser(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let (mut one, mut other) = (Browser::new(site), Browser::new(site));
    one.sign_in(&artist).await?;
    other.sign_in(&fan).await?;
    let answer = other
        .submit("/settings/accounts/switch", &[("did", &artist.did)])
        .await?;
    assert_eq!(answer.status, 404, "{answer:?}");
    assert_is(&mut other, &fan).await?;
    assert_eq!(linked(&mut other).await?, [fan.did.as_str()]);
    let stranger = Browser::new(site)
        .fetch(
            http::Method::POST,
            "/settings/accounts/switch",
            &json!({"did": artist.did}),
        )
        .await?;
    assert_refused(&stranger, 401, "not_signed_in", "nobody switches");
    Ok(())
}

async fn who_signs_out_leaves_nobody_behind(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    add(&mut browser, &fan).await?;
    switch(&mut browser, &artist).await?;
    let mut as_artist = browser.clone();
    switch(&mut browser, &fan).await?;
    let out = browser
        .fetch(http::Method::POST, "/auth/logout", &Value::Null)
        .await?;
    assert_eq!(out.status, 200, "{out:?}");
    assert_nobody(&mut browser).await?;
    assert_nobody(&mut as_artist).await?;
    assert_given_back(site, &artist, 1).await?;
    assert_given_back(site, &fan, 1).await?;
    Ok(())
}

async fn who_signs_in_anew_leaves_nobody_behind(site: &Site) -> Result {
    let artist = site.network().account("artist").await?;
    let fan = site.network().account("fan").await?;
    let mut browser = Browser::new(site);
    browser.sign_in(&artist).await?;
    let mut before = browser.clone();
    browser.sign_in(&fan).await?;
    assert_is(&mut browser, &fan).await?;
    assert_nobody(&mut before).await?;
    assert_eq!(linked(&mut browser).await?, [fan.did.as_str()]);
    assert_given_back(site, &artist, 1).await?;
    Ok(())
}
