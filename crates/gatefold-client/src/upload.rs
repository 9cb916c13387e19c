//! From a file to a track.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{Downloads, Gate, Visibility};
use http::{Method, header};
use rand_core::CryptoRng;
use reqwest::Body;
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::{
    client::Client,
    error::ClientError,
    form::Form,
    progress::{Step, Uploaded},
    track::gate_field,
};

/// How long a server may take until it takes more, in the middle of a file.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long it may take to answer when it has all of it.
const ANSWER_TIME: Duration = Duration::from_mins(5);

/// A track that is to be.
#[derive(Clone, Debug)]
pub struct NewTrack {
    /// The audio.
    pub file: PathBuf,
    /// What it is called; otherwise what the file says, or how it is named.
    pub title: Option<String>,
    /// The album that it is of.
    pub album: Option<String>,
    /// The words on it.
    pub tags: Vec<String>,
    /// What is said of it.
    pub description: Option<String>,
    /// Its picture.
    pub image: Option<PathBuf>,
    /// What it demands of its listeners; otherwise what the server thinks fit.
    pub gate: Option<Gate>,
    /// Where it is shown; otherwise what the server thinks fit.
    pub visibility: Option<Visibility>,
    /// Who may keep a file of it; otherwise what the server thinks fit.
    pub downloads: Option<Downloads>,
}

#[derive(Deserialize)]
struct Taken {
    #[serde(default)]
    upload_id: Option<String>,
    #[serde(default)]
    track_id: Option<u64>,
}

impl NewTrack {
    /// A track that is this file, and nothing is said of it.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            title: None,
            album: None,
            tags: Vec::new(),
            description: None,
            image: None,
            gate: None,
            visibility: None,
            downloads: None,
        }
    }

    async fn form(&self, boundary: String) -> Result<Form, ClientError> {
        let mut form = Form::new(boundary);
        let texts = [
            ("title", &self.title),
            ("album", &self.album),
            ("description", &self.description),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                form.field(name, text);
            }
        }
        if !self.tags.is_empty() {
            let tags = serde_json::to_string(&self.tags).unwrap_or_default();
            form.field("tags", &tags);
        }
        if let Some(gate) = self.gate {
            form.field("support_gate", gate_field(gate));
        }
        if let Some(visibility) = self.visibility {
            form.field("visibility", visibility.as_str());
        }
        if let Some(downloads) = self.downloads {
            form.field("downloads", downloads.as_str());
        }
        // What is short goes first: a server may look at it before it takes the rest.
        let files = self.image.iter().map(|image| ("image", image));
        for (name, path) in files.chain([("file", &self.file)]) {
            let added = form.file(name, path).await;
            added.map_err(|cause| ClientError::Unread {
                path: path.clone(),
                cause,
            })?;
        }
        Ok(form)
    }
}

impl Client {
    /// Whether who is signed in can publish here at all: asked before anything large is sent.
    ///
    /// # Errors
    /// When nobody is signed in, they have no profile as an artist, or the server cannot be asked.
    pub async fn may_publish(&self) -> Result<(), ClientError> {
        let request = self.request(Method::GET, &["artists", "me"]);
        match self.ask::<serde_json::Value>(request).await {
            Ok(_) => Ok(()),
            Err(ClientError::NotFound(_)) => Err(ClientError::NoProfile(self.server().to_string())),
            Err(error) => Err(error),
        }
    }

    /// Sends a file, and waits until it is a track. `tell` hears how far that is. What breaks off before
    /// the server has all of it counts for nothing there.
    ///
    /// # Errors
    /// When the file cannot be read, the server refuses it, or cannot be asked.
    pub async fn upload(
        &self,
        new: &NewTrack,
        random: &mut impl CryptoRng,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Uploaded, ClientError> {
        let mut bytes = [0; 24];
        random.fill_bytes(&mut bytes);
        let form = new.form(Base64UrlUnpadded::encode_string(&bytes)).await?;
        let taken = self.send_form(form, tell).await?;
        match (taken.track_id, taken.upload_id) {
            (Some(track_id), _) => Ok(Uploaded {
                track_id,
                atproto_uri: None,
            }),
            (None, Some(id)) => self.watch(&id, tell).await,
            (None, None) => Err(self.unexpected("it says nothing of what it took")),
        }
    }

    async fn send_form(
        &self,
        form: Form,
        tell: &mut dyn FnMut(Step),
    ) -> Result<Taken, ClientError> {
        let content_type = form.content_type();
        let (body, sent) = form.into_body();
        let request = self
            .request(Method::POST, &["tracks", ""])
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::wrap(body));
        let mut sending = std::pin::pin!(request.send());
        let response = loop {
            tell(Step::Sending {
                sent: sent.bytes(),
                of: sent.of(),
            });
            let is_all = sent.bytes() >= sent.of();
            let patience = if is_all { ANSWER_TIME } else { PATIENCE };
            tokio::select! {
                biased;
                response = &mut sending => break response,
                () = sent.moved() => {}
                () = sleep(patience) => return Err(self.timed_out()),
            }
        };
        let response = response.map_err(|error| match sent.unread() {
            Some((path, cause)) => ClientError::Unread { path, cause },
            None => self.unreachable(&error),
        })?;
        let read = async {
            let response = self.checked(response).await?;
            self.read(response).await
        };
        let read = timeout(PATIENCE, read).await;
        read.unwrap_or_else(|_| Err(self.timed_out()))
    }
}
