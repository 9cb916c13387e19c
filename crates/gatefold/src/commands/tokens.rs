//! `gatefold tokens`: the developer tokens that somebody has, for their programs.

use clap::{Args, Subcommand};
use gatefold_client::DeveloperToken;
use serde::Serialize;

use super::{
    Error, output,
    remote::{
        Connection, browser, day,
        table::{Column, Table, output_width},
    },
};

/// Where tokens are made, on the site.
const SETTINGS: &str = "/settings/tokens";

/// What `gatefold tokens` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List your developer tokens, without their secrets
    List(List),
    /// Make a developer token: in your browser, where your own server asks you
    New(New),
    /// End a developer token
    Revoke(Revoke),
}

#[derive(Args)]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
struct New {
    /// Open no browser, and only say where
    #[arg(long)]
    no_browser: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
struct Revoke {
    /// Its id, which `gatefold tokens list` shows
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.command {
        Command::List(arguments) => list(arguments),
        Command::New(arguments) => new(arguments),
        Command::Revoke(arguments) => revoke(arguments),
    }
}

#[derive(Serialize)]
struct Listed {
    server: String,
    tokens: Vec<DeveloperToken>,
}

fn list(arguments: &List) -> Result<(), Error> {
    let remote = arguments.connection.open_signed_in()?;
    let tokens = remote.run(async |client| Ok(client.developer_tokens().await?))?;
    let server = remote.client.server().to_string();
    if arguments.json {
        return Ok(output::json(&Listed { server, tokens })?);
    }
    if tokens.is_empty() {
        let text =
            format!("You have no developer tokens at {server}. `gatefold tokens new` makes one.\n");
        return Ok(output::print(&text)?);
    }
    let mut table = Table::new([
        Column::of("ID"),
        Column::text("NAME"),
        Column::of("MADE"),
        Column::of("ENDS"),
    ]);
    for token in &tokens {
        let moment = |moment: &Option<String>| moment.as_deref().map_or("never", day).to_owned();
        table.push([
            token.id.clone(),
            token.name.clone().unwrap_or_default(),
            moment(&token.created_at),
            moment(&token.expires_at),
        ]);
    }
    Ok(output::print(&table.render(output_width()))?)
}

fn new(arguments: &New) -> Result<(), Error> {
    let remote = arguments.connection.open()?;
    let url = format!("{}{SETTINGS}", remote.client.server());
    let opened = !arguments.no_browser && browser::open(&url);
    let begin = if opened {
        "Your browser opens the page on which tokens are made"
    } else {
        "Tokens are made in a browser"
    };
    let text = format!(
        "{begin}: your own server asks you there.\n\n  {url}\n\nGive the token to your program as \
         GATEFOLD_TOKEN, or in a file that only it may read.\n"
    );
    Ok(output::print(&text)?)
}

#[derive(Serialize)]
struct Revoked<'a> {
    id: &'a str,
    revoked: bool,
}

fn revoke(arguments: &Revoke) -> Result<(), Error> {
    let id = arguments.id.as_str();
    let remote = arguments.connection.open_signed_in()?;
    remote.run(async |client| Ok(client.revoke_developer_token(id).await?))?;
    if arguments.json {
        return Ok(output::json(&Revoked { id, revoked: true })?);
    }
    let text = format!("The token {} has ended.\n", output::plain(id));
    Ok(output::print(&text)?)
}
