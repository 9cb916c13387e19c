//! What is remembered of sessions, on both databases and in two processes on one of them: that it is
//! asked for once, how soon a change holds, and what no request waits for.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "what is shared among tests is a part of them, though clippy knows only those"
)]

use std::{sync::Arc, time::Duration};

use gatefold_app::{
    accounts::{Accounts, AccountsParts, Credential, Exchange, Proof, SecretHash, Viewer},
    news::{Listens, News},
};
use gatefold_domain::{Clock, Did, Handle, SessionId, Timestamp};
use gatefold_net::{Client, ClientOptions, SystemResolver, Url};
use gatefold_oauth::{
    ClientConfig, ClientKeys, Resolver, ResolverOptions,
    dns::{Records, Txt},
};
use gatefold_ops::system_random;
use gatefold_store::{
    ChangeCursor, Crypter, KeyFile, NewExchangeToken, NewGrant, Options, Store, TokenFor,
};
use gatefold_testkit::{
    ManualClock,
    databases::{Database, Postgres},
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Runs each of these functions, which take a `&Site`, on both databases.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(&super::Site::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(&super::Site::postgres()).await;
            }
        })+
    };
}

on_both!(
    who_asks_again_is_answered_from_memory,
    what_becomes_of_a_browser_holds_at_once_and_soon_elsewhere,
    another_handle_holds_soon_everywhere,
);

const HOUR: Duration = Duration::from_hours(1);

/// A database, and the time.
struct Site {
    url: String,
    _kept: Kept,
    keys: KeyFile,
    clock: ManualClock,
}

#[expect(
    dead_code,
    reason = "it is there for as long as its database is needed"
)]
enum Kept {
    File(TempDir),
    Server(Database),
}

/// A process of the site.
struct Process {
    store: Store,
    accounts: Arc<Accounts>,
    news: News,
}

/// No name has records.
struct NoDns;

impl Txt for NoDns {
    fn txt<'a>(&'a self, _: &'a str) -> Records<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// A person: each letter is another one.
fn did(letter: char) -> Did {
    format!("did:web:{letter}.example.com").parse().unwrap()
}

fn handle(text: &str) -> Handle {
    text.parse().unwrap()
}

fn browser(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

impl Site {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/gatefold.db", folder.path().display());
        Self::on(url, Kept::File(folder))
    }

    fn postgres() -> Self {
        let database = Postgres::start().unwrap().database().unwrap();
        Self::on(database.url.clone(), Kept::Server(database))
    }

    fn on(url: String, kept: Kept) -> Self {
        let clock = ManualClock::at_unix(1_790_000_000);
        Self {
            url,
            _kept: kept,
            keys: KeyFile::generate(&mut system_random(), clock.now().into()),
            clock,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    async fn store(&self) -> Store {
        let crypter = Crypter::new(&self.keys, Box::new(system_random())).unwrap();
        let options = Options {
            connections: 2,
            migrate: true,
        };
        let url = self.url.parse().unwrap();
        let store = Store::open(&url, crypter, options, self.now()).await;
        store.unwrap()
    }

    fn accounts(&self, store: Store) -> Accounts {
        let net = Client::new(ClientOptions::default(), Arc::new(SystemResolver)).unwrap();
        let options = ResolverOptions {
            plc: Url::parse("https://plc.example.com").unwrap(),
            handles: None,
        };
        let parts = AccountsParts {
            store,
            client: ClientConfig {
                public_url: "http://localhost:8400".to_owned(),
                redirect: "http://127.0.0.1:8400/auth/callback".to_owned(),
                name: "Music".to_owned(),
                scopes: "atproto".parse().unwrap(),
                keys: ClientKeys::default(),
            },
            resolver: Resolver::new(net.clone(), Arc::new(NoDns), options),
            net,
            clock: Arc::new(self.clock.clone()),
            random: [Box::new(system_random()), Box::new(system_random())],
        };
        Accounts::new(parts).unwrap()
    }

    async fn process(&self) -> Process {
        let store = self.store().await;
        let accounts = Arc::new(self.accounts(store.clone()));
        let listeners = vec![Arc::clone(&accounts) as Arc<dyn Listens>];
        Process {
            news: News::new(store.clone(), Arc::new(self.clock.clone()), listeners),
            store,
            accounts,
        }
    }

    /// Signs somebody in by a process: what their browser shows from then on.
    async fn sign_in(
        &self,
        store: &Store,
        accounts: &Accounts,
        who: char,
        number: u8,
        browser: SessionId,
    ) -> String {
        let (did, grant, now) = (did(who), [number; 16], self.now());
        store.accounts().seen(&did, None, now).await.unwrap();
        let new = NewGrant {
            key: &grant,
            did: &did,
            bytes: b"a grant",
            expires: None,
            created: now,
        };
        store.grants().put(new).await.unwrap();
        let shown = format!("{number:043}");
        let hash = SecretHash::of(&shown).unwrap();
        let token = NewExchangeToken {
            hash: hash.as_bytes(),
            did: &did,
            grant: &grant,
            what: TokenFor::Browser {
                browser,
                binding: hash.as_bytes(),
            },
            session_expires: now.after(HOUR),
            expires: now.after(HOUR),
        };
        store.exchange_tokens().put(token).await.unwrap();
        let exchanged = accounts.exchange(Exchange {
            token: &shown,
            proof: Proof::Browser {
                binding: Some(&shown),
                session: None,
            },
            network: None,
        });
        exchanged.await.unwrap().secret.expose().to_owned()
    }
}

async fn viewer(accounts: &Accounts, cookie: &str) -> Option<Viewer> {
    let viewer = accounts.viewer(Credential::Cookie(cookie)).await;
    viewer.unwrap()
}

/// The accounts of the browser that shows this, in the order of their names; `None` for nobody.
async fn linked(accounts: &Accounts, cookie: &str) -> Option<Vec<Did>> {
    let viewer = viewer(accounts, cookie).await?;
    let linked = accounts.linked(&viewer).await.unwrap();
    let mut dids: Vec<Did> = linked.into_iter().map(|account| account.did).collect();
    dids.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Some(dids)
}

/// These people; for none of them, nobody.
fn dids(letters: &str) -> Option<Vec<Did>> {
    (!letters.is_empty()).then(|| letters.chars().map(did).collect())
}

impl Process {
    async fn sign_in(&self, site: &Site, who: char, number: u8, browser: SessionId) -> String {
        site.sign_in(&self.store, &self.accounts, who, number, browser)
            .await
    }

    async fn linked(&self, cookie: &str) -> Option<Vec<Did>> {
        linked(&self.accounts, cookie).await
    }

    async fn viewer(&self, cookie: &str) -> Option<Viewer> {
        viewer(&self.accounts, cookie).await
    }

    async fn hear(&self, since: Option<ChangeCursor>) -> Option<ChangeCursor> {
        Some(self.news.tell(since).await.unwrap())
    }
}

async fn who_asks_again_is_answered_from_memory(site: &Site) {
    let process = site.process().await;
    let cookie = process.sign_in(site, 'a', 1, browser(101)).await;
    process.sign_in(site, 'b', 2, browser(101)).await;
    process.hear(None).await;
    assert_eq!(process.linked(&cookie).await, dids("ab"));
    // There is nobody left to be asked.
    process.store.close().await;
    site.clock.advance(Duration::from_millis(999));
    assert_eq!(process.linked(&cookie).await, dids("ab"));
    let known = process.viewer(&cookie).await.unwrap();
    // Nothing was heard for a second: what others changed is not known any more.
    site.clock.advance(Duration::from_millis(1));
    let asked = process.accounts.linked(&known).await;
    assert!(asked.is_err());
    let asked = process.accounts.viewer(Credential::Cookie(&cookie)).await;
    assert!(asked.is_err());
}

async fn what_becomes_of_a_browser_holds_at_once_and_soon_elsewhere(site: &Site) {
    let (one, other) = (site.process().await, site.process().await);
    let own = browser(101);
    let cookie = one.sign_in(site, 'a', 1, own).await;
    let elsewhere = one.sign_in(site, 'z', 9, browser(102)).await;
    let mut cursors = [one.hear(None).await, other.hear(None).await];
    let mut before = dids("a");
    for step in ["begins", "again", "switches", "ends beside", "ends"] {
        for process in [&one, &other] {
            assert_eq!(process.linked(&cookie).await, before, "{step}");
            assert_eq!(process.linked(&elsewhere).await, dids("z"), "{step}");
        }
        let known = one.viewer(&cookie).await.unwrap();
        let after = match step {
            "begins" => {
                one.sign_in(site, 'b', 2, own).await;
                dids("ab")
            }
            "again" => {
                let shown = one.sign_in(site, 'b', 3, own).await;
                assert_eq!(one.linked(&shown).await, dids("ab"));
                dids("ab")
            }
            "switches" => {
                let gone = one.accounts.switch(&known, &did('b')).await.unwrap();
                let shown = gone.secret.expose();
                assert_eq!(one.linked(shown).await, dids("ab"));
                assert_eq!(other.linked(shown).await, dids("ab"));
                dids("ab")
            }
            // One account of the browser alone, as its server wants it.
            "ends beside" => {
                let lost = one.store.grants().delete(&[3; 16], site.now()).await;
                assert_eq!(lost.unwrap().len(), 1);
                // Told by the database, as to everybody.
                cursors[0] = one.hear(cursors[0]).await;
                dids("a")
            }
            _ => {
                one.accounts.logout(&known, None).await.unwrap();
                dids("")
            }
        };
        assert_eq!(one.linked(&cookie).await, after, "{step}: here");
        assert_eq!(other.linked(&cookie).await, before, "{step}: remembered");
        cursors[1] = other.hear(cursors[1]).await;
        assert_eq!(other.linked(&cookie).await, after, "{step}: elsewhere");
        before = after;
    }
}

async fn another_handle_holds_soon_everywhere(site: &Site) {
    let (one, other) = (site.process().await, site.process().await);
    let cookies = [
        one.sign_in(site, 'a', 1, browser(101)).await,
        one.sign_in(site, 'b', 2, browser(101)).await,
    ];
    let mut cursor = other.hear(None).await;
    let names = async || {
        let mut names = Vec::new();
        for cookie in &cookies {
            let viewer = other.viewer(cookie).await.unwrap();
            names.push(viewer.handle.clone());
            let linked = other.accounts.linked(&viewer).await.unwrap();
            names.extend(
                linked
                    .into_iter()
                    .filter_map(|account| account.handle)
                    .map(Some),
            );
        }
        names
    };
    assert_eq!(names().await, [None, None]);
    for text in ["new.example.com", "newer.example.com"] {
        let new = handle(text);
        let before = names().await;
        let accounts = one.store.accounts();
        let seen = accounts.seen(&did('a'), Some(&new), site.now()).await;
        assert!(seen.unwrap());
        assert_eq!(names().await, before, "{text}: remembered");
        cursor = other.hear(cursor).await;
        // As themselves; and beside the other one, who has none.
        let new = Some(new);
        assert_eq!(names().await, [new.clone(), new.clone(), None, new]);
    }
}

fn runtime(mut builder: Builder) -> Runtime {
    builder.enable_all().build().unwrap()
}

/// The runtime that keeps it stands still, and everybody is answered.
fn no_request_waits_for_the_use_of_its_session_to_be_kept(site: &Site) {
    let still = runtime(Builder::new_current_thread());
    let asking = runtime({
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1);
        builder
    });
    let store = asking.block_on(site.store());
    let accounts = {
        let _inside = still.enter();
        site.accounts(store.clone())
    };
    let (cookie, idle) = asking.block_on(async {
        let signed_in = site.sign_in(&store, &accounts, 'a', 1, browser(101)).await;
        let idle = site.sign_in(&store, &accounts, 'b', 2, browser(102)).await;
        let news = News::new(store.clone(), Arc::new(site.clock.clone()), vec![]);
        news.tell(None).await.unwrap();
        (signed_in, idle)
    });
    let ask = || {
        let known = asking.block_on(viewer(&accounts, &cookie)).unwrap();
        known.session
    };
    let begun = still.metrics().num_alive_tasks();
    let under_way = || still.metrics().num_alive_tasks() - begun;
    let start = site.now();
    site.clock.advance(Duration::from_secs(299));
    accounts.heard(site.now());
    let session = ask();
    assert_eq!(under_way(), 0);
    site.clock.advance(Duration::from_secs(1));
    accounts.heard(site.now());
    let kept = site.now();
    for _ in 0..10 {
        ask();
        assert_eq!(under_way(), 1);
    }
    site.clock.advance(Duration::from_secs(299));
    accounts.heard(site.now());
    ask();
    assert_eq!(under_way(), 1);
    // Whoever ends waits for it.
    still.block_on(accounts.close());
    assert_eq!(under_way(), 0);
    let store = asking.block_on(site.store());
    asking.block_on(async {
        let sessions = store.sessions();
        let hash = SecretHash::of(&idle).unwrap();
        let idle = sessions.by_secret(hash.as_bytes(), site.now()).await;
        assert_eq!(idle.unwrap().unwrap().last_seen, start);
        let used = sessions.get(session, site.now()).await.unwrap();
        assert_eq!(used.unwrap().last_seen, kept);
    });
}

#[test]
fn no_request_waits_for_the_use_of_its_session_to_be_kept_on_sqlite() {
    no_request_waits_for_the_use_of_its_session_to_be_kept(&Site::sqlite());
}

#[test]
fn no_request_waits_for_the_use_of_its_session_to_be_kept_on_postgresql() {
    no_request_waits_for_the_use_of_its_session_to_be_kept(&Site::postgres());
}
