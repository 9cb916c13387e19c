//! Two processes of a site on one database, and the reference PDS as everybody's server.
#![expect(
    clippy::indexing_slicing,
    reason = "what is shared among tests is a part of them, though clippy knows only those"
)]

use std::sync::Arc;

use gatefold_app::{
    accounts::{
        Accounts, AccountsParts, Begin, CallbackQuery, Credential, Exchange, Proof, Purpose,
        SecretText, Viewer,
    },
    news::Listens,
};
use gatefold_domain::{Clock, Timestamp};
use gatefold_net::{Client, ClientOptions, SystemResolver, Url};
use gatefold_oauth::{
    ClientConfig, ClientKeys, PersonError, Resolver, ResolverOptions, dns::SystemDns,
};
use gatefold_ops::{SystemClock, system_random};
use gatefold_store::{Crypter, KeyFile, Options, Store};
use gatefold_testkit::{
    databases::Postgres,
    network::{Account, Grant, Network},
};
use rand_core::Rng;
use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How many ask at once.
const CROWD: usize = 50;
/// What they ask a server for: whose session it is.
const SESSION: &str = "com.atproto.server.getSession";

/// A site: what all of its processes are made of.
struct Site {
    network: Network,
    database: String,
    keys: KeyFile,
    client: ClientConfig,
}

impl Site {
    async fn on(database: String) -> Result<Self> {
        let now = Timestamp::from(SystemClock.now());
        let page = system_random().next_u64();
        Ok(Self {
            network: Network::start().await?,
            database,
            keys: KeyFile::generate(&mut system_random(), now),
            // Told from others by the page that people come back to.
            client: ClientConfig {
                public_url: "http://localhost:8400".to_owned(),
                redirect: format!("http://127.0.0.1:8400/auth/{page}"),
                name: "Music".to_owned(),
                scopes: "atproto repo:fm.plyr.track".parse()?,
                keys: ClientKeys::default(),
            },
        })
    }

    async fn store(&self) -> Result<Store> {
        let crypter = Crypter::new(&self.keys, Box::new(system_random()))?;
        let options = Options {
            connections: 4,
            migrate: true,
        };
        let now = Timestamp::from(SystemClock.now());
        Ok(Store::open(&self.database.parse()?, crypter, options, now).await?)
    }

    async fn process(&self) -> Result<Arc<Accounts>> {
        let store = self.store().await?;
        let options = ClientOptions {
            insecure_loopback: true,
            ..ClientOptions::default()
        };
        let net = Client::new(options, Arc::new(SystemResolver))?;
        let options = ResolverOptions {
            plc: Url::parse_or_loopback(&self.network.plc_url)?,
            handles: Some(Url::parse_or_loopback(&self.network.pds_url)?),
        };
        let resolver = Resolver::new(net.clone(), Arc::new(SystemDns::new()?), options);
        Ok(Arc::new(Accounts::new(AccountsParts {
            store,
            client: self.client.clone(),
            net,
            resolver,
            clock: Arc::new(SystemClock),
            random: [Box::new(system_random()), Box::new(system_random())],
        })?))
    }

    /// The refreshes of a person's tokens, with what they came to.
    async fn refreshes(&self, client_id: &str) -> Result<Vec<Grant>> {
        let mut grants = self.network.pds().grants(client_id).await?;
        grants.retain(|grant| grant.grant == "refresh_token");
        Ok(grants)
    }
}

/// Signs somebody in by one process: what their browser shows from then on.
async fn sign_in(accounts: &Accounts, account: &Account) -> Result<String> {
    let begun = accounts
        .begin(Begin {
            input: &account.handle,
            next: None,
            purpose: Purpose::Browser { beside: None },
            network: None,
        })
        .await?;
    let binding = begun.binding.as_ref().map(SecretText::expose);
    let back = account.consent(&begun.url).await?;
    let value = |name: &str| {
        let (_, query) = back.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.find(|(found, _)| *found == name)?.1;
        Some(value.replace("%3A", ":").replace("%2F", "/"))
    };
    let (state, code, issuer) = (value("state"), value("code"), value("iss"));
    let query = CallbackQuery {
        state: state.as_deref(),
        code: code.as_deref(),
        issuer: issuer.as_deref(),
        error: None,
    };
    let finished = accounts.finish(query, binding).await?;
    let exchanged = accounts.exchange(Exchange {
        token: finished.exchange_token.expose(),
        proof: Proof::Browser {
            binding,
            session: None,
        },
        network: None,
    });
    Ok(exchanged.await?.secret.expose().to_owned())
}

async fn viewer(accounts: &Accounts, cookie: &str) -> Result<Viewer> {
    let viewer = accounts.viewer(Credential::Cookie(cookie)).await?;
    Ok(viewer.ok_or("nobody is known")?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_refresh_once_on_sqlite() -> Result {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("gatefold.db");
    fifty_at_once_refresh_once(format!("sqlite:{}", file.display())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_at_once_refresh_once_on_postgresql() -> Result {
    let database = Postgres::start()?.database()?;
    fifty_at_once_refresh_once(database.url.clone()).await
}

async fn fifty_at_once_refresh_once(database: String) -> Result {
    let site = Site::on(database).await?;
    let fan = site.network.account("fan").await?;
    let processes = [site.process().await?, site.process().await?];
    let cookie = sign_in(&processes[0], &fan).await?;
    let metadata: Value = serde_json::from_str(&processes[0].client_metadata())?;
    let client_id = metadata["client_id"].as_str().ok_or("no client id")?;
    for round in 1..=3 {
        assert_ne!(fan.expire().await?, 0);
        let mut crowd = Vec::new();
        for accounts in processes.iter().cycle().take(CROWD) {
            let person = accounts.person(&viewer(accounts, &cookie).await?).await?;
            crowd.push(tokio::spawn(async move {
                person.get::<Value>(SESSION, &[]).await
            }));
        }
        for answer in crowd {
            assert_eq!(answer.await??["did"], fan.did);
        }
        let refreshes = site.refreshes(client_id).await?;
        assert_eq!(refreshes.len(), round);
        assert!(refreshes.iter().all(|refresh| refresh.error.is_none()));
    }
    Ok(())
}

/// The one that asks leaves at once, and what it began is finished.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_is_finished_though_who_asked_has_left() -> Result {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("gatefold.db");
    let site = Site::on(format!("sqlite:{}", file.display())).await?;
    let fan = site.network.account("fan").await?;
    let processes = [site.process().await?, site.process().await?];
    let cookie = sign_in(&processes[0], &fan).await?;
    for round in 0..10 {
        fan.expire().await?;
        let [one, other] = &processes;
        let person = one.person(&viewer(one, &cookie).await?).await?;
        let asking = tokio::spawn(async move { person.get::<Value>(SESSION, &[]).await });
        for _ in 0..round * 20 {
            tokio::task::yield_now().await;
        }
        asking.abort();
        let person = other.person(&viewer(other, &cookie).await?).await?;
        let session: Value = person.get(SESSION, &[]).await?;
        assert_eq!(session["did"], fan.did);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_out_in_one_process_is_nobody_at_their_server_for_the_other() -> Result {
    let database = Postgres::start()?.database()?;
    let site = Site::on(database.url.clone()).await?;
    let fan = site.network.account("fan").await?;
    let [one, other] = [site.process().await?, site.process().await?];
    let cookie = sign_in(&one, &fan).await?;
    let known = viewer(&other, &cookie).await?;
    let person = other.person(&known).await?;
    assert_eq!(person.get::<Value>(SESSION, &[]).await?["did"], fan.did);
    one.logout(&viewer(&one, &cookie).await?, None).await?;
    let ended = person.get::<Value>(SESSION, &[]).await;
    assert!(matches!(ended, Err(PersonError::SessionEnded)), "{ended:?}");
    assert!(other.person(&known).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_with_another_handle_has_it_everywhere_at_once() -> Result {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("gatefold.db");
    let site = Site::on(format!("sqlite:{}", file.display())).await?;
    let fan = site.network.account("fan").await?;
    let accounts = site.process().await?;
    let cookie = sign_in(&accounts, &fan).await?;
    let now = || Timestamp::from(SystemClock.now());
    // What they were called before they signed in here for the first time, as far as this site knows.
    let before = "before.example.com".parse()?;
    let store = site.store().await?;
    let (known, did) = (store.accounts(), fan.did.parse()?);
    assert!(known.seen(&did, Some(&before), now()).await?);
    accounts.heard(now());
    assert_eq!(viewer(&accounts, &cookie).await?.handle, Some(before));
    sign_in(&accounts, &fan).await?;
    // What is remembered is believed, as it would be had this been told of by then.
    accounts.heard(now());
    let handle = viewer(&accounts, &cookie).await?.handle;
    assert_eq!(handle, Some(fan.handle.parse()?));
    Ok(())
}
