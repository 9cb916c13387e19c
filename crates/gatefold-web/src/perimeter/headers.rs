//! What every answer tells browsers about itself.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{media_origin::MediaOrigin, site::Site};

/// Nothing may be done with what is no page.
const DATA_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

/// What media are: never a page, a script or a style of the site, whatever their bytes are.
const MEDIA_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// What the service worker is: it loads its parts, and asks for media as pages do.
const WORKER_POLICY: &str = "default-src 'none'; script-src 'self'; base-uri 'none'; \
                             form-action 'none'; frame-ancestors 'none'; connect-src 'self'";

/// What the pages are: no page is framed, and all that they load comes from where they do; media may
/// also come from where public ones are.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                           img-src 'self' data:; worker-src 'self'; manifest-src 'self'; \
                           base-uri 'none'; frame-ancestors 'none'";

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
    /// The service worker.
    Worker,
    /// The bytes of something to hear.
    Media,
}

/// The policies of a site, as they are sent.
pub(crate) struct Policies {
    page: HeaderValue,
    sends_away: HeaderValue,
    worker: HeaderValue,
}

impl Policies {
    /// Of a site whose media are its own and those of `media`, which are other origins.
    pub(crate) fn new(site: &Site, media: &[MediaOrigin]) -> Self {
        let media = media.iter().map(|origin| format!(" {}", origin.as_str()));
        let media: String = media.collect();
        // In development, authorization servers are on loopback, too, and without TLS.
        let away = if site.is_loopback() {
            " https: http://localhost:* http://127.0.0.1:*"
        } else {
            " https:"
        };
        let page = format!(
            "{PAGE_POLICY}; connect-src 'self'{media}; media-src 'self'{media}; form-action 'self'"
        );
        let value = |text: String| {
            HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(DATA_POLICY))
        };
        Self {
            sends_away: value(format!("{page}{away}")),
            page: value(page),
            worker: value(format!("{WORKER_POLICY}{media}")),
        }
    }

    fn of(&self, policy: Policy) -> HeaderValue {
        match policy {
            Policy::Data => HeaderValue::from_static(DATA_POLICY),
            Policy::Page => self.page.clone(),
            Policy::SendsAway => self.sends_away.clone(),
            Policy::Worker => self.worker.clone(),
            Policy::Media => HeaderValue::from_static(MEDIA_POLICY),
        }
    }
}

/// Puts them on an answer. What it says of itself already, about referrers, caches and who may load
/// it, stays.
pub(crate) fn secure(headers: &mut HeaderMap, policy: Policy, policies: &Policies, site: &Site) {
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policies.of(policy));
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
        let site = Site::new(site).unwrap();
        secure(&mut headers, policy, &Policies::new(&site, &[]), &site);
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
                Some(
                    "default-src 'none'; script-src 'self'; style-src 'self'; \
                     img-src 'self' data:; worker-src 'self'; manifest-src 'self'; \
                     base-uri 'none'; frame-ancestors 'none'; connect-src 'self'; \
                     media-src 'self'; form-action 'self'",
                ),
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
        for policy in [
            Policy::Data,
            Policy::Page,
            Policy::SendsAway,
            Policy::Worker,
        ] {
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
    fn media_come_from_the_site_and_from_where_public_ones_are() {
        let site = Site::new("https://a.example").unwrap();
        let cdn = MediaOrigin::of("https://cdn.example/music").unwrap();
        let policies = Policies::new(&site, &[cdn]);
        for (policy, directive, is_there) in [
            (Policy::Page, "media-src 'self' https://cdn.example;", true),
            (
                Policy::Page,
                "connect-src 'self' https://cdn.example;",
                true,
            ),
            (
                Policy::SendsAway,
                "media-src 'self' https://cdn.example;",
                true,
            ),
            (
                Policy::Worker,
                "connect-src 'self' https://cdn.example",
                true,
            ),
            (Policy::Page, "script-src 'self' https://cdn.example", false),
            (Policy::Data, "cdn.example", false),
        ] {
            let text = policies.of(policy);
            let text = text.to_str().unwrap();
            assert_eq!(text.contains(directive), is_there, "{policy:?}: {text}");
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
