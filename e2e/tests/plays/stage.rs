//! A site with an artist, somebody who supports them, and somebody who does not.

use gatefold_app::{
    publishing::Published,
    tracks::{Edit, TrackEdits},
};
use gatefold_domain::{AudioFormat, Downloads, Gate, TrackId, Visibility};
use gatefold_e2e::{
    Result,
    actors::{Browser, Program, Reach},
    http::Answer,
    site::{Library, Setup, Site},
};
use gatefold_testkit::{network::Account, registry::Registry};
use http::Method;

/// Where one becomes a supporter.
pub(crate) const SUPPORT: &str = "https://support.example/artist";

pub(crate) struct Stage {
    pub(crate) site: Site,
    pub(crate) registry: Registry,
    pub(crate) studio: Library,
    pub(crate) artist: Person,
    pub(crate) fan: Person,
    pub(crate) stranger: Person,
}

/// Somebody with an account, a browser that is signed in, and a token for programs.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) browser: Browser,
    pub(crate) token: String,
}

/// Who asks, and how they show who they are.
#[derive(Clone)]
pub(crate) struct Listener {
    pub(crate) name: String,
    site: Reach,
    shows: Option<(&'static str, String)>,
}

impl Stage {
    pub(crate) async fn set(setup: Setup) -> Result<Self> {
        let registry = Registry::start().await?;
        let site = Site::start(Setup {
            registry: Some(registry.url.clone()),
            ..setup
        })
        .await?;
        let artist = Person::sign_in(&site, "artist").await?;
        let fan = Person::sign_in(&site, "fan").await?;
        let stranger = Person::sign_in(&site, "stranger").await?;
        registry.add(&fan.account.did, &artist.account.did);
        let studio = Library::of(&site).await?;
        studio
            .artist(&artist.account.did, "The Tram", SUPPORT)
            .await?;
        Ok(Self {
            site,
            registry,
            studio,
            artist,
            fan,
            stranger,
        })
    }

    /// Publishes a track of the artist: bytes that no other has.
    pub(crate) async fn publish(&self, gate: Gate, visibility: Visibility) -> Result<Track> {
        let bytes = song(gate, visibility);
        let published = self
            .studio
            .publish(
                &self.artist.account.did,
                (gate, visibility),
                AudioFormat::Mp3,
                &bytes,
            )
            .await?;
        Ok(Track { published, bytes })
    }

    /// The same, which whoever may hear it may keep.
    pub(crate) async fn publish_to_keep(
        &self,
        gate: Gate,
        visibility: Visibility,
    ) -> Result<Track> {
        let track = self.publish(gate, visibility).await?;
        let edits = TrackEdits {
            downloads: Edit::Set(Downloads::Listeners),
            ..TrackEdits::default()
        };
        self.edit(track.published.track, edits).await?;
        Ok(track)
    }

    /// Changes a track of the artist.
    pub(crate) async fn edit(&self, id: TrackId, edits: TrackEdits<'_>) -> Result {
        let artist = &self.artist.account.did;
        self.studio.edit(artist, id, edits).await
    }

    /// Whoever shows nothing.
    pub(crate) fn nobody(&self) -> Listener {
        Listener {
            name: "nobody".to_owned(),
            site: self.site.reach(),
            shows: None,
        }
    }

    /// A person by both of the ways in which they can show who they are.
    pub(crate) fn both(&self, person: &Person) -> [Listener; 2] {
        [self.by_cookie(person), self.by_token(person)]
    }

    pub(crate) fn by_cookie(&self, person: &Person) -> Listener {
        Listener {
            name: format!("{} by cookie", person.account.handle),
            site: self.site.reach(),
            shows: Some(("cookie", person.browser.cookie_line())),
        }
    }

    pub(crate) fn by_token(&self, person: &Person) -> Listener {
        Listener {
            name: format!("{} by token", person.account.handle),
            site: self.site.reach(),
            shows: Some(("authorization", format!("Bearer {}", person.token))),
        }
    }
}

/// A track, and what is to be heard.
pub(crate) struct Track {
    pub(crate) published: Published,
    pub(crate) bytes: Vec<u8>,
}

impl Track {
    pub(crate) fn path(&self) -> String {
        format!("/audio/{}", self.published.file)
    }
}

fn song(gate: Gate, visibility: Visibility) -> Vec<u8> {
    let words = format!("{gate:?} and {visibility:?} over and over; ");
    words.bytes().cycle().take(700_001).collect()
}

impl Person {
    async fn sign_in(site: &Site, name: &str) -> Result<Self> {
        let account = site.network().account(name).await?;
        let mut browser = Browser::new(site);
        browser.sign_in(&account).await?;
        let token = browser.make_token(&account, "a player").await?;
        Ok(Self {
            account,
            browser,
            token,
        })
    }
}

impl Listener {
    /// Asks for a path or an address of the site, or of a server beside it.
    pub(crate) async fn ask(
        &self,
        method: Method,
        url: &str,
        more: &[(&'static str, &str)],
    ) -> Result<Answer> {
        let mut headers = more.to_vec();
        if let Some((name, value)) = &self.shows {
            headers.push((name, value));
        }
        let nothing = bytes::Bytes::new();
        self.site.ask(method, url, &headers, nothing).await
    }

    /// Whether an address is of the site itself.
    pub(crate) fn is_asked_at_site(&self, url: &str) -> bool {
        url.starts_with(&self.site.origin)
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Answer> {
        self.ask(Method::GET, url, &[]).await
    }

    /// The link to a track that this listener is given.
    pub(crate) async fn link(&self, track: &Track) -> Result<String> {
        let answer = self.get(&format!("{}/url", track.path())).await?;
        let answer = gatefold_e2e::sign_in::whole(&answer)?;
        gatefold_e2e::sign_in::text(&answer, "url")
    }
}

/// A program that shows nothing, for what is asked of no listener.
pub(crate) fn program(stage: &Stage) -> Program {
    Program::nobody(&stage.site)
}
