//! `GET /settings/sessions`: where an account is signed in.

use axum::{extract::State, response::IntoResponse, routing::get};
use gatefold_app::accounts::SessionEntry;
use gatefold_domain::SessionKind;
use http::Method;

use crate::{
    error::Problem,
    limits::Class,
    pages::{Frame, Page, Section, SessionRow, SessionsPage},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::BrowserViewer,
};

/// Its path, to which changes go back.
pub(super) const PATH: &str = "/settings/sessions";

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: PATH,
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(sessions),
    }
}

async fn sessions(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
) -> Result<impl IntoResponse, Problem> {
    let sessions = state.accounts.sessions(&viewer).await?;
    Ok(Page::new(SessionsPage {
        frame: Frame::new(&state.rules.name, Some(&viewer), Section::Sessions),
        sessions: sessions.into_iter().map(row).collect(),
    }))
}

fn row(session: SessionEntry) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        what: match (session.kind, session.name) {
            (SessionKind::Browser, _) => "Browser".to_owned(),
            (SessionKind::CommandLine, _) => "Command line".to_owned(),
            (SessionKind::Developer, Some(name)) => format!("Developer token “{name}”"),
            (SessionKind::Developer, None) => "Developer token".to_owned(),
        },
        created: session.created.into(),
        last_seen: session.last_seen.into(),
        expires: session.expires.into(),
        is_current: session.current,
    }
}
