//! The metadata of an authorization server (RFC 8414), as the atproto profile of OAuth has it. Pure.

use gatefold_net::{InvalidUrl, Url};
use serde::Deserialize;

use super::MetadataError;

/// An authorization server that does all that atproto asks for. Its URLs are those of the document,
/// read and spelled again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationServer {
    /// Its name: the origin that its metadata was got from.
    pub issuer: String,
    /// Where people go.
    pub authorization_endpoint: String,
    /// Where codes and refresh tokens become tokens.
    pub token_endpoint: String,
    /// Where requests are pushed (RFC 9126).
    pub pushed_authorization_request_endpoint: String,
    /// Where tokens are given back (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// The servers that it lets people in at, when it says so (RFC 9728).
    pub protected_resources: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Raw {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    protected_resources: Option<Vec<String>>,
    #[serde(default)]
    response_types_supported: Vec<String>,
    #[serde(default)]
    grant_types_supported: Vec<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(default)]
    dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    require_request_uri_registration: Option<bool>,
    #[serde(default)]
    client_id_metadata_document_supported: bool,
}

impl AuthorizationServer {
    /// Reads what the server `at` said and checks all that the profile demands. `read` says which
    /// URLs there are, [`Url::parse`] for example.
    ///
    /// # Errors
    /// When it is no metadata, that of another server, or lacks something.
    pub fn parse(
        json: &[u8],
        at: &Url,
        read: impl Fn(&str) -> Result<Url, InvalidUrl>,
    ) -> Result<Self, MetadataError> {
        let raw: Raw = serde_json::from_slice(json).map_err(|_| MetadataError::NotAtproto)?;
        if raw.issuer != at.origin() {
            return Err(MetadataError::OtherIssuer);
        }
        raw.check()?;
        let url = |text: Option<String>, field| {
            let url = text.and_then(|text| read(&text).ok());
            url.map(|url| url.expose())
                .ok_or(MetadataError::Lacks(field))
        };
        let revocation_endpoint = match raw.revocation_endpoint {
            None => None,
            given => Some(url(given, "revocation_endpoint")?),
        };
        Ok(Self {
            authorization_endpoint: url(raw.authorization_endpoint, "authorization_endpoint")?,
            token_endpoint: url(raw.token_endpoint, "token_endpoint")?,
            pushed_authorization_request_endpoint: url(
                raw.pushed_authorization_request_endpoint,
                "pushed_authorization_request_endpoint",
            )?,
            revocation_endpoint,
            issuer: raw.issuer,
            protected_resources: raw.protected_resources,
        })
    }
}

impl Raw {
    /// All that is demanded besides URLs: lists that have to hold something, and what has to be so.
    fn check(&self) -> Result<(), MetadataError> {
        let algorithms = &self.token_endpoint_auth_signing_alg_values_supported;
        let lists: [(&str, &Vec<String>, &[&str]); 7] = [
            (
                "response_types_supported",
                &self.response_types_supported,
                &["code"],
            ),
            (
                "grant_types_supported",
                &self.grant_types_supported,
                &["authorization_code", "refresh_token"],
            ),
            (
                "code_challenge_methods_supported",
                &self.code_challenge_methods_supported,
                &["S256"],
            ),
            (
                "token_endpoint_auth_methods_supported",
                &self.token_endpoint_auth_methods_supported,
                &["none", "private_key_jwt"],
            ),
            (
                "token_endpoint_auth_signing_alg_values_supported",
                algorithms,
                &["ES256"],
            ),
            ("scopes_supported", &self.scopes_supported, &["atproto"]),
            (
                "dpop_signing_alg_values_supported",
                &self.dpop_signing_alg_values_supported,
                &["ES256"],
            ),
        ];
        for (field, list, demanded) in lists {
            let holds = |value: &&str| list.iter().any(|held| held == value);
            if !demanded.iter().all(holds) {
                return Err(MetadataError::Lacks(field));
            }
        }
        let facts = [
            (
                "token_endpoint_auth_signing_alg_values_supported",
                !algorithms.iter().any(|algorithm| algorithm == "none"),
            ),
            (
                "authorization_response_iss_parameter_supported",
                self.authorization_response_iss_parameter_supported,
            ),
            (
                "require_pushed_authorization_requests",
                self.require_pushed_authorization_requests,
            ),
            (
                "require_request_uri_registration",
                self.require_request_uri_registration != Some(false),
            ),
            (
                "client_id_metadata_document_supported",
                self.client_id_metadata_document_supported,
            ),
        ];
        for (field, is_so) in facts {
            if !is_so {
                return Err(MetadataError::Lacks(field));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
