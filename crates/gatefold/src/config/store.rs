//! `[edge.files]`, `[server.media.private]` and the like: a folder, or a bucket of an S3 server.

use std::path::{Path, PathBuf};

use gatefold_ops::config::{Fields, Parsed, Secret, Section, Wrong};

use super::BaseUrl;

/// Where objects are kept.
#[derive(Default)]
pub(crate) struct Store {
    folder: Option<PathBuf>,
    bucket: Option<String>,
    endpoint: Option<Parsed<BaseUrl>>,
    region: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<Secret>,
    prefix: String,
}

/// Where objects are kept, once that is decided.
pub(crate) enum Place<'a> {
    /// In a folder.
    Folder(&'a Path),
    /// In a bucket.
    Bucket(Bucket<'a>),
}

/// A bucket of an S3 server.
#[derive(Clone, Copy)]
pub(crate) struct Bucket<'a> {
    /// The server.
    pub(crate) endpoint: &'a BaseUrl,
    /// Its region, as it is signed.
    pub(crate) region: &'a str,
    /// The bucket's name.
    pub(crate) name: &'a str,
    /// Who asks.
    pub(crate) access_key_id: &'a str,
    /// With what it is signed.
    pub(crate) secret_access_key: &'a Secret,
    /// What all keys begin with.
    pub(crate) prefix: &'a str,
}

impl Bucket<'_> {
    /// What stands before every key, as requests have it: nothing, or it ends with `/`.
    pub(crate) fn key_prefix(&self) -> String {
        match self.prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        }
    }
}

/// The region of servers that have only one.
const ONLY_REGION: &str = "auto";

impl Store {
    /// Where the objects are; `None` when nothing was said.
    pub(crate) fn place(&self) -> Option<Place<'_>> {
        if let Some(folder) = &self.folder {
            return Some(Place::Folder(folder));
        }
        Some(Place::Bucket(Bucket {
            endpoint: &self.endpoint.as_ref()?.0,
            region: self.region.as_deref().unwrap_or(ONLY_REGION),
            name: self.bucket.as_deref()?,
            access_key_id: self.access_key_id.as_deref()?,
            secret_access_key: self.secret_access_key.as_ref()?,
            prefix: &self.prefix,
        }))
    }

    /// The secret, when it stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        let secret = self.secret_access_key.as_ref();
        secret.is_some_and(|secret| secret.file().is_none())
    }
}

impl Section for Store {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field("folder", &mut self.folder, "A folder on this machine.");
        on.field(
            "bucket",
            &mut self.bucket,
            "Or a bucket of an S3 server, by its name.",
        );
        on.field(
            "endpoint",
            &mut self.endpoint,
            "The S3 server, for example `https://s3.example.com`.",
        );
        on.field(
            "region",
            &mut self.region,
            "Its region; without one, `auto`, as R2 and Garage take it.",
        );
        on.field(
            "access_key_id",
            &mut self.access_key_id,
            "The key that may read the bucket, and write it where the site keeps tracks.",
        );
        on.secret(
            "secret_access_key",
            &mut self.secret_access_key,
            "The key's secret.",
        );
        on.field(
            "prefix",
            &mut self.prefix,
            "What stands before every key, for example `uploads/`.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        let parts = [
            ("endpoint", self.endpoint.is_some()),
            ("access_key_id", self.access_key_id.is_some()),
            ("secret_access_key", self.secret_access_key.is_some()),
        ];
        if self.folder.is_some() {
            if self.bucket.is_some() {
                wrong.field(
                    "bucket",
                    "objects are in a folder or in a bucket: leave one of the two out",
                );
            }
            return;
        }
        for (name, is_given) in parts {
            match (self.bucket.is_some(), is_given) {
                (true, false) => wrong.field(name, format!("a bucket needs it: set {name}")),
                (false, true) => wrong.field(
                    name,
                    "this is for a bucket: set bucket too, or leave it out",
                ),
                _ => {}
            }
        }
        if self
            .endpoint
            .as_ref()
            .is_some_and(|url| !url.0.is_https() && !url.0.is_loopback())
        {
            wrong.field(
                "endpoint",
                "keys would travel in the clear: use https, or a loopback address",
            );
        }
    }
}
