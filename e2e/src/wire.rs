//! A wire between a browser and a server, that counts what comes through it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use crate::Result;

/// How much is taken from one side before it is given to the other, in bytes.
const PIECE: usize = 64 * 1024;

/// Passes connections on, byte for byte. It is cut when this is dropped.
pub struct Wire {
    /// The browser's end.
    pub address: SocketAddr,
    state: Arc<State>,
    task: AbortHandle,
}

#[derive(Default)]
struct State {
    server: Mutex<Option<SocketAddr>>,
    sent: AtomicU64,
}

impl Wire {
    /// A wire that leads nowhere yet: whoever connects is cut off.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn lay() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle();
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// Where new connections lead from now on.
    pub fn lead_to(&self, server: SocketAddr) {
        let mut place = self
            .state
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(server);
    }

    /// How many bytes servers have sent to the browser: heads, bodies, everything.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((browser, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        connections.spawn(async move {
            // A side that breaks off ends both; whoever was speaking notices.
            let _ = pass(browser, &state).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn pass(browser: TcpStream, state: &State) -> io::Result<()> {
    let server = *state.server.lock().unwrap_or_else(PoisonError::into_inner);
    let server = TcpStream::connect(server.ok_or(io::ErrorKind::NotConnected)?).await?;
    let (from_browser, to_browser) = browser.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        ended = copy(from_browser, to_server, |_| ()) => ended,
        ended = copy(from_server, to_browser, |len| {
            state.sent.fetch_add(len, Ordering::SeqCst);
        }) => ended,
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: impl Fn(u64),
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let len = from.read(&mut piece).await?;
        let Some(piece) = piece.get(..len).filter(|piece| !piece.is_empty()) else {
            return Ok(());
        };
        to.write_all(piece).await?;
        count(len as u64);
    }
}
