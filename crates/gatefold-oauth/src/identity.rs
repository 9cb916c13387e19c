//! Who somebody is: from what they type to their DID and their server.
//!
//! ```text
//! handle --(DNS TXT, https)--> DID --(directory, did:web)--> document --> server (PDS)
//!    ^                                                           |
//!    '----------------- has to name the same handle -------------'
//! ```
//!
//! Everything on the way is chosen by strangers. So requests go through the client that connects to
//! public addresses alone, documents are bounded in size and time, and a handle counts only when it
//! and its account name each other.

mod cache;
mod document;
mod error;
mod input;
mod lookup;
#[cfg(test)]
mod tests;

use std::{pin::pin, sync::Arc};

use gatefold_domain::{Did, DidMethod, Handle};
use gatefold_net::{Client, InvalidUrl, NetError, Url};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio::time::timeout;

use self::{
    cache::Cache,
    lookup::{Said, agreed, by_page, by_records},
};
use crate::{
    dns::Txt,
    fetch::{self, is_passing},
};

pub use document::DidDocument;
pub use error::IdentityError;
pub use input::Input;

/// The directory of the method `did:plc` that everybody uses.
pub const PLC_DIRECTORY: &str = "https://plc.directory";

/// The longest answer of `/.well-known/atproto-did`, in bytes.
const MOST_OF_PAGE: usize = 2048;

/// Somebody who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who they are, for good.
    pub did: Did,
    /// What they go by: it names them, and they name it. `None` when there is no such handle, which
    /// the protocol writes as `handle.invalid`.
    pub handle: Option<Handle>,
    /// Their server (PDS), without path and query.
    pub pds: Url,
}

/// Whom somebody meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This person.
    Person(Identity),
    /// Anybody whom this server knows. Nothing has been asked of it.
    Server(Url),
}

/// Where identities are looked up.
#[derive(Clone, Debug)]
pub struct ResolverOptions {
    /// The directory of `did:plc`, [`PLC_DIRECTORY`] but for development.
    pub plc: Url,
    /// For development networks alone: a server that knows every handle (by
    /// `com.atproto.identity.resolveHandle`). DNS and the handles' own hosts are then not asked, and
    /// handles may end in `.test`, which otherwise nobody has.
    pub handles: Option<Url>,
}

/// Finds people. Clones share what they know.
#[derive(Clone)]
pub struct Resolver(Arc<Inner>);

struct Inner {
    client: Client,
    dns: Arc<dyn Txt>,
    options: ResolverOptions,
    known: Cache,
}

impl Resolver {
    /// Makes a resolver; nothing is asked yet.
    #[must_use]
    pub fn new(client: Client, dns: Arc<dyn Txt>, options: ResolverOptions) -> Self {
        Self(Arc::new(Inner {
            client,
            dns,
            options,
            known: Cache::default(),
        }))
    }

    /// Finds whomever somebody means by a handle, a DID or a server's URL, as [`Input::parse`] reads
    /// it. Nothing that was known before is believed.
    ///
    /// # Errors
    /// When it means nobody, or they cannot be found.
    pub async fn find(&self, input: &str) -> Result<Found, IdentityError> {
        match Input::parse(input, |text| self.url(text))? {
            Input::Did(did) => self.identity(&did).await.map(Found::Person),
            Input::Handle(handle) => self.by_handle(&handle).await.map(Found::Person),
            Input::Server(url) => Ok(Found::Server(url)),
        }
    }

    /// Finds the person of a handle or a DID; a server's URL is none.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub async fn resolve(&self, input: &str) -> Result<Identity, IdentityError> {
        match self.find(input).await? {
            Found::Person(identity) => Ok(identity),
            Found::Server(_) => Err(IdentityError::Input),
        }
    }

    /// Finds the person of a DID. Nothing that was known before is believed. A handle that cannot be
    /// confirmed is left out and no error.
    ///
    /// # Errors
    /// When there is no such person, or they cannot be found now.
    pub async fn identity(&self, did: &Did) -> Result<Identity, IdentityError> {
        let document = self.document(did).await;
        let (handle, pds) = match document.and_then(with_pds) {
            Ok(found) => found,
            Err(error) => {
                self.0.known.forget(did);
                return Err(error);
            }
        };
        let said = match &handle {
            Some(handle) => self.did_of(handle).await,
            None => Err(IdentityError::NoSuchHandle),
        };
        let identity = Identity {
            did: did.clone(),
            handle: handle.filter(|_| said.as_ref() == Ok(did)),
            pds,
        };
        if said == Err(IdentityError::HandleUnreachable) {
            // Good enough for now, and not to be remembered: a moment later the handle may be back.
            self.0.known.forget(did);
        } else {
            self.0.known.put(identity.clone());
        }
        Ok(identity)
    }

    /// The same, as it was at most ten minutes ago: for showing somebody's handle, not for deciding
    /// whether they are let in.
    ///
    /// # Errors
    /// As [`Self::identity`].
    pub async fn known(&self, did: &Did) -> Result<Identity, IdentityError> {
        match self.0.known.get(did) {
            Some(identity) => Ok(identity),
            None => self.identity(did).await,
        }
    }

    async fn by_handle(&self, handle: &Handle) -> Result<Identity, IdentityError> {
        let did = self.did_of(handle).await?;
        let (claimed, pds) = self.document(&did).await.and_then(with_pds)?;
        if claimed.as_ref() != Some(handle) {
            return Err(IdentityError::NotClaimed);
        }
        let identity = Identity {
            did,
            handle: claimed,
            pds,
        };
        self.0.known.put(identity.clone());
        Ok(identity)
    }

    /// Reads a URL that the client could ask.
    fn url(&self, text: &str) -> Result<Url, InvalidUrl> {
        self.0.client.url(text)
    }

    /// Whom a handle names; whether they go by it is another question.
    async fn did_of(&self, handle: &Handle) -> Result<Did, IdentityError> {
        if let Some(server) = &self.0.options.handles {
            let said = self.by_server(server, handle).await;
            return agreed(Said::Nothing, said);
        }
        if handle.as_str().rsplit('.').next() == Some("test") {
            return Err(IdentityError::NoSuchHandle);
        }
        // Side by side; but DNS is right whatever https says, so its word is enough.
        let mut dns = pin!(self.by_dns(handle));
        let mut https = pin!(self.by_https(handle));
        let mut page = None;
        let records = loop {
            tokio::select! {
                biased;
                said = &mut dns => break said,
                said = &mut https, if page.is_none() => page = Some(said),
            }
        };
        let page = match (&records, page) {
            (Said::Did(_) | Said::Several, _) => Said::Nothing,
            (_, Some(page)) => page,
            (_, None) => https.await,
        };
        agreed(records, page)
    }

    async fn by_dns(&self, handle: &Handle) -> Said {
        let name = format!("_atproto.{handle}");
        match timeout(fetch::TIME, self.0.dns.txt(&name)).await {
            Ok(Ok(records)) => by_records(&records),
            Ok(Err(_)) | Err(_) => Said::Unknown,
        }
    }

    async fn by_https(&self, handle: &Handle) -> Said {
        let Ok(url) = Url::parse(&format!("https://{handle}/.well-known/atproto-did")) else {
            return Said::Nothing;
        };
        let fetching = async {
            // Redirects are allowed here, and followed to public addresses alone.
            let answer = self
                .0
                .client
                .get(&url, &HeaderMap::new(), &|_| true)
                .await?;
            let status = answer.status;
            let body = match status {
                StatusCode::OK => answer.body.collect(MOST_OF_PAGE).await?,
                _ => bytes::Bytes::new(),
            };
            Ok(by_page(status, &body))
        };
        match timeout(fetch::TIME, fetching).await {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => without_page(error),
            Err(_) => Said::Unknown,
        }
    }

    async fn by_server(&self, server: &Url, handle: &Handle) -> Said {
        #[derive(Deserialize)]
        struct Answer {
            did: String,
        }
        let path = format!("/xrpc/com.atproto.identity.resolveHandle?handle={handle}");
        let Ok(url) = server.join(&path) else {
            return Said::Nothing;
        };
        match fetch::document(&self.0.client, url).await {
            Err(_) => Said::Unknown,
            Ok(fetched) if is_passing(fetched.status) => Said::Unknown,
            Ok(fetched) => serde_json::from_slice(&fetched.bytes)
                .ok()
                .and_then(|answer: Answer| answer.did.parse().ok())
                .map_or(Said::Nothing, Said::Did),
        }
    }

    async fn document(&self, did: &Did) -> Result<DidDocument, IdentityError> {
        let url = self.place(did).ok_or(IdentityError::UnknownDid)?;
        let fetched = fetch::document(&self.0.client, url)
            .await
            .map_err(|error| match error {
                NetError::TooLong => IdentityError::BadDocument,
                _ => IdentityError::DidUnreachable,
            })?;
        match fetched.status {
            StatusCode::OK => DidDocument::parse(&fetched.bytes, did, |text| self.url(text)),
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(IdentityError::UnknownDid),
            _ => Err(IdentityError::DidUnreachable),
        }
    }

    /// Where the document of a DID is.
    fn place(&self, did: &Did) -> Option<Url> {
        match did.method() {
            DidMethod::Plc => self.0.options.plc.join(&format!("/{did}")).ok(),
            DidMethod::Web(host) => {
                // Only this machine has a port, written as the specification asks for. The client
                // knows whether it may be asked.
                let host = host.replace("%3A", ":");
                let is_here = host == "localhost" || host.starts_with("localhost:");
                let scheme = if is_here { "http" } else { "https" };
                let url = format!("{scheme}://{host}/.well-known/did.json");
                self.url(&url).ok()
            }
        }
    }
}

fn with_pds(document: DidDocument) -> Result<(Option<Handle>, Url), IdentityError> {
    let pds = document.pds.ok_or(IdentityError::NoPds)?;
    Ok((document.handle, pds))
}

/// What it means for a handle that its page cannot be had. A host that does not exist, that nobody
/// listens at or that has another one's certificate is what a typing mistake leads to; so it says
/// nothing, like a page that is not there.
fn without_page(error: NetError) -> Said {
    match error {
        NetError::TimedOut | NetError::Protocol => Said::Unknown,
        NetError::NotAllowed
        | NetError::NotPublic
        | NetError::BadRedirect
        | NetError::TooManyRedirects
        | NetError::Unreachable
        | NetError::Tls
        | NetError::TooLong
        | NetError::Unread => Said::Nothing,
    }
}
