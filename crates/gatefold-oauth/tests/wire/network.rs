//! The whole against the reference PDS, its authorization server and the PLC directory.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use gatefold_domain::Clock;
use gatefold_net::{Client, OutgoingBody};
use gatefold_oauth::{
    AuthorizeOptions, CallbackError, CallbackQuery, CallbackReason, ClientConfig, ClientKeys,
    Finished, GrantId, GrantStore, Limits, MemoryStore, OAuth, OAuthParts, PersonError, Prompt,
};
use gatefold_ops::{SystemClock, system_random};
use gatefold_testkit::network::{Account, Kind, Network, Pds};
use rand_core::Rng;
use serde_json::{Value, json};

use crate::support::{
    self,
    http::{Answered, Asked, Handler},
};

const SCOPES: &str = "atproto repo:fm.plyr.track blob:audio/*";

/// A site on the network: one or more processes over one store.
struct Site {
    network: Network,
    pds: Pds,
    store: Arc<MemoryStore>,
    config: ClientConfig,
    oauth: OAuth,
}

impl Site {
    /// A public client of this machine, told from others by the page that people come back to.
    async fn public(own_pds: bool) -> Self {
        let page = system_random().next_u64();
        let config = ClientConfig {
            public_url: "http://localhost:8400".to_owned(),
            redirect: format!("http://127.0.0.1:8400/auth/{page}"),
            name: "Music".to_owned(),
            scopes: SCOPES.parse().unwrap(),
            keys: ClientKeys::default(),
        };
        Self::new(config, own_pds).await
    }

    async fn new(config: ClientConfig, own_pds: bool) -> Self {
        let network = Network::start().await.unwrap();
        let pds = if own_pds {
            network.another_pds().await.unwrap()
        } else {
            network.pds()
        };
        let store = Arc::new(MemoryStore::new());
        let oauth = process(&network, &pds, &store, &config);
        Self {
            network,
            pds,
            store,
            config,
            oauth,
        }
    }

    fn process(&self) -> OAuth {
        process(&self.network, &self.pds, &self.store, &self.config)
    }

    async fn begin(&self, account: &Account) -> String {
        let options = AuthorizeOptions {
            prompt: Some(Prompt::Consent),
            ..AuthorizeOptions::default()
        };
        let started = self.oauth.authorize(&account.handle, options).await;
        started.ok().unwrap().url
    }

    async fn come_back(&self, url: &str) -> Result<Finished, CallbackError> {
        let (_, query) = url.split_once('?').unwrap();
        let query = CallbackQuery::parse(query).ok().unwrap();
        self.oauth.callback(&query).await
    }

    async fn sign_in(&self, account: &Account) -> GrantId {
        let url = self.begin(account).await;
        let back = account.consent(&url).await.unwrap();
        self.come_back(&back).await.ok().unwrap().grant
    }

    /// The kinds of what was asked of the token endpoint, with the key of each.
    async fn grants(&self) -> Vec<(String, Option<String>)> {
        let grants = self.pds.grants(self.oauth.client_id()).await.unwrap();
        let grants = grants.into_iter();
        grants.map(|grant| (grant.grant, grant.kid)).collect()
    }

    async fn refreshes(&self) -> usize {
        let grants = self.grants().await;
        let refreshes = grants.iter().filter(|(kind, _)| kind == "refresh_token");
        refreshes.count()
    }
}

fn process(network: &Network, pds: &Pds, store: &Arc<MemoryStore>, config: &ClientConfig) -> OAuth {
    let net: Client = support::net();
    OAuth::new(OAuthParts {
        client: config.clone(),
        resolver: support::resolver(&net, &network.plc_url, &pds.url),
        net,
        store: Arc::clone(store) as Arc<dyn GrantStore>,
        clock: Arc::new(SystemClock),
        random: Box::new(system_random()),
        limits: Limits::default(),
    })
    .unwrap()
}

fn track(account: &Account, collection: &str) -> Value {
    json!({
        "repo": account.did,
        "collection": collection,
        "record": {"$type": collection, "title": "Night Tram"},
    })
}

#[tokio::test]
async fn an_artist_signs_in_writes_and_leaves() {
    let site = Site::public(false).await;
    let artist = site.network.account("artist").await.unwrap();
    let url = site.begin(&artist).await;
    let back = artist.consent(&url).await.unwrap();
    let finished = site.come_back(&back).await.ok().unwrap();
    assert_eq!(finished.did.as_str(), artist.did);
    assert_eq!(finished.handle.unwrap().as_str(), artist.handle);
    assert!(finished.missing.is_empty(), "{}", finished.missing);

    let person = site.oauth.person(finished.grant);
    let session: Value = person
        .get("com.atproto.server.getSession", &[])
        .await
        .unwrap();
    assert_eq!(session["did"], artist.did);
    let song = OutgoingBody::Bytes(Bytes::from(vec![7; 300_000]));
    let blob = person.upload_blob(song, "audio/mpeg").await.unwrap();
    assert_eq!(blob.size, 300_000);
    let mut record = track(&artist, "fm.plyr.track");
    record["record"]["audioBlob"] = blob.to_json();
    let create = "com.atproto.repo.createRecord";
    let made: Value = person.post(create, &record).await.unwrap();
    let params = [
        ("repo", artist.did.as_str()),
        ("collection", "fm.plyr.track"),
    ];
    let listed: Value = person
        .get("com.atproto.repo.listRecords", &params)
        .await
        .unwrap();
    assert_eq!(listed["records"][0]["uri"], made["uri"]);

    let record = track(&artist, "fm.other.track");
    let other = person.post::<Value>(create, &record).await;
    assert!(matches!(other, Err(PersonError::ScopeMissing)), "{other:?}");
    let image = OutgoingBody::Bytes(Bytes::from_static(b"GIF89a"));
    let image = person.upload_blob(image, "image/gif").await;
    assert!(matches!(image, Err(PersonError::ScopeMissing)), "{image:?}");

    site.oauth.revoke(finished.grant).await.unwrap();
    assert_eq!(site.grants().await.last().unwrap().0, "revocation");
    let ended = person.get::<Value>("com.atproto.server.getSession", &[]);
    assert!(matches!(ended.await, Err(PersonError::SessionEnded)));
}

#[tokio::test]
async fn fifty_at_once_in_two_processes_refresh_once() {
    let site = Site::public(false).await;
    let fan = site.network.account("fan").await.unwrap();
    let id = site.sign_in(&fan).await;
    let processes = [site.oauth.clone(), site.process()];
    for round in 1..=2 {
        assert_ne!(fan.expire().await.unwrap(), 0);
        let asking: Vec<_> = (0..50)
            .map(|n| {
                let person = processes[n % 2].person(id);
                let name = "com.atproto.server.getSession";
                tokio::spawn(async move { person.get::<Value>(name, &[]).await })
            })
            .collect();
        for one in asking {
            assert_eq!(one.await.unwrap().unwrap()["did"], fan.did);
        }
        assert_eq!(site.refreshes().await, round);
    }
}

#[tokio::test]
async fn a_person_may_say_no() {
    let site = Site::public(false).await;
    let stranger = site.network.account("stranger").await.unwrap();
    let url = site.begin(&stranger).await;
    let back = stranger.deny(&url).await.unwrap();
    let error = site.come_back(&back).await.err().unwrap();
    assert!(matches!(error.reason, CallbackReason::Denied), "{error}");
    assert_eq!(site.grants().await, []);
}

#[tokio::test]
async fn somebody_else_may_not_come_back() {
    let site = Site::public(false).await;
    let fan = site.network.account("fan").await.unwrap();
    let stranger = site.network.account("stranger").await.unwrap();
    let url = site.begin(&fan).await;
    // The server lets anybody come back, whoever was named: it is for the client to look.
    let back = stranger.consent(&url).await.unwrap();
    let error = site.come_back(&back).await.err().unwrap();
    assert!(
        matches!(error.reason, CallbackReason::OtherAccount),
        "{error}"
    );
    let kinds: Vec<_> = site
        .grants()
        .await
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(kinds, ["authorization_code", "revocation"]);
}

#[tokio::test]
async fn a_server_may_take_each_nonce_once() {
    let site = Site::public(true).await;
    let fan = site.pds.account("fan").await.unwrap();
    site.pds.faults(&[Kind::NonceOnce.into()]).await.unwrap();
    let id = site.sign_in(&fan).await;
    let person = site.oauth.person(id);
    for _ in 0..3 {
        let song = OutgoingBody::Bytes(Bytes::from(vec![7; 100_000]));
        let blob = person.upload_blob(song, "audio/mpeg").await.unwrap();
        assert_eq!(blob.size, 100_000);
    }
    fan.expire().await.unwrap();
    let session: Value = person
        .get("com.atproto.server.getSession", &[])
        .await
        .unwrap();
    assert_eq!(session["did"], fan.did);
    site.oauth.revoke(id).await.unwrap();
    assert_eq!(site.grants().await.last().unwrap().0, "revocation");
}

#[tokio::test]
async fn a_server_that_is_out_of_order_ends_nothing() {
    let site = Site::public(true).await;
    let fan = site.pds.account("fan").await.unwrap();
    let id = site.sign_in(&fan).await;
    let person = site.oauth.person(id);
    let name = "com.atproto.server.getSession";
    for fault in [
        Kind::Down.at("/oauth/token"),
        Kind::Html.at("/oauth/token"),
        Kind::Status(503).at("/oauth/token"),
        Kind::NonceNever.at("/oauth/token"),
        Kind::Down.at("/xrpc/com.atproto.server"),
        Kind::Html.at("/xrpc/com.atproto.server"),
    ] {
        fan.expire().await.unwrap();
        site.pds.faults(std::slice::from_ref(&fault)).await.unwrap();
        let error = person.get::<Value>(name, &[]).await;
        assert!(matches!(error, Err(PersonError::Unavailable)), "{fault:?}");
        site.pds.faults(&[]).await.unwrap();
        let session: Value = person.get(name, &[]).await.unwrap();
        assert_eq!(session["did"], fan.did);
    }
}

#[tokio::test]
async fn wrong_answers_end_a_sign_in() {
    let site = Site::public(true).await;
    let fan = site.pds.account("fan").await.unwrap();
    let elsewhere = || json!(["https://elsewhere.example"]);
    let resource = "/.well-known/oauth-protected-resource";
    for (fault, expected) in [
        (
            Kind::Replace("authorization_servers".to_owned(), elsewhere()).at(resource),
            "the authorization server has no say over this account",
        ),
        (
            Kind::Replace("sub".to_owned(), "did:web:evil.test".into()).at("/oauth/token"),
            "another account signed in than was expected",
        ),
        (
            Kind::DropScope("atproto".to_owned()).at("/oauth/token"),
            "the authorization server did not grant an atproto session",
        ),
        (
            Kind::Html.at("/oauth/token"),
            "the authorization server cannot be asked at the moment",
        ),
    ] {
        let url = site.begin(&fan).await;
        let back = fan.consent(&url).await.unwrap();
        site.pds.faults(&[fault]).await.unwrap();
        let error = site.come_back(&back).await.err().unwrap();
        assert_eq!(error.to_string(), expected);
        site.pds.faults(&[]).await.unwrap();
    }
    let url = site.begin(&fan).await;
    let back = fan.consent(&url).await.unwrap();
    let drop = Kind::DropScope("blob:audio/*".to_owned());
    site.pds.faults(&[drop.at("/oauth/token")]).await.unwrap();
    let finished = site.come_back(&back).await.ok().unwrap();
    assert_eq!(finished.missing.to_string(), "blob:audio/*");
}

/// Serves a client's documents, as a site would.
struct Documents(std::sync::Mutex<Option<OAuth>>);

impl Handler for Documents {
    fn fault(&self, _: &Asked) -> Option<support::Fault> {
        None
    }

    fn answer(&self, asked: &Asked) -> Answered {
        let oauth = self.0.lock().unwrap();
        let oauth = oauth.as_ref().unwrap();
        match asked.path.as_str() {
            gatefold_oauth::METADATA_PATH => Answered::json(200, &oauth.client_metadata()),
            gatefold_oauth::JWKS_PATH => Answered::json(200, &oauth.jwks()),
            _ => Answered::html(404),
        }
    }
}

#[tokio::test]
async fn a_confidential_client_changes_its_key() {
    let host = format!("flow{}.gatefoldtest.fm", system_random().next_u32());
    // Made long ago, so that a new key takes over at once.
    let now = gatefold_domain::Timestamp::from(SystemClock.now());
    let before = now.before(gatefold_oauth::PUBLISHED_AHEAD);
    let mut keys = ClientKeys::generate(&mut system_random(), before);
    let site = Site::new(
        ClientConfig {
            public_url: format!("https://{host}"),
            redirect: format!("https://{host}/auth/callback"),
            name: "Music".to_owned(),
            scopes: SCOPES.parse().unwrap(),
            keys: keys.clone(),
        },
        false,
    )
    .await;
    let documents = Arc::new(Documents(Some(site.oauth.clone()).into()));
    let port = support::http::serve(|_| documents).await;
    let base = format!("http://127.0.0.1:{port}");
    site.network.client(&host, Some(&base)).await.unwrap();

    let artist = site.network.account("artist").await.unwrap();
    let fan = site.network.account("fan").await.unwrap();
    let old = keys.primary(now).unwrap().id().to_string();
    let first = site.sign_in(&artist).await;

    let new = keys
        .rotate(&mut system_random(), before)
        .unwrap()
        .to_string();
    site.oauth.set_keys(keys.clone()).unwrap();
    // The servers' copies of the key set run out.
    site.network.client(&host, Some(&base)).await.unwrap();
    let second = site.sign_in(&fan).await;
    artist.expire().await.unwrap();
    fan.expire().await.unwrap();
    let name = "com.atproto.server.getSession";
    for id in [first, second] {
        site.oauth.person(id).get::<Value>(name, &[]).await.unwrap();
    }
    let code = "authorization_code".to_owned();
    let refresh = "refresh_token".to_owned();
    assert_eq!(
        site.grants().await,
        [
            (code.clone(), Some(old.clone())),
            (code, Some(new.clone())),
            (refresh.clone(), Some(old.clone())),
            (refresh, Some(new)),
        ]
    );

    keys.retire(&old.into(), now).unwrap();
    site.oauth.set_keys(keys).unwrap();
    artist.expire().await.unwrap();
    fan.expire().await.unwrap();
    let error = site.oauth.person(first).get::<Value>(name, &[]).await;
    assert!(matches!(error, Err(PersonError::KeyRetired)), "{error:?}");
    site.oauth
        .person(second)
        .get::<Value>(name, &[])
        .await
        .unwrap();
    site.network.client(&host, None).await.unwrap();
}

#[tokio::test]
async fn the_example_signs_somebody_in() {
    let network = Network::start().await.unwrap();
    let fan = network.account("fan").await.unwrap();
    // Examples are built beside the folder of tests.
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("examples/sign_in");
    let mut child = Command::new(program)
        .args([&fan.handle, &network.plc_url, &network.pds_url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.find_map(|line| Some(line.unwrap()).filter(|line| line.starts_with("http")));
    let back = fan.consent(&url.unwrap()).await.unwrap();
    let (host, target) = back
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut browser = TcpStream::connect(host).unwrap();
    // Who is not done with asking is not answered.
    write!(browser, "GET /{target} HTTP/1.1\r\n").unwrap();
    let pause = Duration::from_millis(100);
    browser.set_read_timeout(Some(pause)).unwrap();
    let early = browser.read(&mut [0]).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::WouldBlock);
    write!(browser, "host: {host}\r\n\r\n").unwrap();
    let said: Vec<_> = lines.map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success());
    assert!(
        said.contains(&format!("Signed in: {}", fan.did)),
        "{said:?}"
    );
    assert!(
        said.contains(&format!("Known as:  {}", fan.handle)),
        "{said:?}"
    );
    assert_eq!(said.last().map(String::as_str), Some("Signed out."));
}
