//! A site with its client, and the network that it meets.

mod form;
pub(crate) mod http;
pub(crate) mod jose;
pub(crate) mod stand_in;
pub(crate) mod store;

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Clock as _, Timestamp};
use gatefold_net::{Client, ClientOptions, SystemResolver};
use gatefold_oauth::{
    AuthorizeOptions, CallbackError, CallbackQuery, ClientConfig, ClientKeys, Finished, Grant,
    GrantId, GrantStore, Limits, OAuth, OAuthParts, Resolver, ResolverOptions, Started,
    dns::{DnsError, Records, Txt},
};
use gatefold_ops::system_random;
use gatefold_testkit::ManualClock;

pub(crate) use self::{
    http::{Answered, Fault},
    stand_in::StandIn,
    store::Failing,
};

pub(crate) const SCOPES: &str = "atproto blob:audio/* repo:fm.plyr.track";

/// A site: one or more processes over one store.
pub(crate) struct Site {
    pub(crate) server: Arc<StandIn>,
    pub(crate) clock: ManualClock,
    pub(crate) store: Arc<Failing>,
    pub(crate) oauth: OAuth,
    pub(crate) keys: ClientKeys,
}

impl Site {
    /// A public client.
    pub(crate) async fn public() -> Self {
        Self::new(false).await
    }

    /// A confidential client, whose keys the server has.
    pub(crate) async fn confidential() -> Self {
        Self::new(true).await
    }

    async fn new(confidential: bool) -> Self {
        let server = StandIn::start().await;
        let clock = ManualClock::at_unix(1_700_000_000);
        let store = Arc::new(Failing::default());
        let now = Timestamp::from(clock.now());
        let keys = if confidential {
            ClientKeys::generate(&mut system_random(), now)
        } else {
            ClientKeys::default()
        };
        let oauth = process(&server, &clock, &store, &keys);
        let site = Self {
            server,
            clock,
            store,
            oauth,
            keys,
        };
        site.publish();
        site
    }

    /// Another process of the same site.
    pub(crate) fn process(&self) -> OAuth {
        process(&self.server, &self.clock, &self.store, &self.keys)
    }

    /// Lets the server have the keys, as it would fetch them.
    pub(crate) fn publish(&self) {
        if !self.keys.is_empty() {
            self.server.state().jwks = self.keys.jwks();
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    pub(crate) async fn begin(&self) -> Started {
        self.begin_with(AuthorizeOptions::default()).await
    }

    pub(crate) async fn begin_with(&self, options: AuthorizeOptions) -> Started {
        self.oauth
            .authorize("alice.test", options)
            .await
            .ok()
            .unwrap()
    }

    pub(crate) async fn come_back(&self, query: &str) -> Result<Finished, CallbackError> {
        let query = CallbackQuery::parse(query).ok().unwrap();
        self.oauth.callback(&query).await
    }

    /// Signs somebody in.
    pub(crate) async fn sign_in(&self) -> GrantId {
        let started = self.begin().await;
        let query = self.server.consent(&started.url);
        self.come_back(&query).await.ok().unwrap().grant
    }

    /// The grant, as it is kept.
    pub(crate) async fn kept(&self, id: GrantId) -> Option<Grant> {
        self.store.grant(id).await.unwrap()
    }

    /// Lets all access tokens run out, here and there.
    pub(crate) fn expire(&self) {
        self.clock.advance(Duration::from_hours(1));
        for session in &mut self.server.state().sessions {
            session.expired = true;
        }
    }
}

fn process(
    server: &Arc<StandIn>,
    clock: &ManualClock,
    store: &Arc<Failing>,
    keys: &ClientKeys,
) -> OAuth {
    let (public_url, redirect) = if keys.is_empty() {
        (
            "http://127.0.0.1:8400",
            "http://127.0.0.1:8400/auth/callback",
        )
    } else {
        (
            "https://app.example.com",
            "https://app.example.com/auth/callback",
        )
    };
    let net = net();
    let origin = server.state().origin.clone();
    OAuth::new(OAuthParts {
        client: ClientConfig {
            public_url: public_url.to_owned(),
            redirect: redirect.to_owned(),
            name: "Music".to_owned(),
            scopes: SCOPES.parse().unwrap(),
            keys: keys.clone(),
        },
        resolver: resolver(&net, &origin, &origin),
        net,
        store: Arc::clone(store) as Arc<dyn GrantStore>,
        clock: Arc::new(clock.clone()),
        random: Box::new(system_random()),
        limits: Limits {
            request: 1000,
            answer: 10_000,
            blob: 100_000,
        },
    })
    .unwrap()
}

/// The way out, which leads to this machine too.
pub(crate) fn net() -> Client {
    let options = ClientOptions {
        insecure_loopback: true,
        ..ClientOptions::default()
    };
    Client::new(options, Arc::new(SystemResolver)).unwrap()
}

/// Finds people by a directory and a server that knows handles.
pub(crate) fn resolver(net: &Client, directory: &str, handles: &str) -> Resolver {
    let options = ResolverOptions {
        plc: net.url(directory).unwrap(),
        handles: Some(net.url(handles).unwrap()),
    };
    Resolver::new(net.clone(), Arc::new(NoDns), options)
}

/// Nobody is asked: the server above knows all handles.
struct NoDns;

impl Txt for NoDns {
    fn txt<'a>(&'a self, _: &'a str) -> Records<'a> {
        Box::pin(async { Err(DnsError) })
    }
}
