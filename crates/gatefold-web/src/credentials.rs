//! What a request shows of who sends it.

use http::{HeaderMap, StatusCode, header};

use crate::{
    error::Problem,
    site::{CookieName, Site},
};

/// A cookie of ours was sent twice: somebody beside this site has set one, and nobody can tell
/// which is which.
pub(crate) const REPEATED: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "cookie_repeated",
    "this site's cookie was sent twice; delete this site's cookies and sign in again",
);

/// The value of a cookie.
///
/// # Errors
/// When it was sent more than once.
pub(crate) fn cookie<'a>(
    headers: &'a HeaderMap,
    site: &Site,
    name: CookieName,
) -> Result<Option<&'a str>, Problem> {
    let mut values = values(headers, site.cookie(name));
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(REPEATED),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// Whether a request has a cookie of ours, whatever it is worth.
pub(crate) fn has_cookie(headers: &HeaderMap, site: &Site) -> bool {
    [CookieName::Session, CookieName::SignIn]
        .into_iter()
        .any(|name| values(headers, site.cookie(name)).next().is_some())
}

fn values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// What stands behind `Authorization: Bearer`. Of several, none counts.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (values.next()?, values.next());
    let text = first.to_str().ok().filter(|_| second.is_none())?;
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_cookie_is_sent_once() {
        let site = Site::new("https://music.example").unwrap();
        for (lines, value) in [
            (vec![], Ok(None)),
            (vec!["__Host-session_id=abc"], Ok(Some("abc"))),
            (
                vec!["theme=dark; __Host-session_id=abc; x=y"],
                Ok(Some("abc")),
            ),
            (vec!["theme=dark", "__Host-session_id=abc"], Ok(Some("abc"))),
            (vec!["__Host-session_id="], Ok(None)),
            (vec!["session_id=abc"], Ok(None)),
            (vec!["__host-session_id=abc"], Ok(None)),
            (vec!["x__Host-session_id=abc"], Ok(None)),
            (vec!["__Host-session_id"], Ok(None)),
            (
                vec!["__Host-session_id=abc; __Host-session_id=abc"],
                Err("cookie_repeated"),
            ),
            (
                vec!["__Host-session_id=abc", "__Host-session_id=def"],
                Err("cookie_repeated"),
            ),
            (
                vec!["__Host-session_id=; __Host-session_id=abc"],
                Err("cookie_repeated"),
            ),
        ] {
            let headers = headers("cookie", &lines);
            let found = cookie(&headers, &site, CookieName::Session);
            assert_eq!(found.map_err(|problem| problem.code()), value, "{lines:?}");
        }
    }

    #[test]
    fn a_cookie_that_is_worth_nothing_is_there_all_the_same() {
        let site = Site::new("http://localhost:1").unwrap();
        for (line, is_there) in [
            ("session_id=", true),
            ("signin=1", true),
            ("a=b; session_id=1; session_id=2", true),
            ("__Host-session_id=1", false),
            ("theme=dark", false),
        ] {
            assert_eq!(has_cookie(&headers("cookie", &[line]), &site), is_there);
        }
    }

    #[test]
    fn a_bearer_token_is_one_and_named_so() {
        for (lines, token) in [
            (vec![], None),
            (vec!["Bearer abc"], Some("abc")),
            (vec!["bearer  abc "], Some("abc")),
            (vec!["Bearer"], None),
            (vec!["Bearer "], None),
            (vec!["Basic abc"], None),
            (vec!["Bearer abc", "Bearer abc"], None),
        ] {
            let headers = headers("authorization", &lines);
            assert_eq!(bearer(&headers), token, "{lines:?}");
        }
    }
}
