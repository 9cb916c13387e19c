//! A registry of supporters: an HTTP server that speaks as atprotofans does, and fails as told.

use std::{
    collections::{HashMap, HashSet},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Where the question is asked.
const PATH: &str = "/xrpc/com.atprotofans.validateSupporter";
/// A longer head is no question.
const LONGEST_HEAD: usize = 16 * 1024;

/// What it does.
#[derive(Clone, Debug, Default)]
pub enum Mood {
    /// Answers truthfully.
    #[default]
    Well,
    /// Takes the question, and ends the connection.
    Gone,
    /// Takes the question, and says nothing.
    Silent,
    /// Begins to answer truthfully, and never comes to an end.
    Unfinished,
    /// Answers truthfully, in so many bytes: at least as many as that takes.
    Long(usize),
    /// Answers with this status, these header lines and this body.
    Says(u16, &'static str, &'static str),
    /// Answers with this status about one person, and truthfully about others.
    SaysOf(String, u16),
}

/// A registry. It ends with this.
pub struct Registry {
    /// Where it is.
    pub url: String,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    mood: Mood,
    /// Supporters with their artists.
    supporters: HashSet<(String, String)>,
    asked: HashMap<(String, String), usize>,
}

impl Registry {
    /// Starts one in which nobody supports anybody.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address: SocketAddr = listener.local_addr()?;
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // Who goes away is not its concern.
                tokio::spawn(async move { serve(stream, &state).await });
            }
        });
        Ok(Self {
            url: format!("http://{address}"),
            state,
            serving,
        })
    }

    /// From now on, somebody supports an artist.
    pub fn add(&self, supporter: &str, artist: &str) {
        let pair = (supporter.to_owned(), artist.to_owned());
        lock(&self.state).supporters.insert(pair);
    }

    /// From now on, they do not.
    pub fn remove(&self, supporter: &str, artist: &str) {
        let pair = (supporter.to_owned(), artist.to_owned());
        lock(&self.state).supporters.remove(&pair);
    }

    /// Does so from now on.
    pub fn set(&self, mood: Mood) {
        lock(&self.state).mood = mood;
    }

    /// How often it was asked of these two.
    #[must_use]
    pub fn asked(&self, supporter: &str, artist: &str) -> usize {
        let pair = (supporter.to_owned(), artist.to_owned());
        let state = lock(&self.state);
        state.asked.get(&pair).copied().unwrap_or_default()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).map_err(io::Error::other)?;
        let (answer, mood) = answer(&head, &mut lock(state));
        match mood {
            Mood::Gone => return Ok(()),
            Mood::Silent => return std::future::pending().await,
            Mood::Unfinished => {
                let begun = answer.strip_suffix('}').unwrap_or(&answer);
                stream.write_all(begun.as_bytes()).await?;
                return std::future::pending().await;
            }
            Mood::Well | Mood::Long(_) | Mood::Says(..) | Mood::SaysOf(..) => {
                stream.write_all(answer.as_bytes()).await?;
            }
        }
    }
}

/// What is answered to a request, and in which mood.
fn answer(head: &str, state: &mut State) -> (String, Mood) {
    let mood = state.mood.clone();
    let Some((supporter, artist)) = question(head) else {
        let no = told(400, "", r#"{"error":"InvalidRequest","message":"not so"}"#);
        return (no, Mood::Well);
    };
    let pair = (supporter, artist);
    let asked = state.asked.entry(pair.clone()).or_default();
    *asked = asked.saturating_add(1);
    let answer = match &mood {
        Mood::Says(status, headers, body) => told(*status, headers, body),
        Mood::SaysOf(person, status) if *person == pair.0 => {
            told(*status, "", r#"{"error":"InvalidRequest"}"#)
        }
        Mood::Long(len) => {
            let truth = truth(state, &pair);
            let more = " ".repeat(len.saturating_sub(truth.len()));
            told(200, "", &format!("{truth}{more}"))
        }
        Mood::Well | Mood::SaysOf(..) | Mood::Gone | Mood::Silent | Mood::Unfinished => {
            told(200, "", truth(state, &pair))
        }
    };
    (answer, mood)
}

fn truth(state: &State, pair: &(String, String)) -> &'static str {
    if state.supporters.contains(pair) {
        r#"{"valid":true,"profile":{"displayName":"A friend of the arts"}}"#
    } else {
        r#"{"valid":false}"#
    }
}

fn told(status: u16, headers: &str, body: &str) -> String {
    let len = body.len();
    format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len}\r\n{headers}\r\n\
         {body}"
    )
}

/// Of whom a request asks: exactly as the registry wants to be asked, or not at all.
fn question(head: &str) -> Option<(String, String)> {
    let line = head.lines().next()?.strip_prefix("GET ")?;
    let target = line.strip_suffix(" HTTP/1.1")?;
    let (path, query) = target.split_once('?')?;
    let pairs: Vec<_> = query
        .split('&')
        .map(|pair| pair.split_once('='))
        .collect::<Option<_>>()?;
    let [
        ("supporter", supporter),
        ("subject", subject),
        ("signer", signer),
    ] = pairs[..]
    else {
        return None;
    };
    let is_asked_so = path == PATH && subject == signer;
    is_asked_so.then_some((decoded(supporter)?, decoded(subject)?))
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
