//! Makes a track, or another revision of one, of what was received.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use gatefold_domain::{
    AlbumId, AudioFormat, Clock, FileId, ImageId, ObjectKey, Timestamp, UploadId, text::slug,
};
use gatefold_media::{
    Failure,
    bucket::{BucketError, Buckets, Hash, Written},
    isolated::{self, FLAC_FILE, LARGE_FILE, Reader, SMALL_FILE},
};
use gatefold_store::{
    AlbumName, BucketName, Completed, Job, JobKind, NewFile, NewImage, NewObject, NewRecording,
    NewTrack, Store, Upload,
};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use super::{Details, Received};
use crate::{
    ids::Ids,
    jobs::{Does, Doing, JobError, Outcome},
    record_key,
};

/// What a track is called that nobody has named.
const UNTITLED: &str = "Untitled";

/// What makes tracks is made of.
pub struct MakingParts {
    /// Where they are kept.
    pub store: Store,
    /// And their bytes.
    pub buckets: Buckets,
    /// Reads what strangers have sent, in processes of its own.
    pub reader: Reader,
    /// A folder for what is being worked on. Nothing in it is needed after a start.
    pub work: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// New names.
    pub ids: Ids,
    /// Whether tracks have records in their artists' repositories.
    pub has_records: bool,
}

/// Makes tracks.
pub struct Making(MakingParts);

/// Why nothing becomes of an upload.
enum Stopped {
    /// It never will: a code that stays, and what to do.
    Refused(String, String),
    /// It may, later.
    Failed(JobError),
}

/// What was read, and where its parts are.
struct Read {
    track: isolated::Track,
    /// The picture that the artist sent, or that was in the file.
    has_picture: bool,
    folder: TempDir,
}

/// The objects that an upload becomes.
struct Stored {
    audio: StoredFile,
    original: Option<StoredFile>,
    picture: Option<StoredPicture>,
}

struct StoredFile {
    id: FileId,
    format: AudioFormat,
    key: ObjectKey,
    written: Written,
}

struct StoredPicture {
    id: ImageId,
    large: (ObjectKey, Written),
    small: (ObjectKey, Written),
}

impl StoredFile {
    fn to_keep(&self, duration: u64) -> NewFile<'_> {
        NewFile {
            id: &self.id,
            format: self.format,
            object: &self.key,
            len: self.written.len,
            sha256: &self.written.sha256,
            duration,
        }
    }
}

impl StoredPicture {
    fn to_keep(&self) -> NewImage<'_> {
        let ((large, large_written), (small, small_written)) = (&self.large, &self.small);
        NewImage {
            id: self.id,
            large,
            large_len: large_written.len,
            small,
            small_len: small_written.len,
        }
    }
}

impl Making {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: MakingParts) -> Self {
        Self(parts)
    }

    async fn make(&self, job: &Job) -> Result<Outcome, JobError> {
        let id = job.subject.parse::<UploadId>();
        let id = id.map_err(|_| JobError::Other("no upload has such a name".to_owned()))?;
        let store = &self.0.store;
        let Some(upload) = store.uploads().get(id).await? else {
            store.jobs().finish(job, self.now()).await?;
            return Ok(Outcome::Finished);
        };
        match self.work(job, &upload).await {
            Ok(()) => Ok(Outcome::Finished),
            Err(Stopped::Failed(error)) => Err(error),
            Err(Stopped::Refused(code, problem)) => {
                let why = (code.as_str(), problem.as_str());
                store.uploads().failed(job, id, why, self.now()).await?;
                Ok(Outcome::Finished)
            }
        }
    }

    async fn work(&self, job: &Job, upload: &Upload) -> Result<(), Stopped> {
        let received = upload.details.as_deref().and_then(Received::parse);
        let (Some(received), Some(audio)) = (received, &upload.audio) else {
            let error = JobError::Other("an upload is not as any version writes it".to_owned());
            return Err(error.into());
        };
        self.progress(job, upload, "reading", 10).await?;
        let read = self.read(audio, upload, &received).await?;
        self.progress(job, upload, "storing", 60).await?;
        let stored = self
            .store(job, upload, (audio, &received.audio), &read)
            .await?;
        self.progress(job, upload, "publishing", 90).await?;
        let completed = self
            .complete(job, upload, &received.details, &read, &stored)
            .await?;
        match completed {
            Completed::Track(_) => Ok(()),
            Completed::NoTrack => {
                self.give_up(&stored).await?;
                let problem = "The track is gone whose audio this was to replace.";
                Err(Stopped::Refused("not_found".to_owned(), problem.to_owned()))
            }
            Completed::GivenUp => {
                self.give_up(&stored).await?;
                let error = JobError::Other("what was stored was given up meanwhile".to_owned());
                Err(error.into())
            }
        }
    }

    /// Reads what was received, in a process that can come to no harm.
    async fn read(
        &self,
        audio: &ObjectKey,
        upload: &Upload,
        received: &Received,
    ) -> Result<Read, Stopped> {
        let folder = self.folder()?;
        let file = self.spool(audio, folder.path(), "audio").await?;
        let track = self.0.reader.track(file, folder.path()).await?;
        let mut has_picture = track.artwork.is_some();
        if let (Some(image), Some(_)) = (&upload.image, &received.image) {
            // What the artist sends counts more than what is in the file.
            for name in [LARGE_FILE, SMALL_FILE] {
                remove(&folder.path().join(name)).await?;
            }
            let file = self.spool(image, folder.path(), "picture").await?;
            self.0.reader.picture(file, folder.path()).await?;
            has_picture = true;
        }
        Ok(Read {
            track,
            has_picture: has_picture && upload.replaces.is_none(),
            folder,
        })
    }

    /// An object as a file of this machine.
    async fn spool(&self, key: &ObjectKey, folder: &Path, name: &str) -> Result<File, Stopped> {
        let private = &self.0.buckets.private;
        let path = if let Some(root) = private.path() {
            root.join(key.as_str())
        } else {
            let path = folder.join(name);
            let mut reading = private.read(key).await.map_err(JobError::from)?;
            let mut file = tokio::fs::File::create(&path).await?;
            while let Some(part) = reading.next().await {
                file.write_all(&part.map_err(JobError::from)?).await?;
            }
            file.flush().await?;
            path
        };
        Ok(tokio::fs::File::open(path).await?.into_std().await)
    }

    /// Keeps all of it under keys of its own.
    async fn store(
        &self,
        job: &Job,
        upload: &Upload,
        (received, hash): (&ObjectKey, &Hash),
        read: &Read,
    ) -> Result<Stored, Stopped> {
        let ids = &self.0.ids;
        let format = read.track.format;
        let uploaded = ObjectKey::audio(ids.next(), format);
        let flac = ObjectKey::audio(ids.next(), AudioFormat::Flac);
        let (large, small) = (ObjectKey::image(ids.next()), ObjectKey::image(ids.next()));
        let has_flac = read.track.flac.is_some();
        let keys = [
            Some(&uploaded),
            has_flac.then_some(&flac),
            read.has_picture.then_some(&large),
            read.has_picture.then_some(&small),
        ];
        let objects: Vec<_> = keys
            .into_iter()
            .flatten()
            .map(|key| NewObject {
                key,
                bucket: BucketName::Private,
                artist: &upload.artist,
                track: None,
            })
            .collect();
        let store = self.0.store.objects();
        store
            .expect(job, &objects, self.now())
            .await
            .map_err(JobError::from)?;
        let private = &self.0.buckets.private;
        let copied = private.copy_to(received, hash, private, &uploaded).await;
        let copied = copied.map_err(JobError::from)?;
        let file = |key, format, written| StoredFile {
            id: FileId::random(ids.next()),
            format,
            key,
            written,
        };
        let made = |key: ObjectKey, name| async move {
            let written = private.put_file(&key, &read.folder.path().join(name)).await;
            written
                .map(|written| (key, written))
                .map_err(JobError::from)
        };
        let uploaded = file(uploaded, format, copied);
        let (audio, original) = if has_flac {
            let (flac, written) = made(flac, FLAC_FILE).await?;
            (file(flac, AudioFormat::Flac, written), Some(uploaded))
        } else {
            (uploaded, None)
        };
        let picture = if read.has_picture {
            Some(StoredPicture {
                id: ImageId::from_bytes(ids.next()),
                large: made(large, LARGE_FILE).await?,
                small: made(small, SMALL_FILE).await?,
            })
        } else {
            None
        };
        Ok(Stored {
            audio,
            original,
            picture,
        })
    }

    async fn complete(
        &self,
        job: &Job,
        upload: &Upload,
        details: &Details,
        read: &Read,
        stored: &Stored,
    ) -> Result<Completed, JobError> {
        let duration = read.track.duration_ms;
        let recording = NewRecording {
            audio: stored.audio.to_keep(duration),
            original: stored.original.as_ref().map(|file| file.to_keep(duration)),
            waveform: read
                .track
                .waveform
                .as_ref()
                .map(gatefold_media::audio::Waveform::points),
        };
        let uploads = self.0.store.uploads();
        let now = self.now();
        if let Some(track) = upload.replaces {
            let replacement = (&upload.artist, track, recording);
            return Ok(uploads.replaced(job, upload.id, replacement, now).await?);
        }
        let title = title(details, &read.track.tags);
        let album = details
            .album
            .as_deref()
            .or(read.track.tags.album.as_deref());
        let album_slug = album.and_then(slug).unwrap_or_else(|| "album".to_owned());
        let tags: Vec<_> = details.tags.iter().map(String::as_str).collect();
        let record_key = self
            .0
            .has_records
            .then(|| record_key::new(&*self.0.clock, &self.0.ids));
        let track = NewTrack {
            artist: &upload.artist,
            title,
            description: details.description.as_deref(),
            album: album.map(|title| AlbumName {
                title,
                slug: &album_slug,
                id: AlbumId::from_bytes(self.0.ids.next()),
            }),
            tags: &tags,
            features: &details.features,
            image: stored.picture.as_ref().map(StoredPicture::to_keep),
            gate: details.gate,
            visibility: details.visibility,
            downloads: details.downloads,
            record_key: record_key.as_deref(),
            recording,
        };
        Ok(uploads.completed(job, upload.id, &track, now).await?)
    }

    /// Gives up what was stored for nothing.
    async fn give_up(&self, stored: &Stored) -> Result<(), JobError> {
        let picture = stored.picture.as_ref();
        let picture = picture.map(|picture| [&picture.large.0, &picture.small.0]);
        let files = [Some(&stored.audio), stored.original.as_ref()];
        let files = files.into_iter().flatten().map(|file| &file.key);
        for key in files.chain(picture.into_iter().flatten()) {
            self.0.store.objects().give_up(key, self.now()).await?;
        }
        Ok(())
    }

    async fn progress(
        &self,
        job: &Job,
        upload: &Upload,
        phase: &str,
        percent: u8,
    ) -> Result<(), JobError> {
        let uploads = self.0.store.uploads();
        Ok(uploads
            .progress(job, upload.id, phase, percent, self.now())
            .await?)
    }

    /// A folder of its own for the work on an upload, which goes with it.
    fn folder(&self) -> io::Result<TempDir> {
        std::fs::create_dir_all(&self.0.work)?;
        tempfile::Builder::new()
            .prefix("upload-")
            .tempdir_in(&self.0.work)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now().into()
    }
}

/// What a track is called: as its artist says, or the file, or as the file is named.
fn title<'a>(details: &'a Details, tags: &'a gatefold_media::audio::Tags) -> &'a str {
    let named = details.title.as_deref().or(tags.title.as_deref());
    named.or(details.file_name.as_deref()).unwrap_or(UNTITLED)
}

async fn remove(path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Does for Making {
    fn kind(&self) -> JobKind {
        JobKind::Upload
    }

    fn work<'a>(&'a self, job: &'a Job) -> Doing<'a> {
        Box::pin(self.make(job))
    }
}

impl From<JobError> for Stopped {
    fn from(error: JobError) -> Self {
        Self::Failed(error)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(JobError::Other(error.kind().to_string()))
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => {
                Self::Refused(refusal.code().to_owned(), refusal.to_string())
            }
            Failure::System(error) => error.into(),
        }
    }
}

impl From<BucketError> for Stopped {
    fn from(error: BucketError) -> Self {
        Self::Failed(error.into())
    }
}
