//! The cookies that this site sets.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::site::{CookieName, Site};

/// How long a browser keeps its session.
const SESSION: Duration = Duration::from_hours(14 * 24);
/// How long a sign-in may take.
const SIGN_IN: Duration = Duration::from_mins(10);

/// Has a browser keep a cookie. A value that is no cookie's is not set.
pub(crate) fn set(headers: &mut HeaderMap, site: &Site, name: CookieName, value: &str) {
    let life = match name {
        CookieName::Session => SESSION,
        CookieName::SignIn => SIGN_IN,
    };
    append(headers, site, name, value, life);
}

/// Has a browser forget a cookie.
pub(crate) fn clear(headers: &mut HeaderMap, site: &Site, name: CookieName) {
    append(headers, site, name, "", Duration::ZERO);
}

fn append(headers: &mut HeaderMap, site: &Site, name: CookieName, value: &str, life: Duration) {
    // Without TLS, a browser would not take a cookie that says `Secure`; there it is loopback.
    let secure = if site.is_https() { "; Secure" } else { "" };
    let text = format!(
        "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        site.cookie(name),
        life.as_secs()
    );
    if let Ok(mut value) = HeaderValue::try_from(text) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_what_the_contract_says() {
        let (https, loopback) = ("https://music.example", "http://127.0.0.1:8400");
        for (site, name, value, line) in [
            (
                https,
                CookieName::Session,
                Some("abc"),
                "__Host-session_id=abc; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure",
            ),
            (
                loopback,
                CookieName::Session,
                Some("abc"),
                "session_id=abc; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax",
            ),
            (
                https,
                CookieName::SignIn,
                Some("abc"),
                "__Host-signin=abc; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure",
            ),
            (
                https,
                CookieName::Session,
                None,
                "__Host-session_id=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
            ),
        ] {
            let site = Site::new(site).unwrap();
            let mut headers = HeaderMap::new();
            match value {
                Some(value) => set(&mut headers, &site, name, value),
                None => clear(&mut headers, &site, name),
            }
            assert_eq!(headers[header::SET_COOKIE], line);
        }
    }
}
