//! A demonstration: people who are nobody, and whoever wants to can be one of them.
//!
//! Nothing of this is possible at a site: a database is for the one or for the other
//! ([`Installation`]), the first one to open it says for which, and only one that is a demonstration's
//! makes a [`Demonstration`].

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Did, Handle, SessionKind};
use gatefold_store::{Installation, NewExchangeToken, NewSecret, Profile, Shown, Store, TokenFor};

use crate::accounts::{Accounts, AccountsError, Exchanged, SecretText, TokenLife, Viewer};

/// How long the token lives by which somebody becomes a persona: it is used at once.
const AT_ONCE: Duration = Duration::from_mins(1);

/// Somebody whom one can be.
#[derive(Clone, Debug)]
pub struct Persona {
    /// What they are called in addresses and forms.
    pub id: &'static str,
    /// What they are called.
    pub name: &'static str,
    /// Who they are.
    pub about: &'static str,
    /// Their identity.
    pub did: Did,
    /// Their handle.
    pub handle: Handle,
}

/// An artist of a demonstration.
#[derive(Clone, Debug)]
pub struct DemoArtist {
    /// What stands beside their tracks.
    pub name: &'static str,
    /// Their identity.
    pub did: Did,
    /// Their handle.
    pub handle: Handle,
}

/// A demonstration that is open.
pub struct Demonstration {
    store: Store,
    accounts: Arc<Accounts>,
    personas: Vec<Persona>,
}

impl Demonstration {
    /// Opens one with these people; `None` when the database is a site's.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn open(
        store: Store,
        accounts: Arc<Accounts>,
        artists: &[DemoArtist],
        personas: Vec<Persona>,
    ) -> Result<Option<Self>, AccountsError> {
        if !store.claim(Installation::Demonstration).await? {
            return Ok(None);
        }
        let now = accounts.now();
        for persona in &personas {
            let handle = Some(&persona.handle);
            store.accounts().seen(&persona.did, handle, now).await?;
        }
        for artist in artists {
            let handle = Some(&artist.handle);
            store.accounts().seen(&artist.did, handle, now).await?;
            let profile = Profile {
                display_name: artist.name,
                support_url: None,
                ..Profile::default()
            };
            store.artists().put(&artist.did, profile, now).await?;
        }
        Ok(Some(Self {
            store,
            accounts,
            personas,
        }))
    }

    /// Whom one can be.
    #[must_use]
    pub fn personas(&self) -> &[Persona] {
        &self.personas
    }

    /// Signs a browser in as a persona; whoever it was before is signed out.
    ///
    /// # Errors
    /// [`AccountsError::NotFound`] when there is no such persona; when the database cannot be asked.
    pub async fn sign_in(
        &self,
        id: &str,
        before: Option<&Viewer>,
    ) -> Result<Exchanged, AccountsError> {
        let persona = self.personas.iter().find(|persona| persona.id == id);
        let persona = persona.ok_or(AccountsError::NotFound)?;
        let accounts = &self.accounts;
        let now = accounts.now();
        let token = accounts.random(|random| SecretText::generate(random));
        let secret = accounts.random(|random| SecretText::generate(random));
        let hash = token.hash();
        let (session, browser, grant) = (accounts.new_id(), accounts.new_id(), accounts.new_id());
        let tokens = self.store.exchange_tokens();
        tokens
            .put(NewExchangeToken {
                hash: hash.as_bytes(),
                did: &persona.did,
                // No server has given anything for them.
                grant: grant.as_bytes(),
                what: TokenFor::Browser {
                    browser,
                    binding: hash.as_bytes(),
                },
                session_expires: accounts.ends(SessionKind::Browser, TokenLife::default(), now),
                expires: now.after(AT_ONCE),
            })
            .await?;
        let shown = Shown {
            binding: Some(hash.as_bytes()),
            ..Shown::default()
        };
        let new = NewSecret {
            id: session,
            hash: *secret.hash().as_bytes(),
            public_id: None,
        };
        let redeemed = tokens
            .redeem(hash.as_bytes(), shown, None, now, |_| new)
            .await?;
        let redeemed = redeemed.ok_or(AccountsError::NotFound)?;
        if let Some(before) = before {
            match accounts.logout(before, None).await {
                Ok(()) | Err(AccountsError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Exchanged {
            kind: redeemed.session.kind,
            did: redeemed.session.did,
            secret,
            expires: redeemed.session.expires,
            token: None,
        })
    }
}
