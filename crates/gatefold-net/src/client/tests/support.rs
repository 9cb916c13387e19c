//! A server that answers with bytes written by hand, and a client that finds it.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{Addresses, Client, ClientOptions, Resolve, Roots, Upstreams};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// What the server does for one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends this and closes.
    Close(Vec<u8>),
    /// Sends this and keeps the connection for another request.
    Keep(Vec<u8>),
    /// Sends this, then nothing, and leaves the connection open.
    Stall(Vec<u8>),
    /// Sends this again and again until nobody takes it.
    Endless(Vec<u8>),
}

/// A server on loopback; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// The heads of the requests so far, each with the number of its connection.
    pub(crate) seen: Arc<Mutex<Vec<(usize, String)>>>,
    /// The bodies of the requests so far that announced one and whose answer came after it.
    pub(crate) bodies: Arc<Mutex<Vec<Vec<u8>>>>,
    _task: JoinHandle<()>,
}

/// A certificate and its key, for one name.
pub(crate) fn certificate(name: &str) -> CertifiedKey<rcgen::KeyPair> {
    generate_simple_self_signed([name.to_owned()]).unwrap()
}

impl Server {
    pub(crate) async fn plain(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(answer, None).await
    }

    pub(crate) async fn tls(
        certified: &CertifiedKey<rcgen::KeyPair>,
        answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        Self::start(answer, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(
        answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
        let answer = Arc::new(answer);
        let bodies: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let (log, kept) = (Arc::clone(&seen), Arc::clone(&bodies));
        let task = tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let (answer, log, tls) = (Arc::clone(&answer), Arc::clone(&log), tls.clone());
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    // A client that goes away is not this server's concern.
                    let _ = match tls {
                        None => serve(stream, connection, &*answer, &log, &kept).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, connection, &*answer, &log, &kept).await,
                            Err(error) => Err(error),
                        },
                    };
                });
            }
        });
        Self {
            port,
            seen,
            bodies,
            _task: task,
        }
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|(_, head)| head.clone()).collect()
    }

    pub(crate) fn connections(&self) -> Vec<usize> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|(connection, _)| *connection).collect()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    answer: &(dyn Fn(&str) -> Reply + Send + Sync),
    log: &Mutex<Vec<(usize, String)>>,
    bodies: &Mutex<Vec<Vec<u8>>>,
) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).map_err(io::Error::other)?;
        log.lock().unwrap().push((connection, head.clone()));
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|digits| digits.parse().unwrap());
        if let Some(length) = announced.filter(|_| path(&head) != "/early") {
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await?;
            bodies.lock().unwrap().push(body);
        }
        match answer(&head) {
            Reply::Keep(bytes) => stream.write_all(&bytes).await?,
            Reply::Close(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Reply::Stall(bytes) => {
                stream.write_all(&bytes).await?;
                std::future::pending::<()>().await;
            }
            Reply::Endless(bytes) => loop {
                stream.write_all(&bytes).await?;
            },
        }
    }
}

/// The first line's path.
pub(crate) fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// Gives out one list of addresses after the other, then none, and counts.
#[derive(Clone, Default)]
pub(crate) struct Scripted(Arc<Mutex<Script>>);

/// How often it was asked, and the answers to come, the next one last.
type Script = (usize, Vec<Vec<&'static str>>);

impl Scripted {
    pub(crate) fn new(mut answers: Vec<Vec<&'static str>>) -> Self {
        answers.reverse();
        Self(Arc::new(Mutex::new((0, answers))))
    }

    pub(crate) fn asked(&self) -> usize {
        self.0.lock().unwrap().0
    }
}

impl Resolve for Scripted {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let mut script = self.0.lock().unwrap();
        script.0 = script.0.saturating_add(1);
        let next = script.1.pop().ok_or(io::Error::other("no such name"));
        let parsed = next.map(|texts| texts.iter().map(|text| text.parse().unwrap()).collect());
        Box::pin(async move { parsed })
    }
}

/// A client for which these hosts are at these places.
pub(crate) fn client(
    upstreams: &[(&str, String)],
    change: impl FnOnce(&mut ClientOptions),
) -> Client {
    resolved(upstreams, Scripted::default(), change)
}

/// The same with a resolver.
pub(crate) fn resolved(
    upstreams: &[(&str, String)],
    resolver: Scripted,
    change: impl FnOnce(&mut ClientOptions),
) -> Client {
    let mut places = Upstreams::default();
    for (host, place) in upstreams {
        places.insert(host, place.parse().unwrap()).unwrap();
    }
    let mut options = ClientOptions {
        connect_time: Duration::from_secs(10),
        upstreams: places,
        roots: Roots::These(vec![certificate("nobody.example").cert.der().to_vec()]),
        ..ClientOptions::default()
    };
    change(&mut options);
    Client::new(options, Arc::new(resolver)).unwrap()
}
