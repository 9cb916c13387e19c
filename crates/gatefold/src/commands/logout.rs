//! `gatefold logout`: ends the session at a server, and forgets it here.

use std::fmt;

use clap::Args;
use gatefold_client::{Client, ClientError};
use serde::Serialize;

use super::{
    Error, output,
    remote::{self, Place, RemoteError},
};

/// What `gatefold logout` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Forget the session here without telling the server, where it goes on until it ends by itself
    #[arg(long)]
    local: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let credentials = arguments.place.credentials()?;
    let kept = credentials.read()?;
    let server = arguments.place.server(&kept)?;
    let entry = kept.entry(&server);
    let mut was_signed_in = entry.is_some();
    if let Some(entry) = entry.filter(|_| !arguments.local) {
        let client = Client::new(server.clone()).map_err(RemoteError::from)?;
        let client = client.with_token(entry.token.clone());
        was_signed_in = remote::run(async {
            match client.sign_out().await {
                Ok(()) => Ok(true),
                // It has ended already, and is forgotten all the same.
                Err(ClientError::NotSignedIn { .. }) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })?;
    }
    if entry.is_some() {
        credentials.forget(&server)?;
    }
    let told = Told {
        server: server.to_string(),
        was_signed_in,
    };
    Ok(output::show(&told, arguments.json)?)
}

#[derive(Serialize)]
struct Told {
    server: String,
    was_signed_in: bool,
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.was_signed_in {
            write!(out, "You are signed out of {}.", self.server)
        } else {
            write!(out, "You were not signed in to {}.", self.server)
        }
    }
}
