//! `POST /tracks/`: takes what an artist uploads. It is worked on when it is here; `progress` tells how
//! far that is.

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    routing::post,
};
use gatefold_app::uploads::Receiving;
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;

use super::{allowed, details, works};
use crate::{
    error::Problem,
    limits::Class,
    multipart::{self, Arriving, BytesOf, Fields},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

const NO_FILE: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "file_missing",
    "the form has no file: send the audio as the field file",
);

const FILE_TWICE: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "field_twice",
    "a file of the form is there twice",
);

/// What is told of an upload that was taken.
#[derive(Serialize)]
pub(super) struct Answer {
    upload_id: String,
    status: &'static str,
    message: &'static str,
}

impl Answer {
    pub(super) fn taken(id: gatefold_domain::UploadId) -> Self {
        Self {
            upload_id: id.to_string(),
            status: "processing",
            message: "the upload is here, and being worked on",
        }
    }
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/tracks/",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Upload,
        handler: post(create),
    }
}

async fn create(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    request: Request,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    allowed(&state, &viewer, &works.tracks).await?;
    let (parts, body) = request.into_parts();
    let mut receiving = works.uploads.receive(&viewer.did, None).await?;
    let received = receive(&parts.headers, body, &mut receiving).await;
    let details = match received {
        Ok((fields, name)) => details::of_new(&state, &fields, name).await,
        Err(problem) => Err(problem),
    };
    match details {
        Ok(details) => Ok(Json(Answer::taken(receiving.accept(&details).await?))),
        Err(problem) => {
            receiving.give_up("refused", problem.detail()).await;
            Err(problem)
        }
    }
}

/// Receives a form: its files go where they are kept, the rest is given back, with the name of the audio.
pub(super) async fn receive(
    headers: &HeaderMap,
    body: Body,
    receiving: &mut Receiving<'_>,
) -> Result<(Fields, Option<String>), Problem> {
    let mut form = Arriving::new(headers, body)?;
    let (mut fields, mut name) = (Fields::default(), None);
    while let Some((field, part)) = form.next().await? {
        match field.as_str() {
            "file" if receiving.has_audio() => return Err(FILE_TWICE),
            "file" => {
                name = multipart::stem(&part);
                receiving.audio(BytesOf(part)).await?;
            }
            "image" if receiving.has_image() => return Err(FILE_TWICE),
            "image" => receiving.image(BytesOf(part)).await?,
            _ => fields.put(field, multipart::text(part).await?)?,
        }
    }
    if !receiving.has_audio() {
        return Err(NO_FILE);
    }
    Ok((fields, name))
}
