//! `gatefold download`: keeps the files of tracks, each whole or not at all.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use clap::Args;
use gatefold_client::{Client, Track, TrackRef};
use serde::Serialize;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use super::{
    Error, output,
    output::plain,
    remote::{
        Connection, RemoteError,
        patience::patiently,
        progress::{Progress, size},
        several::Several,
    },
};

/// What `gatefold download` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The tracks: their numbers, or the addresses of their pages
    #[arg(required = true, value_name = "TRACK")]
    tracks: Vec<TrackRef>,
    /// The file to write, or a folder to write into; otherwise a file here, called as the server says
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    /// Print JSON, a line for each track
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Saved {
    id: u64,
    title: String,
    path: PathBuf,
    bytes: u64,
}

/// Where files go.
enum Target<'a> {
    File(&'a Path),
    Folder(&'a Path),
}

impl Arguments {
    fn target(&self) -> Result<Target<'_>, RemoteError> {
        match self.output.as_deref() {
            None => Ok(Target::Folder(Path::new(""))),
            Some(path) if path.is_dir() => Ok(Target::Folder(path)),
            Some(_) if self.tracks.len() > 1 => Err(RemoteError::Usage(
                "several tracks need a folder that is there: --output FOLDER".to_owned(),
            )),
            Some(path) => Ok(Target::File(path)),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let target = arguments.target()?;
    let remote = arguments.connection.open()?;
    Ok(remote.run(async |client| {
        let mut several = Several::of(arguments.tracks.len());
        for named in &arguments.tracks {
            let outcome = save(client, named, &target, arguments.force).await;
            let Some(saved) = several.note(&named.to_string(), outcome)? else {
                continue;
            };
            if arguments.json {
                output::json(&saved)?;
            } else {
                let path = saved.path.display().to_string();
                output::print(&format!("{} ({})\n", plain(&path), size(saved.bytes)))?;
            }
        }
        several.end()
    })?)
}

async fn save(
    client: &Client,
    named: &TrackRef,
    target: &Target<'_>,
    force: bool,
) -> Result<Saved, RemoteError> {
    let track = patiently(&named.to_string(), async || client.track(named).await).await?;
    if let Target::File(path) = target {
        // Before anything is fetched in vain.
        refuse_existing(path, force)?;
    }
    let called = plain(&track.title);
    let begin = async || client.download(&track.file_id).await;
    let mut download = patiently(&called, begin).await?;
    let path = match target {
        Target::File(path) => path.to_path_buf(),
        Target::Folder(folder) => folder.join(download.name().unwrap_or_else(|| usual(&track))),
    };
    refuse_existing(&path, force)?;
    let at = |cause| RemoteError::File {
        path: path.clone(),
        cause,
    };
    let half = beside(&path).map_err(at)?;
    let mut file = tokio::fs::File::from_std(half.as_file().try_clone()?);
    let mut progress = Progress::new();
    while let Some(piece) = download.next().await? {
        file.write_all(&piece).await.map_err(at)?;
        progress.bytes(&called, download.came(), download.length());
    }
    progress.clear();
    // Its name leads to nothing before all of it is on disk.
    file.flush().await.map_err(at)?;
    file.sync_all().await.map_err(at)?;
    drop(file);
    let kept = if force {
        half.persist(&path)
    } else {
        half.persist_noclobber(&path)
    };
    kept.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => RemoteError::Exists(path.clone()),
        _ => at(error.error),
    })?;
    Ok(Saved {
        id: track.id,
        title: track.title,
        bytes: download.came(),
        path,
    })
}

fn refuse_existing(path: &Path, force: bool) -> Result<(), RemoteError> {
    if !force && fs::symlink_metadata(path).is_ok() {
        return Err(RemoteError::Exists(path.to_owned()));
    }
    Ok(())
}

/// A file beside another one, on the same disk, that goes away unless it is given its name.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".gatefold-")
        .suffix(".part")
        // As any file that somebody makes; what they take away of that is taken away.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

/// What a file is called when the server does not say.
fn usual(track: &Track) -> String {
    let ending = track.file_type.as_str();
    let is_ending =
        (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_ending {
        format!("track-{}.{ending}", track.id)
    } else {
        format!("track-{}", track.id)
    }
}
