//! `GET /settings/activity`: what happened to an account.

use axum::{extract::State, response::IntoResponse, routing::get};
use gatefold_app::accounts::AuditEntry;
use http::Method;
use serde::Deserialize;

use crate::{
    error::Problem,
    extract::QueryOf,
    limits::Class,
    pages::{ActivityPage, ActivityRow, Frame, Page, Section},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    text::sentence,
    viewer::BrowserViewer,
};

#[derive(Deserialize)]
struct Asked {
    before: Option<i64>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/settings/activity",
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(activity),
    }
}

async fn activity(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<impl IntoResponse, Problem> {
    let audit = state.accounts.audit(&viewer, asked.before).await?;
    Ok(Page::new(ActivityPage {
        frame: Frame::new(&state.rules.name, Some(&viewer), Section::Activity),
        entries: audit.entries.into_iter().map(row).collect(),
        older: audit.before,
    }))
}

fn row(entry: AuditEntry) -> ActivityRow {
    ActivityRow {
        at: entry.at.into(),
        what: words(entry.event),
        subject: entry.subject,
        network: entry.network,
    }
}

/// An event's stable word as people say it: `signed_in` is "Signed in".
fn words(event: &str) -> String {
    sentence(&event.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_said_in_words() {
        for (event, said) in [
            ("signed_in", "Signed in"),
            ("token_created", "Token created"),
            ("", ""),
        ] {
            assert_eq!(words(event), said);
        }
    }
}
