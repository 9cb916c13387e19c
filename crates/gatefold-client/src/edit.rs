//! What an artist does with a track.

use gatefold_domain::Gate;
use http::{Method, header};
use serde_json::Value;

use crate::{
    client::Client,
    error::ClientError,
    track::{Track, gate_field},
    tracks::no_such,
};

const NOT_YOURS: &str = "you have no such track";

impl Client {
    /// Says who may hear a track. What it says of it then may still be in progress.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when it is not theirs who is signed in; when the server refuses or
    /// cannot be asked.
    pub async fn set_gate(&self, id: u64, gate: Gate) -> Result<Track, ClientError> {
        let mut form = self.server().at(&[]);
        let mut pairs = form.query_pairs_mut();
        pairs.append_pair("support_gate", gate_field(gate));
        drop(pairs);
        let request = self
            .request(Method::PATCH, &["tracks", &id.to_string()])
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.query().unwrap_or_default().to_owned());
        let changed = self.ask(request).await;
        changed.map_err(|error| no_such(error, NOT_YOURS))
    }

    /// Deletes a track.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when it is not theirs who is signed in; when the server refuses or
    /// cannot be asked.
    pub async fn delete_track(&self, id: u64) -> Result<(), ClientError> {
        let request = self.request(Method::DELETE, &["tracks", &id.to_string()]);
        let deleted = self.ask::<Value>(request).await;
        deleted.map(drop).map_err(|error| no_such(error, NOT_YOURS))
    }
}
