//! Whether a request that changes something comes from a page that may ask for it. A browser sends
//! cookies along whoever makes it send the request; `Origin` says who did.

use http::{HeaderMap, Method, StatusCode, header};

use super::pattern::OriginPattern;
use crate::{error::Problem, site::Site};

/// Whether a method changes nothing.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Refuses a request with a cookie of ours that changes something and was not sent by a page of
/// this site (under its name `host`) or of a configured origin. A request without cookies is let
/// through: whoever makes a browser send it gets no more than they could send themselves.
///
/// # Errors
/// When the origin is missing, `null`, repeated, another, or contradicted by `Sec-Fetch-Site`.
pub(crate) fn check(
    method: &Method,
    headers: &HeaderMap,
    has_cookie: bool,
    site: &Site,
    host: &str,
    origins: &[OriginPattern],
) -> Result<(), Problem> {
    if is_safe(method) || !has_cookie {
        return Ok(());
    }
    let origin = single_origin(headers);
    if from_this_site(headers, site, host) {
        return Ok(());
    }
    let is_configured =
        origin.is_some_and(|origin| origins.iter().any(|pattern| pattern.matches(origin)));
    // A page of another origin is never of the same one.
    if is_configured && fetch_site(headers).is_none_or(|site| site != "same-origin") {
        return Ok(());
    }
    Err(CROSS_SITE)
}

/// Whether a page of this site, under its name `host`, sent a request, and says so.
pub(crate) fn from_this_site(headers: &HeaderMap, site: &Site, host: &str) -> bool {
    single_origin(headers).is_some_and(|origin| site.is_own_origin(origin, host))
        && fetch_site(headers).is_none_or(|site| site == "same-origin")
}

/// The origin, where there is one and not several.
pub(crate) fn single_origin(headers: &HeaderMap) -> Option<&str> {
    single(headers, header::ORIGIN.as_str())
}

fn fetch_site(headers: &HeaderMap) -> Option<&str> {
    let is_there = headers.contains_key("sec-fetch-site");
    is_there.then(|| single(headers, "sec-fetch-site").unwrap_or("unreadable"))
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

pub(crate) const CROSS_SITE: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "cross_site",
    "this was not asked for by a page of this site; open the site itself and try again",
);

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn judge(site: &str, method: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let site = Site::new(site).unwrap();
        let host = site.origin().split_once("//").unwrap().1.to_owned();
        let origins = [
            "https://app.example".parse().unwrap(),
            "https://*.pages.example".parse().unwrap(),
        ];
        let method = method.parse().unwrap();
        let has_cookie = map.contains_key("cookie");
        check(&method, &map, has_cookie, &site, &host, &origins).is_ok()
    }

    const COOKIE: (&str, &str) = ("cookie", "__Host-session_id=1");

    #[test]
    fn a_write_with_a_cookie_has_an_origin_that_may() {
        let site = "https://music.example";
        for (headers, allowed) in [
            (vec![], false),
            (vec![("origin", "null")], false),
            (vec![("origin", "")], false),
            (vec![("origin", "https://music.example")], true),
            (vec![("origin", "http://music.example")], false),
            (vec![("origin", "https://music.example:444")], false),
            (vec![("origin", "https://evil.music.example")], false),
            (vec![("origin", "https://evil.example")], false),
            (vec![("origin", "https://app.example")], true),
            (vec![("origin", "https://a.pages.example")], true),
            (vec![("origin", "https://a.b.pages.example")], false),
            (
                vec![
                    ("origin", "https://music.example"),
                    ("origin", "https://music.example"),
                ],
                false,
            ),
            (
                vec![
                    ("origin", "https://music.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                true,
            ),
            (
                vec![
                    ("origin", "https://music.example"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
            (
                vec![
                    ("origin", "https://music.example"),
                    ("sec-fetch-site", "none"),
                ],
                false,
            ),
            (
                vec![
                    ("origin", "https://app.example"),
                    ("sec-fetch-site", "same-site"),
                ],
                true,
            ),
            (
                vec![
                    ("origin", "https://app.example"),
                    ("sec-fetch-site", "cross-site"),
                ],
                true,
            ),
            (
                vec![
                    ("origin", "https://app.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                false,
            ),
            (vec![("sec-fetch-site", "same-origin")], false),
            (vec![("referer", "https://music.example/")], false),
        ] {
            let headers: Vec<_> = headers.into_iter().chain([COOKIE]).collect();
            for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "INVENTED"] {
                assert_eq!(judge(site, method, &headers), allowed, "{headers:?}");
            }
            for method in ["GET", "HEAD", "OPTIONS"] {
                assert!(judge(site, method, &headers), "{method} {headers:?}");
            }
        }
    }

    #[test]
    fn who_shows_no_cookie_is_not_asked_where_they_come_from() {
        assert!(judge("https://music.example", "POST", &[]));
        assert!(judge(
            "https://music.example",
            "POST",
            &[("origin", "https://evil.example")]
        ));
    }
}
