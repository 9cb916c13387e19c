//! Plays that a test decides on, by the names of files.

use std::{sync::Arc, time::Duration};

use gatefold_app::{
    Trouble,
    playing::{Link, Means, Play, PlayError, PrivateLink, RedeemError, TokenRefusal},
    tracks::{AudioFile, FileRole, Playable, Track},
};
use gatefold_domain::{
    Access, AudioFormat, Decision, Did, Downloads, FileId, Gate, ObjectKey, Timestamp, TrackId,
    Visibility,
};
use gatefold_seal::UnixSeconds;

use super::accounts::TRAM;

/// Grants and refuses as the file is called.
#[derive(Default)]
pub struct Playing;

/// A track for supporters of somebody.
pub(crate) fn gated(support_url: Option<&str>) -> Arc<Playable> {
    let track = Track {
        id: TrackId::new(7).unwrap(),
        title: "Night Tram".to_owned(),
        access: Access {
            artist: TRAM.parse().unwrap(),
            gate: Gate::Supporters,
            visibility: Visibility::Public,
        },
        generation: 1,
        gate_generation: 1,
        settled: 1,
        artist_name: "The Tram".to_owned(),
        artist_handle: Some("tram.example.com".parse().unwrap()),
        support_url: support_url.map(str::to_owned),
        image: None,
        downloads: Downloads::Off,
        created: Timestamp::from_millis(0),
        audio: AudioFile {
            id: "support".parse().unwrap(),
            role: FileRole::Audio,
            is_current: true,
            format: AudioFormat::Mp3,
            object: ObjectKey::audio([1; 16], AudioFormat::Mp3),
            public: None,
            len: 1000,
            duration: 1000,
        },
    };
    Arc::new(Playable::of(track).unwrap())
}

#[expect(
    clippy::unused_async,
    reason = "the signatures of what this stands for"
)]
impl Playing {
    pub(crate) async fn ask(
        &self,
        viewer: Option<&Did>,
        file: &FileId,
    ) -> Result<Arc<Playable>, PlayError> {
        let tram = "https://tram.example.com/support";
        match (file.as_str(), viewer) {
            ("public", _) | ("gated", Some(_)) => Ok(gated(None)),
            ("gated", None) => Err(PlayError::SignIn),
            ("support", _) => Err(PlayError::Support(gated(Some(tram)))),
            ("support-nowhere", _) => Err(PlayError::Support(gated(None))),
            ("unknown", _) => Err(PlayError::Unknown {
                retry_after: Duration::from_millis(2500),
            }),
            ("publishing", _) => Err(PlayError::Publishing),
            ("unavailable", _) => Err(PlayError::Trouble(Trouble::Unavailable(
                "database is locked".into(),
            ))),
            ("broken", _) => Err(PlayError::Trouble(Trouble::Broken("no such table".into()))),
            ("panic", _) => panic!("a defect"),
            _ => Err(PlayError::Absent),
        }
    }

    pub(crate) async fn play(
        &self,
        viewer: Option<&Did>,
        file: &FileId,
    ) -> Result<Play, PlayError> {
        self.ask(viewer, file).await?;
        let link = match viewer {
            Some(viewer) if file.as_str() == "gated" => Link::Private(PrivateLink {
                url: format!("https://music.example/securev1/EC-{viewer}"),
                means: Means::Sealed,
                valid_until: UnixSeconds(1_200),
                lifetime: 600,
                grace: 30,
            }),
            _ => Link::Public {
                url: "https://cdn.example/audio/1.mp3".to_owned(),
            },
        };
        Ok(Play {
            file: file.clone(),
            format: AudioFormat::Mp3,
            link,
        })
    }

    pub(crate) async fn save(&self, _: &Playable, _: &str) -> Result<Option<String>, PlayError> {
        Ok(None)
    }

    pub(crate) async fn redeem(
        &self,
        viewer: &Did,
        file: &FileId,
        token: &str,
    ) -> Result<(Arc<Playable>, UnixSeconds), RedeemError> {
        match token {
            "theirs" => Ok((self.ask(Some(viewer), file).await?, UnixSeconds(1_200))),
            "expired" => Err(TokenRefusal::Expired.into()),
            _ => Err(TokenRefusal::NotTheirs.into()),
        }
    }

    pub(crate) async fn reconsider(&self, _: &Did, _: &ObjectKey) -> Result<Decision, PlayError> {
        Ok(Decision::Absent)
    }
}
