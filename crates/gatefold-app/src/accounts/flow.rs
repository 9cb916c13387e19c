//! Signing in: to the authorization server, back, and into a session.

use std::time::Duration;

use gatefold_domain::{SessionId, SessionKind};
use gatefold_oauth::{
    AuthorizeError, AuthorizeOptions, CallbackError, CallbackReason, Finished as Granted,
    IdentityError, MetadataError, Prompt, Secret,
};
use gatefold_store::{EndReason, NewExchangeToken, NewSecret, Session, Shown, TokenFor};
use tokio::time::timeout;

use super::{
    Accounts, AccountsError, Begin, BeginError, Begun, CallbackQuery, DeveloperToken, Exchange,
    ExchangeError, Exchanged, FinishError, Finished, Proof, PublicId, SecretHash, SecretText,
    TokenLife,
    state::{Aim, SignInState},
};

/// How long people's servers, of which there are up to four, may take together until a sign-in begins.
const BEGIN_TIME: Duration = Duration::from_secs(30);
/// How long an exchange token is good.
const EXCHANGE_TIME: Duration = Duration::from_mins(1);

impl Accounts {
    /// Begins a sign-in.
    ///
    /// # Errors
    /// When the account or its server cannot be found or asked, or refuses.
    pub async fn begin(&self, begin: Begin<'_>) -> Result<Begun, BeginError> {
        let (aim, asking) = Aim::of(begin.purpose);
        let binding = matches!(aim, Aim::Browser { .. })
            .then(|| self.random(|random| SecretText::generate(random)));
        let prompt = match &aim {
            Aim::Browser { .. } | Aim::CommandLine { .. } => None,
            // A token outlives the sign-in that asked for it: its owner is asked for it by itself.
            Aim::Developer { .. } => Some(Prompt::Consent),
        };
        let state = SignInState {
            aim,
            binding: binding.as_ref().map(SecretText::hash),
            next: begin.next,
        };
        let options = AuthorizeOptions {
            prompt,
            expect: asking.clone(),
            scopes: None,
            app_state: state.to_bytes(),
        };
        let input = asking.as_ref().map_or(begin.input, |did| did.as_str());
        let started = timeout(BEGIN_TIME, self.oauth.authorize(input, options))
            .await
            .map_err(|_| BeginError::ServerUnavailable)??;
        Ok(Begun {
            url: started.url,
            binding,
        })
    }

    /// Ends a sign-in: checks what the authorization server sent, and keeps what it gave until it is
    /// redeemed. `binding` is the cookie of the browser that came back.
    ///
    /// # Errors
    /// The first check that fails. Nothing is kept then, and what the server gave is given back.
    pub async fn finish(
        &self,
        query: CallbackQuery<'_>,
        binding: Option<&str>,
    ) -> Result<Finished, FinishError> {
        let secret = |text: Option<&str>| text.map(|text| Secret::new(text.to_owned()));
        let granted = self
            .oauth
            .callback(&gatefold_oauth::CallbackQuery {
                state: secret(query.state),
                code: secret(query.code),
                iss: query.issuer.map(str::to_owned),
                error: query.error.map(str::to_owned),
            })
            .await?;
        let kept = self.keep(&granted, binding).await;
        if kept.is_err() {
            self.revoke(granted.grant.as_bytes()).await;
        }
        kept
    }

    async fn keep(
        &self,
        granted: &Granted,
        binding: Option<&str>,
    ) -> Result<Finished, FinishError> {
        let state = SignInState::from_bytes(&granted.app_state).ok_or(FinishError::UnknownState)?;
        // Another browser's person would be signed in as whoever sent them here.
        if state.binding.is_some() && state.binding != binding.and_then(SecretHash::of) {
            return Err(FinishError::OtherBrowser);
        }
        if !granted.missing.is_empty() {
            let missing = granted.missing.iter().map(str::to_owned).collect();
            return Err(FinishError::ScopeMissing(missing));
        }
        let now = self.now();
        let store = &self.store;
        let seen = store
            .accounts()
            .seen(&granted.did, granted.handle.as_ref(), now)
            .await;
        if seen.map_err(AccountsError::from)? {
            self.memory.forget_account(&granted.did);
        }
        let (kind, life) = match &state.aim {
            Aim::Browser { .. } => (SessionKind::Browser, TokenLife::default()),
            Aim::CommandLine { .. } => (SessionKind::CommandLine, TokenLife::default()),
            Aim::Developer { life, .. } => (SessionKind::Developer, *life),
        };
        let browser = match &state.aim {
            Aim::Browser { beside } => self.browser(*beside).await?,
            Aim::CommandLine { .. } | Aim::Developer { .. } => self.new_id(),
        };
        let what = match (&state.aim, &state.binding) {
            (Aim::Browser { .. }, Some(binding)) => TokenFor::Browser {
                browser,
                binding: binding.as_bytes(),
            },
            // What says that it is for a browser was always given a cookie.
            (Aim::Browser { .. }, None) => return Err(FinishError::OtherBrowser),
            (Aim::CommandLine { challenge, .. }, _) => TokenFor::CommandLine {
                verifier: challenge.0.as_bytes(),
            },
            (Aim::Developer { asking, name, .. }, _) => TokenFor::Developer {
                name,
                asking: *asking,
            },
        };
        let token = self.random(|random| SecretText::generate(random));
        let hash = token.hash();
        let new = NewExchangeToken {
            hash: hash.as_bytes(),
            did: &granted.did,
            grant: granted.grant.as_bytes(),
            what,
            session_expires: self.ends(kind, life, now),
            expires: now.after(EXCHANGE_TIME),
        };
        let put = store.exchange_tokens().put(new).await;
        put.map_err(AccountsError::from)?;
        let port = match state.aim {
            Aim::CommandLine { port, .. } => port,
            Aim::Browser { .. } | Aim::Developer { .. } => None,
        };
        Ok(Finished {
            exchange_token: token,
            kind,
            next: state.next,
            port,
        })
    }

    /// The browser of a session that goes on, or a new one.
    async fn browser(&self, beside: Option<SessionId>) -> Result<SessionId, AccountsError> {
        let known = match beside {
            Some(id) => self.store.sessions().get(id, self.now()).await?,
            None => None,
        };
        let browser = known.and_then(|session| session.browser);
        Ok(browser.unwrap_or_else(|| self.new_id()))
    }

    /// Redeems an exchange token.
    ///
    /// # Errors
    /// [`ExchangeError::Refused`] when it is not good, or not for who shows it; it is as good as
    /// before then, for who it is for.
    pub async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, ExchangeError> {
        let refused = ExchangeError::Refused;
        let hash = SecretHash::of(exchange.token).ok_or(refused)?;
        let (binding, verifier, session) = match exchange.proof {
            Proof::Browser { binding, session } => (
                binding.and_then(SecretHash::of),
                None,
                // What a developer token is asked with must be a browser's session.
                session.filter(|viewer| viewer.kind == SessionKind::Browser),
            ),
            Proof::CommandLine { verifier } => (None, verifier.and_then(SecretHash::of), None),
        };
        let shown = Shown {
            binding: binding.as_ref().map(SecretHash::as_bytes),
            verifier: verifier.as_ref().map(SecretHash::as_bytes),
            session: session.map(|viewer| viewer.session),
        };
        let now = self.now();
        let id = self.new_id();
        let (public_id, token_text) = self.random(|random| SecretText::generate_token(random));
        let session_text = self.random(|random| SecretText::generate(random));
        let mut secret = session_text;
        let redeemed = self
            .store
            .exchange_tokens()
            .redeem(
                hash.as_bytes(),
                shown,
                exchange.network.as_deref(),
                now,
                |kind| {
                    let is_token = kind == SessionKind::Developer;
                    if is_token {
                        secret = token_text;
                    }
                    NewSecret {
                        id,
                        hash: *secret.hash().as_bytes(),
                        public_id: is_token.then(|| public_id.as_str().to_owned()),
                    }
                },
            )
            .await
            .map_err(AccountsError::from)?
            .ok_or(ExchangeError::Refused)?;
        if let Some(browser) = redeemed.session.browser {
            self.memory.forget_browser(browser);
        }
        if let Some(replaced) = redeemed.replaced {
            self.memory.forget_session(replaced.id);
            self.revoke(&replaced.grant).await;
        }
        // Who signs in anew, and not beside somebody, leaves nobody behind in this browser.
        if let (SessionKind::Browser, Some(before)) = (redeemed.session.kind, session) {
            let before = self.store.sessions().get(before.session, now).await;
            let browser = before.map_err(AccountsError::from)?;
            let browser = browser.and_then(|session| session.browser);
            if let Some(browser) =
                browser.filter(|before| redeemed.session.browser != Some(*before))
            {
                let network = exchange.network.as_deref();
                self.end_browser(browser, EndReason::SignedOut, network)
                    .await?;
            }
        }
        let session = redeemed.session;
        Ok(Exchanged {
            kind: session.kind,
            secret,
            expires: session.expires,
            token: developer_token(&session),
            did: session.did,
        })
    }
}

/// A developer token, as its owner sees it.
pub(super) fn developer_token(session: &Session) -> Option<DeveloperToken> {
    Some(DeveloperToken {
        public_id: PublicId::parse(session.public_id.as_deref()?)?,
        name: session.name.clone()?,
        created: session.created,
        expires: session.expires,
    })
}

impl From<CallbackError> for FinishError {
    fn from(error: CallbackError) -> Self {
        match error.reason {
            CallbackReason::UnknownState => Self::UnknownState,
            CallbackReason::Denied => Self::Denied,
            CallbackReason::Ended(code) => Self::ServerEnded(code.to_string()),
            CallbackReason::WrongIssuer | CallbackReason::WrongServer => Self::WrongIssuer,
            CallbackReason::NoCode => Self::Malformed,
            CallbackReason::OtherAccount => Self::OtherAccount,
            CallbackReason::NoSession => Self::ScopeMissing(vec!["atproto".to_owned()]),
            CallbackReason::Refused(_)
            | CallbackReason::Unavailable
            | CallbackReason::Identity(_)
            | CallbackReason::Server(_) => Self::ServerUnavailable,
            CallbackReason::Store(error) => Self::Accounts(error.into()),
        }
    }
}

impl From<AuthorizeError> for BeginError {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::OtherAccount => Self::OtherAccount,
            AuthorizeError::Identity(cause) => cause.into(),
            AuthorizeError::Refused(code) => Self::ServerRefuses(code.to_string()),
            AuthorizeError::Unavailable | AuthorizeError::Server(MetadataError::Unreachable) => {
                Self::ServerUnavailable
            }
            AuthorizeError::Server(_) => Self::ServerUnsuitable,
            AuthorizeError::Store(error) => Self::Accounts(error.into()),
        }
    }
}

impl From<IdentityError> for BeginError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Input => Self::NotAHandle,
            IdentityError::NoSuchHandle | IdentityError::UnknownDid => Self::UnknownHandle,
            IdentityError::SeveralDids | IdentityError::NotClaimed => Self::HandleMismatch,
            IdentityError::BadDocument | IdentityError::NoPds => Self::NoServer,
            IdentityError::HandleUnreachable | IdentityError::DidUnreachable => {
                Self::LookUpUnavailable
            }
        }
    }
}
