//! What there is to hear, and what artists do with it, for the handlers that need it.

use std::sync::Arc;

use gatefold_app::{library::Library, studio::Studio, uploads::Uploads};

/// What is published at the site. Clones are the same.
#[derive(Clone)]
pub struct Works {
    /// What there is to hear.
    pub library: Arc<Library>,
    /// What artists do with their tracks.
    pub studio: Arc<Studio>,
    /// What they send.
    pub uploads: Arc<Uploads>,
    /// The collection of the records of tracks, such as `fm.plyr.track`.
    pub tracks: Arc<str>,
    /// And of likes, such as `fm.plyr.like`.
    pub likes: Arc<str>,
    /// Where the public bucket is read, with a slash at the end.
    pub public: Arc<str>,
}
