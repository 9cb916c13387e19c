//! `GET /audio/{file_id}/stream?token=…`: the bytes, where the site's delivery is by token. Whoever comes
//! with one is looked at as if they had come without; the token only makes the address theirs, for a while.

use axum::{
    extract::{Request, State},
    response::Response,
    routing::get,
};
use gatefold_app::playing::{RedeemError, TokenRefusal};
use http::{Method, StatusCode};
use serde::Deserialize;

use super::FileOf;
use crate::{
    endpoints::tracks::works,
    error::Problem,
    extract::QueryOf,
    limits::Class,
    media::granted,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

const NOT_THEIRS: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "wrong_token",
    "this address is not for you: ask for one of your own",
);

const EXPIRED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "expired",
    "this address was good until a while ago: ask for a new one",
);

#[derive(Deserialize)]
struct Asked {
    token: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/audio/{file_id}/stream",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Files,
        handler: get(stream),
    }
}

async fn stream(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    FileOf(file): FileOf,
    QueryOf(asked): QueryOf<Asked>,
    request: Request,
) -> Result<Response, Problem> {
    let redeemed = state.playing.redeem(&viewer.did, &file, &asked.token);
    let (found, until) = redeemed.await?;
    let edge = &works(&state)?.edge;
    Ok(granted(edge, &request.into_parts().0, (found.source(), until)).await)
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Token(TokenRefusal::NotTheirs) => NOT_THEIRS,
            RedeemError::Token(TokenRefusal::Expired) => EXPIRED,
            RedeemError::Play(error) => error.into(),
        }
    }
}
