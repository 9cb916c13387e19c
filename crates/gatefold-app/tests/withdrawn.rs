//! What is withdrawn from the public bucket, when a CDN stands before it: it is gone when nobody gets it there.
#![expect(
    clippy::unwrap_used,
    reason = "what is shared among tests is a part of them, though clippy knows only those"
)]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use gatefold_app::{
    ids::Ids,
    jobs::Worker,
    settling::{Cdn, Cloudflare, Discard, Purge, Settling, Webhook},
    tracks::{Edited, TrackEdits, Tracks},
};
use gatefold_domain::{AudioFormat, Clock, Did, FileId, Gate, ObjectKey, TrackId, Visibility};
use gatefold_media::bucket::{Bucket, Buckets};
use gatefold_net::{Client, ClientOptions, SystemResolver};
use gatefold_ops::system_random;
use gatefold_store::{Crypter, KeyFile, NewFile, NewRecording, NewTrack, Options, Profile, Store};
use gatefold_testkit::ManualClock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use zeroize::Zeroizing;

/// What a CDN does.
#[derive(Default)]
struct Memory {
    /// Whether it gives what it remembers.
    remembers: bool,
    /// Whether it forgets when it is told to.
    obeys: bool,
    /// What it was told: where, by whom, what.
    told: Vec<(String, String, Value)>,
}

/// A CDN that remembers everything, and is told to forget.
struct Stand {
    address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
}

impl Stand {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let memory = Arc::new(Mutex::new(Memory {
            remembers: true,
            ..Memory::default()
        }));
        let shared = Arc::clone(&memory);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream, &shared).await;
            }
        });
        Self { address, memory }
    }

    fn cdn(&self, cloudflare: bool) -> Cdn {
        let base = format!("http://{}", self.address);
        let options = ClientOptions {
            insecure_loopback: true,
            ..ClientOptions::default()
        };
        let token = || Zeroizing::new("a token".to_owned());
        Cdn {
            net: Client::new(options, Arc::new(SystemResolver)).unwrap(),
            public: format!("{base}/media/"),
            cloudflare: cloudflare.then(|| Cloudflare {
                api: base.clone(),
                zone: "zone".to_owned(),
                token: token(),
            }),
            webhook: (!cloudflare).then(|| Webhook {
                url: format!("{base}/hook"),
                token: Some(token()),
            }),
        }
    }

    fn obeys(&self, obeys: bool) {
        self.memory.lock().unwrap().obeys = obeys;
    }

    fn told(&self) -> Vec<(String, String, Value)> {
        self.memory.lock().unwrap().told.clone()
    }
}

/// Answers one request, and closes.
async fn answer(mut stream: TcpStream, memory: &Mutex<Memory>) {
    let mut asked = Vec::new();
    let (head, body) = loop {
        let text = String::from_utf8_lossy(&asked).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length(head)
        {
            break (head.to_owned(), body.to_owned());
        }
        if stream.read_buf(&mut asked).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let said = {
        let mut memory = memory.lock().unwrap();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        if head.starts_with("POST") {
            let shown = header(&head, "authorization").unwrap_or_default();
            let body = serde_json::from_str(&body).unwrap_or_default();
            memory.told.push((path, shown, body));
            memory.remembers &= !memory.obeys;
            "200 OK\r\ncontent-length: 16\r\n\r\n{\"success\":true}"
        } else if memory.remembers {
            "206 Partial Content\r\ncontent-range: bytes 0-0/7\r\ncontent-length: 1\r\n\r\nx"
        } else {
            "404 Not Found\r\ncontent-length: 0\r\n\r\n"
        }
    };
    let said = said.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    let _ = stream
        .write_all(format!("HTTP/1.1 {said}").as_bytes())
        .await;
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_owned())
}

fn length(head: &str) -> usize {
    let length = header(head, "content-length");
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn key() -> ObjectKey {
    ObjectKey::audio([1; 16], AudioFormat::Mp3)
}

#[tokio::test]
async fn a_cdn_is_told_and_asked() {
    for (cloudflare, path, body) in [
        (true, "/client/v4/zones/zone/purge_cache", "files"),
        (false, "/hook", "url"),
    ] {
        let stand = Stand::start().await;
        let cdn = stand.cdn(cloudflare);
        let url = format!("{}{}", cdn.public, key().as_str());
        assert!(cdn.is_gone(&key()).await.is_err(), "it is still read");
        // What it says is not believed.
        cdn.purge(&key()).await.unwrap();
        assert!(cdn.is_gone(&key()).await.is_err());
        stand.obeys(true);
        cdn.purge(&key()).await.unwrap();
        cdn.is_gone(&key()).await.unwrap();
        let told = stand.told();
        assert_eq!(told.len(), 2);
        assert_eq!(
            (told[0].0.as_str(), told[0].1.as_str()),
            (path, "Bearer a token")
        );
        let expected = match body {
            "files" => json!({ "files": [url] }),
            _ => json!({ "url": url }),
        };
        assert_eq!(told[0].2, expected);
    }
}

#[tokio::test]
async fn a_cdn_that_is_away_has_forgotten_nothing() {
    let stand = Stand::start().await;
    let mut cdn = stand.cdn(true);
    // Nobody listens there.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    cdn.public = format!("{nowhere}/media/");
    assert!(cdn.is_gone(&key()).await.is_err());
    cdn.cloudflare.as_mut().unwrap().api = nowhere;
    assert!(cdn.purge(&key()).await.is_err());
}

/// A site with one open track, whose copy is public.
struct Site {
    folder: TempDir,
    store: Store,
    clock: ManualClock,
    worker: Worker,
    tracks: Tracks,
    artist: Did,
    track: TrackId,
}

impl Site {
    async fn with(cdn: Cdn) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at_unix(1_790_000_000);
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let now = clock.now().into();
        let keys = KeyFile::generate(&mut system_random(), now);
        let crypter = Crypter::new(&keys, Box::new(system_random())).unwrap();
        let url = format!("sqlite:{}/gatefold.db", folder.path().display());
        let url = url.parse().unwrap();
        let store = Store::open(&url, crypter, Options::default(), now)
            .await
            .unwrap();
        let buckets = Buckets {
            private: Bucket::folder(&folder.path().join("private")).unwrap(),
            public: Bucket::folder(&folder.path().join("public")).unwrap(),
        };
        let artist: Did = "did:web:artist.example.com".parse().unwrap();
        store.accounts().seen(&artist, None, now).await.unwrap();
        let profile = Profile {
            display_name: "The Tram",
            ..Profile::default()
        };
        store.artists().put(&artist, profile, now).await.unwrap();
        let written = buckets.private.put(&key(), &b"a song"[..]).await.unwrap();
        let (file, object) = (FileId::random([1; 16]), key());
        let new = NewTrack {
            artist: &artist,
            title: "Night Tram",
            description: None,
            album: None,
            tags: &[],
            features: &[],
            image: None,
            gate: Gate::Open,
            visibility: Visibility::Public,
            downloads: None,
            record_key: None,
            recording: NewRecording {
                audio: NewFile {
                    id: &file,
                    format: AudioFormat::Mp3,
                    object: &object,
                    len: written.len,
                    sha256: &written.sha256,
                    duration: 1000,
                },
                original: None,
                waveform: None,
            },
        };
        let track = store.tracks().add(&new, now).await.unwrap();
        let ids = Ids::new(Box::new(system_random()));
        let (one, other) = (Arc::clone(&shared), Arc::clone(&shared));
        let settling = Settling::new(store.clone(), buckets.clone(), one, ids);
        let discard = Discard::new(store.clone(), buckets, other).purging(vec![Arc::new(cdn)]);
        let does = vec![Arc::new(settling) as _, Arc::new(discard) as _];
        let site = Self {
            worker: Worker::new(store.clone(), Arc::clone(&shared), 1, does),
            tracks: Tracks::new(store.clone(), shared),
            folder,
            store,
            clock,
            artist,
            track,
        };
        site.worker.do_all_due().await.unwrap();
        site
    }

    async fn is_settling(&self) -> bool {
        let track = self.store.tracks().get(self.track).await.unwrap();
        track.unwrap().is_settling()
    }

    fn copies(&self) -> usize {
        let folder = self.folder.path().join("public/audio");
        std::fs::read_dir(folder).unwrap().count()
    }

    /// Lets time pass, and does what is due by then.
    async fn later(&self, span: Duration) {
        self.clock.advance(span);
        self.worker.do_all_due().await.unwrap();
    }
}

#[tokio::test]
async fn a_gate_is_not_done_while_anybody_gets_a_copy() {
    let stand = Stand::start().await;
    let site = Site::with(stand.cdn(true)).await;
    site.later(Duration::from_secs(1)).await;
    assert!(!site.is_settling().await);
    assert_eq!(site.copies(), 1);
    let gate = TrackEdits {
        gate: Some(Gate::Supporters),
        ..TrackEdits::default()
    };
    let edited = site.tracks.edit(&site.artist, site.track, gate).await;
    assert_eq!(edited.unwrap(), Edited::Done);
    assert!(site.is_settling().await);
    site.later(Duration::ZERO).await;
    assert_eq!(site.copies(), 0, "it is deleted at once");
    assert_eq!(stand.told().len(), 1, "and purged");
    // The CDN says that it has forgotten, and has not: it is told again and again.
    for told in 2..5 {
        site.later(Duration::from_mins(5)).await;
        assert!(site.is_settling().await);
        assert!(stand.told().len() >= told);
    }
    stand.obeys(true);
    for _ in 0..3 {
        site.later(Duration::from_mins(5)).await;
    }
    assert!(!site.is_settling().await);
}
