//! Tracks that a test decides on.

use gatefold_app::{playing::PlayError, tracks::Track};
use gatefold_domain::TrackId;

use super::playing::gated;

/// One track, for supporters.
#[derive(Default)]
pub struct Tracks;

#[expect(
    clippy::unused_async,
    reason = "the signatures of what this stands for"
)]
impl Tracks {
    #[expect(dead_code, reason = "for the pages that show them")]
    pub(crate) async fn newest(&self, _: Option<TrackId>, _: u32) -> Result<Vec<Track>, PlayError> {
        Ok(vec![
            gated(Some("https://tram.example.com/support"))
                .track
                .clone(),
        ])
    }
}
