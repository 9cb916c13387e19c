//! `GET /audio/{file_id}/url`: tells where a file is heard, instead of going there.

use axum::{Json, extract::State, routing::get};
use gatefold_app::playing::{Link, Play};
use gatefold_seal::UnixSeconds;
use http::Method;
use serde::Serialize;

use super::FileOf;
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

#[derive(Serialize)]
struct Answer {
    url: String,
    file_id: String,
    file_type: &'static str,
    /// How the address works: `public`, `sealed`, `token` or `presigned`.
    delivery: &'static str,
    /// Of a link that does not last.
    #[serde(flatten)]
    time: Option<Time>,
}

/// How long a link lasts, in seconds.
#[derive(Serialize)]
struct Time {
    /// The first second after its window, since 1970.
    valid_until: u64,
    /// From now until then, for players whose clock is wrong.
    valid_for: u64,
    /// How long after its window it is still taken.
    grace: u64,
    /// The length of a window.
    lifetime: u64,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/audio/{file_id}/url",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(url),
    }
}

async fn url(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FileOf(file): FileOf,
) -> Result<Json<Answer>, Problem> {
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let play = state.playing.play(viewer, &file).await?;
    Ok(Json(answer(play, UnixSeconds::from(state.clock.now()))))
}

fn answer(play: Play, now: UnixSeconds) -> Answer {
    let (url, delivery, time) = match play.link {
        Link::Public { url } => (url, "public", None),
        Link::Private(link) => {
            let time = Time {
                valid_until: link.valid_until.0,
                valid_for: now.until(link.valid_until).as_secs(),
                grace: link.grace,
                lifetime: link.lifetime,
            };
            (link.url, link.means.as_str(), Some(time))
        }
    };
    Answer {
        url,
        file_id: play.file.to_string(),
        file_type: play.format.extension(),
        delivery,
        time,
    }
}
