//! When somebody is asked who it is, and what comes of the answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatefold_seal::{
    BindingKey, EdgePrivateKey, Keyring, Minter, MinterKey, PATH_PREFIX, Refusal, Scope, Source,
    TicketRefusal,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::*;

const HOST: &str = "edge.example";
const SITE: &str = "https://music.example";
const FAN: &str = "did:plc:fan";
const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

type Lines<'a> = &'a [(header::HeaderName, &'a str)];

struct Bench {
    opener: Arc<Opener>,
    minter: Minter,
}

impl Bench {
    fn new() -> Self {
        let edge = EdgePrivateKey::from_bytes([1; 32].into());
        let key = MinterKey::from_bytes(&[2; 32].into());
        let minter = Minter::new(*edge.public(), key.clone(), 300).unwrap();
        let mut keyring = Keyring::new();
        keyring.add_edge(edge).unwrap();
        let scope = Scope {
            folders: vec!["demo".into()],
            private: true,
            clients: ["did:*", SITE].map(|text| text.parse().unwrap()).into(),
            ..Scope::default()
        };
        keyring.add_minter(key, scope).unwrap();
        Self {
            opener: Arc::new(Opener::new(keyring)),
            minter,
        }
    }

    fn path(&self, client: &str) -> String {
        let source = if client == SITE {
            Source::parse("files:a.wav", Some("demo"))
        } else {
            Source::parse("private:a", None)
        };
        self.minter
            .mint(source.unwrap(), client, NOW)
            .unwrap()
            .path()
    }

    fn tickets(&self) -> Tickets {
        let key = BindingKey::derive(&[7; 32].into());
        let binder = Binder::new(&format!("https://{HOST}"), key).unwrap();
        Tickets::new(binder, Arc::clone(&self.opener))
    }

    /// The DID or site that is admitted, or the head of the answer that is given instead.
    async fn outcome(
        &self,
        sessions: &dyn Sessions,
        method: Method,
        uri: &str,
        lines: Lines<'_>,
    ) -> Result<String, Head> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let (path, query) = uri
            .split_once('?')
            .map_or((uri, None), |(path, query)| (path, Some(query)));
        let facts = Facts {
            method: &method,
            path,
            query,
            headers: &headers,
        };
        match settle(&facts, &self.opener, sessions, NOW).await {
            Ok(Settled::Admitted(admission)) => Ok(admission.opened.payload.client().to_owned()),
            Ok(Settled::Answered(head)) => Err(head),
            Err(denial) => Err(answer::denied(denial).0),
        }
    }
}

/// Sessions that always say the same, and count how often they are asked.
struct Says(Proof, AtomicUsize);

impl Says {
    fn new(proof: Proof) -> Self {
        Self(proof, AtomicUsize::new(0))
    }

    fn asked(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

impl Sessions for Says {
    fn who<'a>(&'a self, _: &'a Unproven<'a>) -> Asking<'a> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            // As a look-up in a store would.
            tokio::task::yield_now().await;
            self.0.clone()
        })
    }
}

fn text<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
    head.headers.get(name).map(|value| value.to_str().unwrap())
}

fn assert_keeps_nothing(head: &Head) {
    assert_eq!(text(head, "cache-control"), Some("private, no-store"));
    let mut vary = head.headers.get_all(header::VARY).iter();
    assert!(vary.any(|it| it == "Cookie, Authorization"), "{head:?}");
}

fn assert_allows_nobody(head: &Head) {
    for (name, _) in &head.headers {
        assert!(!name.as_str().starts_with("access-control"), "{name}");
        assert_ne!(name, header::SET_COOKIE);
    }
}

#[tokio::test]
async fn somebody_is_asked_only_where_a_good_url_wants_a_person() {
    let bench = Bench::new();
    let (to_fan, to_site) = (bench.path(FAN), bench.path(SITE));
    let from_site: Lines<'_> = &[(header::ORIGIN, SITE)];
    let changed = to_fan.strip_suffix(|_: char| true).unwrap();
    let table: [(Method, &str, Lines<'_>, usize); 9] = [
        (Method::GET, &to_fan, &[], 1),
        (Method::HEAD, &to_fan, from_site, 1),
        (Method::GET, &to_site, from_site, 0),
        (Method::GET, &to_site, &[], 0),
        (Method::OPTIONS, &to_fan, from_site, 0),
        (Method::POST, &to_fan, &[], 0),
        (Method::GET, changed, &[], 0),
        (Method::GET, "/securev1/bind?ticket=ET", &[], 0),
        (
            Method::GET,
            &to_fan,
            &[(header::ORIGIN, SITE), (header::ORIGIN, SITE)],
            0,
        ),
    ];
    for (method, uri, lines, times) in table {
        let sessions = Says::new(Proof::Proven(FAN.into()));
        let _ = bench.outcome(&sessions, method.clone(), uri, lines).await;
        assert_eq!(sessions.asked(), times, "{method} {uri} {lines:?}");
    }
}

#[tokio::test]
async fn every_answer_about_a_person_has_its_status() {
    let bench = Bench::new();
    let to_fan = bench.path(FAN);
    let table = [
        (Proof::Proven(FAN.into()), None),
        (
            Proof::Proven("did:plc:other".into()),
            Some(StatusCode::FORBIDDEN),
        ),
        (Proof::Nobody, Some(StatusCode::FORBIDDEN)),
        (Proof::Ended, Some(StatusCode::FORBIDDEN)),
        (Proof::Unknown, Some(StatusCode::SERVICE_UNAVAILABLE)),
    ];
    for (proof, status) in table {
        let sessions = Says::new(proof.clone());
        let lines: Lines<'_> = &[(header::ORIGIN, SITE)];
        let outcome = bench.outcome(&sessions, Method::GET, &to_fan, lines).await;
        let head = outcome.err();
        assert_eq!(head.as_ref().map(|head| head.status), status, "{proof:?}");
        if let Some(head) = head {
            assert_keeps_nothing(&head);
            assert_allows_nobody(&head);
            let retry = text(&head, "retry-after");
            assert_eq!(retry.is_some(), proof == Proof::Unknown);
        }
    }
}

#[test]
fn refusals_name_code_and_stage() {
    let table = [
        (Denial::Ended, "access_ended", Some("client")),
        (Denial::Unknown, "unknown_for_now", Some("client")),
        (
            TicketRefusal::WrongSite.into(),
            "wrong_site",
            Some("ticket"),
        ),
        (Refusal::NoClient.into(), "no_client", Some("client")),
        (Denial::BindMethod, "method_not_allowed", None),
    ];
    for (denial, code, stage) in table {
        let (_, body) = answer::denied(denial);
        assert!(body.contains(&format!(r#""code":"{code}""#)), "{body}");
        let named = stage.map(|stage| format!(r#""stage":"{stage}""#));
        let has = named.map_or(!body.contains("stage"), |named| body.contains(&named));
        assert!(has, "{body}");
    }
}

#[tokio::test]
async fn an_edge_without_sessions_plays_for_sites_alone() {
    let bench = Bench::new();
    let from_site: Lines<'_> = &[(header::ORIGIN, SITE)];
    let outcome = |path: String| {
        let bench = &bench;
        async move {
            let outcome = bench.outcome(&NoSessions, Method::GET, &path, from_site);
            outcome.await.map_err(|head| head.status)
        }
    };
    assert_eq!(outcome(bench.path(SITE)).await, Ok(SITE.to_owned()));
    assert_eq!(outcome(bench.path(FAN)).await, Err(StatusCode::FORBIDDEN));
    // Nobody is bound there either: it is no sealed URL.
    let bind = "/securev1/bind?ticket=ET".to_owned();
    assert_eq!(outcome(bind).await, Err(StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn a_player_binds_its_browser_and_plays() {
    let bench = Bench::new();
    let tickets = bench.tickets();
    let ticket = bench.minter.ticket(FAN, HOST, NOW).unwrap();
    let uri = format!("{BIND_PATH}?ticket={}", ticket.expose());
    assert!(uri.starts_with(PATH_PREFIX));
    let from_site: Lines<'_> = &[(header::ORIGIN, SITE)];
    let head = bench
        .outcome(&tickets, Method::GET, &uri, from_site)
        .await
        .unwrap_err();
    assert_eq!(head.status, StatusCode::NO_CONTENT);
    assert_keeps_nothing(&head);
    assert_eq!(text(&head, "access-control-allow-origin"), Some(SITE));
    assert_eq!(
        text(&head, "access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(text(&head, "content-type"), None);
    let cookie = text(&head, "set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap();

    let bound: Lines<'_> = &[(header::COOKIE, cookie)];
    let to_fan = bench.path(FAN);
    let played = bench.outcome(&tickets, Method::GET, &to_fan, bound).await;
    assert_eq!(played, Ok(FAN.to_owned()));
    let to_other = bench.path("did:plc:other");
    let refused = bench.outcome(&tickets, Method::GET, &to_other, bound).await;
    assert_eq!(refused.unwrap_err().status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_refused_ticket_sets_nothing_and_is_read_by_nobody() {
    let bench = Bench::new();
    let tickets = bench.tickets();
    let ticket = bench.minter.ticket(FAN, "other.example", NOW).unwrap();
    let elsewhere = format!("{BIND_PATH}?ticket={}", ticket.expose());
    let table = [
        (Method::GET, &*elsewhere, StatusCode::FORBIDDEN, None),
        (Method::GET, BIND_PATH, StatusCode::FORBIDDEN, None),
        (
            Method::POST,
            &elsewhere,
            StatusCode::METHOD_NOT_ALLOWED,
            Some("GET"),
        ),
    ];
    for (method, uri, status, allow) in table {
        let lines: Lines<'_> = &[(header::ORIGIN, SITE)];
        let head = bench.outcome(&tickets, method, uri, lines).await;
        let head = head.unwrap_err();
        assert_eq!(
            (head.status, text(&head, "allow")),
            (status, allow),
            "{uri}"
        );
        assert_keeps_nothing(&head);
        assert_allows_nobody(&head);
    }
}

#[tokio::test]
async fn a_preflight_for_a_person_allows_cookies_to_the_minters_site() {
    let bench = Bench::new();
    let to_fan = bench.path(FAN);
    let ask = |origin| {
        let (bench, to_fan) = (&bench, &to_fan);
        async move {
            let lines: Lines<'_> = &[(header::ORIGIN, origin)];
            let tickets = bench.tickets();
            let outcome = bench.outcome(&tickets, Method::OPTIONS, to_fan, lines);
            outcome.await.unwrap_err()
        }
    };
    let head = ask(SITE).await;
    assert_eq!(head.status, StatusCode::NO_CONTENT);
    assert_eq!(text(&head, "access-control-allow-origin"), Some(SITE));
    assert_eq!(
        text(&head, "access-control-allow-credentials"),
        Some("true")
    );
    let head = ask("https://evil.example").await;
    assert_eq!(head.status, StatusCode::FORBIDDEN);
    assert_allows_nobody(&head);
}
