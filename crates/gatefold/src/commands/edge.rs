//! `gatefold edge`: an edge that stands alone.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use clap::Args;
use gatefold_ops::{SystemClock, shutdown, system_random};
use tokio::{net::TcpListener, runtime};

use crate::{
    commands::Error,
    demo::{Demo, DemoOptions},
};

/// The demonstration's address unless another is asked for.
const DEMO_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8400);

/// What `gatefold edge` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Show what an edge does: make keys and music, and serve a page that plays sealed URLs, on
    /// this machine only
    #[arg(long)]
    demo: bool,
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value_t = DEMO_ADDRESS)]
    listen: SocketAddr,
    /// Where keys and music are kept
    #[arg(long, value_name = "FOLDER", default_value = "data/demo")]
    data: PathBuf,
}

/// Runs until it is interrupted.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    if !arguments.demo {
        return Err(Error::OnlyDemo);
    }
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(demo(arguments))
}

async fn demo(arguments: &Arguments) -> Result<(), Error> {
    let address = arguments.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| Error::Listen { address, cause })?;
    let options = DemoOptions::new(&arguments.data, Arc::new(SystemClock));
    let demo = Demo::prepare(&options, listener.local_addr()?, &mut system_random(), say)?;
    say(&format!("Ready: open {}/", demo.site()));
    demo.serve(listener, stop_requested()).await?;
    Ok(())
}

async fn stop_requested() {
    if let Err(error) = shutdown::requested().await {
        tracing::error!(%error, "cannot listen for signals: stopping at once");
    }
}

/// Tells the person who runs the command how it goes. A closed output is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
