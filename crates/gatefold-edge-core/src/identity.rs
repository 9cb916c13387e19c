//! Who is asking: what a request proves about its client.
//!
//! Two kinds of identity exist. An *origin* keeps media from other web sites: browsers state it
//! truthfully, tools need not. A *DID* is a person, and is proven by whoever runs the edge, not by
//! this module.

use gatefold_seal::{Refusal, is_did};
use http::{HeaderMap, HeaderName, header};

/// What a request proves about who sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The origin that the request came from, in its serialised form (RFC 6454, 6.2).
    pub origin: Option<&'a str>,
    /// The DID that a [`Proof`](crate::Proof) gives.
    pub did: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Reads the request's origin. One `Origin` that is not `null` decides alone; without one, or
    /// with `null`, the origin of `Referer` does.
    ///
    /// # Errors
    /// [`Refusal::NoClient`] when either header is repeated or is not readable text: a request
    /// that contradicts itself proves nothing.
    pub fn from_headers(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let stated = single(headers, &header::ORIGIN)?.filter(|origin| *origin != "null");
        let referer = single(headers, &header::REFERER)?;
        Ok(Self {
            origin: stated.or_else(|| referer.and_then(origin_of)),
            did: None,
        })
    }

    /// Whether this is the client that a URL is bound to.
    ///
    /// # Errors
    /// [`Refusal::NoClient`] when nothing of the demanded kind is proven,
    /// [`Refusal::WrongClient`] when another client is.
    pub fn is(&self, client: &str) -> Result<(), Refusal> {
        let proven = if is_did(client) {
            self.did
        } else {
            self.origin
        };
        match proven {
            None => Err(Refusal::NoClient),
            Some(proven) if proven == client => Ok(()),
            Some(_) => Err(Refusal::WrongClient),
        }
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::NoClient);
    }
    first
        .map(|value| value.to_str().ok().filter(|text| !text.contains('\t')))
        .map(|text| text.ok_or(Refusal::NoClient))
        .transpose()
}

/// The origin of an http(s) URL as browsers write it: lower-case, without a default port.
fn origin_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let authority_len = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..authority_len)?;
    let plain = !authority.is_empty()
        && !authority.ends_with(default_port)
        && !authority.ends_with(':')
        && !authority
            .bytes()
            .any(|b| b == b'@' || b.is_ascii_uppercase() || !b.is_ascii_graphic());
    let origin_len = scheme.len().checked_add(3)?.checked_add(authority_len)?;
    plain.then(|| url.get(..origin_len)).flatten()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    const SITE: &str = "https://music.example";

    fn headers(pairs: Pairs) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            })
    }

    #[test]
    fn every_way_of_stating_an_origin() {
        const REFERER: &str = "https://music.example/album?x=1";
        let table: &[(Pairs, Result<(), Refusal>)] = &[
            (&[("origin", SITE)], Ok(())),
            (&[("referer", REFERER)], Ok(())),
            (&[("origin", "null"), ("referer", REFERER)], Ok(())),
            (
                &[("origin", SITE), ("referer", "https://x.example/")],
                Ok(()),
            ),
            (&[], Err(Refusal::NoClient)),
            (&[("origin", "null")], Err(Refusal::NoClient)),
            (
                &[("origin", "https://x.example")],
                Err(Refusal::WrongClient),
            ),
            (
                &[("origin", "https://x.example"), ("referer", REFERER)],
                Err(Refusal::WrongClient),
            ),
            (
                &[("origin", SITE), ("origin", SITE)],
                Err(Refusal::NoClient),
            ),
            (
                &[("origin", SITE), ("referer", REFERER), ("referer", REFERER)],
                Err(Refusal::NoClient),
            ),
            (
                &[("origin", "https://music.example, https://x.example")],
                Err(Refusal::WrongClient),
            ),
        ];
        for (pairs, verdict) in table {
            let headers = headers(pairs);
            let outcome = Identity::from_headers(&headers).and_then(|who| who.is(SITE));
            assert_eq!(outcome, *verdict, "{pairs:?}");
        }
    }

    #[test]
    fn the_origin_of_a_referer() {
        let table = [
            ("https://music.example", Some(SITE)),
            ("https://music.example/", Some(SITE)),
            ("https://music.example?q", Some(SITE)),
            ("https://music.example#f", Some(SITE)),
            ("http://127.0.0.1:8400/a", Some("http://127.0.0.1:8400")),
            ("http://[::1]:8400/a", Some("http://[::1]:8400")),
            ("https://music.example:443/", None),
            ("https://Music.example/", None),
            ("https://music.example@evil.example/", None),
            ("https://music.example\\@evil.example/", Some(SITE)),
            ("https://", None),
            ("https:///a", None),
            ("about:blank", None),
            ("file:///etc/passwd", None),
            ("", None),
        ];
        for (url, origin) in table {
            assert_eq!(origin_of(url), origin, "{url}");
        }
    }

    #[test]
    fn a_did_is_proven_by_a_session_and_by_nothing_else() {
        let did = "did:plc:abc";
        let nobody = Identity::default();
        let site = Identity {
            origin: Some(did),
            ..nobody
        };
        let person = Identity {
            did: Some(did),
            ..nobody
        };
        let other = Identity {
            did: Some("did:plc:xyz"),
            ..nobody
        };
        assert_eq!(nobody.is(did), Err(Refusal::NoClient));
        assert_eq!(site.is(did), Err(Refusal::NoClient));
        assert_eq!(other.is(did), Err(Refusal::WrongClient));
        assert_eq!(person.is(did), Ok(()));
    }
}
