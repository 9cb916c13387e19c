//! From a track to the bytes of its file.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, header};
use reqwest::{Response, Url};
use tokio::time::timeout;

use crate::{client::Client, error::ClientError, file_name, server::is_this_machine};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// For the head of an answer, and between two pieces of its body.
const PATIENCE: Duration = Duration::from_mins(1);

/// A file that is on its way.
pub struct Download {
    client: Client,
    response: Response,
    length: Option<u64>,
    came: u64,
}

impl Client {
    /// Asks for a file as its artist lets it be kept. Where that leads is followed; the token is shown
    /// to the server that it is for, and to no other.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when who asks may not hear it, or its artist lets nobody keep it; when
    /// a server cannot be asked, or does not say how long the file is.
    pub async fn download(&self, file_id: &str) -> Result<Download, ClientError> {
        let mut url = self.server().at(&["audio", file_id, "download"]);
        for _ in 0..=MAX_REDIRECTS {
            let request = self.request_to(Method::GET, url.clone());
            let asked = timeout(PATIENCE, request.send()).await;
            let response = asked.map_err(|_| self.timed_out())?;
            let response = response.map_err(|error| self.unreachable(&error))?;
            if !response.status().is_redirection() {
                let response = self.checked(response).await?;
                return self.begun(response);
            }
            url = self.next(&response)?;
        }
        Err(self.unexpected("it sends its visitors around"))
    }

    /// Where a redirect leads, which is not from an encrypted connection to one that is none.
    fn next(&self, response: &Response) -> Result<Url, ClientError> {
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let there = location.and_then(|there| response.url().join(there).ok());
        let is_safe = |url: &Url| match url.scheme() {
            "https" => true,
            "http" => self.server().is_this_machine() && is_this_machine(url),
            _ => false,
        };
        let there = there.filter(is_safe);
        there.ok_or_else(|| self.unexpected("it leads to where no file can be"))
    }

    fn begun(&self, response: Response) -> Result<Download, ClientError> {
        let is_chunked = response.headers().contains_key(header::TRANSFER_ENCODING);
        let length = response.content_length();
        if length.is_none() && !is_chunked {
            // Nobody could tell whether all of it came.
            return Err(self.unexpected("it does not say how long the file is"));
        }
        Ok(Download {
            client: self.clone(),
            response,
            length,
            came: 0,
        })
    }
}

impl Download {
    /// What the file is to be called, if the server says so: a name alone, in no folder.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let value = self.response.headers().get(header::CONTENT_DISPOSITION)?;
        file_name::of_header(&String::from_utf8_lossy(value.as_bytes()))
    }

    /// How long it is, in bytes, if the server says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// How many of its bytes have come.
    #[must_use]
    pub fn came(&self) -> u64 {
        self.came
    }

    /// The next bytes; `None` when these were all of them.
    ///
    /// # Errors
    /// When it breaks off, or comes too slowly.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        let piece = timeout(PATIENCE, self.response.chunk()).await;
        let piece = piece.map_err(|_| self.client.timed_out())?;
        let piece = piece.map_err(|error| self.client.unreachable(&error))?;
        if let Some(piece) = &piece {
            let len = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            self.came = self.came.saturating_add(len);
        }
        Ok(piece)
    }
}
