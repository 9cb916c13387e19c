//! nginx over a folder, as a web host that knows validators and ranges.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::child::{self, Ended};

/// How to get what is missing.
const INSTALL: &str =
    "this test fetches from nginx: install it, for example with `apt-get install nginx-light`";

/// A running nginx; it ends when this is dropped.
pub struct Nginx {
    /// Where it listens.
    pub address: SocketAddr,
    process: Ended,
    scratch: TempDir,
}

impl Nginx {
    /// Serves the files of `folder`; blocks until it answers.
    ///
    /// # Errors
    /// When nginx is missing or does not start.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let scratch = tempfile::tempdir()?;
        let folder = folder.canonicalize()?;
        // The address is taken here and handed over the way that nginx hands it to its successor
        // when it is upgraded: no port is guessed. Standard input is the one descriptor that a
        // child is given in any case.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        fs::write(
            scratch.path().join("nginx.conf"),
            configuration(address, &folder),
        )?;
        let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"]
            .into_iter()
            .find(|program| Path::new(program).exists())
            .unwrap_or("nginx");
        let mut command = Command::new(program);
        command
            .env("NGINX", "0;")
            .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(scratch.path())
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(fs::File::create(scratch.path().join("log"))?);
        let process = child::spawn(&mut command, INSTALL)?;
        // The other copy of the socket goes, so that nobody waits for an nginx that has ended.
        drop(command);
        let nginx = Self {
            address,
            process,
            scratch,
        };
        nginx.answers().map_err(|error| {
            let log = fs::read_to_string(nginx.scratch.path().join("log"));
            io::Error::other(format!("{error}: {}", log.unwrap_or_default()))
        })?;
        Ok(nginx)
    }

    fn answers(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(b"HEAD / HTTP/1.0\r\n\r\n")?;
        stream.read_exact(&mut [0; 5])
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked and not killed: its worker would stay behind.
        let id = i32::try_from(self.process.0.id()).ok();
        if let Some(master) = id.and_then(Pid::from_raw)
            && kill_process(master, Signal::TERM).is_ok()
        {
            let _ = self.process.0.wait();
        }
    }
}

/// Relative paths are below the folder of `-p`.
fn configuration(address: SocketAddr, folder: &Path) -> String {
    let folder = folder.display();
    // A master that runs as root would else make its worker somebody who may not read here.
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    format!(
        r#"{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    access_log off;
    sendfile on;
    tcp_nopush off;
    keepalive_timeout 300s;
    default_type application/octet-stream;
    types {{
        audio/mpeg mp3;
        audio/flac flac;
        audio/wav wav;
        audio/ogg ogg;
        video/mp4 mp4;
        text/html html;
        image/svg+xml svg;
    }}
    server {{
        listen {address};
        root "{folder}";
        # What a web host adds, and no listener should see.
        add_header Set-Cookie "host=1";
        add_header X-Powered-By "a web host";
        add_header Link "<https://media.example/>; rel=canonical";
    }}
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nginx_serves_the_folder_and_ends_with_its_owner() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("a.mp3"), "la la la")?;
        let nginx = Nginx::start(folder.path())?;
        let mut stream = TcpStream::connect(nginx.address)?;
        stream.write_all(b"GET /a.mp3 HTTP/1.0\r\nrange: bytes=3-4\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 206 "), "{answer}");
        assert!(answer.contains("Content-Type: audio/mpeg"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nla"), "{answer}");
        let address = nginx.address;
        drop(nginx);
        assert!(TcpStream::connect(address).is_err());
        Ok(())
    }
}
