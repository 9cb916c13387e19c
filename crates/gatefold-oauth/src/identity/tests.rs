//! People who are there, and people who are not.

use std::{collections::HashMap, sync::Mutex};

use serde_json::json;

use super::*;
use crate::{
    dns::{DnsError, Records},
    web::{Page, Web},
};

const DID: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
const OTHER: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
const PDS: &str = "https://pds.example.com";

/// DNS as a table: a name without an entry is there and has no records, one with `Err` cannot be
/// asked.
#[derive(Default)]
struct Table {
    records: HashMap<&'static str, Result<Vec<String>, DnsError>>,
    asked: Mutex<Vec<String>>,
}

impl Table {
    fn with(entries: &[(&'static str, &[&str])]) -> Self {
        let records = entries.iter().map(|(name, records)| {
            let records = records.iter().map(ToString::to_string).collect();
            (*name, Ok(records))
        });
        Self {
            records: records.collect(),
            asked: Mutex::default(),
        }
    }
}

impl Txt for Table {
    fn txt<'a>(&'a self, name: &'a str) -> Records<'a> {
        self.asked.lock().unwrap().push(name.to_owned());
        let found = self.records.get(name).cloned();
        Box::pin(async move { found.unwrap_or(Ok(Vec::new())) })
    }
}

fn document(did: &str, handle: &str, pds: &str) -> Page {
    Page::json(&json!({
        "id": did,
        "alsoKnownAs": [format!("at://{handle}")],
        "service": [{
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": pds,
        }],
    }))
}

/// A resolver for which the hosts, `plc.example.com` besides, are the web.
fn resolver(web: &Web, hosts: &[&str], dns: Table) -> Resolver {
    let hosts = [hosts, &["plc.example.com"]].concat();
    let options = ResolverOptions {
        plc: Url::parse("https://plc.example.com").unwrap(),
        handles: None,
    };
    Resolver::new(web.client(&hosts, false), Arc::new(dns), options)
}

fn found(handle: Option<&str>) -> Identity {
    Identity {
        did: DID.parse().unwrap(),
        handle: handle.map(|handle| handle.parse().unwrap()),
        pds: Url::parse(PDS).unwrap(),
    }
}

fn plc_with(handle: &'static str) -> impl Fn(&str, &str) -> Page + Send + Sync + 'static {
    move |host, path| match (host, path) {
        ("plc.example.com", "/did:plc:ewvi7nxzyoun6zhxrhs64oiz") => document(DID, handle, PDS),
        _ => Page::missing(),
    }
}

#[tokio::test]
async fn a_handle_is_found_by_dns() {
    let web = Web::start(plc_with("jay.example.org")).await;
    let dns = Table::with(&[("_atproto.jay.example.org", &[&format!("did={DID}")])]);
    let resolver = resolver(&web, &[], dns);
    for input in ["jay.example.org", " @Jay.Example.org", DID] {
        let identity = resolver.resolve(input).await;
        assert_eq!(identity, Ok(found(Some("jay.example.org"))), "{input}");
    }
}

#[tokio::test]
async fn a_handle_is_found_by_its_own_host() {
    let web = Web::start(|host, path| match (host, path) {
        ("jay.example.org", "/.well-known/atproto-did") => Page::Elsewhere("/did.txt"),
        ("jay.example.org", "/did.txt") => Page::text(&format!("{DID}\n")),
        _ => plc_with("jay.example.org")(host, path),
    })
    .await;
    let resolver = resolver(&web, &["jay.example.org"], Table::default());
    let identity = resolver.resolve("jay.example.org").await;
    assert_eq!(identity, Ok(found(Some("jay.example.org"))));
}

#[tokio::test]
async fn dns_is_right_where_the_host_says_something_else() {
    let web = Web::start(|host, path| match host {
        "jay.example.org" => Page::text(OTHER),
        _ => plc_with("jay.example.org")(host, path),
    })
    .await;
    let dns = Table::with(&[("_atproto.jay.example.org", &[&format!("did={DID}")])]);
    let resolver = resolver(&web, &["jay.example.org"], dns);
    let identity = resolver.resolve("jay.example.org").await;
    assert_eq!(identity, Ok(found(Some("jay.example.org"))));
}

#[tokio::test]
async fn a_handle_that_leads_nowhere_has_a_reason() {
    let web = Web::start(|host, path| match host {
        "page.example.org" => Page::text("<!doctype html>"),
        "long.example.org" => Page::text(&format!("{}{DID}", " ".repeat(2048))),
        "loop.example.org" => Page::Elsewhere("/.well-known/atproto-did"),
        "plain.example.org" => Page::Elsewhere("http://plain.example.org/did.txt"),
        "down.example.org" => Page::Is(502, "text/plain", String::new()),
        "broken.example.org" => Page::End,
        "other.example.org" => Page::text(DID),
        _ => plc_with("jay.example.org")(host, path),
    })
    .await;
    let (one, other) = (format!("did={DID}"), format!("did={OTHER}"));
    let mut dns = Table::with(&[
        ("_atproto.two.example.org", &[&one, &other]),
        ("_atproto.closed.example.org", &[&other]),
    ]);
    dns.records
        .insert("_atproto.lost.example.org", Err(DnsError));
    let hosts = [
        "page.example.org",
        "long.example.org",
        "loop.example.org",
        "plain.example.org",
        "down.example.org",
        "broken.example.org",
        "other.example.org",
        "missing.example.org",
    ];
    let resolver = resolver(&web, &hosts, dns);
    for (input, expected) in [
        ("missing.example.org", IdentityError::NoSuchHandle),
        ("page.example.org", IdentityError::NoSuchHandle),
        ("long.example.org", IdentityError::NoSuchHandle),
        ("loop.example.org", IdentityError::NoSuchHandle),
        ("plain.example.org", IdentityError::NoSuchHandle),
        // Its address is not public: nobody connects.
        ("inside.example.org", IdentityError::NoSuchHandle),
        ("down.example.org", IdentityError::HandleUnreachable),
        ("broken.example.org", IdentityError::HandleUnreachable),
        ("lost.example.org", IdentityError::HandleUnreachable),
        ("two.example.org", IdentityError::SeveralDids),
        ("other.example.org", IdentityError::NotClaimed),
        ("closed.example.org", IdentityError::UnknownDid),
        ("artist.test", IdentityError::NoSuchHandle),
        ("https://pds.example.com", IdentityError::Input),
        ("nobody", IdentityError::Input),
    ] {
        assert_eq!(resolver.resolve(input).await, Err(expected), "{input}");
    }
    let server = resolver.find("https://pds.example.com").await;
    assert_eq!(server, Ok(Found::Server(Url::parse(PDS).unwrap())));
}

#[tokio::test]
async fn a_handle_for_development_asks_nobody() {
    let web = Web::start(|_, _| Page::text(DID)).await;
    let dns = Arc::new(Table::default());
    let options = ResolverOptions {
        plc: Url::parse("https://plc.example.com").unwrap(),
        handles: None,
    };
    let client = web.client(&["artist.test", "plc.example.com"], true);
    let resolver = Resolver::new(client, dns.clone(), options);
    let identity = resolver.resolve("artist.test").await;
    assert_eq!(identity, Err(IdentityError::NoSuchHandle));
    assert_eq!(web.asked(), [""; 0]);
    assert_eq!(*dns.asked.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_did_without_a_good_handle_is_somebody_all_the_same() {
    // What the document claims, and what the handle says.
    for (claimed, said) in [
        ("handle.invalid", None),
        ("jay.example.org", None),
        ("jay.example.org", Some(OTHER)),
    ] {
        let web = Web::start(move |host, path| match (host, said) {
            ("jay.example.org", Some(said)) => Page::text(said),
            _ => plc_with(claimed)(host, path),
        })
        .await;
        let resolver = resolver(&web, &["jay.example.org"], Table::default());
        assert_eq!(resolver.resolve(DID).await, Ok(found(None)), "{claimed}");
    }
}

#[tokio::test]
async fn a_did_that_leads_nowhere_has_a_reason() {
    let did = |letter: &str| format!("did:plc:{}", letter.repeat(24));
    let (closed, foreign, bare) = (did("b"), did("c"), did("d"));
    let (inside, down) = (did("e"), did("f"));
    let paths = [&closed, &foreign, &bare, &inside, &down].map(|did| format!("/{did}"));
    let ids = (bare.clone(), inside.clone());
    let web = Web::start(
        move |_, path| match paths.iter().position(|known| known == path) {
            Some(0) => Page::Is(410, "application/json", "{}".to_owned()),
            Some(1) => document(DID, "jay.example.org", PDS),
            Some(2) => Page::json(&json!({"id": ids.0, "alsoKnownAs": []})),
            Some(3) => document(&ids.1, "jay.example.org", "http://10.0.0.1"),
            Some(4) => Page::Is(500, "text/plain", String::new()),
            _ => match path {
                "/.well-known/did.json" => Page::Elsewhere("/elsewhere"),
                "/elsewhere" => document("did:web:away.example.org", "jay.example.org", PDS),
                _ => Page::missing(),
            },
        },
    )
    .await;
    let resolver = resolver(&web, &["away.example.org"], Table::default());
    for (input, expected) in [
        (OTHER, IdentityError::UnknownDid),
        (&closed, IdentityError::UnknownDid),
        (&foreign, IdentityError::BadDocument),
        (&bare, IdentityError::NoPds),
        (&inside, IdentityError::NoPds),
        (&down, IdentityError::DidUnreachable),
        ("did:web:away.example.org", IdentityError::DidUnreachable),
        // Its address is not public.
        ("did:web:inside.example.org", IdentityError::DidUnreachable),
        ("did:web:localhost", IdentityError::UnknownDid),
        ("did:web:localhost%3A2583", IdentityError::UnknownDid),
    ] {
        assert_eq!(resolver.resolve(input).await, Err(expected), "{input}");
    }
    let asked = web.asked();
    assert!(!asked.iter().any(|asked| asked.ends_with("/elsewhere")));
}

#[tokio::test]
async fn a_did_of_a_host_is_there() {
    let web = Web::start(|host, path| match (host, path) {
        ("me.example.org", "/.well-known/did.json") => {
            document("did:web:me.example.org", "me.example.org", PDS)
        }
        ("me.example.org", "/.well-known/atproto-did") => Page::text("did:web:me.example.org"),
        _ => Page::missing(),
    })
    .await;
    let resolver = resolver(&web, &["me.example.org"], Table::default());
    let identity = resolver.resolve("did:web:me.example.org").await.unwrap();
    assert_eq!(
        identity.handle.as_ref().map(Handle::as_str),
        Some("me.example.org")
    );
    assert_eq!(resolver.resolve("me.example.org").await, Ok(identity));
}

#[tokio::test]
async fn a_development_network_is_on_this_machine() {
    let web = Web::start(|host, path| {
        let here = format!("http://{host}");
        let web_did = format!("did:web:{}", host.replace(':', "%3A"));
        match path {
            "/xrpc/com.atproto.identity.resolveHandle?handle=artist.test" => {
                Page::json(&json!({"did": DID}))
            }
            "/xrpc/com.atproto.identity.resolveHandle?handle=down.test" => {
                Page::Is(503, "application/json", String::new())
            }
            "/did:plc:ewvi7nxzyoun6zhxrhs64oiz" => document(DID, "artist.test", &here),
            "/.well-known/did.json" => document(&web_did, "fan.test", &here),
            _ => Page::Is(400, "application/json", r#"{"error":"x"}"#.to_owned()),
        }
    })
    .await;
    let here = Url::parse_or_loopback(&web.origin()).unwrap();
    let options = ResolverOptions {
        plc: here.clone(),
        handles: Some(here.clone()),
    };
    let dns = Arc::new(Table::default());
    let resolver = Resolver::new(web.client(&[], true), dns.clone(), options.clone());
    let artist = resolver.resolve("@artist.test").await.unwrap();
    assert_eq!(
        artist.handle.as_ref().map(Handle::as_str),
        Some("artist.test")
    );
    assert_eq!(artist.pds, here);
    assert_eq!(resolver.resolve(DID).await, Ok(artist));
    let fan = resolver
        .resolve(&format!("did:web:localhost%3A{}", web.port))
        .await;
    assert_eq!(fan.map(|fan| (fan.handle, fan.pds)), Ok((None, here)));
    for (input, expected) in [
        ("nobody.test", IdentityError::NoSuchHandle),
        ("down.test", IdentityError::HandleUnreachable),
    ] {
        assert_eq!(resolver.resolve(input).await, Err(expected), "{input}");
    }
    // Nothing is asked of the world.
    assert_eq!(*dns.asked.lock().unwrap(), [""; 0]);

    // Without the switch nothing here is asked either.
    web.asked();
    let closed = Resolver::new(web.client(&[], false), dns, options);
    let refused = closed.resolve(DID).await;
    assert_eq!(refused, Err(IdentityError::DidUnreachable));
    assert_eq!(web.asked(), [""; 0]);
}

#[tokio::test]
async fn what_is_known_is_asked_again_only_for_a_sign_in() {
    let web = Web::start(plc_with("jay.example.org")).await;
    let dns = Table::with(&[("_atproto.jay.example.org", &[&format!("did={DID}")])]);
    let resolver = resolver(&web, &[], dns);
    let did = DID.parse().unwrap();
    for (asks, times) in [
        ("known", 1),
        ("known", 0),
        ("identity", 1),
        ("known", 0),
        ("resolve", 1),
    ] {
        let identity = match asks {
            "known" => resolver.known(&did).await,
            "identity" => resolver.identity(&did).await,
            _ => resolver.resolve("jay.example.org").await,
        };
        assert_eq!(identity, Ok(found(Some("jay.example.org"))), "{asks}");
        assert_eq!(web.asked().len(), times, "{asks}");
    }
}

#[tokio::test]
async fn a_handle_that_could_not_be_asked_is_not_forgotten_for_long() {
    let web = Web::start(plc_with("jay.example.org")).await;
    let mut dns = Table::default();
    dns.records
        .insert("_atproto.jay.example.org", Err(DnsError));
    let resolver = resolver(&web, &[], dns);
    let did = DID.parse().unwrap();
    for _ in 0..2 {
        assert_eq!(resolver.known(&did).await, Ok(found(None)));
        assert_eq!(web.asked().len(), 1);
    }
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let web = Web::start(|_, _| Page::Silence).await;
    let resolver = resolver(&web, &["jay.example.org"], Table::default());
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    for (input, expected) in [
        ("jay.example.org", IdentityError::HandleUnreachable),
        (DID, IdentityError::DidUnreachable),
    ] {
        assert_eq!(resolver.resolve(input).await, Err(expected), "{input}");
    }
    assert_eq!(before.elapsed().as_secs(), 2 * fetch::TIME.as_secs());
}
