//! `gatefold login`: signs this machine in to a server, through the person's browser.

use std::{
    fmt,
    io::{self, BufRead, IsTerminal, Write},
    thread,
    time::Duration,
};

use clap::Args;
use gatefold_client::{Client, ClientError, Server, SignIn, SignedIn, Token};
use gatefold_ops::system_random;
use serde::Serialize;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use zeroize::Zeroizing;

use super::{
    Error, output,
    output::plain,
    remote::{
        self, Place, RemoteError, browser,
        credentials::Entry,
        day,
        loopback::{Brought, Loopback, WAITING},
    },
};

/// How many minutes a person has. Their server gives them fewer.
const MINUTES: u64 = 15;

/// What `gatefold login` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Who you are: your handle, for example `robin.example.com`; asked for unless it is given
    handle: Option<String>,
    /// Open no browser here: for a machine that you are not sitting at. Open the address on any
    /// other, and type in the code that you are shown
    #[arg(long)]
    no_browser: bool,
    /// Read a token from standard input and keep it, instead of signing in. Tokens are made on the
    /// site, under Settings
    #[arg(long, conflicts_with_all = ["handle", "no_browser"])]
    with_token: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let credentials = arguments.place.credentials()?;
    let kept = credentials.read()?;
    let client = Client::new(arguments.place.server(&kept)?).map_err(RemoteError::from)?;
    let server = client.server().clone();
    let entry = if arguments.with_token {
        let token = given_token()?;
        remote::run(entry(&client, token, None))?
    } else {
        let handle = match &arguments.handle {
            Some(handle) => handle.clone(),
            None => asked_handle(&server)?,
        };
        remote::run(sign_in(&client, &handle, arguments.no_browser))?
    };
    let told = Told {
        server: server.to_string(),
        did: entry.did.clone(),
        handle: entry.handle.clone(),
        expires_at: entry.expires_at.clone(),
    };
    let token = entry.token.expose().to_owned();
    let before = credentials.keep(&server, entry)?;
    if let Some(before) = before.filter(|before| before.token.expose() != token) {
        // Nobody will show it again. That it may have ended already is as well.
        let old = client.with_token(before.token);
        let _ = remote::run(async { Ok(old.sign_out().await?) });
    }
    Ok(output::show(&told, arguments.json)?)
}

#[derive(Serialize)]
struct Told {
    server: String,
    did: String,
    handle: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "You are signed in to {} as {}",
            self.server,
            plain(&self.handle)
        )?;
        match &self.expires_at {
            Some(end) => write!(out, ", until {}.", day(end)),
            None => out.write_str("."),
        }
    }
}

/// Has the person sign in, and waits until they are back.
async fn sign_in(client: &Client, handle: &str, elsewhere: bool) -> Result<Entry, RemoteError> {
    let sign_in = SignIn::new(&mut system_random());
    let (brought, mut codes) = mpsc::channel(WAITING);
    let mut loopback = None;
    let mut port = None;
    if !elsewhere {
        let listening = Loopback::listen().await?;
        port = Some(listening.port());
        loopback = Some(tokio::spawn(listening.serve(brought.clone())));
    }
    let address = sign_in.address(client.server(), handle, port);
    let types = elsewhere || io::stdin().is_terminal();
    let opened = !elsewhere && browser::open(&address);
    tell(&address, opened, !elsewhere, types)?;
    if types {
        read_lines(brought);
    } else {
        drop(brought);
    }
    let signed_in = timeout(
        Duration::from_secs(MINUTES.saturating_mul(60)),
        redeemed(&sign_in, client, &mut codes, loopback.is_some()),
    );
    let signed_in = signed_in
        .await
        .unwrap_or(Err(RemoteError::NobodyCame(MINUTES)));
    // Whoever brought the code is told what became of it.
    drop(codes);
    told_all(loopback).await;
    let SignedIn { token, expires_at } = signed_in?;
    entry(client, token, expires_at).await
}

async fn told_all(loopback: Option<JoinHandle<()>>) {
    if let Some(loopback) = loopback {
        // One that failed has nobody to tell.
        let _ = loopback.await;
    }
}

/// Tries what is brought until something is good. What a page brought that is not may be anybody's;
/// what the person typed is theirs.
async fn redeemed(
    sign_in: &SignIn,
    client: &Client,
    codes: &mut mpsc::Receiver<Brought>,
    waits: bool,
) -> Result<SignedIn, RemoteError> {
    while let Some(Brought { code, good }) = codes.recv().await {
        let outcome = sign_in.redeem(client, &code).await;
        if let Some(good) = good {
            // It may have gone meanwhile.
            let _ = good.send(outcome.is_ok());
            match outcome {
                Err(ClientError::NotSignedIn { .. } | ClientError::Refused(_)) => {
                    writeln!(
                        io::stderr(),
                        "A code came that is not good. Still waiting for yours."
                    )?;
                    continue;
                }
                outcome => return Ok(outcome?),
            }
        }
        return match outcome {
            Err(ClientError::NotSignedIn { .. } | ClientError::Refused(_)) => {
                Err(RemoteError::CodeRefused)
            }
            outcome => Ok(outcome?),
        };
    }
    let text = if waits {
        "no browser can reach this program any more: run `gatefold login` again"
    } else {
        "no code came: run `gatefold login` again, and type in the code that you are shown"
    };
    Err(RemoteError::Usage(text.to_owned()))
}

/// Whose a token is.
async fn entry(
    client: &Client,
    token: Token,
    expires_at: Option<String>,
) -> Result<Entry, RemoteError> {
    let me = client.clone().with_token(token.clone()).me().await;
    let me = me.map_err(|error| match error {
        ClientError::NotSignedIn { server } => {
            RemoteError::NoToken(format!("what you gave that {server} takes"))
        }
        error => error.into(),
    })?;
    Ok(Entry {
        did: me.did,
        handle: me.handle,
        token,
        expires_at,
    })
}

/// Says where to sign in, and what happens then.
fn tell(address: &str, opened: bool, waits: bool, types: bool) -> io::Result<()> {
    let mut out = io::stderr();
    let begin = if opened {
        "Your browser opens, so that you can sign in there. If it does not, open this address:"
    } else {
        "Open this address in a browser to sign in:"
    };
    writeln!(out, "{begin}\n\n  {address}\n")?;
    match (waits, types) {
        (true, true) => writeln!(
            out,
            "It goes on here when you come back. From another machine, paste the code that you are \
             shown, and press Enter."
        ),
        (false, true) => writeln!(
            out,
            "Then paste the code that you are shown, and press Enter."
        ),
        (_, false) => Ok(()),
    }
}

/// Reads codes that are typed in, beside everything else: nobody can stop waiting for a line.
fn read_lines(codes: mpsc::Sender<Brought>) {
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let code = line.to_owned();
            if codes.blocking_send(Brought { code, good: None }).is_err() {
                return;
            }
        }
    });
}

fn asked_handle(server: &Server) -> Result<String, RemoteError> {
    if !io::stdin().is_terminal() {
        let text = "say who you are: gatefold login robin.example.com";
        return Err(RemoteError::Usage(text.to_owned()));
    }
    let mut out = io::stderr();
    write!(out, "Your handle, to sign in to {server}: ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

fn given_token() -> Result<Token, RemoteError> {
    if io::stdin().is_terminal() {
        let mut out = io::stderr();
        write!(out, "The token, on one line: ")?;
        out.flush()?;
    }
    let mut line = Zeroizing::new(String::new());
    io::stdin().read_line(&mut line)?;
    let token = line.parse();
    token.map_err(|_| RemoteError::NoToken("standard input".to_owned()))
}
