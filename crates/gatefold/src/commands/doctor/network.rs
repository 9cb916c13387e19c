//! What the world sees: whether the edge is there, and whether clocks agree.

use std::time::Duration;

use gatefold_domain::Clock;
use gatefold_seal::EARLY_SECONDS;

use super::{
    fetch::{Answer, Fetch, FetchError},
    finding::Finding,
};
use crate::config::BaseUrl;

/// How far clocks may be apart before windows are lost at one end.
const TOLERABLE: Duration = Duration::from_secs(EARLY_SECONDS);

pub(super) async fn look(url: &BaseUrl, fetch: &impl Fetch, clock: &impl Clock) -> Vec<Finding> {
    let check = "url";
    if !url.is_https() && !url.is_loopback() {
        return vec![Finding::wrong(
            check,
            format!("{url} is not https: anybody on the way can read and change what is sent"),
            "put a proxy or CDN with TLS before the edge",
        )];
    }
    let health = format!("{}/health", url.as_str());
    match fetch.get(&health, None).await {
        Err(error) => vec![unanswered(check, url, &error)],
        Ok(answer) => {
            let mut findings = vec![reached(url, &answer)];
            findings.push(clocks(&answer, clock));
            findings
        }
    }
}

/// What to say when nobody answers.
pub(super) fn unanswered(check: &'static str, url: &BaseUrl, error: &FetchError) -> Finding {
    match error {
        FetchError::NoTls => Finding::not_checked(
            check,
            format!("{url} was not asked: {error}"),
            "ask the edge itself over http, or look with `curl -i`",
        ),
        error => Finding::wrong(
            check,
            format!("{url} does not answer: {error}"),
            "see that the edge runs, that the name leads here, and that the proxy passes \
                 requests on",
        ),
    }
}

fn reached(url: &BaseUrl, answer: &Answer) -> Finding {
    match (answer.status, answer.member("status").as_deref()) {
        (200, Some("ok")) => Finding::good("url", format!("an edge answers at {url}")),
        (503, Some("stopping")) => Finding::notice(
            "url",
            format!("the edge at {url} is about to stop"),
            "look again later",
        ),
        (status, _) => Finding::wrong(
            "url",
            format!("{url}/health is answered with {status}, not by an edge"),
            "let the proxy pass /health and /securev1/ to the edge, with the path as it is",
        ),
    }
}

fn clocks(answer: &Answer, clock: &impl Clock) -> Finding {
    let check = "clock";
    let Ok(theirs) = httpdate::parse_http_date(answer.header("date")) else {
        return Finding::not_checked(check, "the answer has no date", "compare clocks by hand");
    };
    let ours = clock.now();
    let apart = ours
        .duration_since(theirs)
        .or_else(|_| theirs.duration_since(ours));
    let apart = Duration::from_secs(apart.unwrap_or_default().as_secs());
    if apart > TOLERABLE {
        let says = format!(
            "the clocks here and there are {} apart",
            humantime::format_duration(apart)
        );
        return Finding::wrong(
            check,
            says,
            "let both machines keep time (NTP): windows end by the clock",
        );
    }
    Finding::good(check, "agrees with the world's")
}

#[cfg(test)]
mod tests;
