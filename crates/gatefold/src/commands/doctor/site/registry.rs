//! Whether the registry of supporters tells who supports whom.

use gatefold_app::supporters::{question, read_answer};
use gatefold_domain::Did;
use gatefold_ops::config::Parsed;

use super::super::{
    fetch::{Answer, Fetch},
    finding::Finding,
};
use crate::config::{BaseUrl, Server};

const CHECK: &str = "supporters";
/// Whom it is asked about: names that cannot belong to anybody (RFC 2606), so that it learns of nobody
/// who wants to hear what.
const NOBODY: [&str; 2] = ["did:web:listener.invalid", "did:web:artist.invalid"];
/// What to do about a registry that does not tell.
const REMEDY: &str = "set server.supporters.registry to a registry of supporters; until it answers, only \
                      supporters of the last ten minutes hear what is for them";

/// Asks it.
pub(super) async fn look(site: &Server, fetch: &impl Fetch) -> Finding {
    let Some(Parsed(url)) = &site.supporters.registry else {
        return Finding::notice(
            CHECK,
            "there is no registry: nobody but the artist hears what is for supporters",
            "set server.supporters.registry once there are to be supporters",
        );
    };
    if !url.is_https() && !site.development {
        return Finding::wrong(
            CHECK,
            format!("{url} is asked over plain http only for development: the site does not start"),
            "use https, or set server.development",
        );
    }
    let [Ok(listener), Ok(artist)] = NOBODY.map(str::parse::<Did>) else {
        return Finding::not_checked(CHECK, "there is no question to ask", REMEDY);
    };
    let asked = format!("{}{}", url.as_str(), question(&listener, &artist));
    match fetch.get(&asked, None).await {
        Ok(answer) => judge(url, &answer),
        Err(error) => Finding::wrong(CHECK, format!("{url} does not answer: {error}"), REMEDY),
    }
}

fn judge(url: &BaseUrl, answer: &Answer) -> Finding {
    let status = answer.status;
    match (status, read_answer(&answer.body)) {
        (200, Some(false)) => Finding::good(CHECK, format!("the registry {url} answers")),
        (200, Some(true)) => Finding::wrong(
            CHECK,
            format!("{url} says of somebody who does not exist that they are a supporter"),
            "set server.supporters.registry to a registry that can be believed",
        ),
        (200, None) => Finding::wrong(
            CHECK,
            format!("{url} answers with neither yes nor no"),
            REMEDY,
        ),
        // It may look for the two before it looks for what is between them.
        (400, _) if answer.member("error").is_some() => Finding::good(
            CHECK,
            format!(
                "the registry {url} answers that it knows nobody of the names it was asked about"
            ),
        ),
        _ => Finding::wrong(CHECK, format!("{url} answers with {status}"), REMEDY),
    }
}
