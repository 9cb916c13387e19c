//! `/tracks`: what there is to hear, what artists do with it, and what listeners do.

mod answer;
mod audio;
mod by_uri;
mod create;
mod details;
mod get;
mod like;
mod liked;
mod list;
mod me;
mod play;
mod progress;
mod remove;
mod restore;
mod revisions;
mod tag;
mod tags;
mod top;
mod update;
mod waveform;

pub(super) use answer::{TrackAnswer, all};
use axum::extract::{FromRequestParts, Path};
use gatefold_app::{
    accounts::{NamedError, Viewer},
    fields::Invalid,
    studio::StudioError,
    uploads::UploadError,
};
use gatefold_domain::TrackId;
use http::{StatusCode, request::Parts};

use crate::{
    error::{NOT_FOUND, Problem, UNAVAILABLE},
    routes::Route,
    state::WebState,
    works::Works,
};

/// The most tracks of one answer.
const MOST: u32 = 200;
/// And where nobody says how many.
const USUAL: u32 = 50;

const INVALID: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "invalid_track",
    "a field of the track cannot be taken",
);

const NO_PROFILE: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "artist_profile_required",
    "artist_profile_required: say how you show yourself first, with POST /artists/",
);

const SCOPES: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "scope_upgrade_required",
    "scope_upgrade_required: your session does not allow this; sign in again",
);

const TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "file_too_large",
    "the file is larger than what is taken here",
);

const OVER_QUOTA: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "over_quota",
    "there is no room for it: delete something first",
);

const BROKEN_OFF: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "upload_broken",
    "the upload broke off; send it again",
);

const PICTURE: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "invalid_image",
    "the picture cannot be taken",
);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        list::route(),
        me::route(),
        liked::route(),
        top::route(),
        by_uri::route(),
        tags::route(),
        tag::route(),
        create::route(),
        progress::route(),
        get::route(),
        update::route(),
        remove::route(),
        audio::route(),
        revisions::route(),
        restore::route(),
        play::route(),
        waveform::route(),
    ];
    routes.extend(like::routes());
    routes
}

/// What is published here.
pub(super) fn works(state: &WebState) -> Result<&Works, Problem> {
    state.works.as_ref().ok_or(UNAVAILABLE)
}

/// Whether a viewer's session allows what is to be done, which writes records of a collection.
pub(super) async fn allowed(
    state: &WebState,
    viewer: &Viewer,
    collection: &str,
) -> Result<(), Problem> {
    let allowed = state.accounts.may_write(viewer, collection).await?;
    allowed.then_some(()).ok_or(SCOPES)
}

/// How many are asked for.
fn at_most(limit: Option<u32>) -> u32 {
    limit.unwrap_or(USUAL).clamp(1, MOST)
}

/// The track that a path names. What can be none is told like one that is not there.
struct TrackOf(TrackId);

impl FromRequestParts<WebState> for TrackOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = path.map_err(|_| NOT_FOUND)?;
        id.parse().map(Self).map_err(|_| NOT_FOUND)
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        INVALID.with_detail(invalid.to_string())
    }
}

impl From<NamedError> for Problem {
    fn from(error: NamedError) -> Self {
        match error {
            NamedError::Nobody(_) => INVALID.with_detail(format!("features: {error}")),
            NamedError::Unreachable(_) => UNAVAILABLE.with_detail(format!("features: {error}")),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::TooLarge { limit } => {
                TOO_LARGE.with_detail(format!("the file is larger than {}", size(limit)))
            }
            UploadError::OverQuota { quota } => OVER_QUOTA.with_detail(format!(
                "there is no room for it: you may keep {} here; delete something first",
                size(quota)
            )),
            UploadError::BrokenOff => BROKEN_OFF,
            UploadError::NoArtist => NO_PROFILE,
            UploadError::Trouble(trouble) => trouble.into(),
        }
    }
}

impl From<StudioError> for Problem {
    fn from(error: StudioError) -> Self {
        match error {
            StudioError::NotFound => NOT_FOUND,
            StudioError::Picture(_, problem) => PICTURE.with_detail(problem),
            StudioError::Trouble(trouble) => trouble.into(),
        }
    }
}

/// A number of bytes, as people say it.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes.div_euclid(MIB) {
        0 => format!("{bytes} bytes"),
        mib @ 1..1024 => format!("{mib} MiB"),
        mib => format!("{} GiB", mib.div_euclid(1024)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_do() {
        for (bytes, said) in [
            (17, "17 bytes"),
            (5 * 1024 * 1024, "5 MiB"),
            (3 * 1024 * 1024 * 1024, "3 GiB"),
        ] {
            assert_eq!(size(bytes), said);
        }
    }

    #[test]
    fn answers_have_a_bound() {
        assert_eq!(at_most(None), USUAL);
        assert_eq!(at_most(Some(0)), 1);
        assert_eq!(at_most(Some(u32::MAX)), MOST);
    }
}
