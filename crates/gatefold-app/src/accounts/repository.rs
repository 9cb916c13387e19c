//! People's repositories: what is written there in their name, also when they are not here, and who is
//! meant by a handle.

use gatefold_domain::{Did, Handle};
use gatefold_oauth::{GrantId, GrantStore, IdentityError, PersonError};
use gatefold_store::{Feature, StoreError};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Accounts, AccountsError, Viewer};

/// Why something was not asked or written in somebody's name.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// They have no session here that allows it.
    #[error("sign in again, so that this can be written to your account")]
    NoSession,
    /// There is no such record.
    #[error("there is no such record")]
    NotFound,
    /// Their server cannot be asked, or refuses.
    #[error("your server: {0}")]
    Server(PersonError),
    /// The database cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody who was named and cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum NamedError {
    /// There is nobody of this handle.
    #[error("there is nobody who is called {0}")]
    Nobody(Handle),
    /// They cannot be found at the moment.
    #[error("who is called {0} cannot be found out at the moment")]
    Unreachable(Handle),
}

/// What is done in somebody's repository.
pub(crate) enum Asked<'a> {
    /// A question, with its parameters.
    Get(&'a str, &'a [(&'a str, &'a str)]),
    /// Something to be done, with its JSON.
    Post(&'a str, &'a Value),
}

impl Accounts {
    /// Whether a viewer's session allows to write records of a collection.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn may_write(
        &self,
        viewer: &Viewer,
        collection: &str,
    ) -> Result<bool, AccountsError> {
        let session = self
            .store
            .sessions()
            .get(viewer.session, self.now())
            .await?;
        let session = session.ok_or(AccountsError::NotFound)?;
        let grant = self
            .grants
            .grant(GrantId::from_bytes(session.grant))
            .await?;
        let scopes = grant.ok_or(AccountsError::NotFound)?.scopes;
        let all = format!("repo:{collection}");
        let enough = [all.as_str(), "repo:*", "transition:generic"];
        Ok(enough.iter().any(|scope| scopes.contains(scope)))
    }

    /// Who is meant by handles, in their order.
    ///
    /// # Errors
    /// For the first who cannot be found.
    pub async fn named(&self, handles: &[Handle]) -> Result<Vec<Feature>, NamedError> {
        let mut named = Vec::with_capacity(handles.len());
        for handle in handles {
            let found = self.resolver.resolve(handle.as_str()).await;
            let found = found.map_err(|error| match error {
                IdentityError::HandleUnreachable | IdentityError::DidUnreachable => {
                    NamedError::Unreachable(handle.clone())
                }
                _ => NamedError::Nobody(handle.clone()),
            })?;
            named.push(Feature {
                did: found.did,
                handle: handle.clone(),
            });
        }
        Ok(named)
    }

    /// Asks or writes in somebody's name, by whichever of their sessions allows it: the newest first.
    pub(crate) async fn in_name_of<T: DeserializeOwned>(
        &self,
        did: &Did,
        asked: &Asked<'_>,
    ) -> Result<T, RepositoryError> {
        let mut sessions = self.store.sessions().of_account(did, self.now()).await?;
        sessions.sort_by_key(|session| std::cmp::Reverse(session.created));
        for session in sessions {
            let person = self.oauth.person(GrantId::from_bytes(session.grant));
            let answer = match asked {
                Asked::Get(nsid, parameters) => person.get(nsid, parameters).await,
                Asked::Post(nsid, body) => person.post(nsid, body).await,
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(
                    PersonError::SessionEnded | PersonError::KeyRetired | PersonError::ScopeMissing,
                ) => {}
                Err(PersonError::Invalid { code, .. }) if code.as_str() == "RecordNotFound" => {
                    return Err(RepositoryError::NotFound);
                }
                Err(error) => return Err(RepositoryError::Server(error)),
            }
        }
        Err(RepositoryError::NoSession)
    }
}
