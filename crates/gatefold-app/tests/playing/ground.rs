//! A site on either database, and what is kept in it.

use std::sync::Arc;

use gatefold_app::{
    news::{Listens, News},
    playing::{Delivery, DeliveryParts, PlayError, Playing, Private, Sealer},
    supporters::{FixedList, Supporters, SupportersParts},
    tracks::Tracks,
};
use gatefold_domain::{
    AudioFormat, Clock, Decision, Did, FileId, Gate, ObjectKey, Timestamp, TrackId, Visibility,
};
use gatefold_ops::system_random;
use gatefold_seal::{EdgePrivateKey, Keyring, Minter, MinterKey, Opener, PATH_PREFIX, Scope};
use gatefold_store::{
    BucketName, Crypter, Edited, JobKind, KeyFile, NewFile, NewObject, NewRecording, NewTrack,
    Options, Profile, Store, TrackEdits,
};
use gatefold_testkit::{
    ManualClock,
    databases::{Database, Postgres},
};
use tempfile::TempDir;
use tokio::runtime::Handle;

pub(crate) const ARTIST: &str = "did:web:artist.example.com";
pub(crate) const FAN: &str = "did:web:fan.example.com";
pub(crate) const STRANGER: &str = "did:web:stranger.example.com";

/// A database, and what is kept in it.
pub(crate) struct Site {
    pub(crate) url: String,
    _kept: Kept,
    pub(crate) keys: KeyFile,
    pub(crate) clock: ManualClock,
    pub(crate) registry: Arc<FixedList>,
    pub(crate) edge: EdgePrivateKey,
    pub(crate) minter: MinterKey,
}

#[expect(
    dead_code,
    reason = "it is there for as long as its database is needed"
)]
pub(crate) enum Kept {
    File(TempDir),
    Server(Database),
}

/// A process of the site.
pub(crate) struct Process {
    pub(crate) store: Store,
    pub(crate) tracks: Arc<Tracks>,
    pub(crate) playing: Playing,
    pub(crate) news: News,
}

pub(crate) fn did(text: &str) -> Did {
    text.parse().unwrap()
}

impl Site {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/gatefold.db", folder.path().display());
        Self::on(url, Kept::File(folder))
    }

    pub(crate) fn postgres() -> Self {
        let database = Postgres::start().unwrap().database().unwrap();
        Self::on(database.url.clone(), Kept::Server(database))
    }

    pub(crate) fn on(url: String, kept: Kept) -> Self {
        let clock = ManualClock::at_unix(1_790_000_000);
        let mut random = system_random();
        let registry = FixedList::default();
        registry.add(&did(FAN), &did(ARTIST));
        Self {
            url,
            _kept: kept,
            keys: KeyFile::generate(&mut random, clock.now().into()),
            clock,
            registry: Arc::new(registry),
            edge: EdgePrivateKey::generate(&mut random),
            minter: MinterKey::generate(&mut random),
        }
    }

    /// A process that seals.
    pub(crate) async fn process(&self) -> Process {
        let minter = Minter::new(*self.edge.public(), self.minter.clone(), 1800).unwrap();
        self.process_by(Private::Sealed(Sealer { minter, grace: 30 }))
            .await
    }

    /// A process that delivers so.
    pub(crate) async fn process_by(&self, private: Private) -> Process {
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let now = self.clock.now().into();
        let crypter = Crypter::new(&self.keys, Box::new(system_random())).unwrap();
        let options = Options {
            connections: 2,
            migrate: true,
        };
        let url = self.url.parse().unwrap();
        let store = Store::open(&url, crypter, options, now).await.unwrap();
        let tracks = Arc::new(Tracks::new(store.clone(), Arc::clone(&clock)));
        let supporters = Supporters::new(SupportersParts {
            registry: Arc::clone(&self.registry) as _,
            clock: Arc::clone(&clock),
            background: Handle::current(),
        });
        let delivery = Delivery::new(DeliveryParts {
            private,
            site: "https://music.example".to_owned(),
            public: "https://cdn.example/media/".to_owned(),
        });
        let playing = Playing::new(
            Arc::clone(&tracks),
            supporters,
            delivery,
            Arc::clone(&clock),
        );
        let listeners = vec![Arc::clone(&tracks) as Arc<dyn Listens>];
        Process {
            news: News::new(store.clone(), clock, listeners),
            store,
            tracks,
            playing,
        }
    }

    /// What a link names and for whom, as the edge reads it.
    pub(crate) fn opened(&self, url: &str) -> (String, String) {
        let mut keyring = Keyring::new();
        keyring.add_edge(self.edge.clone()).unwrap();
        let scope = Scope {
            private: true,
            clients: vec!["did:web:*".parse().unwrap()],
            ..Scope::default()
        };
        keyring.add_minter(self.minter.clone(), scope).unwrap();
        let (_, token) = url.split_once(PATH_PREFIX).unwrap();
        let opener = Opener::new(keyring);
        let opened = opener.open(token, self.clock.now().into()).unwrap();
        let payload = &opened.payload;
        (payload.source().original(), payload.client().to_owned())
    }
}

impl Process {
    /// Keeps the artist and a track, all of whose names are made of a number. What is open is public.
    pub(crate) async fn keep(&self, number: u8, gate: Gate, visibility: Visibility) -> FileId {
        let now = Timestamp::from_millis(1_790_000_000_000);
        let artist = did(ARTIST);
        self.store
            .accounts()
            .seen(&artist, None, now)
            .await
            .unwrap();
        let profile = Profile {
            display_name: "The Tram",
            support_url: None,
            ..Profile::default()
        };
        self.store
            .artists()
            .put(&artist, profile, now)
            .await
            .unwrap();
        let file = FileId::random([number; 16]);
        let public = public_key(number);
        let is_public = gate.is_open() && visibility != Visibility::Draft;
        let track = NewTrack {
            artist: &artist,
            title: "Night Tram",
            description: None,
            album: None,
            tags: &[],
            features: &[],
            image: None,
            gate,
            visibility,
            downloads: None,
            record_key: None,
            recording: NewRecording {
                audio: NewFile {
                    id: &file,
                    format: AudioFormat::Mp3,
                    object: &private_key(number),
                    len: 1000,
                    sha256: &[number; 32],
                    duration: 1000,
                },
                original: None,
                waveform: None,
            },
        };
        let id = self.store.tracks().add(&track, now).await.unwrap();
        if is_public {
            self.make_public(id, &file, &public).await;
        }
        file
    }

    /// Does what follows a track that everybody may have, as far as the database is concerned.
    pub(crate) async fn make_public(&self, id: TrackId, file: &FileId, copy: &ObjectKey) {
        let (tracks, now) = (
            self.store.tracks(),
            Timestamp::from_millis(1_790_000_000_000),
        );
        let jobs = self.store.jobs();
        let job = jobs.take(&[JobKind::Settle], 1, now, now).await;
        let job = job.unwrap().unwrap();
        let track = tracks.settling(id).await.unwrap().unwrap();
        let object = NewObject {
            key: copy,
            bucket: BucketName::Public,
            artist: &track.artist,
            track: Some(id),
        };
        let expected = self.store.objects().expect(&job, &[object], now).await;
        expected.unwrap();
        let published = tracks.published(&job, &track, file, copy, 1000, now).await;
        assert!(published.unwrap());
        tracks.settled(&job, &track, now).await.unwrap();
    }

    /// Changes a track, which there is.
    pub(crate) async fn edit(&self, id: TrackId, edits: TrackEdits<'_>) {
        let edited = self.tracks.edit(&did(ARTIST), id, edits).await;
        assert_eq!(edited.unwrap(), Edited::Done);
    }

    /// What the edge is told of somebody who has a link to the track with this number.
    pub(crate) async fn reconsidered(&self, viewer: &str, number: u8) -> Decision {
        let (viewer, object) = (did(viewer), private_key(number));
        self.playing.reconsider(&viewer, &object).await.unwrap()
    }

    pub(crate) async fn decision(&self, viewer: Option<&str>, file: &FileId) -> Decision {
        let viewer = viewer.map(did);
        decision(self.playing.ask(viewer.as_ref(), file).await.err())
    }
}

pub(crate) fn gated(gate: Gate) -> TrackEdits<'static> {
    TrackEdits {
        gate: Some(gate),
        ..TrackEdits::default()
    }
}

pub(crate) fn private_key(number: u8) -> ObjectKey {
    ObjectKey::audio([number; 16], AudioFormat::Mp3)
}

pub(crate) fn public_key(number: u8) -> ObjectKey {
    ObjectKey::audio([100 + number; 16], AudioFormat::Mp3)
}

pub(crate) fn decision(refused: Option<PlayError>) -> Decision {
    match refused {
        None => Decision::Play,
        Some(PlayError::SignIn) => Decision::SignIn,
        Some(PlayError::Support(_)) => Decision::Support,
        Some(PlayError::Unknown { .. }) => Decision::Unknown,
        Some(PlayError::Absent) => Decision::Absent,
        Some(error) => panic!("{error}"),
    }
}
