//! An origin in a bucket with an S3-compatible interface, through Apache OpenDAL.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_core::Stream;
use gatefold_edge_core::MediaType;
use opendal_core::{
    Error, ErrorKind, FuturesBytesStream, HttpTransporter, Metadata, OperationContext, Operator,
};
use opendal_http_transport_reqwest::ReqwestTransport;
use opendal_service_s3::S3;

use super::{BoxFuture, Chunks, Facts, Looked, Origin, OriginError, Version};

/// Which bucket, and who asks.
#[derive(Clone)]
pub struct BucketOptions {
    /// The address of the service, for example `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// The region that requests are signed for; `auto` where there is none.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// What stands before every key, when the objects are not at the bucket's root.
    pub prefix: Option<String>,
    /// The identifier of the key that signs requests.
    pub access_key_id: String,
    /// The secret half of that key.
    pub secret_access_key: zeroize::Zeroizing<String>,
    /// How long connecting may take.
    pub connect_time: Duration,
    /// How long the service may send nothing while it is waited for.
    pub idle_time: Duration,
}

/// Why there is no bucket.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// An option is unusable.
    #[error("the bucket cannot be used: {0}")]
    Options(String),
    /// There is no HTTP client.
    #[error("the bucket cannot be asked: {0}")]
    Client(String),
}

/// Objects of one bucket.
#[derive(Clone)]
pub struct Bucket {
    operator: Operator,
}

impl Bucket {
    /// A bucket; nobody is asked yet.
    ///
    /// # Errors
    /// When an option is unusable.
    pub fn new(options: &BucketOptions) -> Result<Self, BucketError> {
        // Only what is configured: nothing is looked for in the environment or asked of a host.
        let service = S3::default()
            .endpoint(&options.endpoint)
            .region(&options.region)
            .bucket(&options.bucket)
            .root(options.prefix.as_deref().unwrap_or("/"))
            .access_key_id(&options.access_key_id)
            .secret_access_key(&options.secret_access_key)
            .disable_config_load()
            .disable_ec2_metadata();
        let client = reqwest::Client::builder()
            .connect_timeout(options.connect_time)
            .read_timeout(options.idle_time)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| BucketError::Client(error.without_url().to_string()))?;
        let transport = HttpTransporter::new(ReqwestTransport::new(client));
        let context = OperationContext::new().with_http_transport(transport);
        let operator = Operator::new(service)
            .map_err(|error| BucketError::Options(error.message().to_owned()))?
            .with_context(context);
        Ok(Self { operator })
    }

    /// Whether the service answers for the bucket: for `doctor`.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub async fn check(&self) -> Result<(), OriginError> {
        match self
            .operator
            .stat("gatefold-doctor-looks-for-nothing")
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

impl Origin for Bucket {
    fn look<'a>(
        &'a self,
        name: &'a str,
        _: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Looked, OriginError>> {
        Box::pin(async move {
            let metadata = self.operator.stat(name).await;
            let metadata = metadata.map_err(|error| failure(&error))?;
            if !metadata.is_file() {
                return Err(OriginError::NotFound);
            }
            Ok(Looked::Is(facts(name, &metadata)))
        })
    }

    fn read<'a>(
        &'a self,
        name: &'a str,
        facts: &'a Facts,
        first: u64,
        last: Option<u64>,
    ) -> BoxFuture<'a, Result<Chunks, OriginError>> {
        Box::pin(async move {
            let end = facts.len.ok_or(OriginError::Failed)?;
            let end = last.map_or(end, |last| last.saturating_add(1).min(end));
            let reader = self.operator.reader_with(name);
            // The tag is what the version is made of: with it, the service gives this or nothing.
            let reader = match facts
                .version
                .as_ref()
                .map(Version::as_bytes)
                .map(str::from_utf8)
            {
                Some(Ok(etag)) => reader.if_match(etag),
                Some(Err(_)) => return Err(OriginError::Failed),
                None => reader,
            };
            let reader = reader.await.map_err(|error| failure(&error))?;
            let stream = reader.into_bytes_stream(first..end).await;
            Ok(Box::pin(Reading {
                stream: stream.map_err(|error| failure(&error))?,
                left: end.saturating_sub(first),
            }) as Chunks)
        })
    }
}

fn facts(name: &str, metadata: &Metadata) -> Facts {
    // A weak tag allows for other bytes.
    let etag = metadata.etag().filter(|etag| etag.starts_with('"'));
    let modified = metadata.last_modified().map(SystemTime::from);
    let by_type = metadata.content_type().and_then(MediaType::of_content_type);
    Facts {
        len: Some(metadata.content_length()),
        version: etag.map(|etag| Version::new(etag.as_bytes())),
        modified,
        media_type: by_type.unwrap_or_else(|| MediaType::of_name(name)),
        ranges: true,
    }
}

/// An object's bytes, counted.
struct Reading {
    stream: FuturesBytesStream,
    left: u64,
}

impl Stream for Reading {
    type Item = Result<Bytes, OriginError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = ready!(Pin::new(&mut self.stream).poll_next(context));
        let chunk = match chunk {
            None if self.left == 0 => None,
            None => Some(Err(OriginError::Failed)),
            Some(Err(error)) => Some(Err(broken(&error))),
            Some(Ok(bytes)) => match self.left.checked_sub(bytes.len() as u64) {
                Some(left) => {
                    self.left = left;
                    Some(Ok(bytes))
                }
                None => Some(Err(OriginError::Failed)),
            },
        };
        if matches!(chunk, Some(Err(_))) {
            // Nothing more comes after an error.
            self.left = 0;
        }
        Poll::Ready(chunk)
    }
}

fn failure(error: &Error) -> OriginError {
    match error.kind() {
        ErrorKind::NotFound => OriginError::NotFound,
        ErrorKind::ConditionNotMatch | ErrorKind::RangeNotSatisfied => OriginError::Changed,
        kind => {
            tracing::warn!(%kind, "the bucket fails");
            OriginError::Failed
        }
    }
}

/// A stream hands errors on as the system's.
fn broken(error: &std::io::Error) -> OriginError {
    let cause = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<Error>());
    cause.map_or(OriginError::Failed, failure)
}
