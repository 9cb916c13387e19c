//! How authorization servers see the site: they fetch its metadata and keys from its public URL.

use serde_json::Value;

use super::super::{fetch::Fetch, finding::Finding, network};
use crate::config::{BaseUrl, Server};

const METADATA: &str = gatefold_oauth::METADATA_PATH;
const KEYS: &str = gatefold_oauth::JWKS_PATH;
const PASS: &str = "let the proxy pass every path to the site, with Host as the browser sent it";

/// Looks from outside.
pub(super) async fn look(site: &Server, url: &BaseUrl, fetch: &impl Fetch) -> Vec<Finding> {
    let check = "site";
    if !url.is_https() {
        return vec![Finding::notice(
            check,
            format!("{url} is for this machine alone: servers elsewhere are told so"),
            "set server.url to https once the site is to be for others",
        )];
    }
    let mut findings = vec![metadata(url, fetch).await];
    if site.oauth.keys.is_some() {
        findings.push(published(url, fetch).await);
    }
    findings
}

async fn metadata(url: &BaseUrl, fetch: &impl Fetch) -> Finding {
    let check = "site";
    let id = format!("{}{METADATA}", url.as_str());
    let answer = match fetch.get(&id, None).await {
        Ok(answer) => answer,
        Err(error) => return network::unanswered(check, url, &error),
    };
    if answer.status != 200 {
        let says = format!(
            "{id} is answered with {}: servers cannot see who asks",
            answer.status
        );
        return Finding::wrong(check, says, PASS);
    }
    if !answer
        .header("content-type")
        .starts_with("application/json")
    {
        let says = format!("{id} is not JSON: something else than the site answers");
        return Finding::wrong(check, says, PASS);
    }
    match answer.member("client_id") {
        Some(told) if told == id => Finding::good(check, format!("{url} shows servers who asks")),
        Some(told) => Finding::wrong(
            check,
            format!("{id} says that it is {told}: servers refuse that"),
            "set server.url to where the world reaches the site, and restart it",
        ),
        None => Finding::wrong(check, format!("{id} does not say who it is"), PASS),
    }
}

async fn published(url: &BaseUrl, fetch: &impl Fetch) -> Finding {
    let check = "published keys";
    let place = format!("{}{KEYS}", url.as_str());
    let answer = match fetch.get(&place, None).await {
        Ok(answer) => answer,
        Err(error) => return network::unanswered(check, url, &error),
    };
    let keys: Option<usize> = serde_json::from_slice::<Value>(&answer.body)
        .ok()
        .and_then(|body| Some(body.get("keys")?.as_array()?.len()));
    match (answer.status, keys) {
        (200, Some(count)) if count > 0 => {
            Finding::good(check, format!("{place} holds {count} of them"))
        }
        (200, Some(_)) => Finding::wrong(
            check,
            format!("{place} holds none: nobody with a session from before can be refreshed"),
            "restart the site, so that it reads server.oauth.keys",
        ),
        (status, _) => Finding::wrong(
            check,
            format!("{place} is answered with {status}, or with something else than keys"),
            PASS,
        ),
    }
}
