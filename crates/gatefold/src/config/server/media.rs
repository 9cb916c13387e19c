//! `[server.media]`: where the bytes of tracks are.

use std::path::{Component, Path, PathBuf};

use gatefold_ops::config::{Fields, Parsed, Section, Wrong};

use super::purge::Purge;
use crate::config::{BaseUrl, Bucket, Place, store::Store};

/// Where the bytes of tracks are.
pub(crate) struct Media {
    /// The folder that holds the private and the public bucket, where nothing else is said of them.
    pub(crate) folder: PathBuf,
    /// The bucket that holds the bytes of every track.
    pub(crate) private: Store,
    /// The bucket with copies of those that everybody may hear.
    pub(crate) public: Store,
    /// Where the world reads the public bucket.
    pub(crate) public_url: Option<Parsed<BaseUrl>>,
    /// What makes what stands there forget.
    pub(crate) purge: Purge,
}

/// Where a bucket is, said or not.
pub(crate) enum Kept<'a> {
    /// In a folder.
    Folder(PathBuf),
    /// At an S3 server.
    Bucket(Bucket<'a>),
}

impl Default for Media {
    fn default() -> Self {
        Self {
            folder: "data/media".into(),
            private: Store::default(),
            public: Store::default(),
            public_url: None,
            purge: Purge::default(),
        }
    }
}

impl Media {
    /// Where the bytes of every track are.
    pub(crate) fn private_place(&self) -> Kept<'_> {
        self.place(&self.private, "private")
    }

    /// Where the copies are of those that everybody may hear.
    pub(crate) fn public_place(&self) -> Kept<'_> {
        self.place(&self.public, "public")
    }

    fn place<'a>(&self, store: &'a Store, usual: &str) -> Kept<'a> {
        match store.place() {
            Some(Place::Folder(folder)) => Kept::Folder(folder.to_owned()),
            Some(Place::Bucket(bucket)) => Kept::Bucket(bucket),
            None => Kept::Folder(self.folder.join(usual)),
        }
    }

    /// What stands before the key of a public object where the world reads it. Objects in a folder are
    /// served by the site, below `served`; those of an S3 server by itself, or by a CDN right before it.
    pub(crate) fn public_base(&self, site: &str, served: &str) -> String {
        let url = self.public_url.as_ref();
        let url = url.map_or(site, |Parsed(url)| url.as_str());
        match self.public_place() {
            Kept::Folder(_) => format!("{url}{served}"),
            Kept::Bucket(bucket) => format!("{url}/{}", bucket.key_prefix()),
        }
    }

    /// Whether a secret stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        self.private.has_inline_secret()
            || self.public.has_inline_secret()
            || self.purge.has_inline_secret()
    }
}

impl Kept<'_> {
    /// Whether what is in the one may be in the other.
    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Folder(one), Self::Folder(other)) => {
                let (one, other) = (plain(one), plain(other));
                one.starts_with(&other) || other.starts_with(&one)
            }
            // A bucket is opened to the world as a whole.
            (Self::Bucket(one), Self::Bucket(other)) => {
                one.endpoint == other.endpoint && one.name == other.name
            }
            _ => false,
        }
    }
}

/// A path from the root on, without detours.
fn plain(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

impl Section for Media {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "folder",
            &mut self.folder,
            "A folder for the bytes of tracks: `private` in it has all of them, and `public` copies of \
             those that everybody may hear, where the sections below say nothing else.",
        );
        on.field(
            "public_url",
            &mut self.public_url,
            "Where the world reads the public copies, when that is not the site itself: a CDN before \
             its `/media/`, for example `https://cdn.example.com`. When they are in a bucket of an S3 \
             server it is needed, and is where that bucket's objects can be read by everybody.",
        );
        on.section(
            "private",
            &mut self.private,
            "Where the bytes of all tracks are: nobody but the site may read this.",
        );
        on.section(
            "public",
            &mut self.public,
            "Where the copies are that everybody may have.",
        );
        on.section(
            "purge",
            &mut self.purge,
            "What makes a CDN at `public_url` forget what is public no more. Whether it has is asked at the \
             old address, before a change of a gate is told to be done.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        let is_safe = |url: &BaseUrl| url.is_https() || url.is_loopback();
        if !self.public_url.as_ref().is_none_or(|url| is_safe(&url.0)) {
            wrong.field("public_url", "use https, or a loopback address");
        }
        wrong.section("private", &self.private);
        wrong.section("public", &self.public);
        wrong.section("purge", &self.purge);
        let (private, public) = (self.private_place(), self.public_place());
        if private.meets(&public) {
            let (field, says) = match public {
                Kept::Folder(_) => (
                    "public.folder",
                    "what is in the private folder would be public: take one that is apart from it",
                ),
                Kept::Bucket(_) => (
                    "public.bucket",
                    "what is in the private bucket would be public: take another bucket, whatever the \
                     prefixes are",
                ),
            };
            wrong.field(field, says);
        }
        if matches!(public, Kept::Bucket(_)) && self.public_url.is_none() {
            wrong.field(
                "public_url",
                "where does the world read the public bucket? Set it to that address",
            );
        }
    }
}
