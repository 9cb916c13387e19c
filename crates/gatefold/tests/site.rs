//! The site as a person runs it: a process of its own, behind a proxy.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// A site whose proxy is this machine.
struct Running {
    process: Child,
    address: String,
}

impl Running {
    fn start(folder: &Path) -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_gatefold"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("GATEFOLD_SERVER_ADMIN", "")
            .env("GATEFOLD_SERVER_TRUSTED_PROXIES", "127.0.0.1")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        for line in BufReader::new(output).lines() {
            if let Some(address) = line?.strip_prefix("Ready: http://") {
                let address = address.trim_end_matches('/').to_owned();
                return Ok(Self { process, address });
            }
        }
        Err("it ended before it was ready".into())
    }

    fn send(&self, request: &str, client: &str, headers: &str) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        let host = &self.address;
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: {host}\r\nx-forwarded-for: {client}\r\n{headers}\r\n"
        )?;
        Ok(stream)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn one_client_of_a_proxy_does_not_take_the_place_of_the_others() -> Result {
    let folder = tempfile::tempdir()?;
    let site = Running::start(folder.path())?;
    let mut held = Vec::new();
    for _ in 0..64 {
        let headers = "expect: 100-continue\r\ncontent-length: 1\r\n";
        let mut stream = site.send("POST /auth/logout", "192.0.2.1", headers)?;
        let mut told = [0; 12];
        stream.read_exact(&mut told)?;
        // Its body is waited for.
        assert_eq!(&told, b"HTTP/1.1 100");
        held.push(stream);
    }
    for (client, status) in [("192.0.2.1", "429"), ("192.0.2.2", "200")] {
        let mut told = String::new();
        site.send("GET /", client, "connection: close\r\n")?
            .read_to_string(&mut told)?;
        assert_eq!(told.split(' ').nth(1), Some(status), "{client}");
    }
    Ok(())
}
