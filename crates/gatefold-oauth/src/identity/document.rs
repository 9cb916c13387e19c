//! DID documents, as far as they matter here. Pure.

use gatefold_domain::{Did, Handle};
use gatefold_net::{InvalidUrl, Url};
use serde::Deserialize;
use serde_json::Value;

use super::IdentityError;

/// What an account says about itself in its DID document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidDocument {
    /// The handle that it claims, which counts only when the handle names the account too.
    pub handle: Option<Handle>,
    /// Its server (PDS): a URL without path and query.
    pub pds: Option<Url>,
}

#[derive(Deserialize)]
struct Raw {
    id: String,
    // Of any shape: one strange entry does not spoil the others.
    #[serde(rename = "alsoKnownAs", default)]
    also_known_as: Value,
    #[serde(default)]
    service: Value,
}

impl DidDocument {
    /// Reads the document of `did`. The handle is the first of `alsoKnownAs` that is one; the server
    /// is the first service of the name `#atproto_pds` and the type `AtprotoPersonalDataServer`.
    ///
    /// `read` says which URLs there are, [`Url::parse`] for example.
    ///
    /// # Errors
    /// [`IdentityError::BadDocument`] when it is none, or that of somebody else.
    pub fn parse(
        json: &[u8],
        did: &Did,
        read: impl Fn(&str) -> Result<Url, InvalidUrl>,
    ) -> Result<Self, IdentityError> {
        let raw: Raw = serde_json::from_slice(json).map_err(|_| IdentityError::BadDocument)?;
        if raw.id != did.as_str() {
            return Err(IdentityError::BadDocument);
        }
        let entries = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let handle = entries(&raw.also_known_as)
            .iter()
            .find_map(|name| name.as_str()?.strip_prefix("at://")?.parse().ok());
        let pds = entries(&raw.service)
            .iter()
            .find(|service| is_pds(service, did))
            .and_then(|service| read(service.get("serviceEndpoint")?.as_str()?).ok())
            .filter(|url| url.path() == "/" && url.query().is_none());
        Ok(Self { handle, pds })
    }
}

/// A service's id may be written whole or as a fragment of the document's own.
fn is_pds(service: &Value, did: &Did) -> bool {
    let text = |name| service.get(name).and_then(Value::as_str);
    let id = text("id").unwrap_or_default();
    id.strip_prefix(did.as_str()).unwrap_or(id) == "#atproto_pds"
        && text("type") == Some("AtprotoPersonalDataServer")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const DID: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";

    fn parse(document: &Value) -> Result<(Option<String>, Option<String>), IdentityError> {
        let did = DID.parse().unwrap();
        let document = DidDocument::parse(document.to_string().as_bytes(), &did, Url::parse)?;
        let handle = document.handle.map(|handle| handle.to_string());
        Ok((handle, document.pds.map(|url| url.origin())))
    }

    #[test]
    fn a_document_as_the_directory_gives_it() {
        let document = json!({
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": DID,
            "alsoKnownAs": ["at://Jay.Bsky.Social", "at://second.example.com"],
            "verificationMethod": [{"id": format!("{DID}#atproto"), "type": "Multikey"}],
            "service": [{
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": "https://morel.us-east.host.bsky.network",
            }],
        });
        let expected = (
            Some("jay.bsky.social".to_owned()),
            Some("https://morel.us-east.host.bsky.network".to_owned()),
        );
        assert_eq!(parse(&document), Ok(expected));
    }

    #[test]
    fn the_first_name_that_is_a_handle_counts() {
        for (names, handle) in [
            (json!(["at://a.example.com"]), Some("a.example.com")),
            (
                json!(["https://a.example.com", "at://b.example.com"]),
                Some("b.example.com"),
            ),
            (
                json!(["at://nobody", 7, null, "at://b.example.com"]),
                Some("b.example.com"),
            ),
            (json!(["at://handle.invalid"]), None),
            (json!(["a.example.com"]), None),
            (json!(["at://a.example.com/path"]), None),
            (json!([]), None),
            (json!("at://a.example.com"), None),
            (json!(null), None),
        ] {
            let document = json!({"id": DID, "alsoKnownAs": names});
            let expected = Ok((handle.map(str::to_owned), None));
            assert_eq!(parse(&document), expected, "{names}");
        }
    }

    #[test]
    fn the_server_is_a_service_of_its_name_and_type() {
        let service = |id: &str, kind: &str, endpoint: Value| json!({"id": id, "type": kind, "serviceEndpoint": endpoint});
        let kind = "AtprotoPersonalDataServer";
        let whole = format!("{DID}#atproto_pds");
        let url = json!("https://pds.example.com");
        for (services, pds) in [
            (json!([service("#atproto_pds", kind, url.clone())]), true),
            (json!([service(&whole, kind, url.clone())]), true),
            (
                json!([7, {"id": 7}, service("#atproto_pds", kind, url.clone())]),
                true,
            ),
            (
                json!([service(
                    "#atproto_pds",
                    kind,
                    json!("https://pds.example.com/")
                )]),
                true,
            ),
            (
                json!([service("#atproto_labeler", kind, url.clone())]),
                false,
            ),
            (
                json!([service(
                    "did:web:b.example.com#atproto_pds",
                    kind,
                    url.clone()
                )]),
                false,
            ),
            (
                json!([service("#atproto_pds", "Other", url.clone())]),
                false,
            ),
            (
                json!([service("#atproto_pds", kind, json!([url.clone()]))]),
                false,
            ),
            (
                json!([service("#atproto_pds", kind, json!({"uri": url}))]),
                false,
            ),
            (
                json!([service(
                    "#atproto_pds",
                    kind,
                    json!("http://pds.example.com")
                )]),
                false,
            ),
            (
                json!([service(
                    "#atproto_pds",
                    kind,
                    json!("http://localhost:2583")
                )]),
                false,
            ),
            (
                json!([service("#atproto_pds", kind, json!("https://127.0.0.1"))]),
                false,
            ),
            (
                json!([service(
                    "#atproto_pds",
                    kind,
                    json!("https://pds.example.com/a")
                )]),
                false,
            ),
            (
                json!([service(
                    "#atproto_pds",
                    kind,
                    json!("https://pds.example.com?a")
                )]),
                false,
            ),
            (json!({"#atproto_pds": url}), false),
            (json!(null), false),
        ] {
            let document = json!({"id": DID, "service": services});
            let expected = pds.then(|| "https://pds.example.com".to_owned());
            assert_eq!(parse(&document), Ok((None, expected)), "{services}");
        }
        // The first of the name decides, even if it leads nowhere.
        let services = [
            service("#atproto_pds", kind, json!("nowhere")),
            service("#atproto_pds", kind, json!("https://pds.example.com")),
        ];
        let document = json!({"id": DID, "service": services});
        assert_eq!(parse(&document), Ok((None, None)));
    }

    #[test]
    fn only_the_document_of_this_very_did_counts() {
        let did: Did = DID.parse().unwrap();
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "<!doctype html>",
            r#"{"id": 7}"#,
            r#"{"id": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}"#,
            r#"{"id": "did:plc:ewvi7nxzyoun6zhxrhs64oiz"} {}"#,
            r#"{"id": "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "id": "did:plc:ewvi7nxzyoun6zhxrhs64oiz"}"#,
        ] {
            let parsed = DidDocument::parse(text.as_bytes(), &did, Url::parse);
            assert_eq!(parsed, Err(IdentityError::BadDocument), "{text}");
        }
        let deep = format!(r#"{{"id": "{DID}", "service": {}"#, "[".repeat(50_000));
        let parsed = DidDocument::parse(deep.as_bytes(), &did, Url::parse);
        assert_eq!(parsed, Err(IdentityError::BadDocument));
    }

    proptest! {
        #[test]
        fn whatever_a_service_is_the_server_is_https_and_bare(
            id in "#atproto_pds|[#a-z]{0,6}",
            endpoint in "https?://[a-z0-9.:@/?\\[\\]#-]{0,30}|\\PC{0,30}",
        ) {
            let service = json!([{
                "id": id,
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": endpoint,
            }]);
            let document = json!({"id": DID, "service": service});
            let (_, pds) = parse(&document).unwrap();
            if let Some(pds) = pds {
                prop_assert_eq!(id, "#atproto_pds");
                prop_assert!(pds.starts_with("https://"));
                let whole = endpoint.to_ascii_lowercase();
                let whole = whole.trim_end_matches('/').trim_end_matches(":443");
                prop_assert_eq!(pds, whole);
            }
        }
    }
}
