//! The servers that are compared, each with its own way of signing what may be asked of it.

pub(crate) mod gatefold;
pub(crate) mod nginx;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::{
    connection::{Connection, Request},
    error::{Doing, Error},
    server::Server,
    workload::{Expected, Part},
};

/// The web site on behalf of which is asked; both peers bind their URLs to it.
pub(crate) const SITE: &str = "https://music.example";

/// How many different URLs a flood of wrong ones asks for in turn.
pub(crate) const FORGED: usize = 64;

/// How many wrong URLs in a row are more than any peer puts up with that counts them.
const EXHAUSTING: usize = 200;

/// What every peer's process is told.
#[derive(Args)]
pub(crate) struct Place {
    /// The peer's own folder, beside the folder of files
    #[arg(long)]
    own: PathBuf,
    /// The core to stay on
    #[arg(long)]
    core: Option<usize>,
}

impl Place {
    /// This program once more, as a peer's process.
    fn command(&self, subcommand: &str) -> Result<Command, Error> {
        let program = std::env::current_exe().doing("find this program")?;
        let mut command = Command::new(program);
        command.arg(subcommand).arg("--own").arg(&self.own);
        if let Some(core) = self.core {
            command.args([OsString::from("--core"), core.to_string().into()]);
        }
        Ok(command)
    }
}

/// A place with a folder of its own, which goes when this does.
pub(crate) struct Home {
    pub(crate) place: Place,
    _folder: TempDir,
}

impl Home {
    /// A new folder in `scratch`.
    pub(crate) fn create(scratch: &Path, core: Option<usize>) -> Result<Self, Error> {
        let folder = tempfile::tempdir_in(scratch).doing("make a folder for a server")?;
        Ok(Self {
            place: Place {
                own: folder.path().to_owned(),
                core,
            },
            _folder: folder,
        })
    }
}

/// A running server and how to ask it.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) server: Server,
    /// Goes after the server.
    _home: Home,
}

impl Peer {
    fn new(name: &'static str, version: String, server: Server, home: Home) -> Self {
        Self {
            name,
            version,
            server,
            _home: home,
        }
    }

    /// Requests for parts of the files.
    pub(crate) fn requests(&self, parts: &[Part]) -> Result<Vec<Request>, Error> {
        let request = |part: &Part| {
            let target = self.server.ready.targets.get(part.file)?;
            Some(Request {
                bytes: self.request(target, SITE, part.range.as_deref()),
                expected: part.expected.clone(),
            })
        };
        let requests: Option<Vec<_>> = parts.iter().map(request).collect();
        requests.ok_or_else(|| Error::wrong(format_args!("{} lacks a file", self.name)))
    }

    /// Asks for everything once and compares it, so that caches have it from now on.
    pub(crate) fn warm(&self, requests: &[Request]) -> Result<(), Error> {
        let mut connection = Connection::open(self.server.ready.address)?;
        let mut requests = requests.iter();
        let warmed = requests.try_for_each(|request| connection.verify(request));
        warmed.map_err(|error| error.of(self.name))
    }

    /// Requests for wrong URLs, which from now on are all to be answered with the words with which
    /// the peer refuses one of them. Unless that answer has the status `right`, the peer is wrong.
    pub(crate) fn refused(&self, targets: &[String], right: u16) -> Result<Vec<Request>, Error> {
        let requests = targets
            .iter()
            .map(|target| self.request(target, SITE, None));
        let requests: Vec<_> = requests.collect();
        let mut connection = Connection::open(self.server.ready.address)?;
        let mut last = (0, Vec::new());
        // Asks so often that a client who is no longer listened to has become one.
        for request in requests.iter().cycle().take(EXHAUSTING) {
            last = connection.fetch(request)?;
        }
        let (status, body) = last;
        if status != right {
            let name = self.name;
            let complaint = format!("{name} answers {status}, not {right}, to a wrong URL");
            return Err(Error::wrong(complaint));
        }
        let expected = Expected {
            status,
            len: body.len() as u64,
            content_range: None,
            sha256: Sha256::digest(&body).into(),
        };
        let request = |bytes| Request {
            bytes,
            expected: expected.clone(),
        };
        Ok(requests.into_iter().map(request).collect())
    }

    /// Makes sure that the peer really checks what it is asked: it grants a whole URL to its
    /// client, and refuses both a URL that somebody has changed and another client.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Some(target) = self.server.ready.targets.first() else {
            return Err(Error::wrong(format_args!("{} has no files", self.name)));
        };
        let changed = last_changed(target);
        for (target, site, right) in [
            (target, SITE, 200),
            (&changed, SITE, 403),
            (target, "https://elsewhere.example", 403),
        ] {
            let mut connection = Connection::open(self.server.ready.address)?;
            let request = self.request(target, site, None);
            let (status, _) = connection.fetch(&request)?;
            if status != right {
                let name = self.name;
                let complaint = format!("{name} answers {status}, not {right}, to {site}");
                return Err(Error::wrong(complaint));
            }
        }
        Ok(())
    }

    fn request(&self, target: &str, site: &str, range: Option<&str>) -> Vec<u8> {
        let mut text = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nOrigin: {site}\r\n",
            self.server.ready.address
        );
        if let Some(range) = range {
            text.extend(["Range: ", range, "\r\n"]);
        }
        text.push_str("\r\n");
        text.into_bytes()
    }
}

/// The same target with another character in the middle of its signed part.
fn last_changed(target: &str) -> String {
    let from_end = target.len().saturating_sub(12);
    let change = |(place, letter): (usize, char)| match letter {
        'A' if place == from_end => 'B',
        _ if place == from_end => 'A',
        letter => letter,
    };
    target.char_indices().map(change).collect()
}
