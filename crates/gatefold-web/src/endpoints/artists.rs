//! Artists: how whoever publishes here shows themselves.

mod by_did;
mod by_handle;
mod create;
mod me;
mod update;

use gatefold_app::artists::{Artist, ArtistError, Edit};
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use super::auth::handle_of;
use crate::{error::Problem, routes::Route, text::Moment};

const INVALID: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "invalid_profile",
    "a field of the profile cannot be shown",
);

const EXISTS: Problem = Problem::new(
    StatusCode::CONFLICT,
    "artist_exists",
    "you are an artist here already; change your profile with PUT /artists/me",
);

const NO_ARTIST: Problem = Problem::new(
    StatusCode::NOT_FOUND,
    "artist_not_found",
    "there is no such artist here",
);

pub(super) fn routes() -> Vec<Route> {
    vec![
        create::route(),
        me::route(),
        update::route(),
        by_handle::route(),
        by_did::route(),
    ]
}

/// An artist, as the API tells of them.
#[derive(Serialize)]
struct Answer {
    did: String,
    handle: String,
    display_name: String,
    bio: Option<String>,
    avatar_url: Option<String>,
    support_url: Option<String>,
    show_liked_on_profile: bool,
    /// Who may keep a file of theirs, where a track says nothing else.
    downloads: &'static str,
    created_at: String,
    updated_at: String,
}

impl From<Artist> for Answer {
    fn from(artist: Artist) -> Self {
        Self {
            did: artist.did.to_string(),
            handle: handle_of(artist.handle.as_ref()),
            display_name: artist.display_name,
            bio: artist.bio,
            avatar_url: artist.avatar_url,
            support_url: artist.support_url,
            show_liked_on_profile: artist.shows_liked,
            downloads: artist.downloads.as_str(),
            created_at: Moment::from(artist.created).iso,
            updated_at: Moment::from(artist.updated).iso,
        }
    }
}

impl From<ArtistError> for Problem {
    fn from(error: ArtistError) -> Self {
        match error {
            ArtistError::Invalid { .. } => INVALID.with_detail(error.to_string()),
            ArtistError::Exists => EXISTS,
            ArtistError::NotFound => NO_ARTIST,
            ArtistError::Trouble(trouble) => trouble.into(),
        }
    }
}

/// What becomes of a field that is there, if only as `null`: told from one that is not.
fn edit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Edit<String>, D::Error> {
    let given = Option::<String>::deserialize(deserializer)?;
    Ok(given.map_or(Edit::Clear, Edit::Set))
}
