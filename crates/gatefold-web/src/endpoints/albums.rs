//! `GET /albums/`, `/albums/{handle}` and `/albums/{handle}/{slug}`: what artists put together, as far as
//! everybody sees it.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    routing::get,
};
use gatefold_app::library::{Album, AlbumsOf, Filter};
use gatefold_domain::{Did, Handle};
use http::Method;
use serde::Serialize;

use super::{
    auth::handle_of,
    tracks::{TrackAnswer, all, works},
};
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    site::Site,
    state::WebState,
    viewer::MaybeViewer,
};

/// The most albums, or tracks of one, in an answer.
const MOST: u32 = 200;

#[derive(Serialize)]
struct Metadata {
    id: String,
    title: String,
    slug: String,
    description: Option<String>,
    artist: String,
    artist_handle: String,
    artist_did: String,
    track_count: u64,
    total_plays: u64,
    image_url: Option<String>,
    list_uri: Option<String>,
}

#[derive(Serialize)]
struct Albums {
    albums: Vec<Metadata>,
}

#[derive(Serialize)]
struct Whole {
    metadata: Metadata,
    tracks: Vec<TrackAnswer>,
}

impl Metadata {
    fn new(album: Album, site: &Site) -> Self {
        let image = album.image;
        Self {
            id: album.id.to_string(),
            title: album.title,
            slug: album.slug,
            description: album.description,
            artist: album.artist_name,
            artist_handle: handle_of(album.artist_handle.as_ref()),
            artist_did: album.artist.to_string(),
            track_count: album.tracks,
            total_plays: album.plays,
            image_url: image.map(|id| format!("{}/images/{id}", site.origin())),
            list_uri: None,
        }
    }
}

pub(super) fn routes() -> [Route; 3] {
    let route = |path, handler| Route {
        method: Method::GET,
        path,
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler,
    };
    [
        route("/albums/", get(every)),
        route("/albums/{handle}", get(of_artist)),
        route("/albums/{handle}/{slug}", get(one)),
    ]
}

async fn every(State(state): State<WebState>) -> Result<Json<Albums>, Problem> {
    list(&state, AlbumsOf::Everybody).await
}

async fn of_artist(
    State(state): State<WebState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Albums>, Problem> {
    works(&state)?;
    let Path(handle) = path.map_err(|_| NOT_FOUND)?;
    let artist = artist(&state, &handle).await?;
    list(&state, AlbumsOf::Artist(&artist)).await
}

async fn one(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Whole>, Problem> {
    let works = works(&state)?;
    let Path((handle, slug)) = path.map_err(|_| NOT_FOUND)?;
    let artist = artist(&state, &handle).await?;
    let found = works
        .library
        .albums(AlbumsOf::Slug(&artist, &slug), 1)
        .await?;
    let album = found.into_iter().next().ok_or(NOT_FOUND)?;
    let filter = Filter {
        album: Some(album.id),
        ..Filter::default()
    };
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let mut tracks = works.library.shown(filter, MOST, viewer).await?;
    // In the order in which they came.
    tracks.reverse();
    Ok(Json(Whole {
        metadata: Metadata::new(album, &state.rules.site),
        tracks: all(tracks, &state.rules.site, works),
    }))
}

async fn list(state: &WebState, of: AlbumsOf<'_>) -> Result<Json<Albums>, Problem> {
    let found = works(state)?.library.albums(of, MOST).await?;
    let site = &state.rules.site;
    let albums = found.into_iter().map(|album| Metadata::new(album, site));
    Ok(Json(Albums {
        albums: albums.collect(),
    }))
}

/// Whose handle, or DID, this is.
async fn artist(state: &WebState, name: &str) -> Result<Did, Problem> {
    if let Ok(did) = name.parse() {
        return Ok(did);
    }
    let handle: Handle = name.parse().map_err(|_| NOT_FOUND)?;
    Ok(state.artists.by_handle(&handle).await?.did)
}
