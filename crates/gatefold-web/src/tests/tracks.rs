//! The tracks of a test's site.

use gatefold_app::{
    Trouble,
    tracks::{AudioFile, FileRole, Track},
};
use gatefold_domain::{
    Access, AudioFormat, Downloads, Gate, ObjectKey, Timestamp, TrackId, Visibility,
};

use super::accounts::TRAM;

/// Three, of which one is a draft.
#[derive(Default)]
pub struct Tracks;

/// Everybody may hear it.
pub(crate) const OPEN: i64 = 1;
/// Supporters may.
pub(crate) const GATED: i64 = 2;
/// Its artist alone sees it.
pub(crate) const DRAFT: i64 = 3;
/// The database does not answer.
pub(crate) const UNAVAILABLE: i64 = 9;

fn track(id: i64, title: &str, gate: Gate, visibility: Visibility) -> Track {
    Track {
        id: TrackId::new(id).unwrap(),
        title: title.to_owned(),
        access: Access {
            artist: TRAM.parse().unwrap(),
            gate,
            visibility,
        },
        generation: 1,
        gate_generation: 1,
        settled: 1,
        artist_name: "The Tram".to_owned(),
        artist_handle: Some("tram.example.com".parse().unwrap()),
        support_url: Some("https://tram.example.com/support".to_owned()),
        image: None,
        downloads: Downloads::Off,
        created: Timestamp::from_millis(0),
        audio: AudioFile {
            id: format!("file-{id}").parse().unwrap(),
            role: FileRole::Audio,
            is_current: true,
            format: AudioFormat::Mp3,
            object: ObjectKey::audio([1; 16], AudioFormat::Mp3),
            public: None,
            len: 1000,
            duration: 187_000,
        },
    }
}

#[expect(
    clippy::unused_async,
    reason = "the signatures of what this stands for"
)]
impl Tracks {
    pub(crate) async fn newest(
        &self,
        before: Option<TrackId>,
        most: u32,
    ) -> Result<Vec<Track>, Trouble> {
        assert_eq!(before, None);
        assert!(most > 1);
        Ok(vec![
            track(GATED, "Night Tram", Gate::Supporters, Visibility::Public),
            track(OPEN, "Morning Tram", Gate::Open, Visibility::Public),
        ])
    }

    pub(crate) async fn get(&self, id: TrackId) -> Result<Option<Track>, Trouble> {
        let (title, gate, visibility) = match id.get() {
            OPEN => ("Morning Tram", Gate::Open, Visibility::Public),
            GATED => ("Night Tram", Gate::Supporters, Visibility::Unlisted),
            DRAFT => ("Ghost Tram", Gate::Open, Visibility::Draft),
            UNAVAILABLE => return Err(Trouble::Unavailable("database is locked".into())),
            _ => return Ok(None),
        };
        Ok(Some(track(id.get(), title, gate, visibility)))
    }
}
