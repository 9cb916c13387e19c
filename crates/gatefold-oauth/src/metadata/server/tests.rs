//! Every demand of the profile, left out once.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://as.example.com";

/// What the reference implementation says, shortened.
fn good() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://as.example.com/oauth/authorize",
        "token_endpoint": "https://as.example.com/oauth/token",
        "pushed_authorization_request_endpoint": "https://as.example.com/oauth/par",
        "revocation_endpoint": "https://as.example.com/oauth/revoke",
        "jwks_uri": "https://as.example.com/oauth/jwks",
        "scopes_supported": ["atproto", "transition:generic"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        "dpop_signing_alg_values_supported": ["RS256", "ES256"],
        "authorization_response_iss_parameter_supported": true,
        "require_pushed_authorization_requests": true,
        "require_request_uri_registration": true,
        "client_id_metadata_document_supported": true,
    })
}

fn parse(document: &Value) -> Result<AuthorizationServer, MetadataError> {
    let at = Url::parse(ISSUER).unwrap();
    AuthorizationServer::parse(document.to_string().as_bytes(), &at, Url::parse)
}

#[test]
fn a_server_that_does_all_of_it_is_taken() {
    let expected = AuthorizationServer {
        issuer: ISSUER.to_owned(),
        authorization_endpoint: "https://as.example.com/oauth/authorize".to_owned(),
        token_endpoint: "https://as.example.com/oauth/token".to_owned(),
        pushed_authorization_request_endpoint: "https://as.example.com/oauth/par".to_owned(),
        revocation_endpoint: Some("https://as.example.com/oauth/revoke".to_owned()),
        protected_resources: None,
    };
    assert_eq!(parse(&good()), Ok(expected.clone()));
    let mut less = good();
    let fields = less.as_object_mut().unwrap();
    fields.remove("revocation_endpoint");
    fields.remove("require_request_uri_registration");
    let expected = AuthorizationServer {
        revocation_endpoint: None,
        ..expected
    };
    assert_eq!(parse(&less), Ok(expected));
}

#[test]
fn nothing_that_is_demanded_may_be_missing() {
    for field in [
        "authorization_endpoint",
        "token_endpoint",
        "pushed_authorization_request_endpoint",
        "response_types_supported",
        "grant_types_supported",
        "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "scopes_supported",
        "dpop_signing_alg_values_supported",
        "authorization_response_iss_parameter_supported",
        "require_pushed_authorization_requests",
        "client_id_metadata_document_supported",
    ] {
        let mut document = good();
        document.as_object_mut().unwrap().remove(field);
        assert_eq!(parse(&document), Err(MetadataError::Lacks(field)));
    }
}

#[test]
fn what_is_there_has_to_be_right() {
    for (field, values) in [
        (
            "authorization_endpoint",
            json!([
                "http://as.example.com/",
                "javascript:alert(1)",
                "/authorize",
                "https://10.0.0.1/"
            ]),
        ),
        (
            "token_endpoint",
            json!(["http://localhost:2583/token", "https://as.example.com/#a"]),
        ),
        (
            "pushed_authorization_request_endpoint",
            json!(["", "https://a@as.example.com/par"]),
        ),
        (
            "revocation_endpoint",
            json!(["http://as.example.com/revoke"]),
        ),
        ("response_types_supported", json!([["token"], []])),
        (
            "grant_types_supported",
            json!([["authorization_code"], ["refresh_token"], []]),
        ),
        (
            "code_challenge_methods_supported",
            json!([["plain"], ["s256"]]),
        ),
        (
            "token_endpoint_auth_methods_supported",
            json!([["none"], ["private_key_jwt"]]),
        ),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            json!([["RS256"], ["ES256", "none"]]),
        ),
        ("scopes_supported", json!([["transition:generic"]])),
        ("dpop_signing_alg_values_supported", json!([["ES384"]])),
        (
            "authorization_response_iss_parameter_supported",
            json!([false]),
        ),
        ("require_pushed_authorization_requests", json!([false])),
        ("require_request_uri_registration", json!([false])),
        ("client_id_metadata_document_supported", json!([false])),
    ] {
        for value in values.as_array().unwrap() {
            let mut document = good();
            document[field] = value.clone();
            assert_eq!(
                parse(&document),
                Err(MetadataError::Lacks(field)),
                "{value}"
            );
        }
    }
}

#[test]
fn a_server_speaks_for_itself_alone() {
    for issuer in [
        "https://as.example.com/",
        "https://AS.example.com",
        "https://as.example.com:443",
        "https://as.example.com:8443",
        "http://as.example.com",
        "https://other.example.com",
        "",
    ] {
        let mut document = good();
        document["issuer"] = issuer.into();
        assert_eq!(
            parse(&document),
            Err(MetadataError::OtherIssuer),
            "{issuer}"
        );
    }
}

#[test]
fn what_is_no_metadata_is_no_server() {
    for document in [
        json!(null),
        json!([]),
        json!({}),
        json!({"issuer": 7}),
        json!({"issuer": ISSUER, "scopes_supported": "atproto"}),
        json!({"issuer": ISSUER, "require_pushed_authorization_requests": "true"}),
    ] {
        assert_eq!(
            parse(&document),
            Err(MetadataError::NotAtproto),
            "{document}"
        );
    }
}

proptest! {
    #[test]
    fn an_endpoint_is_a_url_with_https_or_refused(text in "https?://[a-z0-9.:@/?\\[\\]#-]{0,30}|\\PC{0,30}") {
        let mut document = good();
        document["token_endpoint"] = text.clone().into();
        match parse(&document) {
            Ok(server) => prop_assert_eq!(
                Url::parse(&text).map(|url| url.expose()),
                Ok(server.token_endpoint)
            ),
            Err(error) => prop_assert_eq!(error, MetadataError::Lacks("token_endpoint")),
        }
    }
}
