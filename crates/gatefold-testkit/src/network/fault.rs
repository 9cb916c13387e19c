//! What may be wrong with a PDS and its authorization server.

use std::time::Duration;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// Something that is wrong, with the requests that it meets: all, unless it says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    kind: Kind,
    path: Option<String>,
    times: Option<u32>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Connections are reset as soon as something is asked.
    Down,
    /// No answer comes until the faults change, which ends the connection.
    Hang,
    /// The answer comes late.
    Slow(Duration),
    /// A page of HTML with status 502, as from a proxy whose server has gone.
    Html,
    /// An OAuth error with this status.
    Status(u16),
    /// The request is carried out, and its answer lost: the connection is reset.
    Lost,
    /// A field of a JSON answer is another: an issuer, a subject, an endpoint.
    Replace(String, Value),
    /// A scope is missing from a JSON answer, as when it was not granted.
    DropScope(String),
    /// A nonce is good for one request, wherever it is used. Meets every request that carries a proof.
    NonceOnce,
    /// No nonce is good, ever. Meets every request that carries a proof.
    NonceNever,
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            path: None,
            times: None,
        }
    }
}

impl Kind {
    /// Meets requests whose path begins with this, as `/oauth/token`.
    #[must_use]
    pub fn at(self, path: &str) -> Fault {
        Fault {
            path: Some(path.to_owned()),
            ..Fault::from(self)
        }
    }
}

impl Fault {
    /// Meets so many requests, and then no more.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }
}

/// As `e2e/atproto-network/src/faults.js` reads it.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let kind = match &self.kind {
            Kind::Down => "down",
            Kind::Hang => "hang",
            Kind::Slow(by) => {
                map.serialize_entry("milliseconds", &by.as_millis())?;
                "slow"
            }
            Kind::Html => "html",
            Kind::Status(status) => {
                map.serialize_entry("status", status)?;
                "status"
            }
            Kind::Lost => "lost",
            Kind::Replace(field, value) => {
                map.serialize_entry("field", field)?;
                map.serialize_entry("value", value)?;
                "replace"
            }
            Kind::DropScope(scope) => {
                map.serialize_entry("scope", scope)?;
                "drop_scope"
            }
            Kind::NonceOnce => "nonce_once",
            Kind::NonceNever => "nonce_never",
        };
        map.serialize_entry("kind", kind)?;
        if let Some(path) = &self.path {
            map.serialize_entry("path", path)?;
        }
        if let Some(times) = self.times {
            map.serialize_entry("times", &times)?;
        }
        map.end()
    }
}
