//! From names to addresses.

use std::{future::Future, io, net::IpAddr, pin::Pin};

/// What a resolver gives back.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Looks names up. Whatever it answers is checked before anything connects, and nothing is looked up
/// a second time in between.
pub trait Resolve: Send + Sync + 'static {
    /// The addresses of a host, the preferred one first.
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
