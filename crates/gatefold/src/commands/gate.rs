//! `gatefold gate`: says who may hear a track.

use std::{fmt, time::Duration};

use clap::Args;
use gatefold_client::{Client, Track, TrackRef};
use gatefold_domain::Gate;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::{
    Error, output,
    output::plain,
    remote::{
        Connection, RemoteError,
        progress::Progress,
        words::{GateWord, gate_in_words},
    },
};

/// The first pause between two looks, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));
/// How long is waited.
const WAIT: Duration = Duration::from_mins(5);

/// What `gatefold gate` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The track: its number, or the address of its page
    track: TrackRef,
    /// Who may hear it
    gate: GateWord,
    /// Do not wait until it is so everywhere: until copies that everybody had are gone, or are there
    #[arg(long)]
    no_wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let gate = Gate::from(arguments.gate);
    let remote = arguments.connection.open_signed_in()?;
    let told = remote.run(async |client| {
        let track = client.track(&arguments.track).await?;
        let mut track = client.set_gate(track.id, gate).await?;
        if !arguments.no_wait {
            track = settled(client, track).await?;
        }
        Ok(Told {
            settled: !track.is_in_progress(),
            gate: gate_in_words(gate),
            track,
        })
    })?;
    output::show(&told, arguments.json)?;
    if told.settled || arguments.no_wait {
        return Ok(());
    }
    Err(RemoteError::StillInProgress(WAIT.as_secs().div_euclid(60)).into())
}

/// Waits until a change is so everywhere, or for as long as that may take.
async fn settled(client: &Client, mut track: Track) -> Result<Track, RemoteError> {
    let mut progress = Progress::new();
    let (mut pause, longest) = PAUSES;
    let begun = Instant::now();
    let named: TrackRef = track.id.to_string().parse().map_err(|_| {
        RemoteError::Usage("the server tells of a track without a number".to_owned())
    })?;
    while track.is_in_progress() && begun.elapsed() < WAIT {
        progress.words(
            &plain(&track.title),
            "in progress: copies are on their way …",
        );
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(longest);
        track = client.track(&named).await?;
    }
    Ok(track)
}

#[derive(Serialize)]
struct Told {
    #[serde(skip)]
    gate: &'static str,
    /// Whether it is so everywhere.
    settled: bool,
    track: Track,
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = plain(&self.track.title);
        write!(out, "“{title}” ({}) is for {}", self.track.id, self.gate)?;
        if self.settled {
            out.write_str(".")
        } else {
            out.write_str("; that is still in progress.")
        }
    }
}
