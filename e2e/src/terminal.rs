//! A person at a terminal: the command, with a folder of their own for what it keeps.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use bytes::Bytes;
use gatefold_testkit::network::Account;
use http::Request;
use http_body_util::Empty;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Result,
    actors::Browser,
    command::gatefold,
    http::{Answer, send},
    links::{location, parameter},
    site::Site,
};

/// What stands for the browser of a system: it writes down which address it was given.
const OPENER: &str = "#!/bin/sh\nprintf %s \"$1\" > \"${0%/*}/opened\"\n";

/// A person at a terminal.
pub struct Terminal {
    folder: TempDir,
    server: Option<String>,
}

/// What became of a command.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status.
    pub status: i32,
    /// What it printed.
    pub output: String,
    /// What it said besides.
    pub said: String,
}

impl Ran {
    fn of(output: Output) -> Result<Self> {
        Ok(Self {
            status: output.status.code().ok_or("a signal ended it")?,
            output: String::from_utf8(output.stdout)?,
            said: String::from_utf8(output.stderr)?,
        })
    }

    /// What it printed, which is JSON.
    ///
    /// # Errors
    /// When it failed, or it is not.
    pub fn json(&self) -> Result<Value> {
        if self.status == 0 {
            return Ok(serde_json::from_str(&self.output)?);
        }
        Err(format!("it failed: {self:?}").into())
    }
}

impl Terminal {
    /// One that knows no server.
    ///
    /// # Errors
    /// When there is no folder to be had.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for browser in ["xdg-open", "open"] {
            let path = folder.path().join(browser);
            fs::write(&path, OPENER)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        Ok(Self {
            folder,
            server: None,
        })
    }

    /// One that names this server with every command.
    ///
    /// # Errors
    /// When there is no folder to be had.
    pub fn at(server: &str) -> Result<Self> {
        Ok(Self {
            server: Some(server.to_owned()),
            ..Self::new()?
        })
    }

    /// Where it may leave files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the command keeps what it shows to servers.
    #[must_use]
    pub fn credentials(&self) -> PathBuf {
        self.folder.path().join("home/credentials.json")
    }

    /// Which address a browser was opened with.
    ///
    /// # Errors
    /// When none was, so far.
    pub fn opened(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("opened"))?)
    }

    /// The command, to be run.
    ///
    /// # Errors
    /// When it was not built.
    pub fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Command> {
        let mut command = gatefold()?;
        let path =
            std::env::join_paths([self.folder.path(), Path::new("/usr/bin"), Path::new("/bin")])?;
        command
            .args(arguments)
            .env_clear()
            .env("PATH", path)
            .env("GATEFOLD_HOME", self.folder.path().join("home"))
            .current_dir(self.folder.path());
        if let Some(server) = &self.server {
            command.env("GATEFOLD_URL", server);
        }
        Ok(command)
    }

    /// Runs the command to its end. Blocks.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<Ran> {
        Ran::of(self.command(arguments)?.output()?)
    }

    /// Runs it as [`Self::run`] does, with this on its standard input. Blocks.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn type_into<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        text: &str,
    ) -> Result<Ran> {
        let mut command = self.command(arguments)?;
        command.stdin(Stdio::piped());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        input.write_all(text.as_bytes())?;
        drop(input);
        Ran::of(child.wait_with_output()?)
    }

    /// Starts to sign in as somebody.
    ///
    /// # Errors
    /// When it does not say where.
    pub fn begin_login(&self, arguments: &[&str]) -> Result<Login> {
        let mut command = self.command(["login"].iter().chain(arguments))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(child.stderr.take().ok_or("no output")?);
        let mut before = String::new();
        loop {
            let start = before.len();
            if said.read_line(&mut before)? == 0 {
                child.wait()?;
                return Err(format!("it does not say where to sign in: {before}").into());
            }
            let line = before.get(start..).unwrap_or_default().trim();
            if line.starts_with("http") {
                let address = line.to_owned();
                return Ok(Login {
                    address,
                    child,
                    said,
                });
            }
        }
    }

    /// Signs in as somebody, through a browser.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn login(&self, site: &Site, account: &Account) -> Result<Ran> {
        let login = self.begin_login(&[&account.handle, "--server", &site.origin])?;
        let landing = login.land(site, account).await?;
        let brought = bring(&landing).await?;
        if brought.status != 200 {
            return Err(format!("the code was not taken: {brought:?}").into());
        }
        login.end()
    }
}

/// A sign-in that has begun.
pub struct Login {
    /// Where the person is to go.
    pub address: String,
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Login {
    /// Goes there with a browser, signs in, and comes back to the page of the site; its address.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn land(&self, site: &Site, account: &Account) -> Result<String> {
        let mut browser = Browser::new(site);
        let path = browser.reach.path(&self.address)?.to_owned();
        let there = location(&browser.open(&path).await?)?;
        let back = account.consent(&there).await?;
        location(&browser.come_back(&back).await?)
    }

    /// Types a line. Blocks.
    ///
    /// # Errors
    /// When nobody reads it.
    pub fn types(&mut self, line: &str) -> Result {
        let input = self.child.stdin.as_mut().ok_or("no input")?;
        Ok(writeln!(input, "{line}")?)
    }

    /// Waits until the command ends. Blocks.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn end(mut self) -> Result<Ran> {
        drop(self.child.stdin.take());
        let mut rest = String::new();
        self.said.read_to_string(&mut rest)?;
        let mut ran = Ran::of(self.child.wait_with_output()?)?;
        ran.said = rest;
        Ok(ran)
    }
}

/// Brings the code of a landing to where the program waits, as its button does.
///
/// # Errors
/// When the page does not say where that is, or nobody waits there.
pub async fn bring(landing: &str) -> Result<Answer> {
    let code = parameter(landing, "exchange_token").ok_or("no code")?;
    let port = parameter(landing, "port")
        .ok_or("no port")?
        .parse::<u16>()?;
    bring_to(port, &code).await
}

/// Brings a code to a port of this machine.
///
/// # Errors
/// When nobody waits there.
pub async fn bring_to(port: u16, code: &str) -> Result<Answer> {
    let request = Request::get(format!("/?exchange_token={code}"));
    send(
        ([127, 0, 0, 1], port).into(),
        request.body(Empty::<Bytes>::new())?,
    )
    .await
}
