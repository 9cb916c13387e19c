//! `PUT /artists/me`: changes how one shows oneself. What is not named stays; `null` takes it away.

use axum::{Json, extract::State, routing::put};
use gatefold_app::{
    artists::{Edit, ProfileChange},
    fields,
};
use http::Method;
use serde::Deserialize;

use super::{Answer, edit};
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
    display_name: Option<String>,
    #[serde(default, deserialize_with = "edit")]
    bio: Edit<String>,
    #[serde(default, deserialize_with = "edit")]
    avatar_url: Edit<String>,
    #[serde(default, deserialize_with = "edit")]
    support_url: Edit<String>,
    show_liked_on_profile: Option<bool>,
    downloads: Option<String>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::PUT,
        path: "/artists/me",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: put(update),
    }
}

async fn update(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    JsonOf(asked): JsonOf<Asked>,
) -> Result<Json<Answer>, Problem> {
    let downloads = asked.downloads.as_deref().map(fields::downloads);
    let change = ProfileChange {
        display_name: asked.display_name,
        bio: asked.bio,
        avatar_url: asked.avatar_url,
        support_url: asked.support_url,
        shows_liked: asked.show_liked_on_profile,
        downloads: downloads.transpose()?,
    };
    let artist = state.artists.update(&viewer.did, &change).await?;
    Ok(Json(artist.into()))
}
