//! First half of a decision: may this request have what its URL names?
//!
//! The order is fixed. Method, path, then the seal's own stages (token, key, open, payload, scope,
//! window), then the client. Nothing that the object itself would answer (a 304, a 416, a length)
//! is told before all of them have passed.

use std::sync::Arc;

use gatefold_seal::{Opened, Opener, PATH_PREFIX, Refusal, UnixSeconds};
use http::{HeaderMap, Method, header};

use crate::identity::Identity;

/// What is known of a request before anything is looked up.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The path as it came, escapes and all.
    pub path: &'a str,
    /// The query, when there is a `?`.
    pub query: Option<&'a str>,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The DID of a live session that whoever runs the edge has found in the request.
    pub session: Option<&'a str>,
}

/// A request that passed every check. Only [`admit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admission<'a> {
    /// What the URL says.
    pub opened: Arc<Opened>,
    /// The origin to name in CORS headers: the one that the request stated and proved.
    pub cors_origin: Option<&'a str>,
}

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Neither `GET` nor `HEAD` nor a preflight.
    #[error("sealed URLs answer GET and HEAD only")]
    Method,
    /// A check of the sealed URL failed.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Checks a request at the moment `now`.
///
/// # Errors
/// The first check that fails.
pub fn admit<'a>(
    facts: &Facts<'a>,
    opener: &Opener,
    now: UnixSeconds,
) -> Result<Admission<'a>, Denial> {
    if ![Method::GET, Method::HEAD, Method::OPTIONS].contains(facts.method) {
        return Err(Denial::Method);
    }
    // A query would be a second spelling of the same URL, to the confusion of every cache.
    let (Some(token), None) = (facts.path.strip_prefix(PATH_PREFIX), facts.query) else {
        return Err(Refusal::MalformedToken.into());
    };
    let opened = opener.open(token, now)?;
    let client = opened.payload.client();
    let identity = Identity {
        did: facts.session,
        ..Identity::from_headers(facts.headers)?
    };
    identity.is(client)?;
    // A request whose `Origin` is absent or `null` has nobody to whom CORS headers could speak.
    let stated = facts.headers.get(header::ORIGIN);
    let cors_origin = identity
        .origin
        .filter(|origin| *origin == client && stated.is_some_and(|stated| stated == origin));
    Ok(Admission {
        opened,
        cors_origin,
    })
}

#[cfg(test)]
mod tests {
    use gatefold_seal::{EdgePrivateKey, Keyring, Minter, MinterKey, Scope, Source};
    use http::HeaderValue;

    use super::*;

    const SITE: &str = "https://music.example";
    const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

    struct Bench {
        opener: Opener,
        minter: Minter,
    }

    impl Bench {
        fn new() -> Self {
            let edge = EdgePrivateKey::from_bytes([1; 32].into());
            let key = MinterKey::from_bytes(&[2; 32].into());
            let minter = Minter::new(*edge.public(), key.clone(), 1800).unwrap();
            let mut keyring = Keyring::new();
            keyring.add_edge(edge).unwrap();
            let scope = Scope {
                folders: vec!["demo".into()],
                private: true,
                clients: vec!["*".parse().unwrap()],
                ..Scope::default()
            };
            keyring.add_minter(key, scope).unwrap();
            Self {
                opener: Opener::new(keyring),
                minter,
            }
        }

        fn path(&self, source: &str, folder: Option<&str>, client: &str) -> String {
            let source = Source::parse(source, folder).unwrap();
            self.minter.mint(source, client, NOW).unwrap().path()
        }

        fn verdict(
            &self,
            method: &Method,
            uri: &str,
            origin: Option<&'static str>,
            session: Option<&str>,
        ) -> Result<Option<String>, Denial> {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert("origin", HeaderValue::from_static(origin));
            }
            let (path, query) = uri
                .split_once('?')
                .map_or((uri, None), |(p, q)| (p, Some(q)));
            let facts = Facts {
                method,
                path,
                query,
                headers: &headers,
                session,
            };
            admit(&facts, &self.opener, NOW)
                .map(|admission| admission.cors_origin.map(str::to_owned))
        }
    }

    #[test]
    fn the_rightful_client_is_admitted() {
        let bench = Bench::new();
        let path = bench.path("files:a.wav", Some("demo"), SITE);
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let verdict = bench.verdict(&method, &path, Some(SITE), None);
            assert_eq!(verdict, Ok(Some(SITE.to_owned())));
        }
    }

    #[test]
    fn everybody_else_is_refused() {
        let bench = Bench::new();
        let path = bench.path("files:a.wav", Some("demo"), SITE);
        let other = Some("https://other.example");
        let table = [
            (Method::POST, path.clone(), Some(SITE), Denial::Method),
            (
                Method::GET,
                path.clone(),
                other,
                Refusal::WrongClient.into(),
            ),
            (Method::HEAD, path.clone(), None, Refusal::NoClient.into()),
            (
                Method::GET,
                format!("{path}?again"),
                Some(SITE),
                Refusal::MalformedToken.into(),
            ),
            (
                Method::GET,
                path.replace("securev1", "securev2"),
                Some(SITE),
                Refusal::MalformedToken.into(),
            ),
        ];
        for (method, uri, origin, denial) in table {
            let verdict = bench.verdict(&method, &uri, origin, None);
            assert_eq!(verdict, Err(denial), "{method} {uri}");
        }
    }

    #[test]
    fn private_objects_are_for_people() {
        let bench = Bench::new();
        let to_site = bench.path("private:a", None, SITE);
        let to_fan = bench.path("private:a", None, "did:plc:fan");
        assert_eq!(
            bench.verdict(&Method::GET, &to_site, Some(SITE), Some("did:plc:fan")),
            Err(Refusal::ClientOutOfScope.into())
        );
        assert_eq!(
            bench.verdict(&Method::GET, &to_fan, Some(SITE), Some("did:plc:fan")),
            Ok(None)
        );
        assert_eq!(
            bench.verdict(&Method::GET, &to_fan, Some(SITE), None),
            Err(Refusal::NoClient.into())
        );
    }
}
