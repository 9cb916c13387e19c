//! `gatefold profile`: how you show yourself as an artist. Whoever has a profile can upload.

use std::fmt;

use clap::{Args, ValueEnum};
use gatefold_client::{Artist, ArtistChange, ClientError};
use serde::Serialize;

use super::{Error, output, output::plain, remote::Connection};

/// What `gatefold profile` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The name that stands beside your tracks: with one, you become an artist where you are none
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What you say of yourself; "" for nothing
    #[arg(long, value_name = "TEXT")]
    bio: Option<String>,
    /// Where one becomes your supporter; "" for nowhere
    #[arg(long, value_name = "URL")]
    support_url: Option<String>,
    /// Who may keep your files, where a track says nothing else
    #[arg(long)]
    downloads: Option<Downloads>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Downloads {
    /// Nobody but you
    Off,
    /// Whoever may hear them
    Listeners,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let downloads = arguments.downloads.map(|setting| match setting {
        Downloads::Off => "off",
        Downloads::Listeners => "listeners",
    });
    let change = ArtistChange {
        display_name: arguments.name.clone(),
        bio: arguments.bio.clone(),
        support_url: arguments.support_url.clone(),
        downloads: downloads.map(str::to_owned),
    };
    let remote = arguments.connection.open_signed_in()?;
    let artist = remote.run(async |client| {
        if change != ArtistChange::default() {
            return Ok(client.set_profile(&change).await?);
        }
        let artist = client.profile().await?;
        let none = || ClientError::NoProfile(client.server().to_string());
        Ok(artist.ok_or_else(none)?)
    })?;
    Ok(output::show(&Told(artist), arguments.json)?)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Told(Artist);

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(artist) = self;
        write!(out, "name       {}", plain(&artist.display_name))?;
        write!(out, "\nhandle     {}", plain(&artist.handle))?;
        if let Some(url) = &artist.support_url {
            write!(out, "\nsupport    {}", plain(url))?;
        }
        if let Some(setting) = &artist.downloads {
            write!(out, "\ndownloads  {}", plain(setting))?;
        }
        match &artist.bio {
            Some(bio) => write!(out, "\nbio        {}", plain(bio)),
            None => Ok(()),
        }
    }
}
