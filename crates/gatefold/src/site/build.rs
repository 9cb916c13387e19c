//! From the configuration to a site: the one place that knows both.

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use gatefold_app::{
    accounts::{Accounts, AccountsParts},
    artists::Artists,
    news::{Listens, News},
    playing::{Delivery, Playing},
    tracks::Tracks,
};
use gatefold_domain::{Clock, Timestamp};
use gatefold_edge::{Edge, server::Server};
use gatefold_media::bucket::{Buckets, UrlSigner};
use gatefold_net::{Client, ClientOptions, SystemResolver, Url};
use gatefold_oauth::{
    ClientConfig, ClientKeys, Resolver, ResolverOptions, dns::SystemDns, identity::PLC_DIRECTORY,
};
use gatefold_ops::{config::Parsed, system_random};
use gatefold_store::{DatabaseUrl, Installation, Options, Store};
use gatefold_web::{
    Metrics, Site, SiteSessions, Stopping, WebOptions, WebParts, WebService,
    limits::{Memory, Quota, Quotas, RateLimiter, Redis, RedisOptions},
};
use rand_core::Rng;

use super::{
    Kind, SiteError, buckets, demo, keys,
    play::{self, EdgeParts},
    sealing::Sealing,
    works::{EdgeNews, Work, WorksParts, works},
};
use crate::{
    config::{self, BaseUrl, DeliveryKind},
    edge::token,
};

/// Where people come back to from their authorization server.
const CALLBACK: &str = "/auth/callback";
/// How long a person's server may take to accept a connection.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long it may take to begin an answer. As long as a refresh may: an answer that is given up on
/// may have used up the refresh token, and the session with it.
const ANSWER_TIME: Duration = Duration::from_secs(40);
/// How long it may pause in the middle of one.
const IDLE_TIME: Duration = Duration::from_secs(15);
/// What the names begin with under which instances count together.
const REDIS_PREFIX: &str = "gatefold:";

/// A site that is ready to serve.
pub(super) struct Built {
    pub(super) server: Server,
    pub(super) service: WebService,
    pub(super) accounts: Arc<Accounts>,
    pub(super) playing: Arc<Playing>,
    pub(super) sealing: Sealing,
    pub(super) edge: Arc<Edge>,
    pub(super) news: News,
    pub(super) work: Work,
    pub(super) metrics: Arc<Metrics>,
    pub(super) stopping: Stopping,
}

/// Where the world reaches the site.
pub(crate) struct Address(String);

impl Address {
    /// As it is configured; or else where it listens, which is on this machine.
    pub(crate) fn of(config: &config::Server, listening: SocketAddr) -> Self {
        match &config.url {
            Some(Parsed(url)) => Self(url.as_str().to_owned()),
            None => Self(format!("http://{listening}")),
        }
    }
}

/// Makes the site.
pub(super) async fn build(
    config: &config::Server,
    kind: Kind,
    address: &Address,
    clock: Arc<dyn Clock>,
    say: &impl Fn(&str),
) -> Result<Built, SiteError> {
    let site = Site::new(&address.0)?;
    let store = open_store(config, clock.now().into()).await?;
    if kind == Kind::Site && !store.claim(Installation::Site).await? {
        return Err(SiteError::IsADemo);
    }
    let net = net(config)?;
    let client = client(config, &site)?;
    let is_public = client.keys.is_empty();
    let accounts = Arc::new(Accounts::new(AccountsParts {
        store: store.clone(),
        client,
        resolver: resolver(config, net.clone())?,
        net: net.clone(),
        clock: Arc::clone(&clock),
        random: [Box::new(system_random()), Box::new(system_random())],
    })?);
    let (buckets, signer) = buckets(config, &site)?;
    let demonstration = match kind {
        Kind::Site => None,
        Kind::Demonstration => Some(demo::begin(&store, &accounts, &buckets, &clock, say).await?),
    };
    let tracks = Arc::new(Tracks::new(store.clone(), Arc::clone(&clock)));
    let artists = Artists::new(store.clone(), Arc::clone(&tracks), Arc::clone(&clock));
    say_what_is_made(config, say);
    let (sealing, sealer) = Sealing::load(config, Arc::clone(&clock))?;
    let playing = Arc::new(Playing::new(
        Arc::clone(&tracks),
        play::supporters(
            play::registry(config, kind, net.clone())?,
            Arc::clone(&clock),
        ),
        Delivery::new(play::delivery(config, &site, &buckets.private, sealer)?),
        Arc::clone(&clock),
    ));
    let sessions = SiteSessions::new(Arc::clone(&accounts), Arc::clone(&playing), site.clone());
    let edge = Arc::new(play::edge(
        config,
        EdgeParts {
            sessions,
            sealing: &sealing,
            clock: Arc::clone(&clock),
        },
    )?);
    let (works, work) = works(
        config,
        WorksParts {
            store: store.clone(),
            net: net.clone(),
            buckets,
            accounts: Arc::clone(&accounts),
            playing: Arc::clone(&playing),
            tracks: Arc::clone(&tracks),
            edge: Arc::clone(&edge),
            signer,
            site: &site,
            clock: Arc::clone(&clock),
        },
    )?;
    let news = News::new(
        store,
        Arc::clone(&clock),
        listeners(&accounts, &tracks, &edge),
    );
    let (metrics, stopping) = (Arc::<Metrics>::default(), Stopping::default());
    let options = WebOptions {
        demo: demonstration.as_ref().map(demo::cast),
        metrics: Arc::clone(&metrics),
        stopping: stopping.clone(),
        ..web_options(config, site)?
    };
    if is_public && !options.site.is_loopback() {
        say(
            "The site has no client key, so that developer tokens end after two weeks: see \
             `gatefold keys oauth --help`",
        );
    }
    say(&format!("Ready: {}/", options.site.origin()));
    let parts = WebParts {
        accounts: Arc::clone(&accounts),
        playing: Arc::clone(&playing),
        tracks,
        artists: Arc::new(artists),
        works: Some(works),
        demonstration,
        clock,
    };
    Ok(Built {
        server: play::server(config, Arc::clone(&edge))?,
        service: gatefold_web::service(parts, options),
        accounts,
        playing,
        sealing,
        edge,
        news,
        work,
        metrics,
        stopping,
    })
}

/// Where the bytes are, and what signs URLs of those that are in a folder.
fn buckets(
    config: &config::Server,
    site: &Site,
) -> Result<(Buckets, Option<UrlSigner>), SiteError> {
    let mut buckets = buckets::open(&config.media)?;
    let signer = play::signer(config, site)?;
    if let Some(signer) = &signer {
        buckets.private = buckets.private.signing(signer.clone());
    }
    Ok((buckets, signer))
}

/// Who has to hear of changes.
fn listeners(
    accounts: &Arc<Accounts>,
    tracks: &Arc<Tracks>,
    edge: &Arc<Edge>,
) -> Vec<Arc<dyn Listens>> {
    vec![
        Arc::clone(accounts) as _,
        Arc::clone(tracks) as _,
        Arc::new(EdgeNews(Arc::clone(edge))),
    ]
}

/// Says what a first start makes that other instances need, too.
fn say_what_is_made(config: &config::Server, say: &impl Fn(&str)) {
    if !config.database.is_shared() {
        return;
    }
    let links = token::links_path(&config.secrets);
    let is_sealed = config.delivery.kind.0 == DeliveryKind::Sealed;
    for (what, path, is_used) in [
        ("The keys that seal links are", config.keyring(), true),
        ("The key that signs links is", links, !is_sealed),
    ] {
        if is_used && !path.exists() {
            say(&format!(
                "{what} made in {}: every instance of this site needs the same file",
                path.display()
            ));
        }
    }
}

/// What the configuration says of the API and the pages.
fn web_options(config: &config::Server, site: Site) -> Result<WebOptions, SiteError> {
    let origins = config.origins.iter();
    Ok(WebOptions {
        name: config.name.clone(),
        origins: origins.map(|Parsed(origin)| origin.clone()).collect(),
        media: play::origins(config),
        demo: None,
        proxies: config.trusted_proxies.clone(),
        limiter: limiter(&config.rates)?,
        metrics: Arc::default(),
        stopping: Stopping::default(),
        instance: system_random().next_u32(),
        site,
    })
}

/// Opens the database, with the schema brought up to date.
pub(crate) async fn open_store(
    config: &config::Server,
    now: Timestamp,
) -> Result<Store, SiteError> {
    let url: DatabaseUrl = config.database.url().parse()?;
    let path = &config.database.keys;
    // Keys that are new open nothing that is there.
    let is_new = url.file().is_some_and(|file| !file.exists());
    let keys = keys::columns(path, is_new, now)?;
    let options = Options {
        connections: config.database.connections,
        migrate: true,
    };
    Ok(Store::open(&url, keys::crypter(path, &keys)?, options, now).await?)
}

/// The way out, to servers that people name.
pub(crate) fn net(config: &config::Server) -> Result<Client, SiteError> {
    let options = ClientOptions {
        connect_time: CONNECT_TIME,
        first_byte_time: ANSWER_TIME,
        idle_time: IDLE_TIME,
        insecure_loopback: config.development,
        ..ClientOptions::default()
    };
    Ok(Client::new(options, Arc::new(SystemResolver))?)
}

fn resolver(config: &config::Server, net: Client) -> Result<Resolver, SiteError> {
    let server = |key, url: &str| {
        let parsed = if config.development {
            Url::parse_or_loopback(url)
        } else {
            Url::parse(url)
        };
        parsed.map_err(|_| SiteError::Server { key })
    };
    let configured =
        |url: &Option<Parsed<BaseUrl>>| url.as_ref().map(|Parsed(url)| url.as_str().to_owned());
    let plc = configured(&config.oauth.plc).unwrap_or_else(|| PLC_DIRECTORY.to_owned());
    let handles = configured(&config.oauth.handle_resolver);
    let options = ResolverOptions {
        plc: server("plc", &plc)?,
        handles: handles
            .map(|url| server("handle_resolver", &url))
            .transpose()?,
    };
    Ok(Resolver::new(net, Arc::new(SystemDns::new()?), options))
}

/// Who the site is to authorization servers.
pub(crate) fn client(config: &config::Server, site: &Site) -> Result<ClientConfig, SiteError> {
    let keys = match &config.oauth.keys {
        Some(path) => keys::client(path)?,
        None => ClientKeys::default(),
    };
    Ok(ClientConfig {
        public_url: site.origin().to_owned(),
        redirect: format!("{}{CALLBACK}", site.origin()),
        name: config.name.clone(),
        scopes: config.oauth.scope.parse()?,
        keys,
    })
}

/// Counts requests: in this process, or for all instances together.
fn limiter(rates: &config::Rates) -> Result<Arc<dyn RateLimiter>, SiteError> {
    let quota = |limit| Quota::per_minute(NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN));
    let quotas = Quotas {
        default: quota(rates.general),
        auth: quota(rates.auth),
        upload: quota(rates.upload),
        ..Quotas::default()
    };
    let Some(url) = &rates.redis else {
        return Ok(Arc::new(Memory::new(quotas)));
    };
    let options = RedisOptions {
        url: url.expose().to_owned(),
        prefix: REDIS_PREFIX.to_owned(),
    };
    Ok(Arc::new(Redis::new(&options, quotas)?))
}
