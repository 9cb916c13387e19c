//! A web host that does as its script says, byte for byte, and counts what it is asked.

mod content;
mod lie;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinHandle,
    time,
};

pub use content::{Content, Reply};
pub use lie::Lie;

/// A head longer than this is no request of an edge's.
const LONGEST_HEAD: usize = 64 * 1024;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How many requests came before it, on all connections.
    pub before: usize,
    /// The method.
    pub method: String,
    /// The request target.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
}

impl Asked {
    fn parse(head: &str, before: usize) -> Option<Self> {
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            before,
            method,
            path,
            headers,
        })
    }

    /// A header's first value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is done on a connection, one after the other. After the last step the next request is read.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends bytes.
    Send(Bytes),
    /// Sends the same bytes again and again, until the other side has gone.
    Endlessly(Bytes),
    /// Sends one byte at a time, with a pause after each.
    Drip(Bytes, Duration),
    /// Does nothing until [`Hostile::release`] or until the other side has gone.
    Hold,
    /// Ends the connection in order.
    Close,
    /// Ends it with a reset.
    Reset,
}

/// What is done about a request.
pub type Script = Arc<dyn Fn(&Asked) -> Vec<Step> + Send + Sync>;

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were read whole.
    pub requests: usize,
    /// Bytes that were written, heads included.
    pub bytes: u64,
    /// Connections that are open.
    pub open: usize,
    /// Connections that there have been.
    pub connections: usize,
}

/// The host. It ends, its connections with it, when this is dropped.
pub struct Hostile {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    script: Mutex<Script>,
    counts: watch::Sender<Counts>,
    asked: Mutex<Vec<Asked>>,
    /// How often everybody who was held has been let go.
    released: watch::Sender<usize>,
}

impl Hostile {
    /// Listens, and does as `script` says.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            script: Mutex::new(script),
            counts: watch::Sender::new(Counts::default()),
            asked: Mutex::default(),
            released: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            accepting,
        })
    }

    /// From the next request on, does as `script` says.
    pub fn play(&self, script: Script) {
        *lock(&self.state.script) = script;
    }

    /// Lets everybody go on who is held now.
    pub fn release(&self) {
        self.state
            .released
            .send_modify(|times| *times = times.saturating_add(1));
    }

    /// What has happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.state.counts.borrow()
    }

    /// Every request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state.asked).clone()
    }

    /// Waits until the counts are as wanted.
    pub async fn until(&self, wanted: impl FnMut(&Counts) -> bool) {
        // The sender is here: it cannot go away meanwhile.
        let _ = self.state.counts.subscribe().wait_for(wanted).await;
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Aborting this task drops the set, and that ends every connection.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let state = Arc::clone(&state);
                connections.spawn(async move {
                    let _open = Open::new(&state);
                    // Whatever ends a connection ends it alone.
                    let _ = serve(stream, &state).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A connection that is counted as open.
struct Open<'a>(&'a State);

impl<'a> Open<'a> {
    fn new(state: &'a State) -> Self {
        state.counts.send_modify(|counts| {
            counts.open = counts.open.saturating_add(1);
            counts.connections = counts.connections.saturating_add(1);
        });
        Self(state)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0
            .counts
            .send_modify(|counts| counts.open = counts.open.saturating_sub(1));
    }
}

async fn serve(stream: TcpStream, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut read, mut write) = stream.into_split();
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at.saturating_add(4);
            }
            if buffer.len() > LONGEST_HEAD || read.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let head: Vec<u8> = buffer.drain(..end).collect();
        let before = lock(&state.asked).len();
        let Some(asked) = Asked::parse(&String::from_utf8_lossy(&head), before) else {
            return Ok(());
        };
        let script = Arc::clone(&lock(&state.script));
        let steps = script(&asked);
        lock(&state.asked).push(asked);
        state
            .counts
            .send_modify(|counts| counts.requests = counts.requests.saturating_add(1));
        let played = play(steps, &mut write, state);
        tokio::pin!(played);
        // Reading on meanwhile tells when the other side goes.
        let goes_on = loop {
            tokio::select! {
                played = &mut played => break played?,
                got = read.read_buf(&mut buffer) => if got? == 0 { return Ok(()) },
            }
        };
        if !goes_on {
            return Ok(());
        }
    }
}

/// Whether the connection goes on.
async fn play(steps: Vec<Step>, write: &mut OwnedWriteHalf, state: &State) -> io::Result<bool> {
    for step in steps {
        match step {
            Step::Send(bytes) => send(write, &bytes, state).await?,
            Step::Endlessly(bytes) => loop {
                send(write, &bytes, state).await?;
            },
            Step::Drip(bytes, pause) => {
                let mut beat = time::interval(pause);
                for byte in bytes {
                    beat.tick().await;
                    send(write, &[byte], state).await?;
                }
            }
            Step::Hold => {
                let mut released = state.released.subscribe();
                let _ = released.changed().await;
            }
            Step::Close => return Ok(false),
            Step::Reset => {
                write.as_ref().set_zero_linger()?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

async fn send(write: &mut OwnedWriteHalf, bytes: &[u8], state: &State) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let written = write.write(rest).await?;
        rest = rest.split_at_checked(written).map_or(&[], |(_, rest)| rest);
        state.counts.send_modify(|counts| {
            counts.bytes = counts.bytes.saturating_add(written as u64);
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
