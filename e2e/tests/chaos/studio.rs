//! An artist at a site that dies.

use std::path::PathBuf;

use gatefold_e2e::{
    Result,
    actors::{Browser, Program},
    process::eventually_so,
    sign_in::whole,
    site::{Library, Setup, Site},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    dice::Dice,
    model::{Counts, Known, Model},
};

/// What is done at the same time, at most.
const AT_ONCE: usize = 4;
/// How many tracks there are at most before one has to go.
const MOST: usize = 12;
/// How many questions are asked at most before the site is killed: the moment.
const MOMENTS: usize = 60;

pub(crate) struct Studio {
    site: Site,
    artist: Program,
    model: Model,
    pub(crate) counts: Counts,
}

/// Something that is asked for.
#[derive(Clone, Debug)]
enum Deed {
    Upload,
    Gate(i64, bool),
    Replace(i64),
    Restore(i64),
    Delete(i64),
}

impl Studio {
    pub(crate) async fn open(setup: Setup) -> Result<Self> {
        let site = Site::start(Setup {
            more: "uploads.lease = \"1s\"\nuploads.sweep_after = \"2s\"",
            ..setup
        })
        .await?;
        let account = site.network().account("artist").await?;
        let mut browser = Browser::new(&site);
        browser.sign_in(&account).await?;
        let token = browser.make_token(&account, "a program").await?;
        let artist = Program::bearer(&site, &token);
        let profile = json!({ "display_name": "The Tram" });
        let made = artist.ask(Method::POST, "/artists/", &profile).await?;
        assert_eq!(made.status, 201);
        Ok(Self {
            site,
            artist,
            model: Model::default(),
            counts: Counts::default(),
        })
    }

    /// Asks for a few things at once, kills the site, and looks at what it is after it began again.
    pub(crate) async fn round(&mut self, dice: &mut Dice) -> Result {
        let mut doing = JoinSet::new();
        for deed in self.deeds(dice) {
            self.counts.asked = self.counts.asked.saturating_add(1);
            self.expect(&deed);
            let artist = self.artist.clone();
            doing.spawn(async move {
                let acknowledged = deed.ask(&artist).await;
                (deed, acknowledged)
            });
        }
        for _ in 0..dice.below(MOMENTS) {
            // What is answered does not matter: it takes its time.
            let _ = self.artist.get("/tracks/me?limit=1").await;
        }
        self.site.kill_and_restart()?;
        self.counts.kills = self.counts.kills.saturating_add(1);
        while let Some(done) = doing.join_next().await {
            let (deed, acknowledged) = done?;
            if let Some(answer) = acknowledged {
                self.counts.acknowledged = self.counts.acknowledged.saturating_add(1);
                self.learn(&deed, &answer);
            }
        }
        self.look().await
    }

    fn deeds(&self, dice: &mut Dice) -> Vec<Deed> {
        let mut free: Vec<_> = self.model.tracks.keys().copied().collect();
        let mut deeds = Vec::new();
        for _ in 0..=dice.below(AT_ONCE) {
            // One thing at a time for each track, so that it is known what has to be.
            let track = if free.is_empty() {
                None
            } else {
                Some(free.swap_remove(dice.below(free.len())))
            };
            deeds.push(match (track, dice.below(10)) {
                (Some(id), 0..=4) => Deed::Gate(id, dice.below(2) == 0),
                (Some(id), 5) => Deed::Replace(id),
                (Some(id), 6) => Deed::Restore(id),
                (Some(id), 7) => Deed::Delete(id),
                (Some(id), _) if self.model.tracks.len() >= MOST => Deed::Delete(id),
                _ => Deed::Upload,
            });
        }
        deeds
    }

    /// What may be from now on.
    fn expect(&mut self, deed: &Deed) {
        match deed {
            Deed::Gate(id, gated) => {
                if let Some(known) = self.model.tracks.get_mut(id) {
                    known.gated.push(*gated);
                }
            }
            Deed::Delete(id) => {
                if let Some(known) = self.model.tracks.get_mut(id) {
                    known.may_be_gone = true;
                }
            }
            Deed::Upload | Deed::Replace(_) | Deed::Restore(_) => {}
        }
    }

    /// What is, since it was acknowledged.
    fn learn(&mut self, deed: &Deed, answer: &Value) {
        match deed {
            Deed::Upload | Deed::Replace(_) => {
                let upload = answer["upload_id"].as_str().map(str::to_owned);
                self.model.uploads.extend(upload);
            }
            Deed::Gate(id, gated) => {
                if let Some(known) = self.model.tracks.get_mut(id) {
                    known.gated = vec![*gated];
                }
            }
            Deed::Delete(id) => {
                if let Some(known) = self.model.tracks.remove(id) {
                    self.model.gone.extend(known.addresses);
                }
            }
            Deed::Restore(_) => {}
        }
    }

    /// Looks whether all is as it has to be.
    async fn look(&mut self) -> Result {
        for upload in std::mem::take(&mut self.model.uploads) {
            let track = self.completed(&upload).await?;
            self.counts.completed = self.counts.completed.saturating_add(1);
            if let Some(track) = track {
                let known = self.model.tracks.entry(track).or_default();
                if known.gated.is_empty() {
                    known.gated = vec![false];
                }
            }
        }
        // What nobody acknowledged may have become a track all the same.
        let mine = whole(&self.artist.get("/tracks/me?limit=200").await?)?;
        for track in mine["tracks"].as_array().into_iter().flatten() {
            let id = track["id"].as_i64().ok_or("no number")?;
            self.model.tracks.entry(id).or_insert_with(|| Known {
                gated: vec![false],
                ..Known::default()
            });
        }
        for (id, known) in std::mem::take(&mut self.model.tracks) {
            match self.look_at(id, known.clone()).await? {
                Some(known) => drop(self.model.tracks.insert(id, known)),
                None => self.model.gone.extend(known.addresses),
            }
        }
        let gone = self.model.gone.clone();
        self.soon_gives_nothing(&gone).await
    }

    /// What came of an upload that was accepted: it is not lost.
    async fn completed(&self, upload: &str) -> Result<Option<i64>> {
        let path = format!("/tracks/uploads/{upload}/progress");
        let events = self.artist.get(&path).await?;
        let text = String::from_utf8(events.body.to_vec())?;
        let last = text.lines().rfind(|line| line.starts_with("data: "));
        let last = last.and_then(|line| line.strip_prefix("data: "));
        let event: Value = serde_json::from_str(last.ok_or("no event")?)?;
        match (event["status"].as_str(), event["error_code"].as_str()) {
            (Some("completed"), _) => Ok(event["track_id"].as_i64()),
            // It was to replace what is deleted by now.
            (Some("failed"), Some("not_found")) => Ok(None),
            _ => Err(format!("an upload that was accepted came to nothing: {event}").into()),
        }
    }

    /// A track, once it is settled; `None` when it is gone, as it may be.
    async fn look_at(&mut self, id: i64, mut known: Known) -> Result<Option<Known>> {
        let found = eventually_so(async || {
            let answer = self.artist.get(&format!("/tracks/{id}")).await?;
            if answer.status == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            let track = whole(&answer)?;
            let is_settled = track["gate_state"] == "settled";
            let settled = is_settled.then_some(Some(track));
            settled.ok_or_else(|| format!("track {id} does not settle").into())
        })
        .await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                let why = Library::of(&self.site).await?.unsettled(id).await?;
                return Err(format!("{error}: {why}").into());
            }
        };
        let Some(track) = found else {
            if !known.may_be_gone {
                return Err(format!("track {id} is lost").into());
            }
            self.soon_gives_nothing(&known.addresses).await?;
            return Ok(None);
        };
        let is_gated = !track["support_gate"].is_null();
        if !known.gated.contains(&is_gated) {
            return Err(format!("track {id} has a gate that nobody wanted: {known:?}").into());
        }
        known.gated = vec![is_gated];
        known.may_be_gone = false;
        if is_gated {
            self.gives_nothing(&known.addresses).await?;
            let heard = format!("/audio/{}", track["file_id"].as_str().ok_or("no file")?);
            let nobody = Program::nobody(&self.site).get(&heard).await?;
            if nobody.status != StatusCode::UNAUTHORIZED {
                return Err(format!("track {id} is heard by everybody: {}", nobody.status).into());
            }
            return Ok(Some(known));
        }
        let url = track["r2_url"].as_str();
        let url = url.ok_or("an open track has no address")?.to_owned();
        let heard = Program::nobody(&self.site).get(&url).await?;
        self.counts.probes = self.counts.probes.saturating_add(1);
        if heard.status != StatusCode::OK || !(is_song(&heard.body)) {
            return Err(format!("track {id} is not heard: {}", heard.status).into());
        }
        let old: Vec<_> = known
            .addresses
            .iter()
            .filter(|known| **known != url)
            .cloned()
            .collect();
        self.gives_nothing(&old).await?;
        if !known.addresses.contains(&url) {
            known.addresses.push(url);
        }
        Ok(Some(known))
    }

    /// Nothing is read at any of these before long: a track that is deleted is gone at once, and what was
    /// public of it follows.
    async fn soon_gives_nothing(&mut self, addresses: &[String]) -> Result {
        let nobody = Program::nobody(&self.site);
        eventually_so(async || {
            for address in addresses {
                let answer = nobody.get(address).await?;
                if answer.status != StatusCode::NOT_FOUND {
                    return Err(format!("{address} is still read: {}", answer.status).into());
                }
            }
            Ok(())
        })
        .await?;
        self.gives_nothing(addresses).await
    }

    /// Nothing is read at any of these.
    async fn gives_nothing(&mut self, addresses: &[String]) -> Result {
        for address in addresses {
            self.counts.probes = self.counts.probes.saturating_add(1);
            let answer = Program::nobody(&self.site).get(address).await?;
            if answer.status != StatusCode::NOT_FOUND {
                return Err(format!("{address} is still read: {}", answer.status).into());
            }
        }
        Ok(())
    }

    /// In the end, after the sweep, there is what the tracks need, and nothing else. What nobody acknowledged
    /// may still become a track meanwhile, or a part of one.
    pub(crate) async fn end(&self) -> Result<String> {
        let media = self.site.media();
        let (tracks, private, public) = eventually_so(async || {
            let (tracks, private, public) = self.needed().await?;
            let found = (files(media.join("private"))?, files(media.join("public"))?);
            let is_so = (found.0.len(), found.1.len()) == (private, public);
            is_so.then_some((tracks, private, public)).ok_or_else(|| {
                format!(
                    "{:?} objects are needed, and there are {found:?}",
                    (private, public)
                )
                .into()
            })
        })
        .await?;
        Ok(format!(
            "{tracks} tracks, {private} objects in the private bucket and {public} in the public one"
        ))
    }

    /// How many tracks there are, and what they need in the two buckets.
    async fn needed(&self) -> Result<(usize, usize, usize)> {
        let mine = whole(&self.artist.get("/tracks/me?limit=200").await?)?;
        let tracks = mine["tracks"].as_array().cloned().unwrap_or_default();
        let (mut private, mut public) = (0usize, 0usize);
        for track in &tracks {
            let path = format!("/tracks/{}/revisions", track["id"]);
            let revisions = whole(&self.artist.get(&path).await?)?;
            let before = revisions["revisions"].as_array().map_or(0, Vec::len);
            // A picture is kept in two sizes.
            let pictures = if track["image_url"].is_null() { 0 } else { 2 };
            let its = before.saturating_add(1).saturating_add(pictures);
            private = private.saturating_add(its);
            let is_open = track["support_gate"].is_null();
            public = public.saturating_add(usize::from(is_open));
        }
        Ok((tracks.len(), private, public))
    }
}

impl Deed {
    /// Asks for it: the answer, when it was acknowledged.
    async fn ask(&self, artist: &Program) -> Option<Value> {
        let song = song();
        let files = [("file", "song.mp3", &*song)];
        let fields = [("title", "Night Tram")];
        let answer = match self {
            Self::Upload => artist.send(Method::POST, "/tracks/", &fields, &files).await,
            Self::Replace(id) => {
                let path = format!("/tracks/{id}/audio");
                artist.send(Method::PUT, &path, &[], &files).await
            }
            Self::Gate(id, gated) => {
                let gate = if *gated { r#"{"type":"any"}"# } else { "null" };
                let path = format!("/tracks/{id}");
                artist
                    .send(Method::PATCH, &path, &[("support_gate", gate)], &[])
                    .await
            }
            Self::Restore(id) => {
                let path = format!("/tracks/{id}/revisions");
                let list = artist.get(&path).await.ok()?.json().ok()?;
                let revision = list["revisions"][0]["id"].as_i64()?;
                let path = format!("{path}/{revision}/restore");
                artist.ask(Method::POST, &path, &Value::Null).await
            }
            Self::Delete(id) => {
                artist
                    .ask(Method::DELETE, &format!("/tracks/{id}"), &Value::Null)
                    .await
            }
        };
        let answer = answer
            .ok()
            .filter(|answer| answer.status == StatusCode::OK)?;
        answer.json().ok()
    }
}

fn song() -> Vec<u8> {
    let path = format!("{}/../testdata/audio/vbr.mp3", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap_or_default()
}

fn is_song(bytes: &[u8]) -> bool {
    bytes == song()
}

/// The files in a folder and those below it.
fn files(folder: PathBuf) -> Result<Vec<PathBuf>> {
    let (mut folders, mut found) = (vec![folder], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let is_folder = entry.file_type()?.is_dir();
            if is_folder { &mut folders } else { &mut found }.push(entry.path());
        }
    }
    Ok(found)
}
