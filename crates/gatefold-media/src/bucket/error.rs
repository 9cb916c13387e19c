//! Why a bucket does not do what it is asked. No text names a key, a folder or a server.

use std::io;

use opendal_core::ErrorKind;

/// Why a bucket does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The key has an object already.
    #[error("the key has an object already")]
    Exists,
    /// The bytes are not what they were when they came.
    #[error("an object is not what it was")]
    Damaged,
    /// There is no room for more.
    #[error("the bucket is full")]
    Full,
    /// Whoever asks may not: the credentials or the permissions are not right.
    #[error("the bucket refuses whoever asks: see the key, or who may read and write the folder")]
    Refused,
    /// A bucket of this kind cannot do it.
    #[error("a bucket in a folder signs no addresses")]
    NotSigned,
    /// What was configured makes no bucket.
    #[error("the bucket cannot be used: {0}")]
    Options(String),
    /// It does not answer, or not as it should. Trying again may help.
    #[error("the bucket cannot be used now: {0}")]
    Unavailable(String),
}

/// Why an object was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// What was to be kept cannot be read to its end.
    #[error("what was to be kept cannot be read: {0}")]
    Source(io::Error),
    /// The bucket does not keep it.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl BucketError {
    /// What the system says of a bucket in a folder.
    pub(super) fn of_system(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::AlreadyExists => Self::Exists,
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::Full,
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Self::Refused,
            // Its own words may name the path, when it was not the system that found them.
            kind => Self::Unavailable(kind.to_string()),
        }
    }

    /// What is found where something is read: there may be none.
    pub(super) fn of_reading(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::of_system(error),
        }
    }

    /// What an S3 server says.
    pub(super) fn of_server(error: &opendal_core::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists => Self::Exists,
            ErrorKind::PermissionDenied => Self::Refused,
            ErrorKind::ConfigInvalid => Self::Options("there is no such bucket".to_owned()),
            // MinIO's and Garage's, which have no kind of their own.
            _ if FULL.iter().any(|code| error.message().contains(code)) => Self::Full,
            // Its own words may name the key.
            kind => Self::Unavailable(kind.into_static().to_owned()),
        }
    }

    /// What ends a stream: OpenDAL hands its errors on as the system's.
    pub(super) fn of_stream(error: &io::Error) -> Self {
        let cause = error.get_ref();
        match cause.and_then(|cause| cause.downcast_ref()) {
            Some(cause) => Self::of_server(cause),
            None => Self::Unavailable(error.kind().to_string()),
        }
    }
}

/// How S3 servers say that they are full.
const FULL: [&str; 4] = [
    "XMinioStorageFull",
    "QuotaExceeded",
    "InsufficientStorage",
    "StorageLimitExceeded",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_has_its_kind() {
        use io::ErrorKind as Kind;
        for (kind, word) in [
            (Kind::AlreadyExists, "the key has an object already"),
            (Kind::StorageFull, "the bucket is full"),
            (Kind::QuotaExceeded, "the bucket is full"),
            (Kind::FileTooLarge, "the bucket is full"),
            (Kind::PermissionDenied, "the bucket refuses"),
            (Kind::ReadOnlyFilesystem, "the bucket refuses"),
            (Kind::NotFound, "the bucket cannot be used now"),
            (Kind::TimedOut, "the bucket cannot be used now"),
        ] {
            let error = io::Error::new(kind, "/srv/media/audio/secret.mp3");
            let said = BucketError::of_system(&error).to_string();
            assert!(said.starts_with(word), "{kind}: {said}");
            assert!(!said.contains("secret"), "{said}");
        }
        let missing = io::Error::from(Kind::NotFound);
        let missing = BucketError::of_reading(&missing);
        assert!(matches!(missing, BucketError::NotFound));
    }

    #[test]
    fn what_a_server_says_has_its_kind() {
        let code = "S3Error { code: \"XMinioStorageFull\", resource: \"/audio/secret.mp3\" }";
        for (kind, message, word) in [
            (ErrorKind::NotFound, "", "there is no such object"),
            (ErrorKind::ConditionNotMatch, "", "the key has an object"),
            (ErrorKind::PermissionDenied, "secret", "the bucket refuses"),
            (
                ErrorKind::ConfigInvalid,
                "secret",
                "the bucket cannot be used: there",
            ),
            (ErrorKind::Unexpected, code, "the bucket is full"),
            (
                ErrorKind::Unexpected,
                "secret",
                "the bucket cannot be used now",
            ),
            (
                ErrorKind::RateLimited,
                "secret",
                "the bucket cannot be used now",
            ),
        ] {
            let error = opendal_core::Error::new(kind, message);
            let said = BucketError::of_server(&error).to_string();
            assert!(said.starts_with(word) && !said.contains("secret"), "{said}");
            let wrapped = BucketError::of_stream(&io::Error::other(error));
            assert_eq!(wrapped.to_string(), said);
        }
    }
}
