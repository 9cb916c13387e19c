//! The metadata of a protected resource (RFC 9728). Pure.

use gatefold_net::{InvalidUrl, Url};
use serde::Deserialize;

use super::MetadataError;

/// What a person's server says about who lets people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    /// The server itself, an origin.
    pub resource: String,
    /// The one authorization server, without path and query.
    pub authorization_server: Url,
}

#[derive(Deserialize)]
struct Raw {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
}

impl ProtectedResource {
    /// Reads what the server `at` said. `read` says which URLs there are, [`Url::parse`] for example.
    ///
    /// # Errors
    /// When it is no metadata, that of another server, or does not name exactly one authorization
    /// server by its origin.
    pub fn parse(
        json: &[u8],
        at: &Url,
        read: impl Fn(&str) -> Result<Url, InvalidUrl>,
    ) -> Result<Self, MetadataError> {
        let raw: Raw = serde_json::from_slice(json).map_err(|_| MetadataError::NotAtproto)?;
        if raw.resource != at.origin() {
            return Err(MetadataError::OtherResource);
        }
        let [issuer] = raw.authorization_servers.as_slice() else {
            return Err(MetadataError::NoIssuer);
        };
        let authorization_server = read(issuer)
            .ok()
            .filter(|url| url.origin() == *issuer)
            .ok_or(MetadataError::NoIssuer)?;
        Ok(Self {
            resource: raw.resource,
            authorization_server,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(document: &Value) -> Result<String, MetadataError> {
        let at =
            Url::parse("https://pds.example.com/.well-known/oauth-protected-resource").unwrap();
        let json = document.to_string();
        ProtectedResource::parse(json.as_bytes(), &at, Url::parse)
            .map(|resource| resource.authorization_server.origin())
    }

    #[test]
    fn a_server_names_one_issuer_for_itself() {
        let document = json!({
            "resource": "https://pds.example.com",
            "authorization_servers": ["https://bsky.social"],
            "scopes_supported": [],
            "bearer_methods_supported": ["header"],
        });
        assert_eq!(parse(&document).as_deref(), Ok("https://bsky.social"));
        for resource in [
            "https://pds.example.com/",
            "https://other.example.com",
            "http://pds.example.com",
            "https://pds.example.com:8443",
            "",
        ] {
            let document = json!({
                "resource": resource,
                "authorization_servers": ["https://bsky.social"],
            });
            assert_eq!(
                parse(&document),
                Err(MetadataError::OtherResource),
                "{resource}"
            );
        }
        for issuers in [
            json!([]),
            json!(["https://a.example.com", "https://b.example.com"]),
            json!(["https://a.example.com", "https://a.example.com"]),
            json!(["https://a.example.com/"]),
            json!(["https://a.example.com/issuer"]),
            json!(["https://A.example.com"]),
            json!(["https://a.example.com:443"]),
            json!(["http://a.example.com"]),
            json!(["http://localhost:2583"]),
            json!(["https://127.0.0.1"]),
            json!(["nobody"]),
        ] {
            let document = json!({
                "resource": "https://pds.example.com",
                "authorization_servers": issuers,
            });
            assert_eq!(parse(&document), Err(MetadataError::NoIssuer), "{issuers}");
        }
        let document = json!({"resource": "https://pds.example.com"});
        assert_eq!(parse(&document), Err(MetadataError::NoIssuer));
        for document in [
            json!(null),
            json!([]),
            json!({}),
            json!({"resource": 7}),
            json!({"resource": "https://pds.example.com", "authorization_servers": "a"}),
        ] {
            assert_eq!(
                parse(&document),
                Err(MetadataError::NotAtproto),
                "{document}"
            );
        }
    }
}
