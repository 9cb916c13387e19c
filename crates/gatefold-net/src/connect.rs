//! Connections: the name is looked up once, its addresses are checked, and exactly those that passed
//! are connected to.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tower_service::Service;

use crate::{
    address::is_public, background::Background, error::NetError, resolve::Resolve,
    upstream::Upstreams, url,
};

/// How many addresses of a name are tried.
const MOST_ADDRESSES: usize = 8;

/// Opens TCP connections for the HTTP library.
#[derive(Clone)]
pub(crate) struct Connector {
    resolver: Arc<dyn Resolve>,
    upstreams: Arc<Upstreams>,
    time: Duration,
    insecure_loopback: bool,
}

impl Connector {
    pub(crate) fn new(
        resolver: Arc<dyn Resolve>,
        upstreams: Arc<Upstreams>,
        time: Duration,
        insecure_loopback: bool,
    ) -> Self {
        Self {
            resolver,
            upstreams,
            time,
            insecure_loopback,
        }
    }

    async fn connect(&self, uri: &Uri) -> Result<TcpStream, NetError> {
        let host = uri.host().unwrap_or_default();
        let addresses = if let Some(upstream) = self.upstreams.get(host) {
            let found = self.lookup(upstream.host()).await?;
            with_port(found, upstream.port())
        } else if uri.scheme_str() == Some("http") {
            // Nobody asks for these without the switch; held here as well, as below.
            if !self.insecure_loopback {
                return Err(NetError::NotAllowed);
            }
            let addresses = loopback(host).ok_or(NetError::NotAllowed)?;
            with_port(addresses, uri.port_u16().unwrap_or(url::HTTP_PORT))
        } else {
            // Nobody asks for these; held here as well, because here is where it counts.
            if uri.scheme_str() != Some("https") || !url::is_dns_name(host) {
                return Err(NetError::NotAllowed);
            }
            let found = self.lookup(host).await?;
            let port = uri.port_u16().unwrap_or(url::HTTPS_PORT);
            with_port(only_public(found)?, port)
        };
        let count = u32::try_from(addresses.len()).unwrap_or(1).max(1);
        // One address that swallows everything must not take the time of those that answer.
        let share = self.time.checked_div(count).unwrap_or(self.time);
        let mut outcome = NetError::Unreachable;
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Only a hint to the system: without it requests are slower, not wrong.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(_)) => {}
                Err(_) => outcome = NetError::TimedOut,
            }
        }
        Err(outcome)
    }

    async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, NetError> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let mut found = self
            .resolver
            .resolve(host)
            .await
            .map_err(|_| NetError::Unreachable)?;
        found.truncate(MOST_ADDRESSES);
        Ok(found)
    }
}

fn with_port(addresses: Vec<IpAddr>, port: u16) -> Vec<SocketAddr> {
    let address = |ip| SocketAddr::new(ip, port);
    addresses.into_iter().map(address).collect()
}

/// The addresses of this machine by the name that a URL calls it by; nobody is asked what they are.
fn loopback(host: &str) -> Option<Vec<IpAddr>> {
    let (v4, v6) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    if !url::is_loopback(host) {
        return None;
    }
    Some(match host {
        "127.0.0.1" => vec![v4],
        "[::1]" => vec![v6],
        _ => vec![v4, v6],
    })
}

/// The public ones of a name's addresses.
fn only_public(found: Vec<IpAddr>) -> Result<Vec<IpAddr>, NetError> {
    if found.is_empty() {
        return Err(NetError::Unreachable);
    }
    let public: Vec<IpAddr> = found.into_iter().filter(|ip| is_public(*ip)).collect();
    if public.is_empty() {
        return Err(NetError::NotPublic);
    }
    Ok(public)
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = NetError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NetError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NetError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(&uri).await.map(TokioIo::new) })
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Bounds the whole of connecting, from the look-up to the end of the TLS handshake, and has it done
/// where the connection is to live: the system tells that runtime, and no other, what arrives.
#[derive(Clone)]
pub(crate) struct Bounded<C> {
    pub(crate) connector: C,
    pub(crate) time: Duration,
    pub(crate) background: Background,
}

impl<C> Service<Uri> for Bounded<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Response: Send + 'static,
    C::Error: Into<BoxError>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.connector.call(uri);
        let (time, background) = (self.time, self.background.clone());
        Box::pin(async move {
            let bounded = async move {
                match timeout(time, connecting).await {
                    Ok(connected) => connected.map_err(Into::into),
                    Err(_) => Err(NetError::TimedOut.into()),
                }
            };
            background.run(bounded).await?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passed_is_connected_to() {
        let found = |texts: &[&str]| {
            let parsed = texts.iter().map(|text| text.parse().unwrap());
            only_public(parsed.collect::<Vec<IpAddr>>())
        };
        let expected: Vec<IpAddr> = vec!["8.8.8.8".parse().unwrap()];
        assert_eq!(found(&["127.0.0.1", "8.8.8.8", "::1"]), Ok(expected));
        assert_eq!(found(&["127.0.0.1", "::1"]), Err(NetError::NotPublic));
        assert_eq!(found(&[]), Err(NetError::Unreachable));
    }

    #[test]
    fn this_machine_has_three_names_and_two_addresses() {
        for (host, expected) in [
            ("localhost", Some(&["127.0.0.1", "::1"][..])),
            ("127.0.0.1", Some(&["127.0.0.1"])),
            ("[::1]", Some(&["::1"])),
            ("a.example", None),
            ("127.0.0.2", None),
            ("", None),
        ] {
            let parsed = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(loopback(host), expected.map(parsed), "{host}");
        }
    }
}
