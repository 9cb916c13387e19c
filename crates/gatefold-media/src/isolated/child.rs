//! The process that reads.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Seek, SeekFrom, Write},
    os::fd::AsFd,
};

use gatefold_domain::AudioFormat;
use rustix::process::{Resource, Rlimit, getrlimit, nice, setrlimit};

use super::{
    Artwork, FLAC_FILE, Flac, LARGE_FILE, SMALL_FILE, Track,
    job::{Answer, Bounds, Job, Task},
};
use crate::{Failure, audio, image};

/// How many files it may have open: its input, its outputs, and what the system takes for itself.
const FILES: u64 = 32;
/// How far it steps back behind what serves people.
const NICE: i32 = 10;

/// Why a process does not begin to read.
#[derive(Debug, thiserror::Error)]
pub enum Misled {
    /// What it is to do was not understood.
    #[error("the job is not understood: {0}")]
    Job(#[from] serde_json::Error),
    /// It cannot bind itself.
    #[error("the limits of the process cannot be set: {0}")]
    Limits(#[from] rustix::io::Errno),
}

/// Reads standard input into the current folder, as `job` says, within its bounds, and answers on standard
/// output. What calls this does nothing else: it has opened nothing, and has no other thread.
///
/// # Errors
/// When nobody takes the answer.
pub fn serve_child(job: &str) -> io::Result<()> {
    let answer = match taken(job) {
        Ok(job) => answer(job.task).unwrap_or_else(|failure| match failure {
            Failure::Refused(refusal) => Answer::Refused(refusal),
            Failure::System(error) => Answer::Failed(error.to_string()),
        }),
        Err(misled) => Answer::Failed(misled.to_string()),
    };
    say(&answer)
}

/// Takes from this process what `job` does not need. [`serve_child`] does so by itself; this is for those
/// who test what becomes of a process that goes wrong.
///
/// # Errors
/// When that cannot be done.
pub fn confine(job: &str) -> Result<(), Misled> {
    taken(job).map(|_| ())
}

fn taken(job: &str) -> Result<Job, Misled> {
    let job: Job = serde_json::from_str(job)?;
    bind(&job.bounds)?;
    Ok(job)
}

fn bind(bounds: &Bounds) -> Result<(), rustix::io::Errno> {
    // macOS has the limit and does not keep to it.
    if !cfg!(target_os = "macos") {
        limit(Resource::As, bounds.memory, 0)?;
    }
    // The first is a signal that names its reason.
    limit(Resource::Cpu, bounds.processor, 2)?;
    limit(Resource::Fsize, bounds.file, 0)?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Nofile, FILES, 0)?;
    nice(NICE)?;
    Ok(())
}

/// Lowers a limit; one that is lower already stays.
fn limit(resource: Resource, most: u64, beyond: u64) -> Result<(), rustix::io::Errno> {
    let was = getrlimit(resource);
    let lower = |was: Option<u64>, most: u64| Some(was.map_or(most, |was| was.min(most)));
    let maximum = lower(was.maximum, most.saturating_add(beyond));
    setrlimit(
        resource,
        Rlimit {
            current: lower(maximum, most),
            maximum,
        },
    )
}

fn answer(task: Task) -> Result<Answer, Failure> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    input.seek(SeekFrom::Start(0))?;
    match task {
        Task::Track(limits, pictures) => {
            let track = track(&input, &limits, &pictures)?;
            Ok(Answer::Track(Box::new(track)))
        }
        Task::Picture(limits) => {
            let pictures = image::read(BufReader::new(input), &limits)?;
            Ok(Answer::Picture(written(&pictures)?))
        }
    }
}

fn track(input: &File, limits: &audio::Limits, pictures: &image::Limits) -> Result<Track, Failure> {
    let mut audio = audio::read(input, limits)?;
    // A picture that is none is as good as none.
    let picture = audio.picture.take();
    let picture = picture.and_then(|bytes| image::read(Cursor::new(bytes), pictures).ok());
    let artwork = picture.as_ref().map(written).transpose()?;
    let flac = match audio.format {
        AudioFormat::Aiff => {
            let mut output = File::options();
            let output = output.read(true).write(true).create_new(true);
            let output = output.open(FLAC_FILE)?;
            let bits = audio::to_flac(input, &audio, limits, &output)?;
            let bytes = output.metadata()?.len();
            Some(Flac { bits, bytes })
        }
        _ => None,
    };
    Ok(Track {
        format: audio.format,
        codec: audio.codec,
        duration_ms: audio.duration_ms,
        sample_rate: audio.sample_rate,
        channels: audio.channels,
        bits: audio.bits,
        tags: audio.tags,
        waveform: audio.waveform,
        artwork,
        flac,
    })
}

fn written(pictures: &image::Pictures) -> io::Result<Artwork> {
    for (name, picture) in [(LARGE_FILE, &pictures.large), (SMALL_FILE, &pictures.small)] {
        File::create_new(name)?.write_all(&picture.bytes)?;
    }
    Ok(Artwork {
        large: (&pictures.large).into(),
        small: (&pictures.small).into(),
    })
}

fn say(answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_string(answer)?;
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}
