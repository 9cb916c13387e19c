//! Who is asking, as far as an address tells: the peer, or whom a trusted proxy names.

use std::net::IpAddr;

use crate::config::Network;

/// The other end of the connection that a request came through. Who accepts connections puts it
/// into the extensions of each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The address of whoever sent a request.
///
/// It is the peer of the connection, unless that is one of the `proxies`. Then the values of
/// `X-Forwarded-For` (in the order of the request; each may be a list) are read from the right, and
/// the first address that is no proxy is the client: what stands to the left of it is what the
/// client claims. Where nothing more can be read, the last proxy that could be is taken, so that
/// nobody escapes from being counted by sending nonsense.
#[must_use]
pub fn client_address<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
    proxies: &[Network],
) -> IpAddr {
    let mut nearest = peer.to_canonical();
    let mut entries = forwarded
        .rev()
        .flat_map(|value| value.rsplit(|byte| *byte == b','));
    while proxies.iter().any(|network| network.contains(nearest)) {
        match entries.next().map(address) {
            Some(Some(address)) => nearest = address,
            Some(None) | None => break,
        }
    }
    nearest
}

/// An address of a list, with or without a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let address = text.parse().or_else(|_| {
        text.parse()
            .map(|with_port: std::net::SocketAddr| with_port.ip())
    });
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    address
        .ok()
        .or_else(|| bare.and_then(|text| text.parse().ok()))
        .map(|address| address.to_canonical())
}

/// Addresses that one person can be expected to have: one of IPv4, and a /64 of IPv6, which is the
/// least that a subscriber gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neighbourhood(u128);

impl From<IpAddr> for Neighbourhood {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            // As `::ffff:0:0/96`, which lies in the first /64 and is not the start of it.
            IpAddr::V4(address) => Self(address.to_ipv6_mapped().to_bits()),
            IpAddr::V6(address) => Self(address.to_bits() & !u128::from(u64::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Given, Value};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies: Vec<Network> = ["10.0.0.0/8", "fd00::/8"]
            .iter()
            .map(|text| Network::read(&Given::Text((*text).to_owned())).unwrap())
            .collect();
        for (peer, forwarded, client) in [
            // Nobody is trusted just for sending the header.
            ("203.0.113.5", vec!["198.51.100.1"], "203.0.113.5"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            // What the client claims stands left of what the proxy saw.
            ("10.0.0.1", vec!["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
            (
                "10.0.0.1",
                vec!["198.51.100.1, 10.0.0.2,fd00::3"],
                "198.51.100.1",
            ),
            ("10.0.0.1", vec!["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            // Proxies all the way: the farthest of them.
            ("10.0.0.1", vec!["10.0.0.9"], "10.0.0.9"),
            // Nonsense ends the search.
            ("10.0.0.1", vec!["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1, , 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", vec![""], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", vec!["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", vec!["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", vec!["::ffff:198.51.100.1"], "198.51.100.1"),
        ] {
            let values = forwarded.iter().map(|value| value.as_bytes());
            assert_eq!(
                client_address(ip(peer), values, &proxies),
                ip(client),
                "{peer} {forwarded:?}"
            );
        }
        let binary: [&[u8]; 1] = [b"\xff"];
        let found = client_address(ip("10.0.0.1"), binary.into_iter(), &proxies);
        assert_eq!(found, ip("10.0.0.1"));
    }

    #[test]
    fn neighbours_share_a_slash_64_and_nothing_else() {
        let of = |text| Neighbourhood::from(ip(text));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("::1"));
    }
}
