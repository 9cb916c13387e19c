//! What answers have in common.

use gatefold_e2e::{Result, actors::Browser, http::Answer, process::PATIENCE, site::Site};
use gatefold_testkit::network::{Account, Grant, Pds};
use serde_json::Value;
use tokio::time::Instant;

/// A site that is nobody's friend.
pub(crate) const EVIL: &str = "https://evil.example";

/// An error, with its code and a sentence; nothing that somebody else could keep.
pub(crate) fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    let said = answer.json().unwrap_or_default();
    assert_eq!(said["code"], code, "{what}: {said}");
    let detail = said["detail"].as_str().unwrap_or_default();
    assert!(detail.len() > 10, "{what}: {said}");
    assert_eq!(
        answer.header("cache-control"),
        "private, no-store",
        "{what}"
    );
}

/// A page that says to its reader what went wrong, in these words; and that is no page of a defect.
pub(crate) fn assert_told(answer: &Answer, status: u16, words: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    let page = page(answer);
    assert!(page.contains(words), "{what}: {page}");
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{what}"
    );
}

/// A page as text, with what HTML escapes.
pub(crate) fn page(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).replace("&#39;", "'")
}

/// This browser is signed in as this person.
pub(crate) async fn assert_is(browser: &mut Browser, account: &Account) -> Result {
    let me = browser.me().await?;
    assert_eq!(me.status, 200, "{me:?}");
    let me = me.json()?;
    assert_eq!(
        (&me["did"], &me["handle"]),
        (
            &Value::from(account.did.as_str()),
            &Value::from(account.handle.as_str())
        )
    );
    Ok(())
}

/// Nobody is signed in with this browser.
pub(crate) async fn assert_nobody(browser: &mut Browser) -> Result {
    assert_refused(&browser.me().await?, 401, "not_signed_in", "nobody");
    Ok(())
}

/// What an authorization server did for a site, as far as it concerns this person.
pub(crate) async fn theirs(site: &Site, account: &Account) -> Result<Vec<Grant>> {
    of_pds(&site.network().pds(), site, account).await
}

/// The same of another server than everybody's.
pub(crate) async fn of_pds(pds: &Pds, site: &Site, account: &Account) -> Result<Vec<Grant>> {
    let all = pds.grants(&site.client_id()).await?;
    let is_own = |grant: &Grant| grant.sub.as_deref() == Some(&account.did);
    let given: Vec<_> = all.iter().filter(|grant| is_own(grant)).cloned().collect();
    let is_known = |token: &Option<String>| {
        let mut given = given.iter();
        token.is_some()
            && given.any(|grant| grant.refresh_token == *token || grant.access_token == *token)
    };
    let is_theirs = |grant: &Grant| is_own(grant) || is_known(&grant.spent);
    Ok(all
        .iter()
        .filter(|grant| is_theirs(grant))
        .cloned()
        .collect())
}

/// So many times tokens were given back. A server that is slow is not waited for when that is done, and
/// so it is here.
pub(crate) async fn assert_given_back(site: &Site, account: &Account, times: usize) -> Result {
    assert_given_back_to(&site.network().pds(), site, account, times).await
}

/// The same of another server than everybody's.
pub(crate) async fn assert_given_back_to(
    pds: &Pds,
    site: &Site,
    account: &Account,
    times: usize,
) -> Result {
    let begun = Instant::now();
    loop {
        let grants = of_pds(pds, site, account).await?;
        let given = grants.iter().filter(|grant| grant.grant == "revocation");
        let given = given.count();
        if given >= times || begun.elapsed() > PATIENCE {
            assert_eq!(given, times, "given back");
            return Ok(());
        }
    }
}
