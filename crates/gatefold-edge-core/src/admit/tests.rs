//! Every branch of admission: method, path, kind of client, and what is proven.

use gatefold_seal::{EdgePrivateKey, KeyId, Keyring, Minter, MinterKey, Scope, Source, Vouched};
use http::HeaderValue;

use super::*;

const SITE: &str = "https://music.example";
const OTHER: &str = "https://other.example";
const FAN: &str = "did:plc:fan";
type Lines = &'static [(&'static str, &'static str)];

/// The origin that CORS headers name, and whether they allow cookies.
type Verdict = Result<Option<(String, bool)>, Denial>;

const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

struct Bench {
    opener: Opener,
    minters: [Minter; 2],
}

impl Bench {
    fn new() -> Self {
        let edge = EdgePrivateKey::from_bytes([1; 32].into());
        let public = *edge.public();
        let mut keyring = Keyring::new();
        keyring.add_edge(edge).unwrap();
        let minters = [2, 3].map(|byte| {
            let key = MinterKey::from_bytes(&[byte; 32].into());
            let scope = Scope {
                folders: vec!["demo".into()],
                private: true,
                clients: ["*", SITE].map(|text| text.parse().unwrap()).into(),
                ..Scope::default()
            };
            keyring.add_minter(key.clone(), scope).unwrap();
            Minter::new(public, key, 1800).unwrap()
        });
        Self {
            opener: Opener::new(keyring),
            minters,
        }
    }

    fn path(&self, source: &str, client: &str) -> String {
        let folder = source.starts_with("files:").then_some("demo");
        let source = Source::parse(source, folder).unwrap();
        self.minters[0].mint(source, client, NOW).unwrap().path()
    }

    /// What comes of a request: whether it is admitted, and whose scripts may read the answer.
    fn verdict(
        &self,
        method: &Method,
        uri: &str,
        lines: &[(&'static str, &'static str)],
        proof: &Proof,
    ) -> Verdict {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let (path, query) = uri
            .split_once('?')
            .map_or((uri, None), |(path, query)| (path, Some(query)));
        let facts = Facts {
            method,
            path,
            query,
            headers: &headers,
        };
        let unproven = open(&facts, &self.opener, NOW)?;
        let cors = if unproven.is_preflight() {
            unproven.preflight()?.cors
        } else {
            unproven.prove(proof)?.cors
        };
        Ok(cors.map(|cors| (cors.origin.to_owned(), cors.credentials)))
    }
}

/// The word of the minter whose key is made of this byte.
fn vouched(minter: u8, did: &str) -> Proof {
    let key = MinterKey::from_bytes(&[minter; 32].into());
    Proof::Vouched(Vouched {
        did: did.into(),
        minter: key.id(),
    })
}

fn proven(did: &str) -> Proof {
    Proof::Proven(did.into())
}

#[test]
fn methods_and_paths_come_before_everything() {
    let bench = Bench::new();
    let malformed = Denial::from(Refusal::MalformedToken);
    for path in [
        bench.path("files:a.wav", SITE),
        bench.path("private:a", FAN),
    ] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::CONNECT] {
            for uri in [&path, "/elsewhere"] {
                let verdict = bench.verdict(&method, uri, &[("origin", SITE)], &proven(FAN));
                assert_eq!(verdict, Err(Denial::Method), "{method} {uri}");
            }
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for uri in [
                format!("{path}?"),
                format!("{path}?again"),
                format!("{path}/"),
                path.replace("securev1", "securev2"),
                path.replace("/EC", "/ec"),
                "/securev1/bind".to_owned(),
                "/".to_owned(),
            ] {
                let verdict = bench.verdict(&method, &uri, &[("origin", SITE)], &proven(FAN));
                assert_eq!(verdict, Err(malformed), "{method} {uri}");
            }
        }
    }
}

#[test]
fn a_site_is_proven_by_its_origin_and_by_no_person() {
    const REFERER: (&str, &str) = ("referer", "https://music.example/album");
    let bench = Bench::new();
    let path = bench.path("files:a.wav", SITE);
    let site = Ok(Some((SITE.to_owned(), false)));
    let no_client = Err(Refusal::NoClient.into());
    let wrong_client = Err(Refusal::WrongClient.into());
    let table: [(Lines, Verdict); 8] = [
        (&[("origin", SITE)], site),
        (&[REFERER], Ok(None)),
        (&[("origin", "null"), REFERER], Ok(None)),
        (&[("origin", OTHER), REFERER], wrong_client.clone()),
        (&[("origin", OTHER)], wrong_client),
        (&[("origin", "null")], no_client.clone()),
        (&[("origin", SITE), ("origin", SITE)], no_client.clone()),
        (&[], no_client),
    ];
    for (lines, expected) in table {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let proofs = [
                Proof::Nobody,
                proven(FAN),
                proven(SITE),
                Proof::Ended,
                Proof::Unknown,
            ];
            for proof in proofs {
                let verdict = bench.verdict(&method, &path, lines, &proof);
                assert_eq!(verdict, expected, "{method} {lines:?}");
            }
        }
    }
}

#[test]
fn a_person_is_proven_by_a_proof_and_by_no_origin() {
    let bench = Bench::new();
    let path = bench.path("private:a", FAN);
    let table = [
        (proven(FAN), Ok(())),
        (vouched(2, FAN), Ok(())),
        (proven("did:plc:other"), Err(Refusal::WrongClient.into())),
        (proven("did:plc:fa"), Err(Refusal::WrongClient.into())),
        (proven("DID:plc:fan"), Err(Refusal::WrongClient.into())),
        (
            vouched(2, "did:plc:other"),
            Err(Refusal::WrongClient.into()),
        ),
        // The right person, by the word of another tenant.
        (vouched(3, FAN), Err(Refusal::WrongClient.into())),
        (
            Proof::Vouched(Vouched {
                did: FAN.into(),
                minter: KeyId([0; 4]),
            }),
            Err(Refusal::WrongClient.into()),
        ),
        (Proof::Nobody, Err(Refusal::NoClient.into())),
        (Proof::Ended, Err(Denial::Ended)),
        (Proof::Unknown, Err(Denial::Unknown)),
    ];
    let named = Some((SITE.to_owned(), true));
    for (proof, expected) in table {
        for method in [Method::GET, Method::HEAD] {
            let verdict = |lines: &[_]| bench.verdict(&method, &path, lines, &proof);
            let only = |cors: Option<(String, bool)>| expected.map(|()| cors);
            assert_eq!(verdict(&[]), only(None), "{proof:?}");
            // Scripts of the minter's sites may read, those of others only play.
            assert_eq!(verdict(&[("origin", SITE)]), only(named.clone()));
            assert_eq!(verdict(&[("origin", OTHER)]), only(None));
            assert_eq!(verdict(&[("origin", "null")]), only(None));
            assert_eq!(
                verdict(&[("referer", "https://music.example/")]),
                only(None)
            );
        }
        let twice = [("origin", SITE), ("origin", SITE)];
        let verdict = bench.verdict(&Method::GET, &path, &twice, &proof);
        assert_eq!(verdict, Err(Refusal::NoClient.into()));
    }
}

#[test]
fn a_preflight_for_a_person_is_answered_to_the_minters_sites() {
    let bench = Bench::new();
    let path = bench.path("private:a", FAN);
    let verdict = |lines: &[_]| bench.verdict(&Method::OPTIONS, &path, lines, &proven(FAN));
    assert_eq!(
        verdict(&[("origin", SITE)]),
        Ok(Some((SITE.to_owned(), true)))
    );
    let twice = ("origin", SITE);
    for lines in [
        [("origin", OTHER)].as_slice(),
        &[("origin", "null")],
        &[("referer", "https://music.example/")],
        &[twice, twice],
        &[],
    ] {
        assert_eq!(verdict(lines), Err(Refusal::NoClient.into()), "{lines:?}");
    }
}

#[test]
fn a_preflight_is_given_no_object_and_a_request_no_preflight() {
    let bench = Bench::new();
    let path = bench.path("files:a.wav", SITE);
    let mut headers = HeaderMap::new();
    headers.insert("origin", HeaderValue::from_static(SITE));
    let opened = |method: &'static Method| {
        let facts = Facts {
            method,
            path: &path,
            query: None,
            headers: &headers,
        };
        open(&facts, &bench.opener, NOW).unwrap()
    };
    assert_eq!(
        opened(&Method::OPTIONS).prove(&Proof::Nobody),
        Err(Denial::Method)
    );
    for method in [&Method::GET, &Method::HEAD] {
        assert_eq!(opened(method).preflight(), Err(Denial::Method));
    }
}

#[test]
fn only_urls_of_persons_want_one_and_only_once_they_are_good() {
    let bench = Bench::new();
    let headers = HeaderMap::new();
    let wants = |path: &str, now| {
        let facts = Facts {
            method: &Method::GET,
            path,
            query: None,
            headers: &headers,
        };
        open(&facts, &bench.opener, now).map(|unproven| unproven.wants_person())
    };
    let to_fan = bench.path("private:a", FAN);
    assert_eq!(wants(&to_fan, NOW).ok(), Some(true));
    assert_eq!(
        wants(&bench.path("files:a.wav", SITE), NOW).ok(),
        Some(false)
    );
    let tomorrow = UnixSeconds(NOW.0.saturating_add(86_400));
    assert_eq!(
        wants(&to_fan, tomorrow).err(),
        Some(Refusal::Expired.into())
    );
    // What is private is for people alone.
    let to_site = bench.path("private:a", SITE);
    assert_eq!(
        wants(&to_site, NOW).err(),
        Some(Refusal::ClientOutOfScope.into())
    );
}
