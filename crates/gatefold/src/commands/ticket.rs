//! `gatefold ticket`: makes the ticket by which a person shows at an edge elsewhere who asks.

use std::{fmt, path::PathBuf};

use clap::Args;
use gatefold_edge_core::{BIND_PATH, edge_host};
use gatefold_seal::{MintError, Minter, PATH_PREFIX, TICKET_SECONDS, Token, UnixSeconds};
use serde::Serialize;

use super::{Error, output, seal::read_minter, time};

/// The lifetime that a minter of tickets is made with: tickets have one of their own.
const ANY_LIFETIME: u64 = 300;

/// What `gatefold ticket` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The sealed URL, its path or its token, that the ticket is for; without it, the ticket binds a
    /// browser for five minutes
    url: Option<String>,
    /// Whom the ticket is for: a DID
    #[arg(long, value_name = "DID")]
    client: String,
    /// The edge's address as it is configured, for example `https://edge.example.com`; without it,
    /// that of the sealed URL
    #[arg(long, value_name = "URL")]
    edge: Option<String>,
    /// The minter's own file, from `gatefold keys new minter`
    #[arg(long, env = "GATEFOLD_MINTER", value_name = "FILE")]
    minter: PathBuf,
    /// The moment from which the ticket's minute counts, for example 2026-11-22T20:15:00Z; now
    /// unless given
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    at: Option<UnixSeconds>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let (before, token) = match arguments.url.as_deref().map(str::trim) {
        Some(url) => {
            let (before, token) = url.split_once(PATH_PREFIX).unwrap_or(("", url));
            (before, Some(Token::parse(token).map_err(Error::Refused)?))
        }
        None => ("", None),
    };
    let edge = match &arguments.edge {
        Some(edge) => edge,
        None if before.is_empty() => return Err(Error::NoEdge),
        None => before,
    };
    let edge = edge.trim_end_matches('/');
    let host = edge_host(edge)?;
    let file = read_minter(&arguments.minter)?;
    let minter = Minter::new(file.edge, file.key, ANY_LIFETIME)
        .map_err(MintError::from)?
        .with_scope(file.scope)?;
    let (did, now) = (&arguments.client, time::or_now(arguments.at));
    let ticket = match &token {
        None => minter.ticket(did, host, now)?,
        Some(token) => minter.file_ticket(token, did, host, now)?,
    };
    let ticket = ticket.expose();
    let made = Made {
        ticket,
        valid_until: time::show(UnixSeconds(now.0.saturating_add(TICKET_SECONDS))),
        usage: if token.is_some() {
            Usage::Authorization(format!("Ticket {ticket}"))
        } else {
            Usage::Bind(format!("{edge}{BIND_PATH}?ticket={ticket}"))
        },
    };
    Ok(output::show(&made, arguments.json)?)
}

#[derive(Serialize)]
struct Made<'a> {
    ticket: &'a str,
    valid_until: String,
    #[serde(flatten)]
    usage: Usage,
}

/// Where the ticket goes.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Usage {
    /// What a player fetches.
    Bind(String),
    /// The value of the header.
    Authorization(String),
}

impl fmt::Display for Made<'_> {
    /// The ticket alone, so that it can be used as it is printed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.ticket)
    }
}
