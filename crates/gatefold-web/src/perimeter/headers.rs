//! What every answer tells browsers about itself.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::site::Site;

/// Nothing may be done with what is no page.
const DATA_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

/// What the pages are: no page is framed, and all that they load comes from where they do.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                           img-src 'self' data:; connect-src 'self'; media-src 'self'; \
                           manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                           form-action 'self'";

const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), \
             payment=(), usb=()",
        ),
    ),
];

/// What an answer is, for the policy that it gets. Handlers put it into the answer's extensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Policy {
    /// No page: nothing is loaded, framed or sent from it.
    #[default]
    Data,
    /// A page whose forms come back here.
    Page,
    /// A page with a form that ends at somebody's authorization server: browsers hold a policy for
    /// forms against the redirect that answers them, too.
    SendsAway,
}

impl Policy {
    fn header(self, site: &Site) -> HeaderValue {
        match self {
            Self::Data => HeaderValue::from_static(DATA_POLICY),
            Self::Page => HeaderValue::from_static(PAGE_POLICY),
            Self::SendsAway => {
                // In development, authorization servers are on loopback, too, and without TLS.
                let more = if site.is_loopback() {
                    " https: http://localhost:* http://127.0.0.1:*"
                } else {
                    " https:"
                };
                HeaderValue::try_from(format!("{PAGE_POLICY}{more}"))
                    .unwrap_or(HeaderValue::from_static(PAGE_POLICY))
            }
        }
    }
}

/// Puts them on an answer. What it says of itself already, about referrers, caches and who may load
/// it, stays.
pub(crate) fn secure(headers: &mut HeaderMap, policy: Policy, site: &Site) {
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.header(site));
    headers
        .entry(header::REFERRER_POLICY)
        // Audio elements show the site to an edge by nothing else.
        .or_insert(HeaderValue::from_static("strict-origin-when-cross-origin"));
    if site.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
        headers.append(
            header::VARY,
            HeaderValue::from_static("Cookie, Authorization"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secured(site: &str, policy: Policy, before: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in before {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        secure(&mut headers, policy, &Site::new(site).unwrap());
        headers
    }

    #[test]
    fn every_answer_says_what_it_is_not_for() {
        for (site, policy, name, value) in [
            (
                "https://a.example",
                Policy::Data,
                "x-content-type-options",
                Some("nosniff"),
            ),
            (
                "https://a.example",
                Policy::Data,
                "content-security-policy",
                Some(DATA_POLICY),
            ),
            (
                "https://a.example",
                Policy::Page,
                "content-security-policy",
                Some(PAGE_POLICY),
            ),
            (
                "https://a.example",
                Policy::Data,
                "cross-origin-opener-policy",
                Some("same-origin"),
            ),
            (
                "https://a.example",
                Policy::Data,
                "referrer-policy",
                Some("strict-origin-when-cross-origin"),
            ),
            (
                "https://a.example",
                Policy::Data,
                "strict-transport-security",
                Some("max-age=31536000"),
            ),
            (
                "http://127.0.0.1:1",
                Policy::Data,
                "strict-transport-security",
                None,
            ),
            (
                "https://a.example",
                Policy::Data,
                "cache-control",
                Some("private, no-store"),
            ),
            (
                "https://a.example",
                Policy::Data,
                "vary",
                Some("Cookie, Authorization"),
            ),
        ] {
            let headers = secured(site, policy, &[]);
            let found = headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(found, value, "{site} {policy:?} {name}");
        }
    }

    #[test]
    fn no_policy_allows_what_stands_in_a_page_itself_or_frames() {
        for policy in [Policy::Data, Policy::Page, Policy::SendsAway] {
            for site in ["https://a.example", "http://127.0.0.1:1"] {
                let headers = secured(site, policy, &[]);
                let text = headers["content-security-policy"].to_str().unwrap();
                assert!(!text.contains("unsafe"), "{text}");
                assert!(text.starts_with("default-src 'none';"), "{text}");
                assert!(text.contains("frame-ancestors 'none'"), "{text}");
            }
        }
    }

    #[test]
    fn forms_go_away_where_signing_in_needs_it() {
        for (site, policy, end) in [
            ("https://a.example", Policy::Page, "form-action 'self'"),
            (
                "https://a.example",
                Policy::SendsAway,
                "form-action 'self' https:",
            ),
            (
                "http://127.0.0.1:1",
                Policy::SendsAway,
                "form-action 'self' https: http://localhost:* http://127.0.0.1:*",
            ),
        ] {
            let headers = secured(site, policy, &[]);
            let text = headers["content-security-policy"].to_str().unwrap();
            assert!(text.ends_with(end), "{text}");
        }
    }

    #[test]
    fn what_an_answer_says_of_itself_stays() {
        let headers = secured(
            "https://a.example",
            Policy::Page,
            &[
                ("referrer-policy", "no-referrer"),
                ("cache-control", "public, max-age=5"),
                ("cross-origin-resource-policy", "cross-origin"),
            ],
        );
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cache-control"], "public, max-age=5");
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
        assert!(!headers.contains_key("vary"));
    }
}
