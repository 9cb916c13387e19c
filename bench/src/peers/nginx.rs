//! nginx with one worker and no access log: as a peer with signed URLs (`secure_link`), and as the
//! origin that both peers fill their caches from.

mod settings;

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
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

use self::settings::{Role, Settings};
use crate::{
    cores,
    error::{Doing, Error},
    matrix::Against,
    peers::{FORGED, Home, Peer, Place, SITE},
    server::{Ready, Server, stop_with_parent},
    workload::{self, FOLDER},
};

/// The name of the hidden command that is this peer.
pub(crate) const COMMAND: &str = "serve-nginx";

const MODULES: [&str; 2] = ["--with-http_secure_link_module", "--with-http_slice_module"];
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
    #[arg(long, value_enum)]
    role: Role,
    #[arg(long)]
    origin: Option<SocketAddr>,
}

/// Starts nginx as the origin.
pub(crate) fn origin(place: &Place, program: &Path) -> Result<Server, Error> {
    version(program)?;
    let mut command = place.command(COMMAND)?;
    command.args(["--role", Role::Origin.name()]);
    command.arg("--program").arg(program);
    Server::start("the origin", &mut command)
}

/// Starts nginx as a peer.
pub(crate) fn start(
    home: Home,
    program: &Path,
    open_file_cache: bool,
    against: Against,
    origin: SocketAddr,
) -> Result<Peer, Error> {
    let version = version(program)?;
    let mut command = home.place.command(COMMAND)?;
    command.args(["--role", Role::from(against).name()]);
    command.arg("--program").arg(program);
    command.args(["--origin", &origin.to_string()]);
    if open_file_cache {
        command.arg("--open-file-cache");
    }
    let server = Server::start("nginx", &mut command)?;
    Ok(Peer::new("nginx", version, server, home))
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
    if let Some(module) = MODULES.iter().find(|module| !text.contains(**module)) {
        let lacking = format!("nginx built {module} at {}", program.display());
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

    let (secret, other) = (random_secret(), random_secret());
    let own = &arguments.place.own;
    let settings = Settings {
        role: arguments.role,
        port: address.port(),
        secret: &secret,
        open_file_cache: arguments.open_file_cache,
        origin: arguments.origin,
    };
    std::fs::write(own.join(CONFIGURATION), settings.text()).doing("set up nginx")?;
    let tomorrow = SystemClock.now().duration_since(UNIX_EPOCH);
    let expires = tomorrow
        .unwrap_or_default()
        .as_secs()
        .saturating_add(86_400);
    let forged = (0..FORGED).map(|number| {
        let path = format!("/{FOLDER}/{number}.wav");
        signed(&path, expires, &other)
    });
    let forged: Vec<String> = forged.collect();
    let ready = Ready {
        address,
        pinned,
        targets: workload::names()
            .map(|name| signed(&format!("/{FOLDER}/{name}"), expires, &secret))
            .collect(),
        // A signature is wrong in one way only.
        unknown: forged.clone(),
        broken: forged,
    };
    ready.announce()?;
    let cause = Command::new(&arguments.program)
        .env("NGINX", format!("{};", listener.as_raw_fd()))
        .arg("-p")
        .arg(own)
        .args(["-c", CONFIGURATION])
        .exec();
    Err(cause).doing("become nginx")
}

fn random_secret() -> String {
    let mut secret = [0; 16];
    system_random().fill_bytes(&mut secret);
    Base64UrlUnpadded::encode_string(&secret)
}

/// A target that `secure_link` lets pass, bound to [`SITE`].
fn signed(path: &str, expires: u64, secret: &str) -> String {
    let digest = Md5::digest(format!("{expires}{path}{SITE} {secret}"));
    let digest = Base64UrlUnpadded::encode_string(&digest);
    format!("{path}?expires={expires}&md5={digest}")
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
