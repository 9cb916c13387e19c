//! `gatefold edge`: an edge that stands alone.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use gatefold_ops::{SystemClock, logging, shutdown::Stops, system_random};
use tokio::{net::TcpListener, runtime};

use crate::{
    commands::Error,
    config::{Config, ConfigArguments},
    demo::{Demo, DemoOptions},
    edge,
};

/// The demonstration's address unless another is asked for.
const DEMO_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8400);

/// Where the demonstration keeps keys and music unless it is told.
const DEMO_DATA: &str = "data/demo";

/// The most threads that ask origins, fill the cache and answer those who run the edge. Listeners are
/// served by others, one for each core (`gatefold_edge::server::Listeners`). What these do is wait for the
/// network, decrypt and hash: as many as there are cores keep up with what the cores send, and
/// beyond eight they would fetch faster than any network that an edge is likely to have.
const MOST_BACKGROUND: usize = 8;

/// What `gatefold edge` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Where to listen, in place of what is configured (127.0.0.1:8400 otherwise); port 0 takes
    /// any free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Show what an edge does: make keys and music, and serve a page that plays sealed URLs, on
    /// this machine only; reads no configuration
    #[arg(long)]
    demo: bool,
    /// Where the demonstration keeps keys and music (data/demo otherwise)
    #[arg(long, value_name = "FOLDER", requires = "demo")]
    data: Option<PathBuf>,
}

/// Runs until it is interrupted.
pub(crate) fn run(arguments: &Arguments, log: Option<&str>) -> Result<(), Error> {
    let mut runtime = runtime::Builder::new_multi_thread();
    runtime.enable_all();
    if arguments.demo {
        logging::start(log)?;
        return runtime.build()?.block_on(demo(arguments));
    }
    let mut sources = arguments.config.sources()?;
    if let Some(address) = arguments.listen {
        sources = sources.with_option("edge.listen", "--listen", address.to_string());
    }
    let loaded = sources.load::<Config>()?;
    logging::start(Some(log.unwrap_or(&loaded.config.log.filter)))?;
    let cores = edge::cores(loaded.config.edge.cores);
    runtime
        .worker_threads(cores.min(MOST_BACKGROUND))
        .thread_name("background");
    Ok(runtime.build()?.block_on(edge::run(loaded, say))?)
}

async fn demo(arguments: &Arguments) -> Result<(), Error> {
    let address = arguments.listen.unwrap_or(DEMO_ADDRESS);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| Error::Listen { address, cause })?;
    let data = arguments.data.as_deref().unwrap_or(Path::new(DEMO_DATA));
    let options = DemoOptions::new(data, Arc::new(SystemClock));
    let demo = Demo::prepare(&options, listener.local_addr()?, &mut system_random(), say)?;
    let stops = Stops::listen()?;
    say(&format!("Ready: open {}/", demo.site()));
    demo.serve(listener, stops.requested()).await?;
    Ok(())
}

/// Tells the person who runs the command how it goes. A closed output is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
