//! `GET /auth/developer-tokens`: the developer tokens of who asks.

use axum::{Json, extract::State, routing::get};
use gatefold_app::accounts::DeveloperToken;
use http::Method;
use serde::Serialize;

use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    text::Moment,
    viewer::AnyViewer,
};

#[derive(Serialize)]
struct Answer {
    tokens: Vec<Token>,
}

#[derive(Serialize)]
struct Token {
    /// Its public id, and no secret.
    session_id: String,
    name: String,
    created_at: String,
    expires_at: String,
}

impl From<DeveloperToken> for Token {
    fn from(token: DeveloperToken) -> Self {
        Self {
            session_id: token.public_id.to_string(),
            name: token.name,
            created_at: Moment::from(token.created).iso,
            expires_at: Moment::from(token.expires).iso,
        }
    }
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/auth/developer-tokens",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(developer_tokens),
    }
}

async fn developer_tokens(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
) -> Result<Json<Answer>, Problem> {
    let tokens = state.accounts.developer_tokens(&viewer).await?;
    let tokens = tokens.into_iter().map(Token::from).collect();
    Ok(Json(Answer { tokens }))
}

#[cfg(test)]
mod tests {
    use gatefold_app::accounts::PublicId;
    use gatefold_domain::Timestamp;

    use super::*;

    #[test]
    fn a_token_is_told_as_the_contract_says() {
        let token = DeveloperToken {
            public_id: PublicId::parse("k7m2pq9x").unwrap(),
            name: "nightly upload".to_owned(),
            created: Timestamp::from_millis(1_764_029_102_999),
            expires: Timestamp::from_millis(1_764_029_103_000),
        };
        let text = serde_json::to_string(&Token::from(token)).unwrap();
        assert_eq!(
            text,
            r#"{"session_id":"k7m2pq9x","name":"nightly upload","created_at":"2025-11-25T00:05:02Z","expires_at":"2025-11-25T00:05:03Z"}"#
        );
    }
}
