//! From what was typed to the authorization server that is to be asked.

use gatefold_net::Url;

use crate::{
    AuthorizeError, Identity, MetadataError,
    identity::Found,
    metadata::{self, AuthorizationServer},
    oauth::Inner,
};

impl Inner {
    /// Whoever was named, and the authorization server that may let them in. Nobody was named by a
    /// server's URL.
    pub(crate) async fn find(
        &self,
        input: &str,
    ) -> Result<(Option<Identity>, AuthorizationServer), AuthorizeError> {
        let net = &self.wire.net;
        Ok(match self.resolver.find(input).await? {
            Found::Person(identity) => {
                let server = metadata::server_of(net, &identity.pds).await?;
                (Some(identity), server)
            }
            Found::Server(url) => (None, metadata::server_at(net, &url).await?),
        })
    }

    /// The authorization server that a person's server names.
    pub(crate) async fn issuer_of(&self, pds: &Url) -> Result<String, MetadataError> {
        metadata::issuer_of(&self.wire.net, pds).await
    }
}
