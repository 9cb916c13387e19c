//! `gatefold doctor`: looks at a deployment, and says what is wrong and what to do.
//!
//! A site is looked at where anything is said of one, and an edge likewise; where nothing is said of
//! either, a site when its database is there, and otherwise an edge.

mod cdn;
mod fetch;
mod finding;
mod keeping;
mod local;
mod network;
mod ports;
mod site;

use std::path::PathBuf;

use clap::Args;
use gatefold_domain::Clock;
use gatefold_ops::SystemClock;
use gatefold_seal::{MintError, Minter, Source};

use super::{Error, output, seal};
use crate::config::{BaseUrl, ConfigArguments};
use cdn::Probe;
use fetch::Http;
use finding::{Finding, Report};

/// What `gatefold doctor` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Where the world reaches the edge, in place of what is configured; what is between is looked
    /// at from there
    #[arg(long, value_name = "URL")]
    url: Option<BaseUrl>,
    /// The file of a minter, with which a URL is sealed to see whether something in between keeps
    /// what it names
    #[arg(long, value_name = "FILE", requires_all = ["source", "client"])]
    minter: Option<PathBuf>,
    /// A source for that URL, best a short one
    #[arg(long, value_name = "SOURCE", requires = "minter")]
    source: Option<String>,
    /// The upload folder of a files: source
    #[arg(long, value_name = "NAME", requires = "source")]
    folder: Option<String>,
    /// The origin that the URL is for
    #[arg(long, value_name = "ORIGIN", requires = "minter")]
    client: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let report = Report::of(findings(arguments)?);
    output::show(&report, arguments.json)?;
    if report.well {
        Ok(())
    } else {
        Err(Error::Unwell)
    }
}

fn findings(arguments: &Arguments) -> Result<Vec<Finding>, Error> {
    let clock = SystemClock;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut findings = Vec::new();
    let mut url = arguments.url.clone();
    match arguments.config.load() {
        Err(error) => {
            let remedy = "`gatefold config reference` tells all settings";
            findings.push(Finding::wrong("configuration", error.to_string(), remedy));
        }
        Ok(loaded) => {
            let says = |section: &str| loaded.places.keys().any(|key| key.starts_with(section));
            let is_unsaid = !says("server.") && !says("edge.") && url.is_none();
            if says("server.") || is_unsaid && site::is_there(&loaded.config.server) {
                let now = clock.now().into();
                findings.extend(runtime.block_on(site::look(&loaded, &Http, now)));
                if !says("edge.") && url.is_none() {
                    return Ok(findings);
                }
            }
            let config = &loaded.config.edge;
            findings.extend(runtime.block_on(local::look(&loaded, clock.now().into())));
            findings.extend(runtime.block_on(ports::look(config, &Http)));
            url = url.or_else(|| config.url.as_ref().map(|url| url.0.clone()));
        }
    }
    let Some(url) = url else {
        let says = "nobody said where the world reaches the edge";
        findings.push(Finding::not_checked(
            "url",
            says,
            "set edge.url, or name it with --url",
        ));
        return Ok(findings);
    };
    let probe = probe(arguments, &url, &clock)?;
    findings.extend(runtime.block_on(network::look(&url, &Http, &clock)));
    findings.extend(runtime.block_on(cdn::look(&url, probe.as_ref(), &Http)));
    Ok(findings)
}

/// Seals the URL that is looked at from outside, if it is known with what.
fn probe(arguments: &Arguments, url: &BaseUrl, clock: &impl Clock) -> Result<Option<Probe>, Error> {
    let (Some(minter), Some(text), Some(client)) =
        (&arguments.minter, &arguments.source, &arguments.client)
    else {
        return Ok(None);
    };
    let file = seal::read_minter(minter)?;
    let source = Source::parse(text, arguments.folder.as_deref())
        .map_err(|_| Error::Source(text.clone()))?;
    // As short as the minter may: nothing is left behind for long.
    let minter = Minter::new(file.edge, file.key, gatefold_seal::SHORTEST_LIFETIME)
        .map_err(MintError::from)?
        .with_scope(file.scope)?;
    let minted = minter.mint(source, client, clock.now().into())?;
    Ok(Some(Probe {
        url: format!("{}{}", url.as_str(), minted.path()),
        client: client.clone(),
    }))
}
