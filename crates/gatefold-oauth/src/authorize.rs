//! The way to an authorization server.

use std::time::Duration;

use gatefold_domain::Did;

use crate::{
    AuthorizeError, OAuth, Pending, Scopes, Secret, StateToken, answers,
    dpop::DpopKey,
    form, pkce,
    token::{self, AsClient, Failed},
};

/// How long a sign-in waits for its person.
pub const SIGN_IN_TIME: Duration = Duration::from_mins(10);

/// How a sign-in is to go.
#[derive(Clone, Default)]
pub struct AuthorizeOptions {
    /// What the authorization server is to ask for.
    pub prompt: Option<Prompt>,
    /// Who has to come back.
    pub expect: Option<Did>,
    /// What to ask for; everything that the client ever asks for when nothing is said.
    pub scopes: Option<Scopes>,
    /// What the application keeps with the sign-in; it comes back with the callback.
    pub app_state: Vec<u8>,
}

/// What the authorization server is to ask for (`prompt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// The password, again.
    Login,
    /// Consent, even if it was given before.
    Consent,
    /// Which account it is to be.
    SelectAccount,
    /// A new account.
    Create,
}

impl Prompt {
    fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// A sign-in that has begun. It has no `Debug`: who has the URL has the sign-in.
pub struct Started {
    /// Where the person goes now.
    pub url: String,
    /// What will come back with them.
    pub state: StateToken,
}

impl OAuth {
    /// Begins a sign-in: finds whoever is named, their server and its authorization server, pushes
    /// the request there (RFC 9126), and keeps what is needed when they come back.
    ///
    /// `input` is a handle, a DID, or the URL of a server for people who have no name yet.
    ///
    /// # Errors
    /// When the person or their server cannot be found or asked, or refuses.
    pub async fn authorize(
        &self,
        input: &str,
        options: AuthorizeOptions,
    ) -> Result<Started, AuthorizeError> {
        let inner = &*self.0;
        let (person, server) = inner.find(input).await?;
        let named = person.as_ref().map(|person| person.did.clone());
        let expected = options.expect.or_else(|| named.clone());
        if named.is_some() && named != expected {
            return Err(AuthorizeError::OtherAccount);
        }

        let wire = &inner.wire;
        let keys = inner.keys();
        let state = wire.state();
        let verifier = Secret::new(wire.random.token().to_string());
        let challenge = pkce::challenge(verifier.expose());
        let dpop_key = wire.random.with(|generator| DpopKey::generate(generator));
        let client_key = keys.primary(inner.now()).map(|key| key.id().clone());
        let scopes = options
            .scopes
            .unwrap_or_else(|| inner.client.scopes.clone());
        let scope = scopes.to_string();
        let client = AsClient {
            id: &inner.client.id,
            key: client_key.as_ref(),
            keys: &keys,
            issuer: &server.issuer,
        };
        let mut pairs = vec![
            ("response_type", "code"),
            ("redirect_uri", inner.client.redirect.as_str()),
            ("scope", &scope),
            ("state", state.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", pkce::METHOD),
        ];
        let handle = person.as_ref().and_then(|person| person.handle.as_ref());
        if let Some(handle) = handle {
            pairs.push(("login_hint", handle.as_str()));
        } else if let Some(did) = &expected {
            pairs.push(("login_hint", did.as_str()));
        }
        if let Some(prompt) = options.prompt {
            pairs.push(("prompt", prompt.as_str()));
        }
        let endpoint = &server.pushed_authorization_request_endpoint;
        let reply = token::ask(wire, &client, endpoint, &pairs, &dpop_key)
            .await
            .map_err(|failed| match failed {
                Failed::Refused(code) => AuthorizeError::Refused(code),
                Failed::KeyRetired | Failed::Unavailable => AuthorizeError::Unavailable,
            })?;
        let request_uri =
            answers::request_uri(&reply.body).map_err(|_| AuthorizeError::Unavailable)?;

        let query = [
            ("client_id", &*inner.client.id),
            ("request_uri", &*request_uri),
        ];
        let endpoint = &server.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        let url = format!("{endpoint}{joint}{}", *form::encode(query));
        let pending = Pending {
            issuer: server.issuer.clone(),
            token_endpoint: server.token_endpoint.clone(),
            revocation_endpoint: server.revocation_endpoint.clone(),
            client_id: inner.client.id.clone(),
            redirect: inner.client.redirect.clone(),
            client_key,
            expected,
            scopes,
            verifier,
            dpop_key,
            expires: inner.now().after(SIGN_IN_TIME),
            app_state: options.app_state,
        };
        inner.store.put_pending(state.hash(), &pending).await?;
        Ok(Started { url, state })
    }
}
