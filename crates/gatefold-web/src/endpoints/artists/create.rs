//! `POST /artists/`: becomes an artist.

use axum::{Json, extract::State, routing::post};
use gatefold_app::artists::NewProfile;
use http::{Method, StatusCode};
use serde::Deserialize;

use super::Answer;
use crate::{
    error::Problem,
    extract::JsonOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

#[derive(Deserialize)]
struct Asked {
    display_name: String,
    bio: Option<String>,
    avatar_url: Option<String>,
    support_url: Option<String>,
    #[serde(default)]
    show_liked_on_profile: bool,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/artists/",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: post(create),
    }
}

async fn create(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    JsonOf(asked): JsonOf<Asked>,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    let profile = NewProfile {
        display_name: asked.display_name,
        bio: asked.bio,
        avatar_url: asked.avatar_url,
        support_url: asked.support_url,
        shows_liked: asked.show_liked_on_profile,
    };
    let artist = state.artists.create(&viewer.did, &profile).await?;
    Ok((StatusCode::CREATED, Json(artist.into())))
}
