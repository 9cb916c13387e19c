//! Tracks that there are.

use http::Method;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    client::Client,
    error::{ClientError, Refusal},
    track::{Track, TrackRef},
};

/// The most tracks that are asked for at one time.
const MOST: usize = 50;

/// Which tracks are meant.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose: a DID.
    pub artist_did: Option<String>,
    /// With which word on them.
    pub tag: Option<String>,
}

/// Tracks, and where the next ones begin.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The tracks.
    pub tracks: Vec<Track>,
    /// What to ask with for those after them; `None` when these are the last.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    tracks: Vec<Track>,
    #[serde(default)]
    next_cursor: Option<Value>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    total: Option<u64>,
}

#[derive(Deserialize)]
struct Artist {
    did: String,
}

impl Client {
    /// So many tracks that everybody sees, the newest first, from a cursor on; in as many requests as
    /// that takes.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn tracks(
        &self,
        filter: &Filter,
        most: usize,
        cursor: Option<&str>,
    ) -> Result<Page, ClientError> {
        let mut page = Page {
            tracks: Vec::new(),
            next: cursor.map(str::to_owned),
        };
        loop {
            let wanted = most.saturating_sub(page.tracks.len()).min(MOST);
            let mut pairs = vec![("limit", wanted.to_string())];
            pairs.extend(filter.artist_did.clone().map(|did| ("artist_did", did)));
            pairs.extend(filter.tag.clone().map(|tag| ("tags", tag)));
            pairs.extend(page.next.take().map(|next| ("cursor", next)));
            let mut listed: Listed = self.ask(self.query(&["tracks", ""], &pairs)).await?;
            listed.tracks.truncate(wanted);
            let is_empty = listed.tracks.is_empty();
            page.tracks.append(&mut listed.tracks);
            page.next = listed.next_cursor.and_then(cursor_text);
            let has_more = listed.has_more && page.next.is_some();
            if !has_more {
                page.next = None;
            }
            if is_empty || !has_more || page.tracks.len() >= most {
                return Ok(page);
            }
        }
    }

    /// So many tracks of who is signed in, drafts too, the newest first, after the first `offset`.
    ///
    /// # Errors
    /// When nobody is signed in, or the server cannot be asked.
    pub async fn own_tracks(&self, most: usize, offset: usize) -> Result<Page, ClientError> {
        let mut tracks: Vec<Track> = Vec::new();
        loop {
            let at = offset.saturating_add(tracks.len());
            let wanted = most.saturating_sub(tracks.len()).min(MOST);
            let pairs = [("limit", wanted.to_string()), ("offset", at.to_string())];
            let mut listed: Listed = self.ask(self.query(&["tracks", "me"], &pairs)).await?;
            listed.tracks.truncate(wanted);
            let found = listed.tracks.len();
            tracks.append(&mut listed.tracks);
            let at = at.saturating_add(found);
            let has_more = listed.total.map_or(found == wanted, |total| {
                u64::try_from(at).is_ok_and(|at| at < total)
            });
            if found == 0 || !has_more || tracks.len() >= most {
                let next = (has_more && found > 0).then(|| at.to_string());
                return Ok(Page { tracks, next });
            }
        }
    }

    /// A track.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when there is none, or it is somebody else's draft;
    /// [`ClientError::OtherServer`] when it is named by the page of another server.
    pub async fn track(&self, named: &TrackRef) -> Result<Track, ClientError> {
        let found = match (named.id_at(self.server()), named.record()) {
            (Err(there), _) => {
                return Err(ClientError::OtherServer {
                    server: self.server().to_string(),
                    there,
                });
            }
            (Ok(Some(id)), _) => {
                let request = self.request(Method::GET, &["tracks", &id.to_string()]);
                self.ask(request).await
            }
            (Ok(None), uri) => {
                let pairs = [("uri", uri.unwrap_or_default().to_owned())];
                self.ask(self.query(&["tracks", "by-uri"], &pairs)).await
            }
        };
        found.map_err(|error| no_such(error, "there is no such track, or it is not shown to you"))
    }

    /// The DID of an artist, by it or by their handle.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when nobody here is called so.
    pub async fn artist(&self, named: &str) -> Result<String, ClientError> {
        let named = named.trim().trim_start_matches('@');
        if named.starts_with("did:") {
            return Ok(named.to_owned());
        }
        let request = self.request(Method::GET, &["artists", "by-handle", named]);
        let artist = self.ask::<Artist>(request).await;
        let artist = artist.map_err(|error| no_such(error, "no artist here has this handle"));
        Ok(artist?.did)
    }

    /// A request whose query says this.
    fn query(&self, segments: &[&str], pairs: &[(&str, String)]) -> RequestBuilder {
        let mut url = self.server().at(segments);
        url.query_pairs_mut().extend_pairs(pairs);
        self.json_from(url)
    }
}

/// That something is not there, in words for what was looked for.
pub(crate) fn no_such(error: ClientError, words: &str) -> ClientError {
    match error {
        ClientError::NotFound(refusal) => ClientError::NotFound(Box::new(Refusal {
            detail: words.to_owned(),
            ..*refusal
        })),
        error => error,
    }
}

/// A cursor, which some servers write as a number.
fn cursor_text(cursor: Value) -> Option<String> {
    match cursor {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
