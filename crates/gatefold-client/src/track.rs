//! A track, as a server tells of it.

use std::{fmt, str::FromStr};

use gatefold_domain::Gate;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::server::Server;

/// A track. What this crate has no name for is kept as it was told.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
pub struct Track {
    /// Its number.
    pub id: u64,
    /// What it is called.
    pub title: String,
    /// Who made it.
    #[serde(default)]
    pub artist: String,
    /// The file that is played.
    pub file_id: String,
    /// The ending of such a file.
    #[serde(default)]
    pub file_type: String,
    /// How long it plays, in seconds.
    #[serde(default)]
    pub duration: Option<f64>,
    /// What it demands of its listeners; `None` for nothing.
    #[serde(default)]
    pub support_gate: Option<Value>,
    /// Where it is shown: `public`, `unlisted` or `draft`.
    #[serde(default)]
    pub visibility: Option<String>,
    /// When it was made, as ISO 8601 has it.
    #[serde(default)]
    pub created_at: Option<String>,
    /// Whether who may hear it is so everywhere already: `settled` or `in_progress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate_state: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Track {
    /// Its gate; `None` for a kind that is not known here.
    #[must_use]
    pub fn gate(&self) -> Option<Gate> {
        let Some(gate) = &self.support_gate else {
            return Some(Gate::Open);
        };
        match gate.get("type").and_then(Value::as_str) {
            Some("any") => Some(Gate::Supporters),
            Some("signed_in") => Some(Gate::SignedIn),
            _ => None,
        }
    }

    /// Whether who may hear it is on its way to be so everywhere.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        self.gate_state.as_deref() == Some("in_progress")
    }
}

/// A gate, as a form names it.
pub(crate) fn gate_field(gate: Gate) -> &'static str {
    match gate {
        Gate::Open => "null",
        Gate::SignedIn => r#"{"type":"signed_in"}"#,
        Gate::Supporters => r#"{"type":"any"}"#,
    }
}

/// A track, as a person names it: by its number, by the address of its page, or by that of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackRef(Named);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Id(u64),
    Page { origin: String, id: u64 },
    Record(String),
}

/// Text that names no track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a track is named by its number, the address of its page, or that of its record (at://…)")]
pub struct InvalidTrack;

impl FromStr for TrackRef {
    type Err = InvalidTrack;

    fn from_str(text: &str) -> Result<Self, InvalidTrack> {
        let text = text.trim();
        let number = |text: &str| text.parse::<u64>().ok().filter(|id| *id > 0);
        if let Some(id) = number(text) {
            return Ok(Self(Named::Id(id)));
        }
        if text.starts_with("at://") && text.len() <= 1024 {
            return Ok(Self(Named::Record(text.to_owned())));
        }
        let url = Url::parse(text).map_err(|_| InvalidTrack)?;
        let is_web = matches!(url.scheme(), "https" | "http");
        let mut path = url.path().trim_matches('/').split('/');
        match (path.next(), path.next().and_then(number), path.next()) {
            (Some("track" | "tracks"), Some(id), None) if is_web => Ok(Self(Named::Page {
                origin: url.origin().ascii_serialization(),
                id,
            })),
            _ => Err(InvalidTrack),
        }
    }
}

impl fmt::Display for TrackRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Named::Id(id) => write!(out, "{id}"),
            Named::Page { origin, id } => write!(out, "{origin}/track/{id}"),
            Named::Record(uri) => out.write_str(uri),
        }
    }
}

impl TrackRef {
    /// Its number there, where it is told without asking; `Err` with the server that it is at, when it
    /// is another one.
    pub(crate) fn id_at(&self, server: &Server) -> Result<Option<u64>, String> {
        match &self.0 {
            Named::Id(id) => Ok(Some(*id)),
            Named::Page { origin, id } if *origin == server.to_string() => Ok(Some(*id)),
            Named::Page { origin, .. } => Err(origin.clone()),
            Named::Record(_) => Ok(None),
        }
    }

    /// The address of its record, where it was named by that.
    pub(crate) fn record(&self) -> Option<&str> {
        match &self.0 {
            Named::Record(uri) => Some(uri),
            Named::Id(_) | Named::Page { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_track_is_named_in_the_ways_that_people_have() {
        let server: Server = "https://a.example".parse().unwrap();
        for (text, id) in [
            ("12", Ok(Some(12))),
            (" 12 ", Ok(Some(12))),
            ("https://a.example/track/12", Ok(Some(12))),
            ("https://a.example/tracks/12/", Ok(Some(12))),
            ("https://a.example/track/12?from=here#top", Ok(Some(12))),
            (
                "https://b.example/track/12",
                Err("https://b.example".to_owned()),
            ),
            ("at://did:plc:abc/fm.plyr.track/3k", Ok(None)),
        ] {
            let named: TrackRef = text.parse().unwrap();
            assert_eq!(named.id_at(&server), id, "{text}");
            assert_eq!(named.record().is_some(), text.starts_with("at:"));
        }
        for text in [
            "",
            "0",
            "-1",
            "a",
            "1.5",
            "ftp://a.example/track/1",
            "https://a.example/album/1",
            "https://a.example/track/1/2",
        ] {
            assert_eq!(text.parse::<TrackRef>(), Err(InvalidTrack), "{text}");
        }
    }

    #[test]
    fn a_track_is_understood_and_passed_on_as_it_was_told() {
        let told = json!({
            "id": 12, "title": "Night Tram", "artist": "Ines", "file_id": "f", "file_type": "mp3",
            "duration": 61.0, "support_gate": {"type": "any"}, "visibility": "public",
            "created_at": null, "gate_state": "in_progress", "like_count": 3, "album": {"id": "x"},
        });
        let track: Track = serde_json::from_value(told.clone()).unwrap();
        assert_eq!(track.gate(), Some(Gate::Supporters));
        assert!(track.is_in_progress());
        assert_eq!(serde_json::to_value(&track).unwrap(), told);
        // As little as a server of another kind says.
        let bare = json!({"id": 1, "title": "t", "file_id": "f"});
        let track: Track = serde_json::from_value(bare).unwrap();
        assert_eq!(
            (track.gate(), track.is_in_progress()),
            (Some(Gate::Open), false)
        );
        for gate in Gate::ALL {
            let field: Option<Value> = serde_json::from_str(gate_field(gate)).unwrap();
            let told = Track {
                support_gate: field,
                ..track.clone()
            };
            assert_eq!(told.gate(), Some(gate));
        }
        let told = Track {
            support_gate: Some(json!({"type": "moon"})),
            ..track
        };
        assert_eq!(told.gate(), None);
    }
}
