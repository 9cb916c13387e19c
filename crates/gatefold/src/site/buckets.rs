//! From the configuration to the site's two buckets, and to what its edge reads of them.

use std::{sync::Arc, time::Duration};

use gatefold_edge::origin::{Origin, bucket::Bucket as BucketOrigin, folder::Folders};
use gatefold_media::bucket::{Bucket, BucketError, Buckets, PUBLIC_CACHE_CONTROL, S3Options};

use crate::{
    config::{self, Kept},
    edge::build::bucket_options,
};

/// The section of the bucket that holds the bytes of every track.
pub(super) const PRIVATE: &str = "server.media.private";
/// The section of the bucket with copies of those that everybody may hear.
pub(super) const PUBLIC: &str = "server.media.public";
/// How long a server may take for a part of 8 MiB: at one megabit a second it takes 67 seconds.
const PART_TIME: Duration = Duration::from_secs(90);

/// Why the site has no buckets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BucketsError {
    #[error("{section}: {place} cannot be used: {cause}")]
    Bucket {
        section: &'static str,
        place: String,
        cause: BucketError,
    },
    #[error("{section}: {place} cannot be read: {cause}")]
    Origin {
        section: &'static str,
        place: String,
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error(
        "server.media: one bucket leads into the other by a link, and what is private would be public"
    )]
    OneInTheOther,
}

/// Where the bytes of tracks are. Blocks.
pub(super) fn open(media: &config::Media) -> Result<Buckets, BucketsError> {
    let opened = |section, kept: &Kept<'_>, cache_control| {
        bucket(kept, cache_control).map_err(|cause| BucketsError::Bucket {
            section,
            place: shown(kept),
            cause,
        })
    };
    let private = opened(PRIVATE, &media.private_place(), None)?;
    let public = opened(PUBLIC, &media.public_place(), Some(PUBLIC_CACHE_CONTROL))?;
    // Both know where they really are, beyond what the configuration could be asked for.
    if let (Some(one), Some(other)) = (private.path(), public.path())
        && (one.starts_with(other) || other.starts_with(one))
    {
        return Err(BucketsError::OneInTheOther);
    }
    Ok(Buckets { private, public })
}

/// One of them. Blocks.
pub(crate) fn bucket(
    kept: &Kept<'_>,
    cache_control: Option<&'static str>,
) -> Result<Bucket, BucketError> {
    let bucket = match kept {
        Kept::Folder(folder) => return Bucket::folder(folder),
        Kept::Bucket(bucket) => bucket_options(bucket),
    };
    Bucket::s3(&S3Options {
        endpoint: bucket.endpoint,
        region: bucket.region,
        bucket: bucket.bucket,
        prefix: bucket.prefix,
        access_key_id: bucket.access_key_id,
        secret_access_key: bucket.secret_access_key,
        connect_time: bucket.connect_time,
        idle_time: PART_TIME,
        cache_control,
    })
}

/// What the edge reads of one.
pub(super) fn origin(
    section: &'static str,
    kept: &Kept<'_>,
) -> Result<Arc<dyn Origin>, BucketsError> {
    let failed = |cause| BucketsError::Origin {
        section,
        place: shown(kept),
        cause,
    };
    Ok(match kept {
        Kept::Folder(folder) => {
            Arc::new(Folders::new(folder).map_err(|error| failed(error.into()))?)
        }
        Kept::Bucket(bucket) => {
            let bucket = BucketOrigin::new(&bucket_options(bucket));
            Arc::new(bucket.map_err(|error| failed(error.into()))?)
        }
    })
}

/// It, for those who run the site.
pub(crate) fn shown(kept: &Kept<'_>) -> String {
    match kept {
        Kept::Folder(folder) => folder.display().to_string(),
        Kept::Bucket(bucket) => format!("the bucket {} at {}", bucket.name, bucket.endpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_from_one_into_the_other_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut media = config::Media {
            folder: folder.path().to_owned(),
            ..config::Media::default()
        };
        let buckets = open(&media).unwrap();
        assert!(buckets.public.path() != buckets.private.path());
        std::fs::remove_dir_all(folder.path().join("public")).unwrap();
        let link = folder.path().join("public");
        std::os::unix::fs::symlink(folder.path().join("private"), &link).unwrap();
        let refused = open(&media).map(drop);
        assert!(matches!(refused, Err(BucketsError::OneInTheOther)));
        media.folder = folder.path().join("a file");
        std::fs::write(&media.folder, "").unwrap();
        let said = open(&media).map(drop).unwrap_err().to_string();
        assert!(said.starts_with("server.media.private: "), "{said}");
    }
}
