//! Who asks the server's own edge, and whether they still may: session, support and gate are looked
//! at again with every request for bytes.

use std::sync::Arc;

use gatefold_app::accounts::Credential;
use gatefold_domain::{Decision, Did, ObjectKey};
use gatefold_edge::sessions::{Asking, Sessions};
use gatefold_edge_core::{Proof, Unproven};
use gatefold_seal::Source;

use crate::{
    accounts::Accounts,
    credentials,
    playing::Playing,
    site::{CookieName, Site},
};

/// The site's sessions, for the edge in the same process.
pub struct SiteSessions {
    accounts: Arc<Accounts>,
    playing: Arc<Playing>,
    site: Site,
}

impl SiteSessions {
    /// Knows whoever is signed in at this site.
    #[must_use]
    pub fn new(accounts: Arc<Accounts>, playing: Arc<Playing>, site: Site) -> Self {
        Self {
            accounts,
            playing,
            site,
        }
    }

    async fn look(&self, asked: &Unproven<'_>) -> Proof {
        let headers = asked.headers();
        // A cookie that came twice shows nobody: a token beside it does not make up for that.
        let Ok(cookie) = credentials::cookie(headers, &self.site, CookieName::Session) else {
            return Proof::Nobody;
        };
        let bearer = credentials::bearer(headers);
        let shown = [
            cookie.map(Credential::Cookie),
            bearer.map(Credential::Bearer),
        ];
        for credential in shown.into_iter().flatten() {
            match self.accounts.viewer(credential).await {
                Ok(Some(viewer)) => return self.reconsider(asked, &viewer.did).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "a session cannot be looked up");
                    return Proof::Unknown;
                }
            }
        }
        Proof::Nobody
    }

    /// Whether somebody who is known may still have what their link names.
    async fn reconsider(&self, asked: &Unproven<'_>, did: &Did) -> Proof {
        let payload = &asked.opened().payload;
        let proven = Proof::Proven(did.as_str().into());
        let Source::Private(key) = payload.source() else {
            // Nobody decides over what others seal.
            return proven;
        };
        if payload.client() != did.as_str() {
            // Refused for that, and nothing of it is looked up.
            return proven;
        }
        let Ok(key) = key.as_str().parse::<ObjectKey>() else {
            return Proof::Ended;
        };
        match self.playing.reconsider(did, &key).await {
            Ok(Decision::Play) => proven,
            Ok(Decision::Absent | Decision::SignIn | Decision::Support) => Proof::Ended,
            Ok(Decision::Unknown) => Proof::Unknown,
            Err(error) => {
                tracing::warn!(%error, "a track cannot be looked up");
                Proof::Unknown
            }
        }
    }
}

impl Sessions for SiteSessions {
    fn who<'a>(&'a self, asked: &'a Unproven<'a>) -> Asking<'a> {
        Box::pin(self.look(asked))
    }
}
