//! A site with an artist and a listener, each at a terminal.

use std::{fs, path::PathBuf};

use gatefold_e2e::{
    Result,
    actors::Program,
    site::{Setup, Site},
    terminal::{Ran, Terminal},
};
use gatefold_testkit::{network::Account, registry::Registry};
use http::Method;
use serde_json::{Value, json};

pub(crate) struct Stage {
    pub(crate) site: Site,
    pub(crate) registry: Registry,
    pub(crate) artist: Person,
    pub(crate) listener: Person,
}

pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) terminal: Terminal,
    /// What shows what they show.
    pub(crate) program: Program,
}

impl Person {
    pub(crate) async fn sign_in(site: &Site, name: &str) -> Result<Self> {
        let account = site.network().account(name).await?;
        let terminal = Terminal::at(&site.origin)?;
        terminal.login(site, &account).await?;
        let kept: Value = serde_json::from_str(&fs::read_to_string(terminal.credentials())?)?;
        let token = kept["servers"][&site.origin]["token"].as_str();
        Ok(Self {
            account,
            terminal,
            program: Program::bearer(site, token.ok_or("no token")?),
        })
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Ran> {
        self.terminal.run(arguments)
    }

    /// A file of the corpus of audio, in the folder where they are.
    pub(crate) fn audio(&self, name: &str, called: &str) -> Result<PathBuf> {
        let from = format!("{}/../testdata/audio/{name}", env!("CARGO_MANIFEST_DIR"));
        let path = self.terminal.folder().join(called);
        fs::copy(from, &path)?;
        Ok(path)
    }
}

impl Stage {
    pub(crate) async fn set() -> Result<Self> {
        Self::set_with("").await
    }

    /// The same with further lines of the site's configuration.
    pub(crate) async fn set_with(more: &'static str) -> Result<Self> {
        let registry = Registry::start().await?;
        let site = Site::start(Setup {
            registry: Some(registry.url.clone()),
            more,
            ..Setup::small()
        })
        .await?;
        Ok(Self {
            artist: Person::sign_in(&site, "artist").await?,
            listener: Person::sign_in(&site, "listener").await?,
            registry,
            site,
        })
    }

    /// The same with an artist who has a profile.
    pub(crate) async fn with_artist() -> Result<Self> {
        let stage = Self::set().await?;
        stage.profile().await?;
        Ok(stage)
    }

    pub(crate) async fn profile(&self) -> Result {
        let profile = json!({ "display_name": "佐藤 Tram" });
        let program = &self.artist.program;
        let made = program.ask(Method::POST, "/artists/", &profile).await?;
        assert_eq!(made.status, 201, "{made:?}");
        Ok(())
    }

    /// Uploads a file of the corpus; its number.
    pub(crate) fn publish(&self, name: &str, arguments: &[&str]) -> Result<String> {
        self.artist.audio(name, name)?;
        let all: Vec<_> = ["upload", name, "--json"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let told = self.artist.run(&all)?.json()?;
        assert_eq!(told["status"], "completed", "{told}");
        Ok(told["track"]["id"].to_string())
    }
}

/// JSON, line by line.
pub(crate) fn lines(ran: &Ran) -> Result<Vec<Value>> {
    let lines = ran.output.lines();
    Ok(lines
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()?)
}
