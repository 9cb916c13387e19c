//! People and servers of a real network: the reference PDS and the directory, on this machine.

use std::{error::Error, sync::Arc};

use gatefold_domain::Handle;
use gatefold_net::{Client, ClientOptions, Roots, SystemResolver, Url};
use gatefold_oauth::{
    dns::{Records, Txt},
    identity::{Found, IdentityError, Resolver, ResolverOptions},
    metadata,
};
use gatefold_testkit::network::Network;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// DNS without any records.
struct Empty;

impl Txt for Empty {
    fn txt<'a>(&'a self, _: &'a str) -> Records<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn client() -> Result<Client> {
    let options = ClientOptions {
        roots: Roots::These(Vec::new()),
        insecure_loopback: true,
        ..ClientOptions::default()
    };
    Ok(Client::new(options, Arc::new(SystemResolver))?)
}

fn resolver(network: &Network) -> Result<Resolver> {
    let client = client()?;
    let options = ResolverOptions {
        plc: client.url(&network.plc_url)?,
        handles: Some(client.url(&network.pds_url)?),
    };
    Ok(Resolver::new(client, Arc::new(Empty), options))
}

#[tokio::test]
async fn an_account_is_found_by_handle_and_by_did() -> Result {
    let network = Network::start().await?;
    let artist = network.account("artist").await?;
    let resolver = resolver(&network)?;
    for input in [format!(" @{}", artist.handle), artist.did.clone()] {
        let found = resolver.resolve(&input).await?;
        assert_eq!(found.did.as_str(), artist.did);
        let handle = found.handle.as_ref().map(Handle::as_str);
        assert_eq!(handle, Some(artist.handle.as_str()));
        assert_eq!(found.pds.origin(), network.pds_url);
    }
    let nobody = resolver.resolve("nobody-at-all.test").await;
    assert_eq!(nobody, Err(IdentityError::NoSuchHandle));
    let nobody = resolver.resolve("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa").await;
    assert_eq!(nobody, Err(IdentityError::UnknownDid));
    Ok(())
}

#[tokio::test]
async fn the_reference_server_is_all_that_the_profile_demands() -> Result {
    let network = Network::start().await?;
    let client = client()?;
    let Found::Server(pds) = resolver(&network)?.find(&network.pds_url).await? else {
        return Err("a server's URL means the server".into());
    };
    let server = metadata::server_of(&client, &pds).await?;
    assert_eq!(server.issuer, network.pds_url);
    assert_eq!(metadata::issuer_of(&client, &pds).await?, network.pds_url);
    assert_eq!(metadata::server_at(&client, &pds).await?, server);
    assert_eq!(
        metadata::issuer_at(&client, &Url::parse_or_loopback(&server.issuer)?).await?,
        server
    );
    Ok(())
}
