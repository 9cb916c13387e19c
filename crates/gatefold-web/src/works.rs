//! What there is to hear, and what artists do with it, for the handlers that need it.

use std::sync::Arc;

use gatefold_app::{library::Library, studio::Studio, uploads::Uploads};
use gatefold_edge::Edge;
use gatefold_media::bucket::UrlSigner;

/// What is published at the site. Clones are the same.
#[derive(Clone)]
pub struct Works {
    /// What there is to hear.
    pub library: Arc<Library>,
    /// What artists do with their tracks.
    pub studio: Arc<Studio>,
    /// What they send.
    pub uploads: Arc<Uploads>,
    /// Has their bytes, where those go through the site.
    pub edge: Arc<Edge>,
    /// Knows the URLs that a bucket in a folder has signed, where it signs any.
    pub signer: Option<UrlSigner>,
    /// The collection of the records of tracks, such as `fm.plyr.track`.
    pub tracks: Arc<str>,
    /// And of likes, such as `fm.plyr.like`.
    pub likes: Arc<str>,
    /// Where the public bucket is read, with a slash at the end.
    pub public: Arc<str>,
}
