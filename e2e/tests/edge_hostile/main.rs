//! An edge among origins that lie and clients that leave: what it sends is right or visibly broken,
//! what it holds it gives back, and killing it spoils nothing.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a helper that goes wrong here has failed its test, and says where"
)]

mod changing;
mod flights;
mod killed;
mod leaving;
mod lies;

use std::sync::Arc;

use gatefold_e2e::{
    Result,
    edge::{Edge, Setup},
    subject::{Kind, Subject},
};
use gatefold_testkit::origins::{Hostile, Script};

/// An edge in front of a host that does as it is told.
struct Bench {
    host: Hostile,
    edge: Edge,
    subject: Subject,
}

impl Bench {
    async fn start(script: Script) -> Result<Self> {
        Self::start_with(script, Setup::default()).await
    }

    async fn start_with(script: Script, mut setup: Setup) -> Result<Self> {
        let host = Hostile::start(script).await?;
        setup.web = Some(host.address);
        let edge = tokio::task::spawn_blocking(move || Edge::start(&setup)).await??;
        let subject = edge.subject(Kind::Web, Vec::new());
        Ok(Self {
            host,
            edge,
            subject,
        })
    }
}

/// A script that depends on what is asked for: the path's last part, without its ending.
fn by_name(script: impl Fn(&str) -> Script + Send + Sync + 'static) -> Script {
    Arc::new(move |asked| {
        let name = asked.path.trim_start_matches('/');
        let name = name.split_once('.').map_or(name, |(name, _)| name);
        script(name)(asked)
    })
}
