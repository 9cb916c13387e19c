//! The way back from an authorization server.

use std::sync::Arc;

use gatefold_domain::{Did, Handle};

use crate::{
    CallbackError, CallbackQuery, CallbackReason, ErrorCode, Grant, GrantId, OAuth, Pending,
    Scopes, Secret, StateHash, TokenAnswer,
    oauth::Inner,
    revoke,
    scopes::ATPROTO,
    token::{self, Failed},
};

/// A sign-in that became a grant, which is in the store.
#[derive(Clone)]
pub struct Finished {
    /// The grant.
    pub grant: GrantId,
    /// Who signed in.
    pub did: Did,
    /// What they call themselves, when their name leads to them.
    pub handle: Option<Handle>,
    /// What was granted.
    pub scopes: Scopes,
    /// What was asked for and not granted.
    pub missing: Scopes,
    /// What the application kept with the sign-in.
    pub app_state: Vec<u8>,
}

impl OAuth {
    /// Ends a sign-in. In this order: the state, which is good once; an error; the issuer (RFC 9207);
    /// then the code is exchanged; then it is checked who came back, and that their own server names
    /// this issuer; then what was granted. It is finished even if whoever asked leaves.
    ///
    /// # Errors
    /// The first of these that does not hold. What the server gave by then is given back.
    pub async fn callback(&self, query: &CallbackQuery) -> Result<Finished, CallbackError> {
        let (inner, query) = (Arc::clone(&self.0), query.clone());
        let task = self
            .0
            .tasks
            .spawn(async move { inner.come_back(&query).await });
        task.await.unwrap_or(Err(CallbackError {
            reason: CallbackReason::Unavailable,
            app_state: None,
        }))
    }
}

impl Inner {
    async fn come_back(&self, query: &CallbackQuery) -> Result<Finished, CallbackError> {
        let pending = self.take(query).await.map_err(|reason| CallbackError {
            reason,
            app_state: None,
        })?;
        self.finish(query, &pending)
            .await
            .map_err(|reason| CallbackError {
                reason,
                app_state: Some(pending.app_state),
            })
    }

    async fn take(&self, query: &CallbackQuery) -> Result<Pending, CallbackReason> {
        let state = query.state.as_ref().ok_or(CallbackReason::UnknownState)?;
        let state = StateHash::of(state.expose());
        let pending = self.store.take_pending(state).await?;
        pending
            .filter(|pending| self.now() < pending.expires)
            .ok_or(CallbackReason::UnknownState)
    }

    async fn finish(
        &self,
        query: &CallbackQuery,
        pending: &Pending,
    ) -> Result<Finished, CallbackReason> {
        if let Some(error) = &query.error {
            return Err(match error.as_str() {
                "access_denied" => CallbackReason::Denied,
                other => CallbackReason::Ended(ErrorCode::new(other)),
            });
        }
        if query.iss.as_ref() != Some(&pending.issuer) {
            return Err(CallbackReason::WrongIssuer);
        }
        let code = query.code.as_ref().ok_or(CallbackReason::NoCode)?;
        let answer = self.exchange(code, pending).await?;
        let checked = self.accept(pending, &answer).await;
        if checked.is_err() {
            let keys = self.keys();
            let token = answer.refresh_token.as_ref();
            revoke::give_back(
                &self.wire,
                &pending.client(&keys),
                pending.revocation_endpoint.as_deref(),
                token.unwrap_or(&answer.access_token),
                &pending.dpop_key,
            )
            .await;
        }
        checked
    }

    async fn exchange(
        &self,
        code: &Secret,
        pending: &Pending,
    ) -> Result<TokenAnswer, CallbackReason> {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", &pending.redirect),
            ("code_verifier", pending.verifier.expose()),
        ];
        let keys = self.keys();
        let client = pending.client(&keys);
        let endpoint = &pending.token_endpoint;
        token::tokens(&self.wire, &client, endpoint, &pairs, &pending.dpop_key)
            .await
            .map_err(|failed| match failed {
                Failed::Refused(code) => CallbackReason::Refused(code),
                Failed::KeyRetired | Failed::Unavailable => CallbackReason::Unavailable,
            })
    }

    async fn accept(
        &self,
        pending: &Pending,
        answer: &TokenAnswer,
    ) -> Result<Finished, CallbackReason> {
        let now = self.now();
        let did = &answer.sub;
        if pending
            .expected
            .as_ref()
            .is_some_and(|expected| expected != did)
        {
            return Err(CallbackReason::OtherAccount);
        }
        let identity = self.resolver.identity(did).await;
        let identity = identity.map_err(CallbackReason::Identity)?;
        let issuer = self.issuer_of(&identity.pds).await;
        if issuer.map_err(CallbackReason::Server)? != pending.issuer {
            return Err(CallbackReason::WrongServer);
        }
        let scopes = answer.scopes.clone().ok_or(CallbackReason::Unavailable)?;
        if !scopes.contains(ATPROTO) {
            return Err(CallbackReason::NoSession);
        }
        let refresh_token = answer.refresh_token.clone();
        let grant = Grant {
            did: did.clone(),
            issuer: pending.issuer.clone(),
            pds: identity.pds.origin(),
            token_endpoint: pending.token_endpoint.clone(),
            revocation_endpoint: pending.revocation_endpoint.clone(),
            client_id: pending.client_id.clone(),
            client_key: pending.client_key.clone(),
            scopes: scopes.clone(),
            access_token: answer.access_token.clone(),
            refresh_token: refresh_token.ok_or(CallbackReason::Unavailable)?,
            dpop_key: pending.dpop_key.clone(),
            expires: now.after(answer.lifetime()),
            created: now,
            refreshed: now,
        };
        let id = GrantId::from_bytes(*self.wire.random.bytes());
        self.store.put_grant(id, &grant).await?;
        Ok(Finished {
            grant: id,
            did: grant.did,
            handle: identity.handle,
            missing: pending.scopes.missing_from(&scopes),
            scopes,
            app_state: pending.app_state.clone(),
        })
    }
}
