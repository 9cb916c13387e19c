//! The configuration of gatefold's servers: what there is to set, and what holds unless it is.
//!
//! How it is read is in [`gatefold_ops::config`]; `docs/operations/configuration.md` is generated
//! from here.

mod base_url;
mod cache;
mod edge;
mod https;
mod limits;
mod server;
mod store;

use std::path::{Path, PathBuf};

use clap::Args;
use gatefold_ops::config::{
    self, ConfigError, Environment, Fields, Loaded, Section, Sources, Wrong,
};

pub(crate) use base_url::BaseUrl;
pub(crate) use edge::Edge;
pub(crate) use server::{
    Database, Delivery, DeliveryKind, Kept, LONGEST_WINDOW, Media, Rates, Server, Supporters,
};
pub(crate) use store::{Bucket, Place};

/// The file that is read unless another is named, if it is there.
const USUAL_FILE: &str = "gatefold.toml";

const INTRODUCTION: &str = include_str!("config/reference.md");

/// Everything that can be set.
#[derive(Default)]
pub(crate) struct Config {
    /// The site itself.
    pub(crate) server: Server,
    /// The edge.
    pub(crate) edge: Edge,
    /// Log lines.
    pub(crate) log: Log,
}

/// `[log]`.
pub(crate) struct Log {
    /// What is logged, as `tracing` writes it.
    pub(crate) filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "warn".to_owned(),
        }
    }
}

impl Section for Config {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.section(
            "server",
            &mut self.server,
            "`gatefold serve`: the site, with its accounts and pages.",
        );
        on.section(
            "edge",
            &mut self.edge,
            "`gatefold edge`: where it listens, and where its keys are.",
        );
        on.section(
            "log",
            &mut self.log,
            "Log lines, on standard error. The option `--log` and the variable `GATEFOLD_LOG`, which \
             every command has, come before this.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        wrong.section("server", &self.server);
        wrong.section("edge", &self.edge);
    }
}

impl Section for Log {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "filter",
            &mut self.filter,
            "What is logged: a level, or levels by part, for example `info,gatefold_edge=debug`. No \
             line names a source or a token, at any level; of the libraries within there are \
             warnings at most.",
        );
    }
}

/// The option that names the file.
#[derive(Args)]
pub(crate) struct ConfigArguments {
    /// The configuration; `gatefold.toml` if there is one
    #[arg(long, env = "GATEFOLD_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl ConfigArguments {
    /// The file and the environment of this process, not put together yet.
    pub(crate) fn sources(&self) -> Result<Sources, ConfigError> {
        let sources = Sources::new(Environment::of_process());
        match &self.config {
            Some(path) => sources.with_file(path, true),
            None => sources.with_file(Path::new(USUAL_FILE), false),
        }
    }

    /// The configuration of this process.
    pub(crate) fn load(&self) -> Result<Loaded<Config>, ConfigError> {
        self.sources()?.load()
    }
}

/// The reference of all settings, as Markdown.
pub(crate) fn reference() -> String {
    config::reference::<Config>(INTRODUCTION)
}

#[cfg(test)]
mod tests;
