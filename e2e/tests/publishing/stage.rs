//! A site with somebody who publishes, and somebody who listens.

use std::net::SocketAddr;

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    http::{Answer, get, send},
    links::form,
    process::eventually_so,
    sign_in::whole,
    site::{Setup, Site},
};
use gatefold_testkit::{network::Account, registry::Registry};
use http::{Method, StatusCode};
use serde_json::{Value, json};

pub(crate) struct Stage {
    pub(crate) site: Site,
    pub(crate) registry: Registry,
    pub(crate) artist: Person,
    pub(crate) listener: Person,
}

/// Somebody with an account and a token for programs.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) program: Program,
    pub(crate) token: String,
}

/// Bytes of the corpus of audio.
pub(crate) fn audio(name: &str) -> Vec<u8> {
    let path = format!("{}/../testdata/audio/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap_or_default()
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
        let listener = Person::sign_in(&site, "listener").await?;
        let profile = json!({ "display_name": "The Tram" });
        let made = artist
            .program
            .ask(Method::POST, "/artists/", &profile)
            .await?;
        assert_eq!(made.status, 201, "{:?}", made.body);
        Ok(Self {
            site,
            registry,
            artist,
            listener,
        })
    }

    pub(crate) fn nobody(&self) -> Program {
        Program::nobody(&self.site)
    }

    /// Uploads as the artist, and waits for what comes of it: the last event.
    pub(crate) async fn upload(
        &self,
        fields: &[(&str, &str)],
        file: (&str, &[u8]),
    ) -> Result<Value> {
        let (name, bytes) = file;
        let files = [("file", name, bytes)];
        let program = &self.artist.program;
        let taken = program
            .send(Method::POST, "/tracks/", fields, &files)
            .await?;
        self.artist.outcome(&whole(&taken)?).await
    }

    /// The same of what becomes a track: its number.
    pub(crate) async fn publish(&self, fields: &[(&str, &str)], file: &str) -> Result<i64> {
        let event = self.upload(fields, (file, &audio(file))).await?;
        assert_eq!(event["status"], "completed", "{event}");
        event["track_id"].as_i64().ok_or("no number".into())
    }

    /// A track, as the artist sees it.
    pub(crate) async fn track(&self, id: i64) -> Result<Value> {
        whole(&self.artist.program.get(&format!("/tracks/{id}")).await?)
    }

    /// The same once nothing has to follow it any more.
    pub(crate) async fn settled(&self, id: i64) -> Result<Value> {
        eventually_so(async || {
            let track = self.track(id).await?;
            let is_settled = track["gate_state"] == "settled";
            is_settled
                .then_some(track)
                .ok_or("it does not settle".into())
        })
        .await
    }

    /// Changes a track as the artist.
    pub(crate) async fn change(&self, id: i64, fields: &[(&str, &str)]) -> Result<Answer> {
        let path = format!("/tracks/{id}");
        self.artist
            .program
            .send(Method::PATCH, &path, fields, &[])
            .await
    }

    /// The record of a track at the artist's own server; `None` when there is none.
    pub(crate) async fn record(&self, track: &Value) -> Result<Option<Value>> {
        let uri = track["atproto_record_uri"].as_str().ok_or("no record")?;
        self.record_at(uri).await
    }

    /// The same of a record's address.
    pub(crate) async fn record_at(&self, uri: &str) -> Result<Option<Value>> {
        let parts = uri.strip_prefix("at://").ok_or("no address of a record")?;
        let [repo, collection, key] = parts.split('/').collect::<Vec<_>>()[..] else {
            return Err("no address of a record".into());
        };
        let query = form(&[("repo", repo), ("collection", collection), ("rkey", key)]);
        let answer = self.pds("com.atproto.repo.getRecord", &query).await?;
        if answer.status == StatusCode::BAD_REQUEST {
            return Ok(None);
        }
        whole(&answer).map(Some)
    }

    /// All records of somebody in a collection.
    pub(crate) async fn records(&self, did: &str, collection: &str) -> Result<Vec<Value>> {
        let query = form(&[("repo", did), ("collection", collection)]);
        let answer = self.pds("com.atproto.repo.listRecords", &query).await?;
        let records = whole(&answer)?["records"].as_array().cloned();
        Ok(records.unwrap_or_default())
    }

    async fn pds(&self, name: &str, query: &str) -> Result<Answer> {
        let url = &self.site.network().pds_url;
        let (_, port) = url.rsplit_once(':').ok_or("no port")?;
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse()?));
        send(address, get(&format!("/xrpc/{name}?{query}"))).await
    }
}

impl Person {
    async fn sign_in(site: &Site, name: &str) -> Result<Self> {
        let account = site.network().account(name).await?;
        let mut browser = Browser::new(site);
        browser.sign_in(&account).await?;
        let token = browser.make_token(&account, "a program").await?;
        Ok(Self {
            account,
            program: Program::bearer(site, &token),
            token,
        })
    }

    /// What comes of an upload that was taken: the last of its events.
    pub(crate) async fn outcome(&self, taken: &Value) -> Result<Value> {
        let id = taken["upload_id"].as_str().ok_or("no upload")?;
        let path = format!("/tracks/uploads/{id}/progress");
        let events = self.program.get(&path).await?;
        assert_eq!(events.header("content-type"), "text/event-stream");
        let text = String::from_utf8(events.body.to_vec())?;
        let last = text.lines().rfind(|line| line.starts_with("data: "));
        let last = last.and_then(|line| line.strip_prefix("data: "));
        Ok(serde_json::from_str(last.ok_or("no event")?)?)
    }
}
