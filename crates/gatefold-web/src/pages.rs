//! The pages: a typed context for each template, and a sample of every state that it can be in.

mod accounts;
mod activity;
mod confirm;
mod demo;
mod error;
mod home;
mod landing;
mod sessions;
mod sign_in;
#[cfg(test)]
pub(crate) mod tests;
mod tokens;
mod track;

use askama::Template;
use axum::response::{IntoResponse, Response};
use gatefold_app::accounts::Viewer;
use http::{HeaderValue, StatusCode, header};

use self::demo::DemoBar;
use crate::{assets, demo::Demo, error::Problem, perimeter::headers::Policy};

pub(crate) use self::{
    accounts::{AccountRow, AccountsPage},
    activity::{ActivityPage, ActivityRow},
    confirm::ConfirmPage,
    error::ErrorPage,
    home::HomePage,
    landing::{LandingFor, LandingPage},
    sessions::{SessionRow, SessionsPage},
    sign_in::{SignInForm, SignInPage},
    tokens::{TokenRow, TokensPage},
    track::{TrackPage, TrackRow},
};

/// What stands around every page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// What the site is called.
    pub(crate) site: String,
    /// The handle, or else the DID, of who is signed in.
    pub(crate) viewer: Option<String>,
    /// Their DID.
    did: Option<String>,
    /// Which part of the site this is.
    pub(crate) section: Section,
    /// What a demonstration has.
    demo: Option<DemoBar>,
}

/// A part of the site that the navigation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Home,
    SignIn,
    Accounts,
    Sessions,
    Tokens,
    Activity,
    Elsewhere,
}

impl Frame {
    pub(crate) fn new(site: &str, viewer: Option<&Viewer>, section: Section) -> Self {
        Self {
            site: site.to_owned(),
            viewer: viewer.map(name),
            did: viewer.map(|viewer| viewer.did.to_string()),
            section,
            demo: None,
        }
    }

    /// On a demonstration, the people whom one can be.
    pub(crate) fn with_demo(self, demo: Option<&Demo>, viewer: Option<&Viewer>) -> Self {
        Self {
            demo: demo.map(|demo| DemoBar::new(demo, viewer)),
            ..self
        }
    }

    #[cfg(test)]
    fn signed_out(self) -> Self {
        Self {
            viewer: None,
            did: None,
            ..self
        }
    }

    /// Where a file of the pages is.
    #[expect(clippy::unused_self, reason = "templates call what a value has")]
    fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// Whom what the browser keeps of gated tracks is for; empty for whoever is not signed in.
    fn listener(&self) -> &str {
        self.did.as_deref().unwrap_or_default()
    }

    /// What the navigation says of a section.
    fn is_at(&self, section: &str) -> bool {
        let here = match self.section {
            Section::Accounts => "accounts",
            Section::Sessions => "sessions",
            Section::Tokens => "tokens",
            Section::Activity => "activity",
            Section::Home | Section::SignIn | Section::Elsewhere => "",
        };
        here == section
    }

    /// Whether to offer to sign in: not where the page is about that already, not where nobody
    /// looked who asks, and not where one chooses whom to be.
    fn offers_sign_in(&self) -> bool {
        self.viewer.is_none() && self.section == Section::Home && self.demo.is_none()
    }
}

/// How somebody is called on a page.
pub(crate) fn name(viewer: &Viewer) -> String {
    let handle = viewer.handle.as_ref().map(ToString::to_string);
    handle.unwrap_or_else(|| viewer.did.to_string())
}

/// A page as an answer.
pub(crate) struct Page<T> {
    context: T,
    status: StatusCode,
    policy: Policy,
    tells_no_referrer: bool,
}

impl<T: Template> Page<T> {
    /// A page whose forms come back here.
    pub(crate) fn new(context: T) -> Self {
        Self {
            context,
            status: StatusCode::OK,
            policy: Policy::Page,
            tells_no_referrer: false,
        }
    }

    /// With another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With forms that end at an authorization server.
    pub(crate) fn sends_away(mut self) -> Self {
        self.policy = Policy::SendsAway;
        self
    }

    /// Whose address is nobody else's business.
    pub(crate) fn without_referrer(mut self) -> Self {
        self.tells_no_referrer = true;
        self
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let text = match self.context.render() {
            Ok(text) => text,
            Err(error) => return Problem::internal(&error).into_response(),
        };
        let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        let mut response = (self.status, html, text).into_response();
        response.extensions_mut().insert(self.policy);
        if self.tells_no_referrer {
            response.headers_mut().insert(
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            );
        }
        response
    }
}
