//! An S3 server over a folder: `s3s-fs`, which checks signatures.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{ChildStdout, Command, Stdio},
};

use crate::child::{self, Ended};

/// How to get what is missing.
const INSTALL: &str = "this test fetches from s3s-fs, which is not on the PATH: `./test` builds it \
                       and puts it there; by hand, `cargo install s3s-fs --locked --version 0.14.1 \
                       --features binary`";

/// The one bucket.
pub const BUCKET: &str = "private";
/// Whose signature it takes.
pub const ACCESS_KEY: &str = "AKIDTEST";
/// The secret behind that signature.
pub const SECRET_KEY: &str = "not-a-secret-outside-of-tests";
/// The region that is signed for.
pub const REGION: &str = "us-east-1";

/// A running server; it ends when this is dropped.
pub struct S3 {
    /// Where it listens.
    pub address: SocketAddr,
    _process: Ended,
    /// The server says there what it does; it ends when nobody listens.
    _output: BufReader<ChildStdout>,
}

impl S3 {
    /// Serves `folder`, in which [`BUCKET`] is a folder whose files are objects; blocks until it
    /// takes connections.
    ///
    /// # Errors
    /// When the server is missing or does not start.
    pub fn start(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join(BUCKET))?;
        let mut command = Command::new("s3s-fs");
        command
            .args(["--host", "127.0.0.1", "--port", "0"])
            .args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY])
            .arg(folder)
            .env("RUST_LOG", "s3s_fs=info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = child::spawn(&mut command, INSTALL)?;
        let output = process.0.stdout.take();
        let mut output = BufReader::new(output.ok_or_else(|| io::Error::other("no output"))?);
        let address = announced(&mut output)?;
        Ok(Self {
            address,
            _process: process,
            _output: output,
        })
    }
}

/// Reads until the line that names the address.
fn announced(output: &mut impl BufRead) -> io::Result<SocketAddr> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some((_, rest)) = line.split_once("running at http://") {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:".contains(c)));
            let address = rest.split_at(end.unwrap_or(rest.len())).0;
            return address.parse().map_err(io::Error::other);
        }
        line.clear();
    }
    Err(io::Error::other("s3s-fs ended before it was ready"))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    #[test]
    fn the_server_gives_nothing_without_a_signature() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let server = S3::start(folder.path())?;
        fs::write(folder.path().join(BUCKET).join("a.mp3"), "la la la")?;
        let mut stream = TcpStream::connect(server.address)?;
        stream.write_all(b"GET /private/a.mp3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        Ok(())
    }
}
