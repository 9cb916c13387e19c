//! One listener and one runtime for each core, all on one address (`SO_REUSEPORT`).
//!
//! The system spreads connections over the listeners. What a core has accepted stays with it, so
//! that no two cores wait for each other in the way of a request.

use std::{io, net::SocketAddr, thread};

use tokio::{
    net::{TcpListener, TcpSocket},
    runtime,
    sync::{mpsc, watch},
};

use super::{Others, Page, Server};

/// How many connections wait to be accepted, for each core.
const BACKLOG: u32 = 1024;

/// Listeners on one address, one for each core.
pub struct Listeners {
    listeners: Vec<std::net::TcpListener>,
    address: SocketAddr,
}

impl Listeners {
    /// Listens on `address`, for as many cores as `cores` says (at least one). With port 0 the
    /// system chooses one port for all of them.
    ///
    /// An address that somebody listens on already is refused, although it could be shared: two
    /// servers by mistake would each get some of the requests.
    ///
    /// # Errors
    /// When the address cannot be had. Must be called within a runtime.
    pub fn bind(address: SocketAddr, cores: usize) -> io::Result<Self> {
        let shared = cores > 1;
        if shared && address.port() != 0 {
            drop(listen(address, false)?);
        }
        let first = listen(address, shared)?;
        let address = first.local_addr()?;
        let mut listeners = vec![first];
        for _ in 1..cores {
            listeners.push(listen(address, shared)?);
        }
        Ok(Self { listeners, address })
    }

    /// Where they listen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn listen(address: SocketAddr, shared: bool) -> io::Result<std::net::TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that starts again finds connections of its former life on the port.
    socket.set_reuseaddr(true)?;
    if shared {
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

impl Server {
    /// Serves on every listener with a core of its own, until `stop` completes; then as
    /// [`Server::serve`]. The other service is called on all of these cores.
    ///
    /// # Errors
    /// When a core cannot begin or ends early. The others are then stopped too.
    pub async fn serve_on_cores<S: Others<B>, B: Page>(
        &self,
        listeners: Listeners,
        others: S,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (stopping, stopped) = watch::channel(());
        let (ending, mut ends) = mpsc::unbounded_channel();
        let cores = listeners.listeners.len();
        for (number, listener) in listeners.listeners.into_iter().enumerate() {
            let (server, others, mut stopped) = (self.clone(), others.clone(), stopped.clone());
            let ending = ending.clone();
            let core = move || {
                let stop = async move {
                    let _ = stopped.changed().await;
                };
                // Nobody listens any more only when the server's own runtime is being ended.
                let _ = ending.send(core(&server, listener, others, stop));
            };
            thread::Builder::new()
                .name(format!("core-{number}"))
                .spawn(core)?;
        }
        drop(ending);
        let early = tokio::select! {
            biased;
            end = ends.recv() => Some(end),
            () = stop => None,
        };
        drop(stopping);
        let mut well: usize = 0;
        let mut next = match early {
            Some(end) => end,
            None => ends.recv().await,
        };
        while let Some(end) = next {
            end?;
            well = well.saturating_add(1);
            next = ends.recv().await;
        }
        if well == cores {
            Ok(())
        } else {
            Err(io::Error::other("a core ended early"))
        }
    }
}

/// Is one core.
fn core<S: Others<B>, B: Page>(
    server: &Server,
    listener: std::net::TcpListener,
    others: S,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        server.serve(listener, others, stop).await
    });
    // A read from a disk that hangs must not hold the process.
    runtime.shutdown_background();
    served
}
