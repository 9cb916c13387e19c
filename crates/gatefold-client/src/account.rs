//! Who is signed in, and the developer tokens that they have.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{client::Client, error::ClientError};

/// Who is signed in.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Me {
    /// Who they are.
    pub did: String,
    /// What they are called.
    pub handle: String,
}

/// A developer token, without its secret.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct DeveloperToken {
    /// Its public id.
    #[serde(alias = "session_id")]
    pub id: String,
    /// What its owner calls it.
    #[serde(default)]
    pub name: Option<String>,
    /// When it was made, as ISO 8601 has it.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When it ends, as ISO 8601 has it.
    #[serde(default)]
    pub expires_at: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    tokens: Vec<DeveloperToken>,
}

impl Client {
    /// Who is signed in.
    ///
    /// # Errors
    /// [`ClientError::NotSignedIn`] when nobody is, and when the server cannot be asked.
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.ask(self.request(Method::GET, &["auth", "me"])).await
    }

    /// Ends the session whose token is shown.
    ///
    /// # Errors
    /// [`ClientError::NotSignedIn`] when it has ended already, and when the server cannot be asked.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        let request = self.request(Method::POST, &["auth", "logout"]);
        self.ask::<Value>(request).await.map(drop)
    }

    /// The developer tokens of who is signed in.
    ///
    /// # Errors
    /// When nobody is signed in, or the server cannot be asked.
    pub async fn developer_tokens(&self) -> Result<Vec<DeveloperToken>, ClientError> {
        let request = self.request(Method::GET, &["auth", "developer-tokens"]);
        Ok(self.ask::<Tokens>(request).await?.tokens)
    }

    /// Ends a developer token.
    ///
    /// # Errors
    /// [`ClientError::NotFound`] when there is none of this id, and when the server cannot be asked.
    pub async fn revoke_developer_token(&self, id: &str) -> Result<(), ClientError> {
        let request = self.request(Method::DELETE, &["auth", "developer-tokens", id]);
        self.ask::<Value>(request).await.map(drop)
    }
}
