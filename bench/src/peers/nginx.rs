//! nginx with signed URLs (`secure_link`), one worker, `sendfile`, no access log.

use std::{
    io::ErrorKind,
    net::TcpListener,
    os::{
        fd::{AsFd, AsRawFd},
        unix::process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use clap::Args;
use gatefold_domain::Clock;
use gatefold_ops::{SystemClock, system_random};
use md5::{Digest, Md5};
use rand_core::Rng;
use rustix::io::{FdFlags, fcntl_setfd};

use crate::{
    cores,
    error::{Doing, Error},
    peers::{Peer, Place, SITE},
    server::{Ready, Server, stop_with_parent},
    workload::{self, FOLDER},
};

/// The name of the hidden command that is this peer.
pub(crate) const COMMAND: &str = "serve-nginx";

const MODULE: &str = "--with-http_secure_link_module";
const CONFIGURATION: &str = "nginx.conf";

/// How nginx runs.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(long)]
    pub(crate) program: PathBuf,
    #[arg(long)]
    pub(crate) open_file_cache: bool,
}

/// Starts nginx.
pub(crate) fn start(place: &Place, program: &Path, open_file_cache: bool) -> Result<Peer, Error> {
    let version = version(program)?;
    let mut command = place.command(COMMAND)?;
    command.arg("--program").arg(program);
    if open_file_cache {
        command.arg("--open-file-cache");
    }
    Ok(Peer {
        name: "nginx",
        version,
        server: Server::start("nginx", &mut command)?,
    })
}

/// nginx's version, once it is known to have what is needed.
fn version(program: &Path) -> Result<String, Error> {
    let output = match Command::new(program).arg("-V").output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Error::NginxMissing(program.display().to_string()));
        }
        outcome => outcome.doing(format_args!("run {}", program.display()))?,
    };
    let text = String::from_utf8_lossy(&output.stderr);
    if !text.contains(MODULE) {
        let lacking = format!("secure_link module in {}", program.display());
        return Err(Error::NginxMissing(lacking));
    }
    let first = text.lines().next().unwrap_or_default();
    let version = first.rsplit_once('/').map_or("unknown", |(_, rest)| rest);
    Ok(version.to_owned())
}

/// Becomes nginx. The address is taken here and handed over the way that nginx hands it to its
/// successor when it is upgraded: it takes connections from the start, and no port is guessed.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), Error> {
    stop_with_parent()?;
    let pinned = arguments.place.core.is_some_and(cores::pin);
    let listener = TcpListener::bind("127.0.0.1:0").doing("listen")?;
    listener.set_nonblocking(true).doing("listen")?;
    fcntl_setfd(listener.as_fd(), FdFlags::empty()).doing("hand over an address")?;
    let address = listener.local_addr().doing("listen")?;

    let mut secret = [0; 16];
    system_random().fill_bytes(&mut secret);
    let secret = Base64UrlUnpadded::encode_string(&secret);
    let scratch = &arguments.place.scratch;
    let settings = Settings {
        port: address.port(),
        secret: &secret,
        open_file_cache: arguments.open_file_cache,
    };
    std::fs::write(scratch.join(CONFIGURATION), settings.text()).doing("set up nginx")?;
    let tomorrow = SystemClock.now().duration_since(UNIX_EPOCH);
    let expires = tomorrow
        .unwrap_or_default()
        .as_secs()
        .saturating_add(86_400);
    let ready = Ready {
        address,
        pinned,
        targets: workload::names()
            .map(|name| signed(&format!("/{FOLDER}/{name}"), expires, &secret))
            .collect(),
    };
    ready.announce()?;
    let cause = Command::new(&arguments.program)
        .env("NGINX", format!("{};", listener.as_raw_fd()))
        .arg("-p")
        .arg(scratch)
        .args(["-c", CONFIGURATION])
        .exec();
    Err(cause).doing("become nginx")
}

/// A target that `secure_link` lets pass, bound to [`SITE`].
fn signed(path: &str, expires: u64, secret: &str) -> String {
    let digest = Md5::digest(format!("{expires}{path}{SITE} {secret}"));
    let digest = Base64UrlUnpadded::encode_string(&digest);
    format!("{path}?expires={expires}&md5={digest}")
}

struct Settings<'a> {
    port: u16,
    secret: &'a str,
    open_file_cache: bool,
}

impl Settings<'_> {
    /// The configuration; relative paths are below the folder of `-p`.
    fn text(&self) -> String {
        let Self { port, secret, .. } = self;
        // A master that runs as root would else make its worker somebody who may not read here.
        let user = if rustix::process::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let cache = if self.open_file_cache {
            "open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;"
        } else {
            ""
        };
        // tcp_nopush stays off: with it, ranges of 64 KiB wait for the loopback's timers.
        format!(
            r#"{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{
    worker_connections 1024;
}}
http {{
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    access_log off;
    sendfile on;
    tcp_nopush off;
    tcp_nodelay on;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    {cache}
    types {{ audio/wav wav; }}
    server {{
        listen 127.0.0.1:{port};
        root files;
        location /{FOLDER}/ {{
            secure_link $arg_md5,$arg_expires;
            secure_link_md5 "$secure_link_expires$uri$http_origin {secret}";
            if ($secure_link = "") {{ return 403; }}
            if ($secure_link = "0") {{ return 403; }}
        }}
    }}
}}
"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_nginx_is_named_with_its_package() {
        let error = version(Path::new("/nowhere/nginx"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("/nowhere/nginx"), "{error}");
        assert!(error.contains("apt install nginx-light"), "{error}");
    }

    #[test]
    fn targets_are_signed_as_secure_link_reads_them() {
        // echo -n '7/media/0.wavhttps://music.example s' | openssl md5 -binary | base64url
        assert_eq!(
            signed("/media/0.wav", 7, "s"),
            "/media/0.wav?expires=7&md5=kjHQ4OYK5d3p27faK8QYyw"
        );
    }
}
