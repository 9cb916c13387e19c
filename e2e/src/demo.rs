//! The demonstration in the test's own process, on a clock that the test moves.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use gatefold::demo::{Demo, DemoOptions};
use gatefold_testkit::ManualClock;
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task};

use crate::{
    Result,
    http::{self, get, with},
    wire::Wire,
};

/// The beginning of a window of 60 seconds.
pub const START: u64 = 1_778_850_000;

/// The length of the demonstration's windows.
pub const LIFETIME: Duration = Duration::from_mins(1);
/// How long after its window a URL is still good.
pub const GRACE: Duration = Duration::from_secs(5);
/// The piece that the tests play.
pub const PIECE: &str = "harbour-lights";

/// A running demonstration; it stops when this is dropped.
pub struct Running {
    /// The address of its page, without a slash at the end.
    pub site: String,
    /// Where browsers reach it.
    pub address: SocketAddr,
    /// Where it listens.
    pub server: SocketAddr,
    /// Its time.
    pub clock: ManualClock,
    _stop: oneshot::Sender<()>,
}

/// A sealed URL as a player gets it.
pub struct Sealed {
    /// The URL.
    pub url: String,
    /// Its path: what an edge is asked for.
    pub path: String,
}

impl Running {
    /// Starts one whose connections are cut as soon as their URL's window has ended. `folder` is
    /// where tests of all processes find the music, which takes seconds to compose.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(folder: &Path) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Self::serve(folder, listener, address, ManualClock::at_unix(START)).await
    }

    /// The same at the other end of a wire, which leads there from then on, and on this clock.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start_behind(wire: &Wire, folder: &Path, clock: ManualClock) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let demo = Self::serve(folder, listener, wire.address, clock).await?;
        wire.lead_to(demo.server);
        Ok(demo)
    }

    async fn serve(
        folder: &Path,
        listener: TcpListener,
        address: SocketAddr,
        clock: ManualClock,
    ) -> Result<Self> {
        let server = listener.local_addr()?;
        let mut options = DemoOptions::new(&folder.join("demo"), Arc::new(clock.clone()));
        options.grace = GRACE.as_secs();
        options.overrun = 0;
        let lock = folder.join("demo.lock");
        let demo = task::spawn_blocking(move || -> Result<Demo> {
            // One process composes, the others wait for it.
            fs::create_dir_all(&options.data)?;
            let lock = File::create(lock)?;
            lock.lock()?;
            let mut rng = gatefold_ops::system_random();
            Ok(Demo::prepare(&options, address, &mut rng, |_| {})?)
        })
        .await??;
        let (stop, stopped) = oneshot::channel::<()>();
        let site = demo.site().to_owned();
        tokio::spawn(demo.serve(listener, async {
            let _ = stopped.await;
        }));
        Ok(Self {
            site,
            address,
            server,
            clock,
            _stop: stop,
        })
    }

    /// The sealed URL of the current window.
    ///
    /// # Errors
    /// When there is none.
    pub async fn seal(&self) -> Result<Sealed> {
        let request = get(&format!("/audio/{PIECE}/url"));
        let request = with(request, "host", &self.address.to_string());
        let answer = http::send(self.server, request).await?;
        let answer: Value = answer.json()?;
        let url = answer
            .get("url")
            .and_then(Value::as_str)
            .ok_or("no url")?
            .to_owned();
        let path = url.strip_prefix(&self.site).ok_or("elsewhere")?.to_owned();
        Ok(Sealed { url, path })
    }

    /// The bytes that sealed URLs of this piece stand for.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn bytes(folder: &Path) -> Result<Vec<u8>> {
        let path = folder.join(format!("demo/uploads/demo/{PIECE}.wav"));
        Ok(fs::read(path)?)
    }

    /// Moves on to where no URL of the current window is good any more, the grace included.
    pub fn pass_window(&self) {
        self.clock.advance(
            LIFETIME
                .saturating_add(GRACE)
                .saturating_add(Duration::from_secs(1)),
        );
    }
}
