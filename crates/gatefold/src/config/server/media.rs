//! `[server.media]`: where the bytes of tracks are.

use std::path::PathBuf;

use gatefold_ops::config::{Fields, Parsed, Section, Wrong};

use crate::config::BaseUrl;

/// Where the bytes of tracks are.
pub(crate) struct Media {
    /// The folder that holds the private and the public bucket.
    pub(crate) folder: PathBuf,
    /// Where the world reads the public bucket.
    pub(crate) public_url: Option<Parsed<BaseUrl>>,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            folder: "data/media".into(),
            public_url: None,
        }
    }
}

impl Media {
    /// The bucket that holds the bytes of every track.
    pub(crate) fn private(&self) -> PathBuf {
        self.folder.join("private")
    }

    /// The bucket with copies of those that everybody may hear.
    pub(crate) fn public(&self) -> PathBuf {
        self.folder.join("public")
    }
}

impl Section for Media {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "folder",
            &mut self.folder,
            "A folder for the bytes of tracks: `private` in it has all of them, and `public` copies of \
             those that everybody may hear.",
        );
        on.field(
            "public_url",
            &mut self.public_url,
            "Where the world reads the public copies, when that is not the site itself: a CDN before \
             its `/media/`, for example `https://cdn.example.com`.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        let is_safe = |url: &BaseUrl| url.is_https() || url.is_loopback();
        if !self.public_url.as_ref().is_none_or(|url| is_safe(&url.0)) {
            wrong.field("public_url", "use https, or a loopback address");
        }
    }
}
