//! TLS to a PostgreSQL server: whom it believes.

use std::{
    fs,
    process::{Command, Stdio},
    sync::Arc,
};

use base64ct::{Base64, Encoding};
use gatefold_store::{OpenError, Options, Store};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::database::{at, crypter};

/// The only part of a PostgreSQL server that matters here: it offers TLS, and ends after that.
struct Server {
    port: u16,
    /// Whether the client has begun to speak through TLS.
    trusted: JoinHandle<bool>,
}

impl Server {
    async fn start(certified: &CertifiedKey<KeyPair>) -> Self {
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let trusted = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            // SSLRequest, which is answered with "yes".
            socket.read_exact(&mut [0; 8]).await.unwrap();
            socket.write_all(b"S").await.unwrap();
            match acceptor.accept(socket).await {
                Ok(mut stream) => matches!(stream.read(&mut [0; 64]).await, Ok(1..)),
                Err(_) => false,
            }
        });
        Self { port, trusted }
    }
}

/// A certificate of its own making for a name, and its file.
fn certificate(folder: &TempDir, name: &str) -> (CertifiedKey<KeyPair>, String) {
    let certified = generate_simple_self_signed([name.to_owned()]).unwrap();
    let path = folder.path().join(format!("{name}.pem"));
    let text = Base64::encode_string(certified.cert.der());
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in text.as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line).unwrap());
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    fs::write(&path, pem).unwrap();
    (certified, path.display().to_string())
}

async fn open(url: &str) -> OpenError {
    let url = url.parse().unwrap();
    let options = Options {
        connections: 1,
        ..Options::default()
    };
    let opened = Store::open(&url, crypter(&[1]), options, at(0)).await;
    opened.err().unwrap()
}

#[tokio::test]
async fn a_server_is_believed_as_the_address_says() {
    let folder = tempfile::tempdir().unwrap();
    let (localhost, file) = certificate(&folder, "localhost");
    let (_, other) = certificate(&folder, "elsewhere.example");
    for (host, parameters, trusted) in [
        ("localhost", "sslmode=verify-full".to_owned(), false),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={file}"),
            true,
        ),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={other}"),
            false,
        ),
        // The certificate is not for this name.
        (
            "127.0.0.1",
            format!("sslmode=verify-full&sslrootcert={file}"),
            false,
        ),
        (
            "127.0.0.1",
            format!("sslmode=verify-ca&sslrootcert={file}"),
            true,
        ),
        ("127.0.0.1", "sslmode=verify-ca".to_owned(), false),
        // Whoever answers.
        ("localhost", "sslmode=require".to_owned(), true),
        ("localhost", "sslmode=prefer".to_owned(), true),
        ("localhost", String::new(), true),
    ] {
        let server = Server::start(&localhost).await;
        let port = server.port;
        let url = format!("postgres://gatefold:hunter2@{host}:{port}/gatefold?{parameters}");
        let error = open(&url).await;
        assert_eq!(server.trusted.await.unwrap(), trusted, "{url}: {error}");
        assert!(
            matches!(error, OpenError::Unreachable { .. }),
            "{url}: {error}"
        );
        assert_eq!(
            error.to_string().contains("certificate"),
            !trusted,
            "{url}: {error}"
        );
    }
}

/// The operating system's authorities are believed. It runs itself once more, with a list of them
/// that the test has made: who begins the run with an address connects to it.
#[tokio::test]
async fn the_systems_authorities_are_believed() {
    const THIS: &str = "tls::the_systems_authorities_are_believed";
    if let Some(url) = std::env::args().find(|argument| argument.starts_with("postgres://")) {
        open(&url).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (localhost, file) = certificate(&folder, "localhost");
    let (_, other) = certificate(&folder, "elsewhere.example");
    for (list, trusted) in [(file, true), (other, false)] {
        let server = Server::start(&localhost).await;
        let port = server.port;
        let url = format!("postgres://gatefold@localhost:{port}/gatefold?sslmode=verify-full");
        let again = move || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", THIS, &url])
                .env("SSL_CERT_FILE", list)
                .env_remove("SSL_CERT_DIR")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status()
                .unwrap()
        };
        let status = tokio::task::spawn_blocking(again).await.unwrap();
        assert!(status.success());
        assert_eq!(server.trusted.await.unwrap(), trusted);
    }
}
