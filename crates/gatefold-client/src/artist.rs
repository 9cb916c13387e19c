//! How whoever publishes shows themselves.

use http::{Method, header};
use reqwest::RequestBuilder;
use serde::{Deserialize, Serialize};

use crate::{client::Client, error::ClientError};

/// How an artist shows themselves.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Artist {
    /// Who they are.
    pub did: String,
    /// What they are called on the network.
    pub handle: String,
    /// The name that stands beside their tracks.
    pub display_name: String,
    /// What they say of themselves.
    #[serde(default)]
    pub bio: Option<String>,
    /// Where one becomes their supporter.
    #[serde(default)]
    pub support_url: Option<String>,
    /// Who may keep a file of theirs, where a track says nothing else, if the server tells.
    #[serde(default)]
    pub downloads: Option<String>,
}

/// What is to be shown otherwise: what is `None` stays.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct ArtistChange {
    /// The name that stands beside their tracks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What they say of themselves; empty for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// Where one becomes their supporter; empty for nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_url: Option<String>,
    /// Who may keep a file of theirs: `off` or `listeners`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloads: Option<String>,
}

impl Client {
    /// How who is signed in shows themselves; `None` for who publishes nothing here.
    ///
    /// # Errors
    /// [`ClientError::NotSignedIn`] when nobody is, and when the server cannot be asked.
    pub async fn profile(&self) -> Result<Option<Artist>, ClientError> {
        match self
            .ask(self.request(Method::GET, &["artists", "me"]))
            .await
        {
            Ok(artist) => Ok(Some(artist)),
            Err(ClientError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Shows who is signed in otherwise, and makes them an artist where they are none.
    ///
    /// # Errors
    /// [`ClientError::NoProfile`] when they are none and have no name; when the server refuses or cannot be
    /// asked.
    pub async fn set_profile(&self, change: &ArtistChange) -> Result<Artist, ClientError> {
        if self.profile().await?.is_none() {
            if change.display_name.is_none() {
                return Err(ClientError::NoProfile(self.server().to_string()));
            }
            let request = self.request(Method::POST, &["artists", ""]);
            self.ask::<Artist>(with(request, change)).await?;
        }
        let request = self.request(Method::PUT, &["artists", "me"]);
        self.ask(with(request, change)).await
    }
}

/// A request that says this.
fn with(request: RequestBuilder, change: &ArtistChange) -> RequestBuilder {
    // Text and nothing else is always JSON.
    let json = serde_json::to_vec(change).unwrap_or_default();
    request
        .header(header::CONTENT_TYPE, "application/json")
        .body(json)
}
