//! An edge as its black-box suite sees it: an address, keys to mint with, and what there is to have.
//! How it runs, and that it is this implementation, the suite does not know.

use std::{net::SocketAddr, sync::Arc};

use gatefold_domain::Clock;
use gatefold_ops::SystemClock;
use gatefold_seal::{MinterFile, PATH_PREFIX, Payload, Source, UnixSeconds, Window, seal};
use gatefold_testkit::origins::Object;
use http::Method;

use crate::{
    Result,
    http::{Answer, Ask, ask, send, with},
    keys::{FOLDER, HOST, Keys, LONGEST, SITE},
    raw,
};

/// The person whom private objects are for.
pub const FAN: &str = "did:plc:fan";
/// Somebody else.
pub const STRANGER: &str = "did:plc:stranger";

/// Where an edge takes bytes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Files of an upload folder.
    Folder,
    /// A web host.
    Web,
    /// The private bucket.
    Bucket,
}

impl Kind {
    /// What stands in a payload for an object.
    ///
    /// # Errors
    /// When no source is called that.
    pub fn source(self, name: &str) -> Result<Source> {
        let source = match self {
            Self::Folder => Source::parse(&format!("files:{name}"), Some(FOLDER)),
            Self::Web => Source::parse(&format!("https://{HOST}/{name}"), None),
            Self::Bucket => Source::parse(&format!("private:{name}"), None),
        };
        Ok(source?)
    }

    /// Whom its objects are sealed for: the private ones for people only.
    #[must_use]
    pub fn client(self) -> &'static str {
        match self {
            Self::Folder | Self::Web => SITE,
            Self::Bucket => FAN,
        }
    }
}

/// An edge under test.
pub struct Subject {
    /// Where it is.
    pub address: SocketAddr,
    /// Its authority, as tickets name it.
    pub host: String,
    /// Who mints for it.
    pub keys: Arc<Keys>,
    /// Where it takes bytes from.
    pub kind: Kind,
    /// What there is to have.
    pub objects: Vec<Object>,
}

/// A sealed URL, and what shows that its client is asking.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its path.
    pub path: String,
    /// Its window.
    pub window: Window,
    /// The headers that its rightful client sends.
    pub proof: Vec<(&'static str, String)>,
}

impl Link {
    /// What its rightful client asks.
    #[must_use]
    pub fn ask(&self, method: Method) -> Ask {
        let proof = self.proof.iter();
        proof.fold(ask(method, &self.path), |asking, (name, value)| {
            with(asking, name, value)
        })
    }

    /// A rightful `GET`.
    #[must_use]
    pub fn get(&self) -> Ask {
        self.ask(Method::GET)
    }

    /// A rightful `GET` with one more header.
    #[must_use]
    pub fn get_with(&self, name: &'static str, value: &str) -> Ask {
        with(self.get(), name, value)
    }
}

/// What time it is.
#[must_use]
pub fn now() -> u64 {
    UnixSeconds::from(SystemClock.now()).0
}

/// A window of `lifetime` seconds that began `since` seconds ago.
///
/// # Errors
/// When there is no such window.
pub fn window_since(since: i64, lifetime: u64) -> Result<Window> {
    let begin = now().checked_add_signed(since.saturating_neg());
    let begin = begin.ok_or("before 1970")?;
    // The phase moves a boundary to where it is wanted.
    let after = begin.checked_rem(lifetime).ok_or("no lifetime")?;
    let phase = lifetime.saturating_sub(after).checked_rem(lifetime);
    let phase = phase.unwrap_or_default();
    Ok(Window::at(UnixSeconds(begin), lifetime, phase)?)
}

impl Subject {
    /// One of the objects.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn object(&self, name: &str) -> Result<&Object> {
        let mut objects = self.objects.iter();
        let found = objects.find(|object| object.name == name);
        found.ok_or_else(|| format!("there is no {name}").into())
    }

    /// A URL that the usual minter seals for the usual client in a window that has just begun.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn link(&self, name: &str) -> Result<Link> {
        let window = window_since(60, LONGEST)?;
        self.seal(&self.keys.minter, name, self.kind.client(), window)
    }

    /// A URL that somebody seals, whatever their scope says.
    ///
    /// # Errors
    /// When there is no such source.
    pub fn seal(&self, by: &MinterFile, name: &str, client: &str, window: Window) -> Result<Link> {
        self.seal_source(by, self.kind.source(name)?, client, window)
    }

    /// The same for any source.
    ///
    /// # Errors
    /// When nobody could seal that.
    pub fn seal_source(
        &self,
        by: &MinterFile,
        source: Source,
        client: &str,
        window: Window,
    ) -> Result<Link> {
        let payload = Payload::new(source, client, window)?;
        let token = seal(&by.edge, &by.key, &payload).ok_or("keys that seal nothing")?;
        let path = [PATH_PREFIX, token.as_str()].concat();
        let mut proof = vec![("origin", SITE.to_owned())];
        if client.starts_with("did:") {
            proof.push(("authorization", self.shown(by, client, &path)));
        } else {
            proof = vec![("origin", client.to_owned())];
        }
        Ok(Link {
            path,
            window,
            proof,
        })
    }

    /// The value of `Authorization` by which a person shows who asks for a path.
    #[must_use]
    pub fn shown(&self, by: &MinterFile, did: &str, path: &str) -> String {
        let ticket = raw::file_ticket(by, &self.host, did, path, now());
        ["Ticket ", &ticket].concat()
    }

    /// Asks the edge.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn answer(&self, asking: Ask) -> Result<Answer> {
        send(self.address, asking).await
    }
}
