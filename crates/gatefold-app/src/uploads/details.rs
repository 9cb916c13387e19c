//! What an artist says of what they upload.

use gatefold_domain::{Downloads, Gate, Visibility};
use gatefold_media::bucket::Hash;
use gatefold_store::Feature;
use serde::{Deserialize, Serialize};

use super::{UploadError, hex, unhex};
use crate::Trouble;

/// What an artist says of what they upload. All of it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// What it is called; `None`: what the file says, or how it is named.
    pub title: Option<String>,
    /// What the file is named, without its ending.
    pub file_name: Option<String>,
    /// What is said of it.
    pub description: Option<String>,
    /// The album that it is of.
    pub album: Option<String>,
    /// The words on it.
    pub tags: Vec<String>,
    /// Who else is heard on it.
    pub features: Vec<Feature>,
    /// What it demands of its listeners.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
    /// Who may keep a file of it; `None`: as its artist's setting says.
    pub downloads: Option<Downloads>,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            title: None,
            file_name: None,
            description: None,
            album: None,
            tags: Vec::new(),
            features: Vec::new(),
            gate: Gate::Open,
            visibility: Visibility::Public,
            downloads: None,
        }
    }
}

/// What was received, as it is kept until it is worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What its artist says of it.
    pub details: Details,
    /// What the bytes of the audio are.
    pub audio: Hash,
    /// What those of the picture are.
    pub image: Option<Hash>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    album: Option<String>,
    tags: Vec<String>,
    features: Vec<(String, String)>,
    gate: String,
    visibility: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    downloads: Option<String>,
    audio: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl Received {
    pub(super) fn to_json(&self) -> Result<String, UploadError> {
        let details = &self.details;
        let features = details.features.iter();
        let kept = Kept {
            title: details.title.clone(),
            file_name: details.file_name.clone(),
            description: details.description.clone(),
            album: details.album.clone(),
            tags: details.tags.clone(),
            features: features
                .map(|feature| (feature.did.to_string(), feature.handle.to_string()))
                .collect(),
            gate: details.gate.as_str().to_owned(),
            visibility: details.visibility.as_str().to_owned(),
            downloads: details.downloads.map(|setting| setting.as_str().to_owned()),
            audio: hex(&self.audio),
            image: self.image.as_ref().map(hex),
        };
        let json = serde_json::to_string(&kept);
        json.map_err(|error| UploadError::Trouble(Trouble::Broken(Box::new(error))))
    }

    /// Reads what was kept; `None` when no version has written it.
    pub(super) fn parse(json: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(json).ok()?;
        let feature = |(did, handle): (String, String)| {
            Some(Feature {
                did: did.parse().ok()?,
                handle: handle.parse().ok()?,
            })
        };
        let downloads = kept.downloads.map(|word| word.parse());
        let image = kept.image.map(|text| unhex(&text).ok_or(()));
        Some(Self {
            details: Details {
                title: kept.title,
                file_name: kept.file_name,
                description: kept.description,
                album: kept.album,
                tags: kept.tags,
                features: kept
                    .features
                    .into_iter()
                    .map(feature)
                    .collect::<Option<_>>()?,
                gate: kept.gate.parse().ok()?,
                visibility: kept.visibility.parse().ok()?,
                downloads: downloads.transpose().ok()?,
            },
            audio: unhex(&kept.audio)?,
            image: image.transpose().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_received_is_read_as_it_was_written() {
        let whole = Received {
            details: Details {
                title: Some("Night \"Tram\"".to_owned()),
                file_name: Some("夜".to_owned()),
                description: Some("two\nlines".to_owned()),
                album: Some("Lines".to_owned()),
                tags: vec!["a".to_owned(), "b".to_owned()],
                features: vec![Feature {
                    did: "did:web:a.example.com".parse().unwrap(),
                    handle: "a.example.com".parse().unwrap(),
                }],
                gate: Gate::Supporters,
                visibility: Visibility::Draft,
                downloads: Some(Downloads::Listeners),
            },
            audio: [7; 32],
            image: Some([0xfe; 32]),
        };
        let bare = Received {
            details: Details::default(),
            audio: [0; 32],
            image: None,
        };
        for received in [whole, bare] {
            let json = received.to_json().unwrap();
            assert_eq!(Received::parse(&json), Some(received));
        }
        assert_eq!(Received::parse("{}"), None);
        assert_eq!(unhex(&"0g".repeat(32)), None);
        assert_eq!(unhex("00"), None);
    }
}
