//! `GET /search/?q&type&limit`: what has these words, or some that begin so.

use std::collections::BTreeMap;

use axum::{Json, extract::State, routing::get};
use gatefold_app::library::{Album, Artist, Found, Kind, Seen, TagCount};
use gatefold_domain::ImageId;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::{auth::handle_of, tracks::works};
use crate::{
    error::Problem,
    extract::QueryOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    site::Site,
    state::WebState,
    viewer::MaybeViewer,
};

/// The most that is found at once.
const MOST: u32 = 100;
/// And where nobody says how many.
const USUAL: u32 = 20;
/// The longest question, in characters.
const LONGEST: usize = 200;

const TYPE: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "invalid_type",
    "there are the types track, artist, album and tag",
);

const QUESTION: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "invalid_question",
    "ask with 1 to 200 characters",
);

#[derive(Deserialize)]
struct Asked {
    q: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Answer {
    results: Vec<Hit>,
    counts: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Hit {
    #[serde(flatten)]
    it: It,
    relevance: f64,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum It {
    Track {
        id: i64,
        title: String,
        artist_handle: String,
        artist_display_name: String,
        image_url: Option<String>,
    },
    Artist {
        did: String,
        handle: String,
        display_name: String,
        avatar_url: Option<String>,
    },
    Album {
        id: String,
        title: String,
        slug: String,
        artist_handle: String,
        artist_display_name: String,
        image_url: Option<String>,
    },
    Tag {
        id: i64,
        name: String,
        track_count: u64,
    },
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/search/",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(search),
    }
}

async fn search(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    if asked.q.trim().is_empty() || asked.q.chars().count() > LONGEST {
        return Err(QUESTION);
    }
    let kind = asked.kind.as_deref().map(kind).transpose()?;
    let most = asked.limit.unwrap_or(USUAL).clamp(1, MOST);
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = works.library.search(&asked.q, (kind, most), viewer).await?;
    let mut counts = BTreeMap::from(["track", "artist", "album", "tag"].map(|kind| (kind, 0)));
    let mut results = Vec::with_capacity(found.len());
    for (it, relevance) in found {
        let (kind, it) = it_of(it, &state.rules.site);
        let count: &mut u64 = counts.entry(kind).or_default();
        *count = count.saturating_add(1);
        results.push(Hit { it, relevance });
    }
    Ok(Json(Answer { results, counts }))
}

fn kind(word: &str) -> Result<Kind, Problem> {
    match word {
        "track" | "tracks" => Ok(Kind::Track),
        "artist" | "artists" => Ok(Kind::Artist),
        "album" | "albums" => Ok(Kind::Album),
        "tag" | "tags" => Ok(Kind::Tag),
        _ => Err(TYPE),
    }
}

fn it_of(found: Found, site: &Site) -> (&'static str, It) {
    let image = |id: ImageId| format!("{}/images/{id}", site.origin());
    match found {
        Found::Track(seen) => ("track", track(*seen, &image)),
        Found::Artist(artist) => ("artist", artist_of(artist)),
        Found::Album(album) => ("album", album_of(album, &image)),
        Found::Tag(TagCount { id, name, tracks }) => (
            "tag",
            It::Tag {
                id,
                name,
                track_count: tracks,
            },
        ),
    }
}

fn track(seen: Seen, image: &impl Fn(ImageId) -> String) -> It {
    let track = seen.listed.track;
    It::Track {
        id: track.id.get(),
        title: track.title,
        artist_handle: handle_of(track.artist_handle.as_ref()),
        artist_display_name: track.artist_name,
        image_url: track.image.map(image),
    }
}

fn artist_of(artist: Artist) -> It {
    It::Artist {
        did: artist.did.to_string(),
        handle: handle_of(artist.handle.as_ref()),
        display_name: artist.display_name,
        avatar_url: artist.avatar_url,
    }
}

fn album_of(album: Album, image: &impl Fn(ImageId) -> String) -> It {
    It::Album {
        id: album.id.to_string(),
        title: album.title,
        slug: album.slug,
        artist_handle: handle_of(album.artist_handle.as_ref()),
        artist_display_name: album.artist_name,
        image_url: album.image.map(image),
    }
}
