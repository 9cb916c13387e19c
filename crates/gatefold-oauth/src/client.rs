//! Who we are to authorization servers: the client id and the document behind it (atproto OAuth,
//! "Clients").

use http::Uri;
use serde_json::{Value, json};

use crate::{ClientKeys, Scopes, form, jose::ALGORITHM, scopes::ATPROTO};

/// Where the metadata of the client is, below its public URL.
pub const METADATA_PATH: &str = "/oauth-client-metadata.json";
/// Where the client's public keys are, below its public URL.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// What the client is to be.
#[derive(Clone)]
pub struct ClientConfig {
    /// Where the application is reached, without a path: `https://music.example`, or an `http` URL
    /// of this machine, for development.
    pub public_url: String,
    /// Where people come back to: below the public URL; on this machine with `127.0.0.1` or `[::1]`
    /// for a host, because servers take no other.
    pub redirect: String,
    /// What people are shown of it.
    pub name: String,
    /// The most that it ever asks for.
    pub scopes: Scopes,
    /// Its keys; without any it is a public client, whose grants end after two weeks.
    pub keys: ClientKeys,
}

/// Why there can be no such client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientConfigError {
    /// The public URL is of no use.
    #[error(
        "the public URL must be https with a name that is known to all and no path, or http on \
         localhost for development"
    )]
    PublicUrl,
    /// The address to come back to is of no use.
    #[error("the redirect must be below the public URL; on this machine its host is 127.0.0.1")]
    Redirect,
    /// Servers on this network could not fetch the keys.
    #[error("a client on localhost is public: client keys need an https public URL")]
    KeysOnLoopback,
    /// Without it nothing is an atproto session.
    #[error("the scopes must contain {ATPROTO:?}")]
    Scopes,
    /// A running client does not change its kind.
    #[error("a confidential client cannot become public while it runs, nor the other way round")]
    Kind,
}

/// The client, without its keys.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) public_url: String,
    pub(crate) redirect: String,
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    loopback: bool,
}

impl Client {
    /// Checks what it is to be.
    ///
    /// # Errors
    /// When servers would refuse it.
    pub(crate) fn new(config: ClientConfig) -> Result<(Self, ClientKeys), ClientConfigError> {
        let public_url = config.public_url.trim_end_matches('/').to_owned();
        if !config.scopes.contains(ATPROTO) {
            return Err(ClientConfigError::Scopes);
        }
        let (scheme, host) = origin(&public_url).ok_or(ClientConfigError::PublicUrl)?;
        let is_loopback = |host: &str| matches!(host, "127.0.0.1" | "[::1]");
        let loopback = scheme == "http" && (host == "localhost" || is_loopback(&host));
        if !loopback && (scheme != "https" || !is_public_name(&host)) {
            return Err(ClientConfigError::PublicUrl);
        }
        let redirect: Uri = config
            .redirect
            .parse()
            .map_err(|_| ClientConfigError::Redirect)?;
        let below = if loopback {
            redirect.scheme_str() == Some("http")
                && redirect.host().is_some_and(is_loopback)
                && redirect.query().is_none()
        } else {
            let path = config.redirect.strip_prefix(&public_url);
            path.is_some_and(|path| path.starts_with('/'))
        };
        if !below || config.redirect.contains('#') {
            return Err(ClientConfigError::Redirect);
        }
        if loopback && !config.keys.is_empty() {
            return Err(ClientConfigError::KeysOnLoopback);
        }
        let id = if loopback {
            // The client id of development: nobody could fetch a document of this machine.
            let scopes = config.scopes.to_string();
            let query = [("redirect_uri", &*config.redirect), ("scope", &*scopes)];
            format!("http://localhost?{}", *form::encode(query))
        } else {
            format!("{public_url}{METADATA_PATH}")
        };
        let client = Self {
            id,
            public_url,
            redirect: config.redirect,
            name: config.name,
            scopes: config.scopes,
            loopback,
        };
        Ok((client, config.keys))
    }

    /// The document behind the client id. Its members are those of RFC 7591 and RFC 9449 that the
    /// atproto profile asks for.
    pub(crate) fn metadata(&self, keys: &ClientKeys) -> Value {
        let mut document = json!({
            "client_id": self.id,
            "client_name": self.name,
            "client_uri": self.public_url,
            "application_type": if self.loopback { "native" } else { "web" },
            "redirect_uris": [self.redirect],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": self.scopes.to_string(),
            "dpop_bound_access_tokens": true,
            "token_endpoint_auth_method": "none",
        });
        if !keys.is_empty()
            && let Some(members) = document.as_object_mut()
        {
            let ours = [
                ("token_endpoint_auth_method", "private_key_jwt".to_owned()),
                ("token_endpoint_auth_signing_alg", ALGORITHM.to_owned()),
                ("jwks_uri", format!("{}{JWKS_PATH}", self.public_url)),
            ];
            members.extend(ours.map(|(name, value)| (name.to_owned(), value.into())));
        }
        document
    }
}

/// Scheme and host of a URL that has nothing else but a port.
fn origin(url: &str) -> Option<(String, String)> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?;
    let plain = matches!(uri.path(), "" | "/")
        && uri.query().is_none()
        && !url.contains(['#', '?', '@'])
        && url.bytes().all(|byte| !byte.is_ascii_uppercase());
    plain.then_some((uri.scheme_str()?.to_owned(), authority.host().to_owned()))
}

/// A name with a dot whose last label is no number: what a server elsewhere may look up.
fn is_public_name(host: &str) -> bool {
    host.rsplit_once('.')
        .is_some_and(|(_, last)| last.starts_with(|first: char| first.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use gatefold_domain::Timestamp;

    use super::*;
    use crate::testing::Counting;

    fn config(public_url: &str, redirect: &str) -> ClientConfig {
        ClientConfig {
            public_url: public_url.to_owned(),
            redirect: redirect.to_owned(),
            name: "Music".to_owned(),
            scopes: "atproto blob:audio/*".parse().unwrap(),
            keys: ClientKeys::default(),
        }
    }

    fn with_key(mut config: ClientConfig) -> ClientConfig {
        config.keys = ClientKeys::generate(&mut Counting::default(), Timestamp::from_millis(0));
        config
    }

    #[test]
    fn a_client_is_on_https_or_on_this_machine() {
        use ClientConfigError::{PublicUrl, Redirect};
        for (public_url, redirect, problem) in [
            ("https://a.example", "https://a.example/cb", None),
            ("https://a.example/", "https://a.example/cb", None),
            ("https://a.example:8443", "https://a.example:8443/cb", None),
            ("http://localhost:8400", "http://127.0.0.1:8400/cb", None),
            ("http://127.0.0.1:8400", "http://127.0.0.1:8400/cb", None),
            ("http://[::1]:8400", "http://[::1]:8400/cb", None),
            ("http://a.example", "http://a.example/cb", Some(PublicUrl)),
            (
                "https://a.example/x",
                "https://a.example/x/cb",
                Some(PublicUrl),
            ),
            (
                "https://a.example?x",
                "https://a.example/cb",
                Some(PublicUrl),
            ),
            (
                "https://u@a.example",
                "https://u@a.example/cb",
                Some(PublicUrl),
            ),
            ("https://A.example", "https://A.example/cb", Some(PublicUrl)),
            ("https://localhost", "https://localhost/cb", Some(PublicUrl)),
            ("https://10.0.0.1", "https://10.0.0.1/cb", Some(PublicUrl)),
            ("a.example", "https://a.example/cb", Some(PublicUrl)),
            ("", "", Some(PublicUrl)),
            (
                "https://a.example",
                "https://a.example.evil/cb",
                Some(Redirect),
            ),
            ("https://a.example", "https://a.example", Some(Redirect)),
            (
                "https://a.example",
                "https://a.example/cb#x",
                Some(Redirect),
            ),
            (
                "http://localhost:8400",
                "http://localhost:8400/cb",
                Some(Redirect),
            ),
            (
                "http://localhost:8400",
                "https://127.0.0.1/cb",
                Some(Redirect),
            ),
        ] {
            let made = Client::new(config(public_url, redirect));
            assert_eq!(made.err(), problem, "{public_url} {redirect}");
        }
        let mut without = config("https://a.example", "https://a.example/cb");
        without.scopes = "blob:audio/*".parse().unwrap();
        assert_eq!(Client::new(without).err(), Some(ClientConfigError::Scopes));
        let keys = with_key(config("http://localhost:1", "http://127.0.0.1:1/cb"));
        let keys = Client::new(keys).err();
        assert_eq!(keys, Some(ClientConfigError::KeysOnLoopback));
    }

    #[test]
    fn the_id_of_development_carries_what_a_document_would_say() {
        let config = config(
            "http://localhost:8400",
            "http://127.0.0.1:8400/auth/callback",
        );
        let (client, _) = Client::new(config).unwrap();
        assert_eq!(
            client.id,
            "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%3A8400%2Fauth%2Fcallback\
             &scope=atproto%20blob%3Aaudio%2F%2A"
        );
    }

    #[test]
    fn the_document_says_how_the_client_proves_itself() {
        let public = config("https://a.example", "https://a.example/auth/callback");
        let (client, keys) = Client::new(public.clone()).unwrap();
        let document = json!({
            "client_id": "https://a.example/oauth-client-metadata.json",
            "client_name": "Music",
            "client_uri": "https://a.example",
            "application_type": "web",
            "redirect_uris": ["https://a.example/auth/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "atproto blob:audio/*",
            "dpop_bound_access_tokens": true,
            "token_endpoint_auth_method": "none",
        });
        assert_eq!(client.metadata(&keys), document);
        let (client, keys) = Client::new(with_key(public)).unwrap();
        let mut confidential = document;
        confidential["token_endpoint_auth_method"] = "private_key_jwt".into();
        confidential["token_endpoint_auth_signing_alg"] = "ES256".into();
        confidential["jwks_uri"] = "https://a.example/.well-known/jwks.json".into();
        assert_eq!(client.metadata(&keys), confidential);
    }
}
