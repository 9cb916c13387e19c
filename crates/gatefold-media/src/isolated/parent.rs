//! The process that asks.

use std::{
    ffi::OsString,
    fs::File,
    io,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    sync::Semaphore,
};

use super::{
    Artwork, FLAC_FILE, LARGE_FILE, SMALL_FILE, Track,
    job::{Answer, Bounds, Job, LONGEST, Task},
};
use crate::{Failure, Refusal, audio, image};

/// How much of a process's complaints is logged, in bytes.
const COMPLAINT: u64 = 2048;
/// What a file may be larger that is made of another: FLAC of noise is a little, pictures are small.
const SPARE: u64 = 64 * 1024 * 1024;

/// What each process that reads may take.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many may read at the same time; who comes later waits.
    pub at_once: usize,
    /// How long one may take by the clock.
    pub patience: Duration,
    /// How many seconds of a processor one may take.
    pub processor: u64,
    /// How much address space one may take, in bytes.
    pub memory: u64,
    /// What audio may be.
    pub audio: audio::Limits,
    /// What pictures may be.
    pub pictures: image::Limits,
}

impl Default for Settings {
    /// Two at once. Ten minutes of a processor are several times what six hours of audio need; pictures
    /// are what memory is for, since audio takes little.
    fn default() -> Self {
        Self {
            at_once: 2,
            patience: Duration::from_mins(20),
            processor: 10 * 60,
            memory: 1024 * 1024 * 1024,
            audio: audio::Limits::default(),
            pictures: image::Limits::default(),
        }
    }
}

/// Reads files in processes of their own.
#[derive(Clone)]
pub struct Reader {
    program: Arc<PathBuf>,
    arguments: Arc<[OsString]>,
    settings: Settings,
    slots: Arc<Semaphore>,
}

impl Reader {
    /// Starts `program` with these arguments and one more, which is for [`super::serve_child`].
    #[must_use]
    pub fn new(
        program: PathBuf,
        arguments: impl IntoIterator<Item = OsString>,
        settings: Settings,
    ) -> Self {
        Self {
            program: Arc::new(program),
            arguments: arguments.into_iter().collect(),
            settings,
            slots: Arc::new(Semaphore::new(settings.at_once.max(1))),
        }
    }

    /// Reads a track, and writes what is made of it into the folder `into`, which has no such files yet.
    ///
    /// # Errors
    /// When it is not taken, or cannot be read now. Then there is nothing of it in the folder.
    pub async fn track(&self, file: File, into: &Path) -> Result<Track, Failure> {
        let task = Task::Track(self.settings.audio, self.settings.pictures);
        match self.ask(task, file, into).await? {
            Answer::Track(track) => Ok(Track {
                // They come out of a process that a stranger's file has been through.
                tags: track.tags.clone().cleaned(),
                ..*track
            }),
            _ => Err(Refusal::Unreadable.into()),
        }
    }

    /// Reads a picture, and writes it in two sizes into the folder `into`, which has no such files yet.
    ///
    /// # Errors
    /// As for [`Self::track`].
    pub async fn picture(&self, file: File, into: &Path) -> Result<Artwork, Failure> {
        let task = Task::Picture(self.settings.pictures);
        match self.ask(task, file, into).await? {
            Answer::Picture(artwork) => Ok(artwork),
            _ => Err(Refusal::Unreadable.into()),
        }
    }

    async fn ask(&self, task: Task, file: File, into: &Path) -> Result<Answer, Failure> {
        let _slot = self.slots.acquire().await.map_err(io::Error::other)?;
        let answer = match self.begin(task, file, into) {
            Ok(mut child) => self.wait(&mut child).await,
            Err(error) => Err(error.into()),
        };
        match answer {
            Ok(Answer::Refused(refusal)) => Err(refused(into, refusal.into()).await),
            Ok(Answer::Failed(words)) => Err(refused(into, io::Error::other(words).into()).await),
            Ok(answer) => Ok(answer),
            Err(failure) => Err(refused(into, failure).await),
        }
    }

    fn begin(&self, task: Task, file: File, into: &Path) -> io::Result<Child> {
        let job = Job {
            task,
            bounds: Bounds {
                memory: self.settings.memory,
                processor: self.settings.processor,
                file: file
                    .metadata()?
                    .len()
                    .saturating_mul(2)
                    .saturating_add(SPARE),
            },
        };
        Command::new(self.program.as_path())
            .args(self.arguments.iter())
            .arg(serde_json::to_string(&job)?)
            // It is told no secrets.
            .env_clear()
            .current_dir(into)
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    async fn wait(&self, child: &mut Child) -> Result<Answer, Failure> {
        let Ok(heard) = tokio::time::timeout(self.settings.patience, hear(child)).await else {
            child.kill().await?;
            return Err(Refusal::TookTooLong.into());
        };
        let Heard {
            answer,
            complaint,
            status,
        } = heard?;
        if !complaint.is_empty() {
            let complaint = String::from_utf8_lossy(&complaint);
            tracing::debug!(?complaint, %status, "a process that reads media complains");
        }
        if !status.success() {
            return Err(why(status).into());
        }
        serde_json::from_slice(&answer).map_err(|_| Refusal::Unreadable.into())
    }
}

/// What a process has said until its end.
struct Heard {
    answer: Vec<u8>,
    complaint: Vec<u8>,
    status: ExitStatus,
}

async fn hear(child: &mut Child) -> io::Result<Heard> {
    let (answer, complaint) = (child.stdout.take(), child.stderr.take());
    // Whoever says more is no longer listened to, and fails.
    let (answer, complaint) = tokio::join!(
        most(answer, LONGEST.saturating_add(1)),
        most(complaint, COMPLAINT)
    );
    Ok(Heard {
        answer: answer?,
        complaint: complaint?,
        status: child.wait().await?,
    })
}

async fn most(from: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    if let Some(from) = from {
        from.take(most).read_to_end(&mut said).await?;
    }
    Ok(said)
}

/// What it means that a process did not end by itself.
fn why(status: ExitStatus) -> Refusal {
    let ended = |signal: rustix::process::Signal| status.signal() == Some(signal.as_raw());
    if ended(rustix::process::Signal::XCPU) || ended(rustix::process::Signal::KILL) {
        Refusal::TookTooLong
    } else {
        Refusal::Unreadable
    }
}

/// Removes what there may be of it. Gives the reason back.
async fn refused(into: &Path, failure: Failure) -> Failure {
    for name in [FLAC_FILE, LARGE_FILE, SMALL_FILE] {
        // It may not be there, and goes with the folder anyhow.
        let _ = tokio::fs::remove_file(into.join(name)).await;
    }
    failure
}
