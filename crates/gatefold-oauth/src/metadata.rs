//! What a server says about how people are let in: the protected resource's metadata (RFC 9728) of
//! a person's server (PDS), and the authorization server's (RFC 8414) that it names.
//!
//! Each document is believed only for the URL that it was got from, without redirects.

mod error;
mod resource;
mod server;
#[cfg(test)]
mod tests;

use gatefold_net::{Client, NetError, Url};
use http::StatusCode;

use crate::fetch::{self, is_passing};

pub use error::MetadataError;
pub use resource::ProtectedResource;
pub use server::AuthorizationServer;

/// The issuer that may let people in at this server (PDS), as its URL is written in metadata: an
/// origin.
///
/// # Errors
/// When the server does not name exactly one, or cannot be asked.
pub async fn issuer_of(client: &Client, pds: &Url) -> Result<String, MetadataError> {
    let resource = resource_at(client, pds).await?;
    Ok(resource.authorization_server.origin())
}

/// The authorization server that may let people in at this server (PDS).
///
/// # Errors
/// When either does not say so as the atproto profile of OAuth asks for, or cannot be asked.
pub async fn server_of(client: &Client, pds: &Url) -> Result<AuthorizationServer, MetadataError> {
    let resource = resource_at(client, pds).await?;
    let server = issuer_at(client, &resource.authorization_server).await?;
    // Who lists what they protect has to list this (RFC 9728, 4).
    let listed = |resources: &Vec<String>| resources.contains(&resource.resource);
    if server.protected_resources.as_ref().is_none_or(listed) {
        Ok(server)
    } else {
        Err(MetadataError::OtherResource)
    }
}

/// The authorization server that somebody means who names a server: that of this PDS, or this one
/// itself.
///
/// # Errors
/// As [`server_of`].
pub async fn server_at(client: &Client, url: &Url) -> Result<AuthorizationServer, MetadataError> {
    match server_of(client, url).await {
        Err(MetadataError::NotAtproto) => issuer_at(client, url).await,
        found => found,
    }
}

/// The authorization server of this issuer.
///
/// # Errors
/// When it is none as the atproto profile of OAuth asks for, or cannot be asked.
pub async fn issuer_at(
    client: &Client,
    issuer: &Url,
) -> Result<AuthorizationServer, MetadataError> {
    let json = json_at(client, issuer, "/.well-known/oauth-authorization-server").await?;
    AuthorizationServer::parse(&json, issuer, |text| client.url(text))
}

async fn resource_at(client: &Client, pds: &Url) -> Result<ProtectedResource, MetadataError> {
    let json = json_at(client, pds, "/.well-known/oauth-protected-resource").await?;
    ProtectedResource::parse(&json, pds, |text| client.url(text))
}

async fn json_at(client: &Client, at: &Url, path: &str) -> Result<bytes::Bytes, MetadataError> {
    let url = at.join(path).map_err(|_| MetadataError::NotAtproto)?;
    let fetched = fetch::document(client, url)
        .await
        .map_err(|error| match error {
            NetError::TooLong => MetadataError::NotAtproto,
            _ => MetadataError::Unreachable,
        })?;
    if is_passing(fetched.status) {
        Err(MetadataError::Unreachable)
    } else if fetched.status == StatusCode::OK && fetched.is_json() {
        Ok(fetched.bytes)
    } else {
        Err(MetadataError::NotAtproto)
    }
}
