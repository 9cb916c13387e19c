//! An origin on the web: https hosts that the operator allows.
//!
//! Whatever such a host says is held against what it said before: a part has to be exactly the part
//! that was asked for, of exactly the version that was looked at. What it cannot show is an error.

mod facts;
mod part;
mod stream;

use std::time::Duration;

use gatefold_net::{Answer, Client, NetError, Url};
use gatefold_seal::HostPattern;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use self::{
    facts::{condition, facts},
    part::{Wanted, part},
    stream::{Exact, nothing},
};
use super::{BoxFuture, Chunks, Facts, Looked, Origin, OriginError, Version};

/// What an https origin may be asked for.
#[derive(Clone, Debug, Default)]
pub struct WebOptions {
    /// The hosts, of the first URL and of every redirect.
    pub hosts: Vec<HostPattern>,
    /// How long what a host says is taken for true; the edge's own choice without.
    pub fresh: Option<Duration>,
}

/// The https origin: a name is a whole URL.
#[derive(Clone, Debug)]
pub struct WebOrigin {
    client: Client,
    options: WebOptions,
}

impl WebOrigin {
    /// An origin that asks through `client`.
    #[must_use]
    pub fn new(client: Client, options: WebOptions) -> Self {
        Self { client, options }
    }

    async fn get(&self, name: &str, headers: &HeaderMap) -> Result<Answer, OriginError> {
        let url = Url::parse(name).map_err(|_| OriginError::Refused)?;
        let allowed = |url: &Url| {
            let mut hosts = self.options.hosts.iter();
            hosts.any(|pattern| pattern.matches(url.host()))
        };
        let answer = self.client.get(&url, headers, &allowed).await;
        answer.map_err(|error| {
            tracing::warn!(%error, "an https origin gave no answer");
            outcome(error)
        })
    }

    /// Asks for one byte, which says as much as `HEAD` would and is answered more truthfully.
    async fn look(&self, name: &str, known: Option<&Version>) -> Result<Looked, OriginError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-0"));
        if let Some((tag, _)) = known.and_then(condition).filter(|(_, is_tag)| *is_tag) {
            headers.insert(header::IF_NONE_MATCH, tag);
        }
        let answer = self.get(name, &headers).await?;
        if answer.status == StatusCode::NOT_MODIFIED && headers.contains_key(header::IF_NONE_MATCH)
        {
            return Ok(Looked::Unchanged);
        }
        let url = Url::parse(name).map_err(|_| OriginError::Refused)?;
        let facts = facts(&answer, url.path())?;
        if facts.ranges {
            // Read, so that the connection can be used again.
            let byte = answer.body.collect(1).await.map_err(outcome)?;
            if byte.len() != 1 {
                return Err(failed(206, "an https origin gave another length"));
            }
        }
        // A whole answer may mean that parts can no longer be had, which is news as well.
        if facts.ranges && known.is_some() && facts.version.as_ref() == known {
            return Ok(Looked::Unchanged);
        }
        Ok(Looked::Is(facts))
    }

    async fn read(
        &self,
        name: &str,
        facts: &Facts,
        first: u64,
        last: Option<u64>,
    ) -> Result<Chunks, OriginError> {
        let wanted = Wanted::new(facts.len, first, last)?;
        if wanted.is_empty() {
            return Ok(nothing());
        }
        let mut headers = HeaderMap::new();
        if facts.ranges {
            headers.insert(header::RANGE, wanted.header()?);
        }
        if let Some((value, is_tag)) = facts.version.as_ref().and_then(condition) {
            let name: HeaderName = if is_tag {
                header::IF_MATCH
            } else {
                header::IF_UNMODIFIED_SINCE
            };
            headers.insert(name, value);
        }
        let answer = self.get(name, &headers).await?;
        let part = part(&answer, facts, &wanted)?;
        Ok(Box::pin(Exact::new(answer.body, part)))
    }
}

impl Origin for WebOrigin {
    fn look<'a>(
        &'a self,
        name: &'a str,
        known: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Looked, OriginError>> {
        Box::pin(self.look(name, known))
    }

    fn read<'a>(
        &'a self,
        name: &'a str,
        facts: &'a Facts,
        first: u64,
        last: Option<u64>,
    ) -> BoxFuture<'a, Result<Chunks, OriginError>> {
        Box::pin(self.read(name, facts, first, last))
    }

    fn fresh_for(&self) -> Option<Duration> {
        self.options.fresh
    }
}

/// What a failure of the client means for the object.
fn outcome(error: NetError) -> OriginError {
    match error {
        NetError::NotAllowed
        | NetError::NotPublic
        | NetError::BadRedirect
        | NetError::TooManyRedirects => OriginError::Refused,
        NetError::TimedOut => OriginError::TimedOut,
        NetError::Unreachable
        | NetError::Tls
        | NetError::Protocol
        | NetError::TooLong
        | NetError::Unread => OriginError::Failed,
    }
}

/// What a status means that is not the one hoped for.
fn unhoped(status: StatusCode) -> OriginError {
    match status.as_u16() {
        404 | 410 => OriginError::NotFound,
        412 | 416 => OriginError::Changed,
        status => failed(status, "an https origin answered with an unexpected status"),
    }
}

/// Logs a lie, once, and ends in failure.
fn failed(status: u16, lie: &'static str) -> OriginError {
    tracing::warn!(status, "{lie}");
    OriginError::Failed
}

#[cfg(test)]
mod tests;
