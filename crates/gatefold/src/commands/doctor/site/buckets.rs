//! Whether the site's buckets take and give what they should, and the world gets no more of them.
//!
//! An object is put into each, asked for, and removed again: what it is called and what is in it is random,
//! and belongs to nobody.

use gatefold_domain::{AudioFormat, IdBytes, ObjectKey};
use gatefold_edge::PUBLIC_PREFIX;
use gatefold_media::bucket::{Bucket, BucketError, PUBLIC_CACHE_CONTROL, PutError, Within};
use gatefold_ops::{config::Parsed, system_random};
use rand_core::Rng;

use super::super::{
    fetch::{Answer, Fetch},
    finding::Finding,
};
use crate::{
    config::{Kept, Server},
    site::buckets::{bucket, shown},
};

const PRIVATE: &str = "private bucket";
const PUBLIC: &str = "public bucket";
const WORLD: &str = "public url";
const REPAIR: &str = "let the user that runs the site write the folder, or see the server's address, region and \
                      name, and whether the key may read, write, list and delete; or name another place in \
                      server.media";

/// Looks at both buckets, and then at what the world sees of them.
pub(super) async fn look(site: &Server, fetch: &impl Fetch) -> Vec<Finding> {
    let (private, public) = (site.media.private_place(), site.media.public_place());
    let mut findings = Vec::new();
    let private = tried(PRIVATE, &private, None, &mut findings).await;
    let public = tried(PUBLIC, &public, Some(PUBLIC_CACHE_CONTROL), &mut findings).await;
    let url = site.media.public_url.as_ref().or(site.url.as_ref());
    if let (Some(private), Some(public), Some(Parsed(url))) = (private, public, url) {
        let world = World {
            base: site.media.public_base(url.as_str(), PUBLIC_PREFIX),
            is_server: matches!(site.media.public_place(), Kept::Bucket(_)),
            url: url.as_str(),
            fetch,
        };
        findings.push(world.look(&private, &public).await);
    }
    findings
}

/// An object that is there for a moment.
struct Probe<'a> {
    bucket: &'a Bucket,
    key: ObjectKey,
    content: String,
}

impl<'a> Probe<'a> {
    async fn put(bucket: &'a Bucket) -> Result<Self, BucketError> {
        let mut bytes = [IdBytes::default(); 2];
        for bytes in &mut bytes {
            system_random().fill_bytes(bytes);
        }
        let [name, content] = bytes;
        let probe = Self {
            bucket,
            key: ObjectKey::audio(name, AudioFormat::Wav),
            content: format!("gatefold doctor {:032x}", u128::from_be_bytes(content)),
        };
        match bucket.put(&probe.key, probe.content.as_bytes()).await {
            Ok(_) => Ok(probe),
            Err(PutError::Bucket(error)) => Err(error),
            Err(PutError::Source(error)) => Err(BucketError::Unavailable(error.kind().to_string())),
        }
    }

    /// Whether it is given as it was put.
    async fn read(&self) -> Result<(), BucketError> {
        let mut reading = self.bucket.read(&self.key).await?;
        let mut read = Vec::new();
        while let Some(part) = reading.next().await {
            read.extend_from_slice(&part?);
        }
        if read != self.content.as_bytes() {
            return Err(BucketError::Damaged);
        }
        Ok(())
    }

    async fn remove(self) -> Result<(), BucketError> {
        self.bucket.delete(&self.key).await
    }
}

/// A bucket, if it does all that the site wants of it.
async fn tried(
    check: &'static str,
    kept: &Kept<'_>,
    cache_control: Option<&'static str>,
    findings: &mut Vec<Finding>,
) -> Option<Bucket> {
    let shown = shown(kept);
    if matches!(kept, Kept::Folder(folder) if !folder.exists()) {
        findings.push(Finding::notice(
            check,
            format!("there is no {shown} yet"),
            "it is made at the first start",
        ));
        return None;
    }
    let tried = async {
        let bucket = bucket(kept, cache_control)?;
        let probe = Probe::put(&bucket).await?;
        let read = probe.read().await;
        let listed = bucket.list(Within::Everything, None, 1).await;
        probe.remove().await?;
        read?;
        listed?;
        Ok::<_, BucketError>(bucket)
    };
    match tried.await {
        Ok(bucket) => {
            let says = format!("{shown} takes and gives what is put there");
            findings.push(Finding::good(check, says));
            Some(bucket)
        }
        Err(error) => {
            findings.push(Finding::wrong(check, format!("{shown}: {error}"), REPAIR));
            None
        }
    }
}

/// What stands between the buckets and everybody.
struct World<'a, F> {
    /// What stands before the key of a public object.
    base: String,
    /// Whether an S3 server answers, or a CDN before it.
    is_server: bool,
    url: &'a str,
    fetch: &'a F,
}

impl<F: Fetch> World<'_, F> {
    async fn look(&self, private: &Bucket, public: &Bucket) -> Finding {
        let url = self.url;
        match self.found(private, public).await {
            Err(finding) => finding,
            Ok(()) => Finding::good(
                WORLD,
                format!("{url} gives public objects, and neither private ones nor a list"),
            ),
        }
    }

    /// The worst first.
    async fn found(&self, private: &Bucket, public: &Bucket) -> Result<(), Finding> {
        self.kept_back(private).await?;
        self.unlisted().await?;
        self.given(public).await
    }

    /// Whether the world does not get what is private.
    async fn kept_back(&self, private: &Bucket) -> Result<(), Finding> {
        let url = self.url;
        match self.asked(private).await? {
            (403 | 404, false) => Ok(()),
            (_, true) => Err(Finding::wrong(
                WORLD,
                format!("{url} gives everybody objects of the PRIVATE bucket"),
                "keep the world out of that bucket at once: nothing that is gated is safe in it",
            )),
            (status, false) => Err(Finding::wrong(
                WORLD,
                format!("{url} answers with {status} for what is not there, and not with 404"),
                "see what answers there: the world has to learn that a withdrawn object is gone",
            )),
        }
    }

    /// Whether it cannot learn all keys.
    async fn unlisted(&self) -> Result<(), Finding> {
        let url = self.url;
        for asked in [&self.base, &format!("{url}/?list-type=2")] {
            let answer = self.get(asked).await?;
            let body = String::from_utf8_lossy(&answer.body);
            if answer.status == 200 && body.contains("<ListBucketResult") {
                return Err(Finding::wrong(
                    WORLD,
                    format!("{url} lists all objects of the public bucket to everybody"),
                    "let everybody read objects there, and nobody list them",
                ));
            }
        }
        Ok(())
    }

    /// Whether it gets what is public.
    async fn given(&self, public: &Bucket) -> Result<(), Finding> {
        let url = self.url;
        match self.asked(public).await? {
            (200, true) => Ok(()),
            (status, _) => Err(Finding::wrong(
                WORLD,
                format!("{url} answers with {status} for an object of the public bucket"),
                if self.is_server {
                    "let everybody read the public bucket's objects there, by their keys"
                } else {
                    "let the proxy or CDN pass /media/ to the site, with the path as it is"
                },
            )),
        }
    }

    /// What the world is answered for an object of a bucket, and whether it is the object.
    async fn asked(&self, bucket: &Bucket) -> Result<(u16, bool), Finding> {
        let probe = Probe::put(bucket).await;
        let probe = probe.map_err(|error| unwritten(&error))?;
        let asked = format!("{}{}", self.base, probe.key.as_str());
        let answer = self.get(&asked).await;
        let answer = answer.map(|answer| (answer.status, answer.body == probe.content.as_bytes()));
        probe.remove().await.map_err(|error| unwritten(&error))?;
        answer
    }

    async fn get(&self, asked: &str) -> Result<Answer, Finding> {
        self.fetch.get(asked, None).await.map_err(|error| {
            Finding::wrong(
                WORLD,
                format!("{} does not answer: {error}", self.url),
                "see that the site or the bucket is reached there, and that this machine may ask",
            )
        })
    }
}

fn unwritten(error: &BucketError) -> Finding {
    Finding::not_checked(WORLD, error.to_string(), "see the buckets, and look again")
}

#[cfg(test)]
mod tests;
