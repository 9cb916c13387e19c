//! From the configuration to what is published: uploads, the studio, the library, and who does what
//! follows.

use std::{ffi::OsString, sync::Arc};

use gatefold_app::{
    accounts::Accounts,
    ids::Ids,
    jobs::Worker,
    library::{Library, LibraryParts},
    news::Listens,
    playing::Playing,
    settling::{Cdn, Cloudflare, Discard, LikeRecords, Purge, Purging, Records, Settling, Webhook},
    studio::{Studio, StudioParts},
    sweeping::Sweeping,
    tracks::Tracks,
    uploads::{Making, MakingParts, UploadLimits, Uploads},
};
use gatefold_domain::{Clock, ObjectKey, Timestamp};
use gatefold_edge::{Edge, PUBLIC_PREFIX};
use gatefold_media::{
    bucket::{Buckets, UrlSigner},
    isolated::{Reader, Settings},
};
use gatefold_net::Client;
use gatefold_ops::{
    config::{Parsed, Secret},
    system_random,
};
use gatefold_store::{Change, Store};
use gatefold_web::{Site, Works};
use zeroize::Zeroizing;

use super::SiteError;
use crate::{config, edge::token};

/// Where Cloudflare's API is.
const CLOUDFLARE: &str = "https://api.cloudflare.com";
/// The label that an edge has public objects under begins so.
const PUBLIC: &str = "public:";

/// What is published is made of these, besides the configuration.
pub(super) struct WorksParts<'a> {
    pub(super) store: Store,
    /// The way out.
    pub(super) net: Client,
    pub(super) buckets: Buckets,
    pub(super) accounts: Arc<Accounts>,
    pub(super) playing: Arc<Playing>,
    pub(super) tracks: Arc<Tracks>,
    pub(super) edge: Arc<Edge>,
    /// Signs URLs of the private bucket, where that does not do it itself.
    pub(super) signer: Option<UrlSigner>,
    pub(super) site: &'a Site,
    pub(super) clock: Arc<dyn Clock>,
}

/// Does what follows, as long as the site runs.
pub(super) struct Work {
    making: Arc<Worker>,
    following: Arc<Worker>,
    sweeping: Sweeping,
}

impl Work {
    /// Until it is dropped.
    pub(super) async fn work(&self) {
        // What is uploaded takes long, and nobody else waits for it.
        tokio::join!(
            self.making.work(),
            self.making.work(),
            self.following.work(),
            self.following.work(),
            self.sweeping.work(),
        );
    }
}

/// Puts together what is published, and who does what follows.
pub(super) fn works(
    config: &config::Server,
    parts: WorksParts<'_>,
) -> Result<(Works, Work), SiteError> {
    let ids = Ids::new(Box::new(system_random()));
    let reader = reader()?;
    let work = work(config, &parts, &ids, &reader);
    let namespace = &config.uploads.namespace;
    let limits = UploadLimits {
        audio: config.uploads.audio.0,
        picture: config.uploads.picture.0,
        quota: config.uploads.quota.0,
    };
    let public = public(config, &parts);
    let WorksParts {
        store,
        buckets,
        playing,
        tracks,
        clock,
        edge,
        signer,
        ..
    } = parts;
    let uploads = Uploads::new(
        store.clone(),
        buckets.clone(),
        Arc::clone(&clock),
        (ids.clone(), limits),
        Arc::clone(&work.making),
    );
    let studio = Studio::new(StudioParts {
        store: store.clone(),
        buckets: buckets.clone(),
        tracks: Arc::clone(&tracks),
        worker: Arc::clone(&work.following),
        reader,
        work: config.work(),
        clock: Arc::clone(&clock),
        ids: ids.clone(),
    });
    let library = Library::new(LibraryParts {
        store,
        buckets,
        playing,
        worker: Arc::clone(&work.following),
        clock,
        ids,
        listener_key: token::listeners(&config.secrets)?,
    });
    let works = Works {
        library: Arc::new(library),
        studio: Arc::new(studio),
        uploads: Arc::new(uploads),
        edge,
        signer,
        tracks: format!("{namespace}.track").into(),
        likes: format!("{namespace}.like").into(),
        public: public.into(),
    };
    Ok((works, work))
}

/// Where the public bucket is read.
fn public(config: &config::Server, parts: &WorksParts<'_>) -> String {
    config.media.public_base(parts.site.origin(), PUBLIC_PREFIX)
}

/// What stands between the public bucket and the world.
fn cdn(config: &config::Server, parts: &WorksParts<'_>) -> Cdn {
    let purge = &config.media.purge;
    let shown = |secret: &Secret| Zeroizing::new(secret.expose().to_owned());
    let cloudflare = purge.cloudflare_zone.clone();
    let cloudflare = cloudflare.zip(purge.cloudflare_token.as_ref());
    let api = purge.cloudflare_api.as_ref();
    Cdn {
        net: parts.net.clone(),
        public: public(config, parts),
        cloudflare: cloudflare.map(|(zone, token)| Cloudflare {
            api: api
                .map_or(CLOUDFLARE, |Parsed(url)| url.as_str())
                .to_owned(),
            zone,
            token: shown(token),
        }),
        webhook: purge.webhook.clone().map(|url| Webhook {
            url,
            token: purge.webhook_token.as_ref().map(shown),
        }),
    }
}

/// Who does what follows.
fn work(config: &config::Server, parts: &WorksParts<'_>, ids: &Ids, reader: &Reader) -> Work {
    let ground = || {
        let clock = Arc::clone(&parts.clock);
        (parts.store.clone(), parts.buckets.clone(), clock)
    };
    let holder = || u128::from_be_bytes(ids.next());
    let (store, buckets, clock) = ground();
    let making = Making::new(MakingParts {
        store,
        buckets,
        reader: reader.clone(),
        work: config.work(),
        clock,
        ids: ids.clone(),
        has_records: true,
    });
    let (store, buckets, clock) = ground();
    let namespace = &config.uploads.namespace;
    let settling = Settling::new(store, buckets, clock, ids.clone()).with_records(Records {
        store: parts.store.clone(),
        accounts: Arc::clone(&parts.accounts),
        collection: format!("{namespace}.track"),
        site: parts.site.origin().to_owned(),
        public: public(config, parts),
    });
    let (store, buckets, clock) = ground();
    let own = OwnEdge {
        edge: Arc::clone(&parts.edge),
        buckets: buckets.clone(),
    };
    let mut purge: Vec<Arc<dyn Purge>> = vec![Arc::new(own)];
    if config.media.public_url.is_some() {
        purge.push(Arc::new(cdn(config, parts)));
    }
    let discard = Discard::new(store, buckets, clock).purging(purge);
    let likes = LikeRecords {
        store: parts.store.clone(),
        accounts: Arc::clone(&parts.accounts),
        collection: format!("{namespace}.like"),
        clock: Arc::clone(&parts.clock),
    };
    let worker = |does| {
        let (store, _, clock) = ground();
        let worker = Worker::new(store, clock, holder(), does);
        Arc::new(worker.with_leases_of(config.uploads.lease))
    };
    let (store, buckets, clock) = ground();
    let ages = (config.uploads.lease, config.uploads.sweep_after);
    Work {
        making: worker(vec![Arc::new(making)]),
        following: worker(vec![Arc::new(settling), Arc::new(discard), Arc::new(likes)]),
        sweeping: Sweeping::new(store, buckets, clock, holder(), ages),
    }
}

/// Reads what strangers have sent, by this very program.
fn reader() -> Result<Reader, SiteError> {
    let program = std::env::current_exe()?;
    let arguments = [OsString::from("read-media")];
    Ok(Reader::new(program, arguments, Settings::default()))
}

/// The site's own edge, which remembers public objects.
struct OwnEdge {
    edge: Arc<Edge>,
    buckets: Buckets,
}

/// Has the site's own edge forget what others have withdrawn.
pub(super) struct EdgeNews(pub(super) Arc<Edge>);

impl Purge for OwnEdge {
    fn purge<'a>(&'a self, key: &'a ObjectKey) -> Purging<'a> {
        Box::pin(async move {
            purge(&self.edge, key);
            Ok(())
        })
    }

    fn is_gone<'a>(&'a self, key: &'a ObjectKey) -> Purging<'a> {
        Box::pin(async move {
            match self.buckets.public.facts(key).await {
                Ok(None) => Ok(()),
                Ok(Some(_)) => Err("a public copy is still in its bucket".to_owned()),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}

impl Listens for EdgeNews {
    fn heard(&self, _: Timestamp) {}

    fn forget(&self, change: &Change) {
        if let Change::Withdrawn(key) = change {
            purge(&self.0, key);
        }
    }

    fn forget_all(&self) {
        self.0.purge(|label| label.starts_with(PUBLIC));
    }
}

fn purge(edge: &Edge, key: &ObjectKey) {
    edge.purge(|label| label.strip_prefix(PUBLIC) == Some(key.as_str()));
}
