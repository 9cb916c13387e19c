//! The use cases.

use gatefold_domain::{Did, SessionId};

use super::*;

/// What accounts need to know of the site.
pub struct AccountsOptions {}

/// Everything that can be done with accounts. Share it in an `Arc`.
pub struct Accounts {}

#[expect(
    clippy::unused_async,
    clippy::unimplemented,
    reason = "signatures first; bodies follow"
)]
#[expect(
    unused_variables,
    missing_docs,
    clippy::missing_errors_doc,
    clippy::unused_self,
    reason = "signatures first; bodies follow"
)]
impl Accounts {
    pub async fn begin(&self, begin: Begin<'_>) -> Result<Begun, BeginError> {
        unimplemented!()
    }
    /// `binding`: the cookie of the browser that came back.
    pub async fn finish(
        &self,
        query: CallbackQuery<'_>,
        binding: Option<&str>,
    ) -> Result<Finished, FinishError> {
        unimplemented!()
    }
    pub async fn exchange(&self, exchange: Exchange<'_>) -> Result<Exchanged, ExchangeError> {
        unimplemented!()
    }
    /// Who shows this; `None` when nobody (unknown, ended, or of the wrong kind).
    pub async fn viewer(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Viewer>, AccountsError> {
        unimplemented!()
    }
    /// The other accounts of the viewer's browser, and their own; of a browser session alone, else empty.
    pub async fn linked(&self, viewer: &Viewer) -> Result<Vec<AccountName>, AccountsError> {
        unimplemented!()
    }
    /// The session of another account of the same browser, under a new secret.
    pub async fn switch(&self, viewer: &Viewer, to: &Did) -> Result<Exchanged, AccountsError> {
        unimplemented!()
    }
    /// Ends the session and revokes its grant.
    pub async fn logout(&self, viewer: &Viewer) -> Result<(), AccountsError> {
        unimplemented!()
    }
    pub async fn sessions(&self, viewer: &Viewer) -> Result<Vec<SessionEntry>, AccountsError> {
        unimplemented!()
    }
    pub async fn end_session(&self, viewer: &Viewer, id: SessionId) -> Result<(), AccountsError> {
        unimplemented!()
    }
    pub async fn developer_tokens(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<DeveloperToken>, AccountsError> {
        unimplemented!()
    }
    pub async fn revoke_developer_token(
        &self,
        viewer: &Viewer,
        id: &PublicId,
    ) -> Result<(), AccountsError> {
        unimplemented!()
    }
    pub async fn audit(
        &self,
        viewer: &Viewer,
        before: Option<i64>,
    ) -> Result<AuditPage, AccountsError> {
        unimplemented!()
    }
    /// `/oauth-client-metadata.json` and `/.well-known/jwks.json`, as JSON text.
    pub fn client_metadata(&self) -> &str {
        unimplemented!()
    }
    pub fn jwks(&self) -> &str {
        unimplemented!()
    }
}
