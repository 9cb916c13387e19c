//! Copies in the public bucket, of what everybody may have.

use gatefold_domain::ObjectKey;
use gatefold_store::{BucketName, FileRole, Job, NewObject, SettlingFile, SettlingTrack};

use super::Settling;
use crate::jobs::JobError;

impl Settling {
    /// Makes the copies that a track has to have. Whether any was made, or is no longer wanted.
    pub(super) async fn publish(&self, job: &Job, track: &SettlingTrack) -> Result<bool, JobError> {
        if !track.is_for_all() || track.is_removed {
            return Ok(false);
        }
        let mut is_other = false;
        let played = track
            .files
            .iter()
            .filter(|file| file.role == FileRole::Audio);
        for file in played.filter(|file| file.public.is_none()) {
            self.copy(job, track, file).await?;
            is_other = true;
        }
        Ok(is_other)
    }

    /// Makes a copy under a fresh key: known first, then whole, then named.
    async fn copy(
        &self,
        job: &Job,
        track: &SettlingTrack,
        file: &SettlingFile,
    ) -> Result<(), JobError> {
        let key = ObjectKey::audio(self.ids.next(), file.format);
        let object = NewObject {
            key: &key,
            bucket: BucketName::Public,
            artist: &track.artist,
            track: Some(track.id),
        };
        self.store
            .objects()
            .expect(job, &[object], self.now())
            .await?;
        let copied = self.fill(job, track, file, &key).await;
        if !matches!(copied, Ok(true)) {
            self.store.objects().give_up(&key, self.now()).await?;
        }
        copied.map(drop)
    }

    async fn fill(
        &self,
        job: &Job,
        track: &SettlingTrack,
        file: &SettlingFile,
        key: &ObjectKey,
    ) -> Result<bool, JobError> {
        let (private, public) = (&self.buckets.private, &self.buckets.public);
        let written = private.copy_to(&file.object, &file.sha256, public, key);
        let len = written.await?.len;
        let tracks = self.store.tracks();
        Ok(tracks
            .published(job, track, &file.id, key, len, self.now())
            .await?)
    }
}
