//! `gatefold delete`: deletes tracks.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;
use gatefold_client::{Client, Track, TrackRef};
use serde::Serialize;

use super::{
    Error, output,
    output::plain,
    remote::{Connection, RemoteError, patience::patiently, several::Several},
};

/// What `gatefold delete` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The tracks: their numbers, or the addresses of their pages
    #[arg(required = true, value_name = "TRACK")]
    tracks: Vec<TrackRef>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Print JSON, a line for each track
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Told<'a> {
    id: u64,
    title: &'a str,
    deleted: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    if !arguments.yes && !io::stdin().is_terminal() {
        let text = "what is deleted is gone: add --yes where nobody can be asked";
        return Err(RemoteError::Usage(text.to_owned()).into());
    }
    let remote = arguments.connection.open_signed_in()?;
    Ok(remote.run(async |client| {
        let mut several = Several::of(arguments.tracks.len());
        for named in &arguments.tracks {
            let outcome = delete(client, named, arguments).await;
            several.note(&named.to_string(), outcome)?;
        }
        several.end()
    })?)
}

async fn delete(
    client: &Client,
    named: &TrackRef,
    arguments: &Arguments,
) -> Result<(), RemoteError> {
    let track = patiently(&named.to_string(), async || client.track(named).await).await?;
    let deleted = arguments.yes || agreed(&track)?;
    if deleted {
        let delete = async || client.delete_track(track.id).await;
        patiently(&plain(&track.title), delete).await?;
    }
    let (id, title) = (track.id, track.title.as_str());
    if arguments.json {
        return Ok(output::json(&Told { id, title, deleted })?);
    }
    let outcome = if deleted {
        "is deleted"
    } else {
        "is left as it is"
    };
    Ok(output::print(&format!(
        "“{}” ({id}) {outcome}.\n",
        plain(title)
    ))?)
}

/// Whether the person says yes.
fn agreed(track: &Track) -> io::Result<bool> {
    let mut out = io::stderr();
    write!(
        out,
        "Delete “{}” ({}) with its files, its record and all its likes? [y/N] ",
        plain(&track.title),
        track.id
    )?;
    out.flush()?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        writeln!(out)?;
    }
    Ok(matches!(line.trim(), "y" | "Y" | "yes" | "Yes"))
}
