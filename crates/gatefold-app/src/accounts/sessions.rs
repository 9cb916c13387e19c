//! Sessions: who shows one, and what their owner may do with them.

use gatefold_domain::{Did, SessionId, SessionKind};
use gatefold_oauth::{GrantId, Person};
use gatefold_store::{EndReason, Session};

use super::{
    AccountName, Accounts, AccountsError, AuditEntry, AuditPage, Credential, DeveloperToken,
    Exchanged, PublicId, SecretHash, SecretText, SessionEntry, Viewer, cache::Known,
    flow::developer_token,
};
use crate::remembered::Epoch;

/// Entries of the audit on a page.
const AUDIT_PAGE: u32 = 50;

impl Accounts {
    /// Who shows this; nobody when it is unknown, has ended, or is of a kind that is not shown in
    /// this way.
    ///
    /// # Errors
    /// When the database has to be asked and cannot be.
    pub async fn viewer(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Viewer>, AccountsError> {
        let (shown, by_cookie) = match credential {
            Credential::Cookie(shown) => (shown, true),
            Credential::Bearer(shown) => (shown, false),
        };
        let Some(secret) = SecretHash::of(shown) else {
            return Ok(None);
        };
        let now = self.now();
        // Before anything is read, so that what is remembered of it in the end is no older.
        let epoch = self.memory.viewers.epoch();
        let known = match self.memory.viewers.get(&secret, now) {
            Some(known) => known,
            None => match self.look_up(epoch, secret).await? {
                Some(known) => known,
                None => return Ok(None),
            },
        };
        if (known.viewer.kind == SessionKind::Browser) != by_cookie {
            return Ok(None);
        }
        self.touches.touch(&self.store, &known, now);
        Ok(Some(known.viewer))
    }

    async fn look_up(
        &self,
        epoch: Epoch,
        secret: SecretHash,
    ) -> Result<Option<Known>, AccountsError> {
        let found = self
            .store
            .sessions()
            .by_secret(secret.as_bytes(), self.now())
            .await?;
        let known = found.map(|session| {
            let viewer = Viewer {
                did: session.did,
                handle: session.handle,
                session: session.id,
                kind: session.kind,
                expires: session.expires,
            };
            Known::new(viewer, session.last_seen)
        });
        if let Some(known) = &known {
            self.memory.viewers.put(epoch, secret, known.clone());
        }
        Ok(known)
    }

    /// The viewer at their own server, with what their session was granted there.
    ///
    /// # Errors
    /// [`AccountsError::NotFound`] when their session has ended meanwhile.
    pub async fn person(&self, viewer: &Viewer) -> Result<Person, AccountsError> {
        let sessions = self.store.sessions();
        let session = sessions.get(viewer.session, self.now()).await?;
        let session = session.ok_or(AccountsError::NotFound)?;
        Ok(self.oauth.person(GrantId::from_bytes(session.grant)))
    }

    /// The accounts of the viewer's browser, theirs too; nobody for other kinds of sessions.
    ///
    /// # Errors
    /// When the database has to be asked and cannot be.
    pub async fn linked(&self, viewer: &Viewer) -> Result<Vec<AccountName>, AccountsError> {
        if viewer.kind != SessionKind::Browser {
            return Ok(Vec::new());
        }
        let now = self.now();
        let browsers = &self.memory.browsers;
        let epoch = browsers.epoch();
        if let Some(known) = browsers.get(viewer.session, now) {
            return Ok(known);
        }
        let sessions = self.store.sessions();
        let found = sessions.beside(viewer.session, now).await?;
        Ok(browsers.put(epoch, viewer.session, found))
    }

    /// Goes over to another account of the viewer's browser, whose session gets a new secret.
    ///
    /// # Errors
    /// [`AccountsError::NotFound`] when the browser has no such account.
    pub async fn switch(&self, viewer: &Viewer, to: &Did) -> Result<Exchanged, AccountsError> {
        browser_only(viewer)?;
        let secret = self.random(|random| SecretText::generate(random));
        let switched = self
            .store
            .sessions()
            .switch(viewer.session, to, secret.hash().as_bytes(), self.now())
            .await?;
        let session = switched.ok_or(AccountsError::NotFound)?;
        // The secret that it was shown by before is good no more.
        self.memory.forget_session(session.id);
        Ok(Exchanged {
            kind: session.kind,
            did: session.did,
            secret,
            expires: session.expires,
            token: None,
        })
    }

    /// Ends the viewer's own session and gives its grant back; of a browser, those of all its accounts.
    ///
    /// # Errors
    /// When the database cannot be asked; the session goes on then.
    pub async fn logout(
        &self,
        viewer: &Viewer,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        self.end(viewer, viewer.session, EndReason::SignedOut, network)
            .await
    }

    /// The viewer's sessions of all kinds.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sessions(&self, viewer: &Viewer) -> Result<Vec<SessionEntry>, AccountsError> {
        browser_only(viewer)?;
        let sessions = self.store.sessions();
        let sessions = sessions.of_account(&viewer.did, self.now()).await?;
        let entry = |session: Session| SessionEntry {
            current: session.id == viewer.session,
            id: session.id,
            kind: session.kind,
            name: session.name,
            created: session.created,
            last_seen: session.last_seen,
            expires: session.expires,
        };
        Ok(sessions.into_iter().map(entry).collect())
    }

    /// Ends a session of the viewer; of a browser, those of all its accounts.
    ///
    /// # Errors
    /// [`AccountsError::NotFound`] when they have no such session.
    pub async fn end_session(
        &self,
        viewer: &Viewer,
        id: SessionId,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        browser_only(viewer)?;
        self.end(viewer, id, EndReason::EndedElsewhere, network)
            .await
    }

    /// The viewer's developer tokens.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn developer_tokens(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<DeveloperToken>, AccountsError> {
        let sessions = self.store.sessions();
        let tokens = sessions.developer_tokens(&viewer.did, self.now()).await?;
        Ok(tokens.iter().filter_map(developer_token).collect())
    }

    /// Revokes a developer token of the viewer.
    ///
    /// # Errors
    /// [`AccountsError::NotFound`] when they have no such token.
    pub async fn revoke_developer_token(
        &self,
        viewer: &Viewer,
        id: &PublicId,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        let sessions = self.store.sessions();
        let token = sessions
            .by_public_id(&viewer.did, id.as_str(), self.now())
            .await?;
        let token = token.ok_or(AccountsError::NotFound)?;
        self.end(viewer, token.id, EndReason::TokenRevoked, network)
            .await
    }

    /// What happened to the viewer's account, newest first, from before an entry on.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn audit(
        &self,
        viewer: &Viewer,
        before: Option<i64>,
    ) -> Result<AuditPage, AccountsError> {
        browser_only(viewer)?;
        let audit = self.store.audit();
        let page = audit.page(&viewer.did, before, AUDIT_PAGE).await?;
        let entry = |entry: gatefold_store::AuditEntry| AuditEntry {
            id: entry.id,
            at: entry.at,
            event: entry.event.as_str(),
            subject: entry.subject,
            network: entry.network,
        };
        Ok(AuditPage {
            entries: page.entries.into_iter().map(entry).collect(),
            before: page.before,
        })
    }

    async fn end(
        &self,
        viewer: &Viewer,
        id: SessionId,
        reason: EndReason,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        let sessions = self.store.sessions();
        let ended = sessions
            .end(id, &viewer.did, reason, network, self.now())
            .await;
        // Also when that failed: it may have been committed all the same.
        self.memory.forget_session(id);
        let ended = ended?.ok_or(AccountsError::NotFound)?;
        self.revoke(&ended.grant).await;
        if let Some(browser) = ended.browser {
            self.end_browser(browser, reason, network).await?;
        }
        Ok(())
    }

    /// Ends what is left of a browser: whoever holds its cookie could go over to another of its
    /// accounts, and who ends one of them means the browser.
    pub(super) async fn end_browser(
        &self,
        browser: SessionId,
        reason: EndReason,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        let sessions = self.store.sessions();
        for session in sessions.of_browser(browser, self.now()).await? {
            let ended = sessions
                .end(session.id, &session.did, reason, network, self.now())
                .await;
            self.memory.forget_session(session.id);
            if let Some(ended) = ended? {
                self.revoke(&ended.grant).await;
            }
        }
        Ok(())
    }
}

fn browser_only(viewer: &Viewer) -> Result<(), AccountsError> {
    if viewer.kind == SessionKind::Browser {
        Ok(())
    } else {
        Err(AccountsError::BrowserOnly)
    }
}
