//! Whether something between the edge and the world keeps what is for one client only.

use gatefold_seal::PATH_PREFIX;

use super::{
    fetch::{Answer, Fetch},
    finding::Finding,
    keeping, network,
};
use crate::config::BaseUrl;

const CHECK: &str = "between";
const EXCLUDE: &str = "let the proxy or CDN pass /securev1/ by its cache (Cloudflare: a cache rule \
                       \"bypass\"; nginx: no proxy_cache there), and empty that cache now";
const REWRITES: &str = "let the proxy or CDN leave Cache-Control as the edge sends it";
const PASS: &str = "let the proxy pass /securev1/ to the edge, with the path as it is";

/// A sealed URL, and the origin that it is for.
pub(super) struct Probe {
    pub(super) url: String,
    pub(super) client: String,
}

/// Looks: with a refusal alone, or with a sealed URL too.
pub(super) async fn look(url: &BaseUrl, probe: Option<&Probe>, fetch: &impl Fetch) -> Vec<Finding> {
    let refused = refusals(url, fetch).await;
    let is_good = refused.remedy.is_none();
    let mut findings = vec![refused];
    match probe {
        // What does not even refuse properly is told once.
        Some(probe) if is_good => findings.push(granted(url, probe, fetch).await),
        Some(_) => {}
        None => findings.push(Finding::not_checked(
            CHECK,
            "whether what was granted to one is kept for others",
            "give a URL to try: --minter FILE --source SOURCE --client ORIGIN",
        )),
    }
    findings
}

/// Asks twice for what no edge opens.
async fn refusals(url: &BaseUrl, fetch: &impl Fetch) -> Finding {
    let asked = format!("{}{PATH_PREFIX}ECgatefold-doctor", url.as_str());
    for _ in 0..2 {
        let answer = match fetch.get(&asked, None).await {
            Ok(answer) => answer,
            Err(error) => return network::unanswered(CHECK, url, &error),
        };
        if answer.status != 403 || answer.member("stage").is_none() {
            let says = format!(
                "a sealed URL that is none is answered with {}, not refused by an edge",
                answer.status
            );
            return Finding::wrong(CHECK, says, PASS);
        }
        if let Some(wrong) = kept(&answer, true) {
            return wrong;
        }
    }
    Finding::good(
        CHECK,
        "refusals come from the edge itself, and nobody keeps them",
    )
}

/// Asks as the client, twice, and then as others: who is answered from a cache was not asked who
/// they are.
async fn granted(url: &BaseUrl, probe: &Probe, fetch: &impl Fetch) -> Finding {
    for _ in 0..2 {
        let answer = match fetch.get(&probe.url, Some(&probe.client)).await {
            Ok(answer) => answer,
            Err(error) => return network::unanswered(CHECK, url, &error),
        };
        if answer.status != 200 {
            return not_granted(&answer);
        }
        if let Some(wrong) = kept(&answer, false) {
            return wrong;
        }
    }
    for (who, origin) in [
        ("nobody in particular", None),
        ("another site", Some("https://gatefold-doctor.invalid")),
    ] {
        match fetch.get(&probe.url, origin).await {
            Err(error) => return network::unanswered(CHECK, url, &error),
            Ok(answer) if answer.status == 403 => {}
            Ok(answer) => {
                let says = format!(
                    "what was sealed for one client is answered with {} to {who}",
                    answer.status
                );
                return Finding::wrong(CHECK, says, EXCLUDE);
            }
        }
    }
    Finding::good(
        CHECK,
        "what is granted to one client is refused to others right after",
    )
}

fn not_granted(answer: &Answer) -> Finding {
    let code = answer.member("code").unwrap_or_default();
    let remedy = match code.as_str() {
        "no_client" => "let the proxy or CDN leave the headers Origin and Referer as they are",
        "unknown_edge_key" | "retired_edge_key" => {
            "the minter's file is for another key: `gatefold keys export` writes it anew"
        }
        "unknown_minter" | "retired_minter" => {
            "this edge does not know the minter: see `gatefold keys list`, and reload the edge"
        }
        _ => {
            "try `gatefold unseal` on a URL of `gatefold seal`, and see whether the object is there"
        }
    };
    let says = format!(
        "a URL that was just sealed is answered with {} {code}",
        answer.status
    );
    Finding::wrong(CHECK, says.trim_end(), remedy)
}

/// What is wrong with an answer that a cache may have touched.
fn kept(answer: &Answer, is_refusal: bool) -> Option<Finding> {
    if let Some(header) = keeping::told_by(answer) {
        let says = format!("a cache answers for the edge under /securev1/ ({header})");
        return Some(Finding::wrong(CHECK, says, EXCLUDE));
    }
    if !keeping::is_private(answer, is_refusal) {
        let control = answer.header("cache-control");
        let says = format!("answers under /securev1/ arrive with `Cache-Control: {control}`");
        return Some(Finding::wrong(CHECK, says, REWRITES));
    }
    None
}

#[cfg(test)]
mod tests;
