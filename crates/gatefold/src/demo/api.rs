//! What the demonstration's page talks to: a list of tracks, and a sealed URL for each.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use gatefold_domain::Clock;
use gatefold_seal::{Minted, Minter, Source, UnixSeconds};
use gatefold_synth::{Composition, catalogue};
use gatefold_web::assets::{PLAYER, WORKER};
use serde::Serialize;

use super::{FOLDER, library, page};

/// What every answer says about itself: nothing is remembered, and nothing is guessed.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "private, no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
];

/// Nothing is framed; scripts and styles come from where the page does. The demonstration's own
/// origin is named as well, so that its page under another name is refused by the edge and not by
/// its own policy.
fn content_security_policy(origin: &str) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {origin}; \
         media-src 'self' {origin}; img-src 'self' data:; worker-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}

/// What the answers are made of.
pub(super) struct Site {
    pub(super) origin: String,
    pub(super) port: u16,
    pub(super) minter: Minter,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) grace: u64,
}

#[derive(Clone)]
pub(super) struct Api(Arc<Site>);

impl Api {
    pub(super) fn new(site: Site) -> Self {
        Self(Arc::new(site))
    }

    pub(super) fn router(self) -> Router {
        let mut router = Router::new()
            .route("/tracks/", get(tracks))
            .route("/audio/{file_id}", get(audio))
            .route("/audio/{file_id}/url", get(audio_url))
            .fallback(|| async { Error::NotFound })
            .method_not_allowed_fallback(|| async { Error::Method });
        for asset in page::ASSETS {
            let answer = || async { ([(header::CONTENT_TYPE, asset.content_type)], asset.text) };
            router = router.route(asset.path, get(answer));
        }
        // The service worker stands at the root because its scope is its folder.
        for (folder, assets) in [("", &WORKER[..]), ("/assets", &PLAYER[..])] {
            for asset in assets {
                let answer =
                    || async { ([(header::CONTENT_TYPE, asset.content_type)], asset.text) };
                router = router.route(&format!("{folder}/{}", asset.name), get(answer));
            }
        }
        router
            .layer(middleware::from_fn_with_state(self.clone(), perimeter))
            .with_state(self)
    }

    fn mint(&self, piece: &Composition) -> Result<(Minted, UnixSeconds), Error> {
        let site = &self.0;
        let now = UnixSeconds::from(site.clock.now());
        let source = Source::parse(
            &format!("files:{}", library::file_name(piece)),
            Some(FOLDER),
        );
        let minted = source
            .map_err(|refusal| refusal.to_string())
            .and_then(|source| {
                let minted = site.minter.mint(source, &site.origin, now);
                minted.map_err(|error| error.to_string())
            });
        minted.map(|minted| (minted, now)).map_err(|cause| {
            tracing::error!(cause, "cannot seal");
            Error::Internal
        })
    }

    fn url(&self, minted: &Minted) -> String {
        format!("{}{}", self.0.origin, minted.path())
    }
}

/// Why a request is not answered.
enum Error {
    NotFound,
    Method,
    WrongHost,
    Internal,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, detail) = match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "there is nothing at this address",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this address answers GET and HEAD only",
            ),
            Self::WrongHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "wrong_host",
                "this demonstration answers to its loopback address only",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "something went wrong here",
            ),
        };
        (status, Json(ErrorBody { detail, code })).into_response()
    }
}

#[derive(Serialize)]
struct ErrorBody {
    detail: &'static str,
    code: &'static str,
}

#[derive(Serialize)]
struct Tracks {
    tracks: Vec<Track>,
}

#[derive(Serialize)]
struct Track {
    id: usize,
    title: &'static str,
    artist: &'static str,
    file_id: &'static str,
    file_type: &'static str,
    /// In seconds.
    duration: u32,
}

async fn tracks() -> Json<Tracks> {
    let tracks = catalogue().iter().enumerate().map(|(index, piece)| Track {
        id: index.saturating_add(1),
        title: piece.title(),
        artist: piece.artist(),
        file_id: piece.slug(),
        file_type: "wav",
        duration: piece.duration_seconds(),
    });
    Json(Tracks {
        tracks: tracks.collect(),
    })
}

/// Redirects to where the bytes are, for as long as the window lasts.
async fn audio(State(api): State<Api>, file_id: FileId) -> Result<Response, Error> {
    let (minted, _) = api.mint(find(file_id)?)?;
    let location = api.url(&minted);
    let answer = (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, location)],
    );
    Ok(answer.into_response())
}

#[derive(Serialize)]
struct AudioUrl {
    url: String,
    file_id: &'static str,
    file_type: &'static str,
    /// The first second after the window, since 1970.
    valid_until: u64,
    /// Seconds from now until then, for players whose clock is wrong.
    valid_for: u64,
    /// Seconds after the window in which the URL is still good.
    grace: u64,
    /// The length of a window in seconds.
    lifetime: u64,
}

/// Says where the bytes are instead of redirecting there.
async fn audio_url(State(api): State<Api>, file_id: FileId) -> Result<Json<AudioUrl>, Error> {
    let piece = find(file_id)?;
    let (minted, now) = api.mint(piece)?;
    let valid_until = minted.window.valid_until();
    Ok(Json(AudioUrl {
        url: api.url(&minted),
        file_id: piece.slug(),
        file_type: "wav",
        valid_until: valid_until.0,
        valid_for: now.until(valid_until).as_secs(),
        grace: api.0.grace,
        lifetime: minted.window.lifetime(),
    }))
}

/// What stands in the path; it may be no text at all.
type FileId = Result<Path<String>, PathRejection>;

fn find(file_id: FileId) -> Result<&'static Composition, Error> {
    let Path(file_id) = file_id.map_err(|_| Error::NotFound)?;
    let mut pieces = catalogue().iter();
    pieces
        .find(|piece| piece.slug() == file_id)
        .ok_or(Error::NotFound)
}

/// Answers to this machine's own names only, so that no web page elsewhere can have its own name
/// point here and read along; and puts the headers on every answer.
async fn perimeter(State(api): State<Api>, request: Request, next: Next) -> Response {
    let name = request.headers().get(header::HOST);
    let name = name.and_then(|name| name.to_str().ok()).unwrap_or_default();
    let Site { origin, port, .. } = &*api.0;
    let is_own_name = Some(name) == origin.strip_prefix("http://");
    let is_other_name = name.strip_prefix("localhost:") == Some(&port.to_string());
    let mut response = if is_other_name && request.uri().path() == "/" {
        // Links are bound to the first name: under the other one, the page would play nothing.
        let query = request.uri().query().map(|query| format!("?{query}"));
        let location = format!("{origin}/{}", query.unwrap_or_default());
        (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, location)],
        )
            .into_response()
    } else if is_own_name || is_other_name {
        next.run(request).await
    } else {
        Error::WrongHost.into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(policy) = content_security_policy(origin) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.append(
        header::VARY,
        HeaderValue::from_static("Cookie, Authorization"),
    );
    response
}
