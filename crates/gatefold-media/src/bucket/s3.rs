//! A bucket of an S3 server, through Apache OpenDAL.

mod write;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_core::Stream;
use gatefold_domain::{AudioFormat, ObjectKey, Timestamp};
use opendal_core::{
    FuturesBytesStream, HttpTransporter, Metadata, OperationContext, Operator, Writer,
};
use opendal_http_transport_reqwest::ReqwestTransport;
use opendal_service_s3::S3 as Service;
use tokio::sync::RwLock;

use super::{BucketError, Facts, Listed, Reading, Signed, Terms, Within};

pub(super) use write::Writing;

/// What objects of a public bucket say of themselves to whoever keeps copies: a browser may for an hour. A CDN
/// before them is told apart to keep them until they are purged.
pub const PUBLIC_CACHE_CONTROL: &str = "public, max-age=3600";
/// The size of the parts in which an object is sent, in bytes. Some servers want all but the last to be
/// alike; there can be 10 000 of them.
const PART: usize = 8 * 1024 * 1024;
/// The most objects in one answer of a list.
const PAGE: usize = 1000;

/// Which bucket, and who asks.
#[derive(Clone)]
pub struct S3Options {
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
    /// How long the service may take for a part of 8 MiB, or send nothing while it is waited for.
    pub idle_time: Duration,
    /// What new objects say of themselves to whoever keeps copies ([`PUBLIC_CACHE_CONTROL`]).
    pub cache_control: Option<&'static str>,
}

/// A bucket of an S3 server.
#[derive(Clone)]
pub(super) struct S3 {
    operator: Operator,
    cache_control: Option<&'static str>,
    under_way: Arc<RwLock<()>>,
}

impl S3 {
    pub(super) fn new(options: &S3Options) -> Result<Self, BucketError> {
        // Only what is configured: nothing is looked for in the environment or asked of a host.
        let service = Service::default()
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
            .map_err(|error| BucketError::Options(error.without_url().to_string()))?;
        let transport = HttpTransporter::new(ReqwestTransport::new(client));
        let context = OperationContext::new().with_http_transport(transport);
        let operator = Operator::new(service)
            .map_err(|error| BucketError::Options(error.message().to_owned()))?
            .with_context(context);
        Ok(Self {
            operator,
            cache_control: options.cache_control,
            under_way: Arc::default(),
        })
    }

    /// Held by what is being written.
    pub(super) fn under_way(&self) -> &RwLock<()> {
        &self.under_way
    }

    pub(super) async fn begin(&self, key: &ObjectKey) -> Result<Writing, BucketError> {
        // Not every server knows of conditions, and whoever sends for long in vain should know early.
        match self.facts(key).await {
            Ok(_) => return Err(BucketError::Exists),
            Err(BucketError::NotFound) => {}
            Err(error) => return Err(error),
        }
        let guard = Arc::clone(&self.under_way).read_owned().await;
        let writer = self.writer(key).await.map_err(|error| failure(&error))?;
        Ok(Writing::begin(self.clone(), key.clone(), writer, guard))
    }

    async fn writer(&self, key: &ObjectKey) -> opendal_core::Result<Writer> {
        let writer = self.operator.writer_with(key.as_str());
        let writer = writer.if_not_exists(true).chunk(PART);
        let writer = writer.content_type(media_type(key));
        match self.cache_control {
            Some(words) => writer.cache_control(words).await,
            None => writer.await,
        }
    }

    pub(super) async fn facts(&self, key: &ObjectKey) -> Result<Facts, BucketError> {
        let found = self.operator.stat(key.as_str()).await;
        facts(&found.map_err(|error| failure(&error))?)
    }

    pub(super) async fn read(&self, key: &ObjectKey) -> Result<Reading, BucketError> {
        let found = self.operator.stat(key.as_str()).await;
        let found = found.map_err(|error| failure(&error))?;
        let len = facts(&found)?.len;
        let reader = self.operator.reader_with(key.as_str());
        // With the tag, the service gives the bytes of this version or none.
        let reader = match found.etag() {
            Some(tag) => reader.if_match(tag).await,
            None => reader.await,
        };
        let reader = reader.map_err(|error| failure(&error))?;
        let stream = reader.into_bytes_stream(0..len).await;
        let stream = stream.map_err(|error| failure(&error))?;
        Ok(Reading::new(Box::pin(Pieces(stream)), len))
    }

    pub(super) async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let deleted = self.operator.delete(key.as_str()).await;
        deleted.map_err(|error| failure(&error))
    }

    pub(super) async fn list(
        &self,
        within: Within,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, BucketError> {
        let lister = self.operator.lister_with(within.prefix()).recursive(true);
        let lister = match after {
            Some(after) => lister.start_after(after.as_str()),
            None => lister,
        };
        let lister = lister.limit(limit.clamp(1, PAGE)).await;
        let mut lister = lister.map_err(|error| failure(&error))?;
        let mut found: Vec<Listed> = Vec::new();
        while found.len() < limit {
            let next = poll_fn(|context| Pin::new(&mut lister).poll_next(context)).await;
            let Some(entry) = next.transpose().map_err(|error| failure(&error))? else {
                break;
            };
            // Others may have put there what has no key.
            let (Ok(key), Ok(facts)) = (entry.path().parse::<ObjectKey>(), facts(entry.metadata()))
            else {
                continue;
            };
            let last = found.last().map(|last| &last.key).or(after);
            if last.is_some_and(|last| *last >= key) {
                // Whoever goes on from the last would miss some.
                let says = "its lists are not in order";
                return Err(BucketError::Unavailable(says.to_owned()));
            }
            found.push(Listed { key, facts });
        }
        Ok(found)
    }

    pub(super) async fn presign(
        &self,
        key: &ObjectKey,
        terms: &Terms<'_>,
    ) -> Result<Signed, BucketError> {
        let span = terms.until.since(terms.now);
        let kept = format!("private, max-age={}, immutable", span.as_secs());
        let mut signing = self.operator.presign_read_with(key.as_str(), span);
        signing = signing.override_cache_control(&kept);
        if let Some(disposition) = terms.disposition {
            signing = signing.override_content_disposition(disposition);
        }
        if let Some(media_type) = terms.media_type {
            signing = signing.override_content_type(media_type);
        }
        let signed = signing.await.map_err(|error| failure(&error))?;
        Ok(Signed(signed.uri().to_string()))
    }
}

/// An object's bytes, as OpenDAL gives them.
struct Pieces(FuturesBytesStream);

impl Stream for Pieces {
    type Item = Result<Bytes, BucketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map(|next| next.map(|part| part.map_err(|error| BucketError::of_stream(&error))))
    }
}

fn facts(found: &Metadata) -> Result<Facts, BucketError> {
    if !found.is_file() {
        return Err(BucketError::NotFound);
    }
    let modified = found.last_modified().map(SystemTime::from);
    Ok(Facts {
        len: found.content_length(),
        modified: modified.map(Timestamp::from),
    })
}

/// By the ending of the key, which was chosen by what the object is.
fn media_type(key: &ObjectKey) -> &'static str {
    let ending = key.as_str().rsplit_once('.').map(|(_, ending)| ending);
    let format = ending.and_then(|ending| ending.parse().ok());
    format.map_or("application/octet-stream", AudioFormat::media_type)
}

fn failure(error: &opendal_core::Error) -> BucketError {
    let failure = BucketError::of_server(error);
    if !matches!(failure, BucketError::NotFound | BucketError::Exists) {
        tracing::warn!(kind = %error.kind(), "the bucket fails");
    }
    failure
}

#[cfg(test)]
impl S3 {
    /// What the server says of an object.
    pub(super) async fn head(&self, key: &ObjectKey) -> Metadata {
        self.operator.stat(key.as_str()).await.unwrap()
    }
}
