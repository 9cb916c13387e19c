//! Who asks, as extractors: a handler that wants something of a person's has to take one.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Redirect, Response},
};
use gatefold_app::accounts::{Credential, Viewer};
use gatefold_domain::SessionKind;
use http::{Method, request::Parts};

use crate::{
    credentials,
    error::{BROWSER_ONLY, NOT_SIGNED_IN, Problem},
    limits::{Class, Decision, Key, too_many},
    perimeter::{HostName, Surface, Wants, writes},
    site::CookieName,
    state::{WebState, network},
    text::query,
};

/// Whoever asks, if anybody who is known.
pub(crate) struct MaybeViewer(pub(crate) Option<Viewer>);

/// Somebody with a session of any kind.
pub(crate) struct AnyViewer(pub(crate) Viewer);

/// Somebody with a session of a browser: a person, and not a program that has their token.
pub(crate) struct BrowserViewer(pub(crate) Viewer);

/// A page of this very site sent the request, and says so.
pub(crate) struct FromThisSite;

/// The network that a request comes from, for the audit.
pub(crate) struct FromNetwork(pub(crate) String);

/// What has been counted for a request. Shared between those who count and who tells.
#[derive(Clone)]
pub(crate) struct Tally {
    pub(crate) class: Class,
    tightest: Arc<Mutex<Decision>>,
}

/// Why somebody is turned away: a problem, or, for a person on a page, the way to sign in.
pub(crate) enum TurnedAway {
    Problem(Problem),
    SignIn(String),
}

impl Tally {
    pub(crate) fn new(class: Class, decision: Decision) -> Self {
        Self {
            class,
            tightest: Arc::new(Mutex::new(decision)),
        }
    }

    pub(crate) fn add(&self, decision: Decision) {
        let mut tightest = self.lock();
        *tightest = tightest.tighter(decision);
    }

    pub(crate) fn tightest(&self) -> Decision {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Decision> {
        self.tightest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for a session, cookie first, and counts its account.
async fn find(parts: &Parts, state: &WebState) -> Result<Option<Viewer>, Problem> {
    let cookie = credentials::cookie(&parts.headers, &state.rules.site, CookieName::Session)?;
    let bearer = credentials::bearer(&parts.headers);
    let shown = [
        cookie.map(Credential::Cookie),
        bearer.map(Credential::Bearer),
    ];
    for credential in shown.into_iter().flatten() {
        if let Some(viewer) = state.accounts.viewer(credential).await? {
            count(parts, state, &viewer).await?;
            return Ok(Some(viewer));
        }
    }
    Ok(None)
}

async fn count(parts: &Parts, state: &WebState, viewer: &Viewer) -> Result<(), Problem> {
    let Some(tally) = parts.extensions.get::<Tally>() else {
        return Ok(());
    };
    let key = Key::of_account(tally.class, &viewer.did);
    let decision = state.limiter.check(&key, std::num::NonZeroU32::MIN).await;
    tally.add(decision);
    too_many(&decision).map_or(Ok(()), Err)
}

/// Sends a person to the page on which they sign in, and programs away.
fn not_signed_in(parts: &Parts) -> TurnedAway {
    let is_page = parts.extensions.get() == Some(&Surface::Page)
        && parts.extensions.get() == Some(&Wants::Page);
    if is_page && parts.method == Method::GET {
        let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        TurnedAway::SignIn(format!("/sign-in?{}", query(&[("next", next)])))
    } else {
        TurnedAway::Problem(NOT_SIGNED_IN)
    }
}

impl FromRequestParts<WebState> for MaybeViewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        find(parts, state).await.map(Self)
    }
}

impl FromRequestParts<WebState> for AnyViewer {
    type Rejection = TurnedAway;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, TurnedAway> {
        let viewer = find(parts, state).await.map_err(TurnedAway::Problem)?;
        viewer.map(Self).ok_or_else(|| not_signed_in(parts))
    }
}

impl FromRequestParts<WebState> for BrowserViewer {
    type Rejection = TurnedAway;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, TurnedAway> {
        let AnyViewer(viewer) = AnyViewer::from_request_parts(parts, state).await?;
        match viewer.kind {
            SessionKind::Browser => Ok(Self(viewer)),
            SessionKind::CommandLine | SessionKind::Developer => {
                Err(TurnedAway::Problem(BROWSER_ONLY))
            }
        }
    }
}

impl FromRequestParts<WebState> for FromThisSite {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let host = parts.extensions.get::<HostName>();
        let is_own = host.is_some_and(|HostName(host)| {
            writes::from_this_site(&parts.headers, &state.rules.site, host)
        });
        is_own.then_some(Self).ok_or(writes::CROSS_SITE)
    }
}

impl FromRequestParts<WebState> for FromNetwork {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let client = state.client(&parts.headers, &parts.extensions);
        Ok(Self(network(client)))
    }
}

impl FromRequestParts<WebState> for Wants {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &WebState) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::Json))
    }
}

impl IntoResponse for TurnedAway {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::SignIn(there) => Redirect::to(&there).into_response(),
        }
    }
}
