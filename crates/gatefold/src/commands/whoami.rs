//! `gatefold whoami`: says who is signed in, and by what.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::{
    Error, output,
    output::plain,
    remote::{Connection, Shown, day},
};

/// What `gatefold whoami` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let remote = arguments.connection.open_signed_in()?;
    let me = remote.run(async |client| Ok(client.me().await?))?;
    let told = Told {
        server: remote.client.server().to_string(),
        did: me.did,
        handle: me.handle,
        shown: remote.shown.to_string(),
        expires_at: remote.expires_at,
    };
    Ok(output::show(&told, arguments.json)?)
}

#[derive(Serialize)]
struct Told {
    server: String,
    did: String,
    handle: String,
    /// What shows the server who asks.
    shown: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "handle  {}", plain(&self.handle))?;
        writeln!(out, "did     {}", plain(&self.did))?;
        writeln!(out, "server  {}", self.server)?;
        write!(out, "by      {}", self.shown)?;
        match &self.expires_at {
            Some(end) => write!(out, ", until {}", day(end)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => out.write_str("nothing"),
            Self::Kept => out.write_str("gatefold login"),
            Self::Variable => out.write_str("GATEFOLD_TOKEN"),
            Self::File(path) => write!(out, "{}", path.display()),
        }
    }
}
