//! A request must mean this site. Otherwise somebody's own name, pointed at this address, would be
//! a site whose pages read ours; and links that are made from a request's `Host` would lead there.

use http::{HeaderMap, StatusCode, Uri, header};

use crate::{
    error::Problem,
    site::{Addressed, Site},
};

/// To which of the site's names a request speaks.
///
/// # Errors
/// When it names no host, several, or another.
pub(crate) fn check<'a>(
    headers: &'a HeaderMap,
    uri: &Uri,
    site: &Site,
) -> Result<(Addressed, &'a str), Problem> {
    let mut values = headers.get_all(header::HOST).iter();
    let (first, second) = (values.next(), values.next());
    let name = first
        .filter(|_| second.is_none())
        .and_then(|value| value.to_str().ok())
        .ok_or(BAD_HOST)?;
    // A request in absolute form names its host twice.
    let is_agreed = uri.authority().is_none_or(|named| named.as_str() == name);
    match site.addressed(name) {
        Addressed::Elsewhere => Err(WRONG_HOST),
        _ if !is_agreed => Err(WRONG_HOST),
        addressed => Ok((addressed, name)),
    }
}

const BAD_HOST: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "bad_host",
    "a request has to name one host",
);

const WRONG_HOST: Problem = Problem::new(
    StatusCode::MISDIRECTED_REQUEST,
    "wrong_host",
    "this server does not answer under that name",
);

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_names_this_site_once() {
        for (hosts, uri, outcome) in [
            (vec!["music.example"], "/", Ok(Addressed::Own)),
            (
                vec!["music.example"],
                "https://music.example/",
                Ok(Addressed::Own),
            ),
            (
                vec!["music.example"],
                "https://evil.example/",
                Err("wrong_host"),
            ),
            (vec!["evil.example"], "/", Err("wrong_host")),
            (vec![], "/", Err("bad_host")),
            (vec!["music.example", "music.example"], "/", Err("bad_host")),
            (vec!["\u{e9}"], "/", Err("bad_host")),
        ] {
            let mut headers = HeaderMap::new();
            for host in &hosts {
                headers.append(
                    header::HOST,
                    HeaderValue::from_bytes(host.as_bytes()).unwrap(),
                );
            }
            let site = Site::new("https://music.example").unwrap();
            let found = check(&headers, &uri.parse().unwrap(), &site);
            let found = found.map(|(addressed, _)| addressed);
            assert_eq!(
                found.map_err(|problem| problem.code()),
                outcome,
                "{hosts:?} {uri}"
            );
        }
    }
}
