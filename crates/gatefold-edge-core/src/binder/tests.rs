//! Whom an edge without sessions binds, and whom it knows again.

use gatefold_seal::{EdgePrivateKey, Keyring, Minter, MinterKey, Refusal, Scope, Source, Token};

use super::*;
use crate::admit;

const EDGE: &str = "https://edge.example";
const SITE: &str = "https://music.example";
const FAN: &str = "did:plc:fan";
const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

type Site<'a> = Result<Option<&'a str>, TicketRefusal>;
type Lines<'a> = &'a [(&'static str, &'a str)];

fn later(seconds: u64) -> UnixSeconds {
    UnixSeconds(NOW.0.saturating_add(seconds))
}

fn key(byte: u8) -> MinterKey {
    MinterKey::from_bytes(&[byte; 32].into())
}

fn edge() -> EdgePrivateKey {
    EdgePrivateKey::from_bytes([1; 32].into())
}

fn minter(byte: u8) -> Minter {
    Minter::new(*edge().public(), key(byte), 1800).unwrap()
}

/// An edge with two tenants, of which the first has a site.
fn opener() -> Opener {
    let mut keyring = Keyring::new();
    keyring.add_edge(edge()).unwrap();
    let tenants: [(u8, &[&str]); 2] = [(2, &["did:*", SITE]), (3, &["*"])];
    for (byte, clients) in tenants {
        let scope = Scope {
            private: true,
            clients: clients.iter().map(|text| text.parse().unwrap()).collect(),
            ..Scope::default()
        };
        keyring.add_minter(key(byte), scope).unwrap();
    }
    Opener::new(keyring)
}

fn binder(url: &str) -> Binder {
    Binder::new(url, BindingKey::derive(&[7; 32].into())).unwrap()
}

fn headers(lines: Lines<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// The cookie that a request for a binding gets, and the origin that may know of it.
fn bind(
    binder: &Binder,
    method: &Method,
    query: Option<&str>,
    lines: Lines<'_>,
) -> Result<(String, Option<String>), Denial> {
    let headers = headers(lines);
    let facts = Facts {
        method,
        path: BIND_PATH,
        query,
        headers: &headers,
    };
    let bound = binder.bind(&facts, &opener(), NOW)?;
    let origin = bound.cors().map(|cors| {
        assert!(cors.credentials);
        cors.origin.to_owned()
    });
    Ok((bound.cookie().to_str().unwrap().to_owned(), origin))
}

fn query(byte: u8, host: &str) -> String {
    let ticket = minter(byte).ticket(FAN, host, NOW).unwrap();
    format!("ticket={}", ticket.expose())
}

/// The name and value that a browser sends after it was bound by tenant `byte`.
fn cookie(url: &str, byte: u8) -> String {
    let binder = binder(url);
    let query = query(byte, binder.host());
    let (cookie, _) = bind(&binder, &Method::GET, Some(&query), &[]).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// The verdict on a request of a DID's URL of tenant 2.
fn verdict(now: UnixSeconds, lines: Lines<'_>) -> Result<(), Denial> {
    verdict_at(EDGE, now, lines)
}

fn verdict_at(url: &str, now: UnixSeconds, lines: Lines<'_>) -> Result<(), Denial> {
    let (headers, opener) = (headers(lines), opener());
    let path = [gatefold_seal::PATH_PREFIX, token("private:a").as_str()].concat();
    let facts = Facts {
        method: &Method::GET,
        path: &path,
        query: None,
        headers: &headers,
    };
    let unproven = admit::open(&facts, &opener, now).unwrap();
    let proof = binder(url).proof(&unproven, &opener);
    unproven.prove(&proof).map(|_| ())
}

fn token(source: &str) -> Token {
    let source = Source::parse(source, None).unwrap();
    minter(2).mint(source, FAN, NOW).unwrap().token
}

const NO_CLIENT: Result<(), Denial> = Err(Denial::Refused(Refusal::NoClient));
const WRONG_CLIENT: Result<(), Denial> = Err(Denial::Refused(Refusal::WrongClient));

#[test]
fn the_cookie_is_one_of_this_host_and_of_five_minutes() {
    let table = [
        (
            EDGE,
            "__Host-gatefold_edge=EB",
            "; Path=/; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age=300",
        ),
        (
            "http://127.0.0.1:8400",
            "gatefold_edge=EB",
            "; Path=/; HttpOnly; SameSite=Lax; Max-Age=300",
        ),
    ];
    for (url, start, end) in table {
        let binder = binder(url);
        let query = query(2, binder.host());
        let (cookie, origin) = bind(&binder, &Method::GET, Some(&query), &[]).unwrap();
        assert!(cookie.starts_with(start), "{cookie}");
        assert!(cookie.ends_with(end), "{cookie}");
        assert_eq!(origin, None);
    }
}

#[test]
fn only_a_session_ticket_for_this_edge_binds() {
    let good = query(2, "edge.example");
    let file = minter(2).file_ticket(&token("private:a"), FAN, "edge.example", NOW);
    let file = format!("ticket={}", file.unwrap().expose());
    let elsewhere = query(2, "other.example");
    let unknown = query(4, "edge.example");
    let again = format!("{good}&x=1");
    let table = [
        (Method::GET, Some(&*good), None),
        (Method::HEAD, Some(&*good), Some(Denial::BindMethod)),
        (Method::POST, Some(&*good), Some(Denial::BindMethod)),
        (Method::OPTIONS, Some(&*good), Some(Denial::BindMethod)),
        (Method::GET, None, Some(TicketRefusal::Malformed.into())),
        (Method::GET, Some(""), Some(TicketRefusal::Malformed.into())),
        (
            Method::GET,
            Some("ticket="),
            Some(TicketRefusal::Malformed.into()),
        ),
        (
            Method::GET,
            Some(&*again),
            Some(TicketRefusal::Malformed.into()),
        ),
        (
            Method::GET,
            Some(&*file),
            Some(TicketRefusal::WrongKind.into()),
        ),
        (
            Method::GET,
            Some(&*elsewhere),
            Some(TicketRefusal::WrongHost.into()),
        ),
        (
            Method::GET,
            Some(&*unknown),
            Some(TicketRefusal::UnknownMinter.into()),
        ),
    ];
    for (method, query, denial) in table {
        let bound = bind(&binder(EDGE), &method, query, &[]);
        assert_eq!(bound.err(), denial, "{method} {query:?}");
    }
}

#[test]
fn only_the_minters_own_sites_bind_a_browser() {
    let cross = ("sec-fetch-site", "cross-site");
    let table: [(u8, Lines<'_>, Site<'_>); 12] = [
        (2, &[], Ok(None)),
        (2, &[("origin", SITE), cross], Ok(Some(SITE))),
        (2, &[("origin", EDGE)], Ok(Some(EDGE))),
        (2, &[("sec-fetch-site", "same-origin")], Ok(None)),
        // A tenant that names no site has none; one tenant's site is not another's.
        (3, &[("origin", SITE), cross], Err(TicketRefusal::WrongSite)),
        (
            2,
            &[("origin", "https://evil.example")],
            Err(TicketRefusal::WrongSite),
        ),
        (2, &[("origin", "null")], Err(TicketRefusal::WrongSite)),
        (
            2,
            &[("origin", SITE), ("origin", SITE)],
            Err(TicketRefusal::WrongSite),
        ),
        (2, &[cross], Err(TicketRefusal::WrongSite)),
        (
            2,
            &[("sec-fetch-site", "same-site")],
            Err(TicketRefusal::WrongSite),
        ),
        (
            2,
            &[("sec-fetch-site", "none")],
            Err(TicketRefusal::WrongSite),
        ),
        (
            2,
            &[("sec-fetch-site", "same-origin"), cross],
            Err(TicketRefusal::WrongSite),
        ),
    ];
    for (byte, lines, expected) in table {
        let query = query(byte, "edge.example");
        let bound = bind(&binder(EDGE), &Method::GET, Some(&query), lines);
        let expected = expected.map(|origin| origin.map(str::to_owned));
        let origin = bound.map(|(_, origin)| origin);
        assert_eq!(origin, expected.map_err(Denial::from), "{byte} {lines:?}");
    }
}

#[test]
fn a_bound_browser_is_its_person_for_five_minutes() {
    let cookie = cookie(EDGE, 2);
    let among = format!("a=b; {cookie}; c=d");
    let twice = format!("{cookie}; {cookie}");
    let value = cookie.split_once('=').unwrap().1;
    let plain = format!("gatefold_edge={value}");
    let cut = cookie.strip_suffix(|_: char| true).unwrap();
    let quoted = format!("__Host-gatefold_edge=\"{value}\"");
    let by_b = self::cookie(EDGE, 3);
    let elsewhere = self::cookie("https://other.example", 2);
    let table: [(u64, Lines<'_>, Result<(), Denial>); 13] = [
        (0, &[("cookie", &cookie)], Ok(())),
        (299, &[("cookie", &cookie)], Ok(())),
        (300, &[("cookie", &cookie)], NO_CLIENT),
        (0, &[("cookie", &among)], Ok(())),
        (0, &[("cookie", &twice)], NO_CLIENT),
        (0, &[("cookie", &cookie), ("cookie", &cookie)], NO_CLIENT),
        (0, &[("cookie", &plain)], NO_CLIENT),
        (0, &[("cookie", cut)], NO_CLIENT),
        (0, &[("cookie", &quoted)], NO_CLIENT),
        (0, &[("cookie", &elsewhere)], NO_CLIENT),
        (0, &[("cookie", "__Host-gatefold_edge=")], NO_CLIENT),
        (0, &[], NO_CLIENT),
        // Bound by the ticket of another tenant, for the very same person.
        (0, &[("cookie", &by_b)], WRONG_CLIENT),
    ];
    for (seconds, lines, expected) in table {
        assert_eq!(
            verdict(later(seconds), lines),
            expected,
            "{seconds} {lines:?}"
        );
    }
}

#[test]
fn a_file_ticket_is_for_one_url_and_decides_alone() {
    let file = |byte: u8, source: &str, did: &str| {
        let ticket = minter(byte).file_ticket(&token(source), did, "edge.example", NOW);
        format!("Ticket {}", ticket.unwrap().expose())
    };
    let good = file(2, "private:a", FAN);
    let lower = good.replacen("Ticket", "ticket", 1);
    let other_file = file(2, "private:b", FAN);
    let other_person = file(2, "private:a", "did:plc:other");
    let other_tenant = file(3, "private:a", FAN);
    let session = minter(2).ticket(FAN, "edge.example", NOW).unwrap();
    let session = format!("Ticket {}", session.expose());
    let cookie = cookie(EDGE, 2);
    let bound = ("cookie", &*cookie);
    let table: [(u64, Lines<'_>, Result<(), Denial>); 13] = [
        (0, &[("authorization", &good)], Ok(())),
        (59, &[("authorization", &lower)], Ok(())),
        (60, &[("authorization", &good)], NO_CLIENT),
        (0, &[("authorization", &other_file)], NO_CLIENT),
        (0, &[("authorization", &other_person)], WRONG_CLIENT),
        (0, &[("authorization", &other_tenant)], WRONG_CLIENT),
        (0, &[("authorization", &session)], NO_CLIENT),
        (0, &[("authorization", "Ticket")], NO_CLIENT),
        (0, &[("authorization", "Ticket "), bound], NO_CLIENT),
        (60, &[("authorization", &good), bound], NO_CLIENT),
        (0, &[("authorization", "Bearer x"), bound], Ok(())),
        (0, &[("authorization", "Basic"), bound], Ok(())),
        (
            0,
            &[("authorization", &good), ("authorization", &good)],
            NO_CLIENT,
        ),
    ];
    for (seconds, lines, expected) in table {
        assert_eq!(
            verdict(later(seconds), lines),
            expected,
            "{seconds} {lines:?}"
        );
    }
}

#[test]
fn on_loopback_the_cookie_has_its_other_name() {
    let url = "http://127.0.0.1:8400";
    let plain = cookie(url, 2);
    let value = plain.split_once('=').unwrap().1;
    let prefixed = format!("__Host-gatefold_edge={value}");
    assert_eq!(verdict_at(url, NOW, &[("cookie", &plain)]), Ok(()));
    assert_eq!(verdict_at(url, NOW, &[("cookie", &prefixed)]), NO_CLIENT);
    let other_port = "http://127.0.0.1:8401";
    assert_eq!(
        verdict_at(other_port, NOW, &[("cookie", &plain)]),
        NO_CLIENT
    );
}

#[test]
fn an_edge_binds_at_https_or_on_loopback() {
    let table = [
        ("https://edge.example", Some("edge.example")),
        ("https://edge.example/", Some("edge.example")),
        ("https://edge.example:8443/media", Some("edge.example:8443")),
        ("http://localhost:8400", Some("localhost:8400")),
        ("http://a.localhost", Some("a.localhost")),
        ("http://127.8.0.1", Some("127.8.0.1")),
        ("http://[::1]:8400", Some("[::1]:8400")),
        ("http://[::1]", Some("[::1]")),
        ("http://edge.example", None),
        ("http://127.0.0.1.example", None),
        ("http://localhost.example:80", None),
        ("http://10.0.0.1", None),
        ("http://localhost:80", None),
        ("https://edge.example:443", None),
        ("https://edge.example:", None),
        ("https://Edge.example", None),
        ("https://user@edge.example", None),
        ("https://edge.example?x", None),
        ("https://", None),
        ("ftp://edge.example", None),
        ("edge.example", None),
    ];
    for (url, host) in table {
        let binder = Binder::new(url, BindingKey::derive(&[7; 32].into())).ok();
        assert_eq!(binder.as_ref().map(Binder::host), host, "{url}");
    }
}
