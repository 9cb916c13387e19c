//! The registry of atprotofans, over XRPC.

use std::time::Duration;

use gatefold_domain::{Did, percent::encoded};
use gatefold_net::{Answer, Client, InvalidUrl, Outgoing, Url};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;

use super::registry::{Asking, Registry, RegistryError};

/// The query that tells whether somebody supports an artist.
const QUERY: &str = "/xrpc/com.atprotofans.validateSupporter";
/// How long the whole answer may take: a listener waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest answer that is read, in bytes: there is a profile in it.
const LONGEST: usize = 64 * 1024;

/// Asks `com.atprotofans.validateSupporter` of a server.
pub struct Atprotofans {
    net: Client,
    /// Where it is, without a slash at the end.
    base: String,
}

impl Atprotofans {
    /// A registry at an address, for example `https://atprotofans.com`.
    ///
    /// # Errors
    /// When nothing can be asked there.
    pub fn new(net: Client, url: &str) -> Result<Self, InvalidUrl> {
        let base = url.trim_end_matches('/').to_owned();
        net.url(&base)?;
        Ok(Self { net, base })
    }

    fn url(&self, supporter: &Did, artist: &Did) -> Result<Url, InvalidUrl> {
        let question = question(supporter, artist);
        self.net.url(&format!("{}{question}", self.base))
    }

    async fn validate(&self, supporter: &Did, artist: &Did) -> Result<bool, RegistryError> {
        let url = self.url(supporter, artist);
        let url = url.map_err(|_| RegistryError::Refused)?;
        let mut request = Outgoing::new(Method::GET, url);
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(header::ACCEPT, json);
        let answer = self.net.send(request).await.map_err(failed)?;
        judge(answer.status, &answer.headers)?;
        let Answer { body, .. } = answer;
        let body = body.collect(LONGEST).await.map_err(failed)?;
        read_answer(&body).ok_or_else(|| {
            tracing::warn!("the registry of supporters gave no answer that can be read");
            RegistryError::Failed { retry_after: None }
        })
    }
}

impl Registry for Atprotofans {
    fn ask<'a>(&'a self, supporter: &'a Did, artist: &'a Did) -> Asking<'a> {
        Box::pin(async move {
            let asking = tokio::time::timeout(PATIENCE, self.validate(supporter, artist));
            asking.await.unwrap_or_else(|_| {
                tracing::warn!("the registry of supporters took too long");
                Err(RegistryError::Failed { retry_after: None })
            })
        })
    }
}

/// The path and query that ask whether somebody supports an artist, who signs for their own supporters.
#[must_use]
pub fn question(supporter: &Did, artist: &Did) -> String {
    let (supporter, artist) = (encoded(supporter.as_str()), encoded(artist.as_str()));
    format!("{QUERY}?supporter={supporter}&subject={artist}&signer={artist}")
}

/// Reads an answer; `None` when it says neither yes nor no.
#[must_use]
pub fn read_answer(body: &[u8]) -> Option<bool> {
    #[derive(Deserialize)]
    struct Validated {
        valid: bool,
    }
    // A sequence would be read as its fields in order.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let answer = serde_json::from_slice::<Validated>(body).ok()?;
    is_object.then_some(answer.valid)
}

/// What a status other than 200 means.
fn judge(status: StatusCode, headers: &HeaderMap) -> Result<(), RegistryError> {
    // These are about whoever asks. All others may be about whom is asked: what one person can bring
    // about must not keep the registry from being asked of others.
    let is_about_us = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
    );
    if status == StatusCode::OK {
        Ok(())
    } else if status.is_client_error() && !is_about_us {
        Err(RegistryError::Refused)
    } else {
        tracing::warn!(%status, "the registry of supporters does not tell");
        let wait = headers.get(header::RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
        Err(RegistryError::Failed {
            retry_after: wait.map(Duration::from_secs),
        })
    }
}

fn failed(error: gatefold_net::NetError) -> RegistryError {
    tracing::warn!(%error, "the registry of supporters cannot be asked");
    RegistryError::Failed { retry_after: None }
}

/// An identity as a value of a query.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_yes_or_no_or_is_none() {
        for (body, answer) in [
            (r#"{"valid":true}"#, Some(true)),
            (r#"{"valid":false}"#, Some(false)),
            (r#"{"valid":true,"profile":{"handle":"x"}}"#, Some(true)),
            (r#"{"valid":"true"}"#, None),
            (r#"{"valid":1}"#, None),
            (r#"{"valid":null}"#, None),
            (r#"{"valid":false,"valid":true}"#, None),
            ("{}", None),
            ("[true]", None),
            ("true", None),
            ("<!doctype html>", None),
            (r#"{"valid":true} and more"#, None),
            ("", None),
        ] {
            assert_eq!(read_answer(body.as_bytes()), answer, "{body}");
        }
    }

    #[test]
    fn a_status_is_about_a_person_or_about_all() {
        use RegistryError::{Failed, Refused};
        let failed = Failed { retry_after: None };
        for (status, verdict) in [
            (200, Ok(())),
            (204, Err(failed)),
            (302, Err(failed)),
            (400, Err(Refused)),
            (404, Err(Refused)),
            (401, Err(Refused)),
            (403, Err(Refused)),
            (422, Err(Refused)),
            (408, Err(failed)),
            (429, Err(failed)),
            (500, Err(failed)),
            (503, Err(failed)),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(judge(status, &HeaderMap::new()), verdict, "{status}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("17"));
        let later = judge(StatusCode::TOO_MANY_REQUESTS, &headers);
        let retry_after = Some(Duration::from_secs(17));
        assert_eq!(later, Err(Failed { retry_after }));
    }

    #[test]
    fn an_identity_with_an_escape_is_escaped() {
        let supporter = "did:web:localhost%3A2583".parse().unwrap();
        let artist = "did:plc:ewvi7nxzyoun6zhxrhs64oiz".parse().unwrap();
        assert_eq!(
            question(&supporter, &artist),
            "/xrpc/com.atprotofans.validateSupporter?supporter=did%3Aweb%3Alocalhost%253A2583\
             &subject=did%3Aplc%3Aewvi7nxzyoun6zhxrhs64oiz\
             &signer=did%3Aplc%3Aewvi7nxzyoun6zhxrhs64oiz"
        );
    }
}
