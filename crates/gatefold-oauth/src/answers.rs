//! What authorization servers answer, read strictly.

use std::{fmt, time::Duration};

use gatefold_domain::Did;
use serde::Deserialize;
use serde_json::Value;

use crate::{Scopes, Secret};

/// The longest token that is taken, in bytes.
const MAX_TOKEN: usize = 8192;
/// The longest `request_uri` that is taken, in bytes.
const MAX_REQUEST_URI: usize = 2048;
/// How long an access token is taken to last when nothing is said.
const LIFETIME_UNSAID: u64 = 300;
/// The longest that an access token is taken to last, in seconds: a year.
const MAX_LIFETIME: u64 = 365 * 24 * 3600;

/// The answer is not what the specification says. What it was is left out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server's answer is not what it has to be")]
pub struct InvalidAnswer;

/// The short word by which a server says what is wrong: letters, digits and `_ . -`. Anything else
/// a server might write there becomes `unknown`, so that it may be logged and shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorCode(Box<str>);

impl ErrorCode {
    /// The word, or `unknown`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Self(text.into())
        } else {
            Self("unknown".into())
        }
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The word in a JSON body with a member `error`; nothing when there is none.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        body.get("error").and_then(Value::as_str).map(Self::new)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What the token endpoint gave (RFC 6749, section 5.1, with `sub` of the atproto profile). It has
/// no `Debug`.
pub struct TokenAnswer {
    /// What requests show; characters that a header can carry.
    pub access_token: Secret,
    /// What it is refreshed with.
    pub refresh_token: Option<Secret>,
    /// How long the access token lasts, in seconds.
    pub expires_in: u64,
    /// What was granted.
    pub scopes: Option<Scopes>,
    /// Whose it is.
    pub sub: Did,
}

#[derive(Deserialize)]
struct Read {
    access_token: Secret,
    token_type: String,
    #[serde(default)]
    refresh_token: Option<Secret>,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    scope: Option<String>,
    sub: String,
}

impl TokenAnswer {
    /// Reads an answer.
    ///
    /// # Errors
    /// When the token is not bound by DPoP, is nobody's, or cannot be shown.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidAnswer> {
        let read: Read = serde_json::from_slice(json).map_err(|_| InvalidAnswer)?;
        let tokens = [Some(&read.access_token), read.refresh_token.as_ref()];
        let good = read.token_type.eq_ignore_ascii_case("DPoP")
            && tokens.into_iter().flatten().all(is_token);
        if !good {
            return Err(InvalidAnswer);
        }
        let scopes = read.scope.map(|scope| scope.parse()).transpose();
        Ok(Self {
            access_token: read.access_token,
            refresh_token: read.refresh_token,
            expires_in: read.expires_in.unwrap_or(LIFETIME_UNSAID).min(MAX_LIFETIME),
            scopes: scopes.map_err(|_| InvalidAnswer)?,
            sub: read.sub.parse().map_err(|_| InvalidAnswer)?,
        })
    }
}

impl TokenAnswer {
    /// How long the access token lasts.
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.expires_in)
    }
}

fn is_token(token: &Secret) -> bool {
    let text = token.expose();
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The reference to a pushed request (RFC 9126, section 2.2).
pub(crate) fn request_uri(json: &[u8]) -> Result<String, InvalidAnswer> {
    #[derive(Deserialize)]
    struct Read {
        request_uri: String,
    }
    let Read { request_uri } = serde_json::from_slice(json).map_err(|_| InvalidAnswer)?;
    let plain = request_uri.bytes().all(|byte| byte.is_ascii_graphic());
    if (1..=MAX_REQUEST_URI).contains(&request_uri.len()) && plain {
        Ok(request_uri)
    } else {
        Err(InvalidAnswer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_answer_is_read_strictly() {
        let good = json!({
            "access_token": "a.b-c", "token_type": "DPoP", "refresh_token": "d", "expires_in": 3600,
            "scope": "atproto", "sub": "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "more": 1,
        });
        let read = |value: &Value| TokenAnswer::parse(value.to_string().as_bytes());
        let answer = read(&good).ok().unwrap();
        assert_eq!(answer.access_token.expose(), "a.b-c");
        assert_eq!(answer.expires_in, 3600);
        for (field, value, accepted) in [
            ("token_type", json!("dpop"), true),
            ("token_type", json!("Bearer"), false),
            ("token_type", Value::Null, false),
            ("access_token", json!(""), false),
            ("access_token", json!("a b"), false),
            ("access_token", json!("a\nb"), false),
            ("access_token", json!("ä"), false),
            ("access_token", json!("a".repeat(8193)), false),
            ("refresh_token", Value::Null, true),
            ("refresh_token", json!(""), false),
            ("expires_in", Value::Null, true),
            ("expires_in", json!(u64::MAX), true),
            ("expires_in", json!(-1), false),
            ("expires_in", json!("3600"), false),
            ("scope", Value::Null, true),
            ("scope", json!("a  b"), false),
            ("sub", json!("alice"), false),
            ("sub", Value::Null, false),
        ] {
            let mut changed = good.clone();
            changed[field] = value.clone();
            assert_eq!(read(&changed).is_ok(), accepted, "{field} {value}");
        }
        assert!(TokenAnswer::parse(b"<html>").is_err());
    }

    #[test]
    fn a_pushed_request_is_named() {
        for (json, uri) in [
            (
                r#"{"request_uri":"urn:x:1","expires_in":9}"#,
                Some("urn:x:1"),
            ),
            (r#"{"request_uri":""}"#, None),
            (r#"{"request_uri":"a b"}"#, None),
            (r#"{"expires_in":9}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(request_uri(json.as_bytes()).ok().as_deref(), uri, "{json}");
        }
        let long = json!({"request_uri": "u".repeat(2049)}).to_string();
        assert!(request_uri(long.as_bytes()).is_err());
    }

    #[test]
    fn a_server_cannot_put_its_own_text_into_errors() {
        for (body, code) in [
            (r#"{"error":"invalid_grant"}"#, Some("invalid_grant")),
            (
                r#"{"error":"ScopeMissingError"}"#,
                Some("ScopeMissingError"),
            ),
            (r#"{"error":"<script>"}"#, Some("unknown")),
            (r#"{"error":"a b"}"#, Some("unknown")),
            (r#"{"error":""}"#, Some("unknown")),
            (r#"{"error":7}"#, None),
            ("[]", None),
            ("<html>", None),
        ] {
            let found = ErrorCode::of(body.as_bytes());
            assert_eq!(found.as_ref().map(ErrorCode::as_str), code, "{body}");
        }
        assert_eq!(ErrorCode::new(&"a".repeat(65)).as_str(), "unknown");
    }
}
