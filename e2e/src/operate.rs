//! What whoever runs an edge does with it: signals, keys, and the address that is for them.

use std::{collections::BTreeMap, fs, process::Command};

use bytes::Bytes;
use gatefold_seal::MinterFile;
use http::Request;
use http_body_util::Full;
use tokio::time::Instant;

use crate::{
    Result, command,
    edge::Edge,
    http::{Answer, send},
    keys::{FOLDER, HOST, SITE},
    process::PATIENCE,
};

/// A sample of `/metrics` by its name and labels, and its value.
pub type Counts = BTreeMap<String, u64>;

impl Edge {
    /// Sends its process a signal, such as `TERM`.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, name: &str) -> Result {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status()?;
        if sent.success() {
            Ok(())
        } else {
            Err(format!("no {name} for process {id}").into())
        }
    }

    /// Runs `gatefold keys` on its keyring.
    ///
    /// # Errors
    /// When that fails.
    pub fn change_keys(&self, arguments: &[&str]) -> Result<String> {
        let keyring = self.folder().join("keyring.json");
        let keyring = keyring.to_str().ok_or("a path that is no text")?;
        command::run([&["keys", "--keyring", keyring], arguments].concat())
    }

    /// Makes a minter that may seal everything, of which the edge does not know yet.
    ///
    /// # Errors
    /// When that fails.
    pub fn new_minter(&self, name: &str) -> Result<MinterFile> {
        let out = self.folder().join(format!("{name}.json"));
        let path = out.to_str().ok_or("a path that is no text")?;
        self.change_keys(&[
            "new",
            "minter",
            name,
            "--out",
            path,
            "--client",
            SITE,
            "--client",
            "did:*",
            "--host",
            HOST,
            "--folder",
            FOLDER,
            "--private",
        ])?;
        Ok(MinterFile::parse(&fs::read(out)?)?)
    }

    /// What must be shown at its address for those who run it.
    ///
    /// # Errors
    /// When it has made none.
    pub fn token(&self) -> Result<String> {
        Ok(fs::read_to_string(
            self.folder().join("secrets/admin.token"),
        )?)
    }

    /// Asks at that address, showing a token unless it is empty.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn operate(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        send(self.admin, request.body(body)?).await
    }

    /// What it counts.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn counts(&self) -> Result<Counts> {
        let answer = self.operate("GET", "/metrics", "", "").await?;
        let text = String::from_utf8(answer.body.to_vec())?;
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let counts = samples.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            // Times are sums of parts of seconds, and not what is counted here.
            Some((name.to_owned(), value.parse().ok()?))
        });
        Ok(counts.collect())
    }

    /// Waits until a count is this.
    ///
    /// # Errors
    /// What it is instead, after a long time.
    pub async fn counted(&self, name: &str, value: u64) -> Result {
        let begin = Instant::now();
        loop {
            let counts = self.counts().await?;
            let now = counts.get(name).ok_or("there is no such count")?;
            if *now == value {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                return Err(format!("{name} is {now} and not {value}").into());
            }
        }
    }
}
