//! A network of addresses: `10.0.0.0/8`, or one address.

use std::{fmt, net::IpAddr};

use super::{Given, Value};

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

const WANTED: &str = "write an address or a network, like \"192.0.2.7\" or \"10.0.0.0/8\"";

impl Network {
    /// Whether an address is one of the network's. An IPv4 address that is written as an IPv6
    /// address is taken for what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (one, other) = (self.address.to_canonical(), address.to_canonical());
        match (one, other) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                let apart = one.to_bits() ^ other.to_bits();
                apart.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                let apart = one.to_bits() ^ other.to_bits();
                apart.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.bits)
    }
}

impl Value for Network {
    const KIND: &'static str = "network";

    fn read(given: &Given) -> Result<Self, String> {
        let text = given.text(WANTED)?;
        let (address, bits) = text
            .split_once('/')
            .map_or((text, None), |(a, b)| (a, Some(b)));
        let refusal = || format!("{text:?} is no network; {WANTED}");
        let address: IpAddr = address.parse().map_err(|_| refusal())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| refusal())?;
        if bits > most || address != address.to_canonical() {
            return Err(refusal());
        }
        Ok(Self { address, bits })
    }

    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Result<Network, String> {
        Network::read(&Given::Text(text.to_owned()))
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_like_it() {
        for (of, address, held) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("2001:db8::/32", "2001:db9::5", false),
        ] {
            let held_here = network(of).unwrap().contains(address.parse().unwrap());
            assert_eq!(held_here, held, "{of} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "example.com",
            "10.0.0.0/x",
            "::ffff:10.0.0.0/8",
        ] {
            assert!(network(text).unwrap_err().contains("like"), "{text}");
        }
    }
}
