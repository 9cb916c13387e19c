//! Presigned URLs: whoever has one gets the bytes straight from their bucket, until it ends.

use std::time::Duration;

use gatefold_domain::{AudioFormat, ObjectKey, Timestamp};
use gatefold_media::bucket::{Bucket, BucketError, Signed, Terms};
use gatefold_seal::UnixSeconds;
use quick_cache::sync::Cache;

/// How long a URL is good at most, in seconds.
pub(super) const LONGEST: u64 = 300;
/// How long the same URL is given to everybody, in seconds, so that browsers find again what they have
/// kept: what is given last is still good for as long.
const SAME: u64 = LONGEST / 2;
/// How many are remembered. An S3 server's tell when they were made: made anew, they are other ones.
const REMEMBERED: usize = 20_000;

/// Has URLs signed by the bucket of all tracks.
pub struct Presigned {
    bucket: Bucket,
    made: Cache<ObjectKey, (UnixSeconds, Signed)>,
}

impl Presigned {
    /// Has them signed by this bucket. One in a folder has to [sign](Bucket::signing).
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            made: Cache::new(REMEMBERED),
        }
    }

    /// A URL at which an object is heard, and when it ends.
    pub(super) async fn to_hear(
        &self,
        (object, format): (&ObjectKey, AudioFormat),
        now: UnixSeconds,
    ) -> Result<(Signed, UnixSeconds), BucketError> {
        let until = UnixSeconds((now.0 / SAME).saturating_add(2).saturating_mul(SAME));
        if let Some((end, signed)) = self.made.get(object)
            && end == until
        {
            return Ok((signed, until));
        }
        let signed = self.sign(object, (now, until), (None, format)).await?;
        self.made.insert(object.clone(), (until, signed.clone()));
        Ok((signed, until))
    }

    /// A URL at which an object is saved.
    pub(super) async fn to_save(
        &self,
        (object, format): (&ObjectKey, AudioFormat),
        disposition: &str,
        now: UnixSeconds,
    ) -> Result<Signed, BucketError> {
        let until = UnixSeconds(now.0.saturating_add(LONGEST));
        self.sign(object, (now, until), (Some(disposition), format))
            .await
    }

    async fn sign(
        &self,
        object: &ObjectKey,
        (now, until): (UnixSeconds, UnixSeconds),
        (disposition, format): (Option<&str>, AudioFormat),
    ) -> Result<Signed, BucketError> {
        let terms = Terms {
            now: moment(now),
            until: moment(until),
            disposition,
            media_type: Some(format.media_type()),
        };
        self.bucket.presign(object, terms).await
    }
}

fn moment(at: UnixSeconds) -> Timestamp {
    Timestamp::from_millis(0).after(Duration::from_secs(at.0))
}
