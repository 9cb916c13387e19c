//! Signs somebody in and says who they are:
//! `cargo run -p gatefold-oauth --example sign_in -- alice.example.com`
//!
//! It is a public client of this machine. For a network on this machine, name its directory and a
//! server that knows its handles: `… -- alice.test http://localhost:2582 http://localhost:2583`.
#![expect(clippy::print_stdout, reason = "an example speaks to who started it")]

use std::{env, error::Error, sync::Arc};

use gatefold_net::{Client, ClientOptions, SystemResolver};
use gatefold_oauth::{
    AuthorizeOptions, CallbackQuery, ClientConfig, ClientKeys, Limits, MemoryStore, OAuth,
    OAuthParts, Resolver, ResolverOptions, dns::SystemDns, identity::PLC_DIRECTORY,
};
use gatefold_ops::{SystemClock, system_random};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The most bytes of a request that the example reads.
const HEAD_MAX: u64 = 64 * 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let who = arguments.next().ok_or("whom shall I sign in?")?;
    let local = arguments.next().zip(arguments.next());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let here = format!("http://{}", listener.local_addr()?);
    let options = ClientOptions {
        insecure_loopback: local.is_some(),
        ..ClientOptions::default()
    };
    let net = Client::new(options, Arc::new(SystemResolver))?;
    let oauth = OAuth::new(OAuthParts {
        client: ClientConfig {
            public_url: here.clone(),
            redirect: format!("{here}/callback"),
            name: "An example".to_owned(),
            scopes: "atproto".parse()?,
            keys: ClientKeys::default(),
        },
        resolver: resolver(&net, local)?,
        net,
        store: Arc::new(MemoryStore::new()),
        clock: Arc::new(SystemClock),
        random: Box::new(system_random()),
        limits: Limits::default(),
    })?;

    let started = oauth.authorize(&who, AuthorizeOptions::default()).await?;
    println!("Open this, and agree:\n\n{}\n", started.url);
    let query = called_back(&listener).await?;
    let finished = oauth.callback(&CallbackQuery::parse(&query)?).await?;
    println!("Signed in: {}", finished.did);
    if let Some(handle) = finished.handle {
        println!("Known as:  {handle}");
    }
    let person = oauth.person(finished.grant);
    let session: Value = person.get("com.atproto.server.getSession", &[]).await?;
    println!("Their server says: {session}");
    oauth.revoke(finished.grant).await?;
    println!("Signed out.");
    Ok(())
}

/// The world's directory and DNS, or those of a network on this machine.
fn resolver(net: &Client, local: Option<(String, String)>) -> Result<Resolver, Box<dyn Error>> {
    let options = match local {
        None => ResolverOptions {
            plc: net.url(PLC_DIRECTORY)?,
            handles: None,
        },
        Some((plc, handles)) => ResolverOptions {
            plc: net.url(&plc)?,
            handles: Some(net.url(&handles)?),
        },
    };
    let dns = Arc::new(SystemDns::new()?);
    Ok(Resolver::new(net.clone(), dns, options))
}

/// Waits for a browser to come back; gives the query that it brings.
async fn called_back(listener: &TcpListener) -> Result<String, Box<dyn Error>> {
    loop {
        let (stream, _) = listener.accept().await?;
        let mut stream = BufReader::new(stream);
        let head = head(&mut stream).await?;
        let target = head.split(' ').nth(1).unwrap_or_default();
        let query = target.strip_prefix("/callback?").map(str::to_owned);
        let said: &[u8] = match &query {
            Some(_) => b"HTTP/1.1 200 OK\r\ncontent-length: 21\r\nconnection: close\r\n\r\nYou may close this.\r\n",
            None => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        };
        stream.get_mut().write_all(said).await?;
        if let Some(query) = query {
            return Ok(query);
        }
    }
}

/// A request up to the empty line that ends its head. Whoever answers and closes before that
/// resets the connection under a browser that is still speaking.
async fn head(stream: &mut BufReader<TcpStream>) -> Result<String, Box<dyn Error>> {
    let mut head = String::new();
    let mut stream = stream.take(HEAD_MAX);
    while stream.read_line(&mut head).await? > 2 {}
    Ok(head)
}
