//! `/audio`: from a file's name to where it is heard, for those who may hear it.

mod download;
mod listen;
mod stream;
mod url;

use std::time::Duration;

use axum::extract::{FromRequestParts, Path};
use gatefold_app::playing::PlayError;
use gatefold_domain::FileId;
use http::{StatusCode, request::Parts};

use crate::{
    error::{NOT_FOUND, NOT_SIGNED_IN, Problem, SupportOf},
    routes::Route,
    state::WebState,
};

/// When a file that is being published has its address, give or take.
const PUBLISHED_IN: Duration = Duration::from_secs(2);

const SUPPORT_UNKNOWN: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "support_unknown",
    "whether you support this artist cannot be checked at the moment; try again in a few seconds",
);

const PUBLISHING: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "publishing",
    "this track is being published; try again in a few seconds",
);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![listen::route(), url::route(), stream::route()];
    routes.extend(download::routes());
    routes
}

/// The file that a path names. What can be none is told like one that is not there.
struct FileOf(FileId);

impl FromRequestParts<WebState> for FileOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = path.map_err(|_| NOT_FOUND)?;
        name.parse().map(Self).map_err(|_| NOT_FOUND)
    }
}

impl From<PlayError> for Problem {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Absent => NOT_FOUND,
            PlayError::SignIn => NOT_SIGNED_IN.with_detail("sign in to hear this track"),
            PlayError::Support(playable) => Self::support_required(SupportOf::of(&playable.track)),
            PlayError::Unknown { retry_after } => SUPPORT_UNKNOWN.after(retry_after),
            PlayError::Publishing => PUBLISHING.after(PUBLISHED_IN),
            PlayError::Trouble(trouble) => trouble.into(),
        }
    }
}
