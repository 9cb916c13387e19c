//! Whether the edge's addresses are free, or are answered by an edge.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use super::{fetch::Fetch, finding::Finding};
use crate::config::Edge;

pub(super) async fn look(edge: &Edge, fetch: &impl Fetch) -> Vec<Finding> {
    let mut findings = vec![one("listen", edge.listen, fetch).await];
    if let Some(address) = edge.admin {
        findings.push(one("admin port", address, fetch).await);
    }
    findings
}

async fn one(check: &'static str, address: SocketAddr, fetch: &impl Fetch) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::good(check, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let url = format!("http://{}/health", reached_at(address));
            let answer = fetch.get(&url, None).await;
            let is_edge = answer.is_ok_and(|answer| {
                // The admin address tells a stranger that the token is missing.
                answer.member("status").is_some()
                    || answer.member("code").as_deref() == Some("unauthorized")
            });
            if is_edge {
                return Finding::good(check, format!("an edge answers at {address}"));
            }
            Finding::wrong(
                check,
                format!("something else than an edge has {address}"),
                format!(
                    "stop it (`ss -ltnp` tells what it is), or take another address than {address}"
                ),
            )
        }
        Err(error) => {
            let remedy = match error.kind() {
                io::ErrorKind::PermissionDenied => "take a port from 1024 on",
                _ => "take an address that this machine has",
            };
            Finding::wrong(
                check,
                format!("cannot listen on {address}: {error}"),
                remedy,
            )
        }
    }
}

/// Where one reaches a server that listens there.
fn reached_at(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::fetch::Http;

    #[tokio::test]
    async fn a_port_is_free_or_taken() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        // It accepts and never answers, so that it is closed for whoever asks.
        let closing = std::thread::spawn(move || drop(taken.accept()));
        let finding = one("listen", address, &Http).await;
        closing.join().unwrap();
        assert!(finding.says.contains("something else"), "{finding:?}");
        let free = one("listen", address, &Http).await;
        assert!(free.says.contains("is free"), "{free:?}");
    }

    #[test]
    fn a_server_for_all_addresses_is_reached_on_loopback() {
        for (listens, reached) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("192.0.2.1:1", "192.0.2.1:1"),
        ] {
            assert_eq!(
                reached_at(listens.parse().unwrap()),
                reached.parse().unwrap()
            );
        }
    }
}
