//! `gatefold upload`: makes tracks of files.

use std::path::{Path, PathBuf};

use clap::Args;
use gatefold_client::{Client, NewTrack, Step, Track, TrackRef};
use gatefold_ops::system_random;
use serde::Serialize;

use super::{
    Error, output,
    output::plain,
    remote::{
        Connection, RemoteError,
        patience::patiently,
        progress::Progress,
        several::Several,
        words::{DownloadsWord, GateWord, VisibilityWord},
    },
};

/// What `gatefold upload` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The audio: each file becomes a track
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the track is called; otherwise what the file says, or how it is named
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The album that it is of
    #[arg(long, value_name = "TEXT")]
    album: Option<String>,
    /// A word on it; may be given several times
    #[arg(long = "tag", value_name = "WORD")]
    tags: Vec<String>,
    /// What there is to say of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Its picture; otherwise the one in the file, if there is one
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Who may hear it
    #[arg(long, value_name = "WHO")]
    gate: Option<GateWord>,
    /// Who may keep a file of it
    #[arg(long, value_name = "WHO")]
    downloads: Option<DownloadsWord>,
    /// Where it is shown
    #[arg(long, value_name = "WHERE")]
    visibility: Option<VisibilityWord>,
    /// Show it to nobody but you, for now
    #[arg(long, conflicts_with = "visibility")]
    draft: bool,
    /// Print JSON, a line for each file
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What is told of each file to a program.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Told<'a> {
    Completed { file: &'a Path, track: Box<Track> },
    Failed { file: &'a Path, detail: String },
}

impl Arguments {
    fn new_track(&self, file: &Path) -> NewTrack {
        let draft = self.draft.then_some(VisibilityWord::Draft);
        NewTrack {
            title: self.title.clone(),
            album: self.album.clone(),
            tags: self.tags.clone(),
            description: self.description.clone(),
            image: self.image.clone(),
            gate: self.gate.map(Into::into),
            visibility: self.visibility.or(draft).map(Into::into),
            downloads: self.downloads.map(Into::into),
            ..NewTrack::of(file)
        }
    }

    /// What can be seen to be wrong before anything is sent.
    fn check(&self) -> Result<(), RemoteError> {
        if self.title.is_some() && self.files.len() > 1 {
            let text = "several tracks cannot have one title: leave --title out, or upload them one by one";
            return Err(RemoteError::Usage(text.to_owned()));
        }
        for path in self.files.iter().chain(&self.image) {
            let wrong = |cause| RemoteError::File {
                path: path.clone(),
                cause,
            };
            let facts = std::fs::metadata(path).map_err(wrong)?;
            if !facts.is_file() {
                return Err(wrong(std::io::Error::other("this is not a file")));
            }
            if facts.len() == 0 {
                return Err(wrong(std::io::Error::other("this file is empty")));
            }
        }
        Ok(())
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    arguments.check()?;
    let remote = arguments.connection.open_signed_in()?;
    Ok(remote.run(async |client| {
        client.may_publish().await?;
        let mut several = Several::of(arguments.files.len());
        for file in &arguments.files {
            let outcome = upload(client, &arguments.new_track(file)).await;
            if let (Err(error), true) = (&outcome, arguments.json) {
                let detail = error.to_string();
                output::json(&Told::Failed { file, detail })?;
            }
            let Some(track) = several.note(&plain(&file.to_string_lossy()), outcome)? else {
                continue;
            };
            if arguments.json {
                let track = Box::new(track);
                output::json(&Told::Completed { file, track })?;
            } else {
                output::print(&done(client, &track))?;
            }
        }
        several.end()
    })?)
}

/// Makes a track of a file, and asks what became of it.
async fn upload(client: &Client, new: &NewTrack) -> Result<Track, RemoteError> {
    let called = new.file.file_name().unwrap_or_default();
    let called = plain(&called.to_string_lossy());
    let uploaded = patiently(&called, async || {
        let mut progress = Progress::new();
        let mut tell = |step| tell(&mut progress, &called, step);
        client.upload(new, &mut system_random(), &mut tell).await
    });
    let uploaded = uploaded.await?;
    let named: TrackRef = uploaded.track_id.to_string().parse().map_err(|_| {
        RemoteError::Usage("the server tells of a track without a number".to_owned())
    })?;
    patiently(&called, async || client.track(&named).await).await
}

fn tell(progress: &mut Progress, called: &str, step: Step) {
    match step {
        Step::Sending { sent, of } => progress.bytes(called, sent, Some(of)),
        Step::Working { message, percent } => {
            let message = plain(&message);
            let percent = percent.map(|percent| format!(" {percent} %"));
            progress.words(called, &format!("{message}{}", percent.unwrap_or_default()));
        }
    }
}

fn done(client: &Client, track: &Track) -> String {
    let page = format!("{}/track/{}", client.server(), track.id);
    let state = if track.is_in_progress() {
        ", still being published"
    } else {
        ""
    };
    format!(
        "“{}” is track {}{state}: {page}\n",
        plain(&track.title),
        track.id
    )
}
