//! An operator's folder, the command run in it, and an edge that runs there.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const CLIENT: &str = "https://music.example";
pub(crate) const SONG: &[u8] = b"RIFF and so on";

/// An operator's folder, and the command run in it.
pub(crate) struct Operator(TempDir);

impl Operator {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with a file in an upload folder, and with a minter that may seal it.
    pub(crate) fn with_song() -> Self {
        let operator = Self::new();
        operator.write("data/files/demo/song.wav", SONG);
        operator.succeed(&["keys", "new", "edge"]);
        operator.succeed(&[
            "keys",
            "new",
            "minter",
            "site",
            "--out",
            "site.json",
            "--folder",
            "demo",
            "--client",
            CLIENT,
        ]);
        operator
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatefold"));
        command.args(arguments).current_dir(self.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is said by a command that must fail.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub(crate) fn seal(&self) -> String {
        let sealed = self.succeed(&[
            "seal",
            "--minter",
            "site.json",
            "--client",
            CLIENT,
            "--folder",
            "demo",
            "files:song.wav",
        ]);
        sealed.trim().to_owned()
    }

    /// Starts an edge on free ports.
    pub(crate) fn start(&self) -> Running {
        let mut process = self
            .command(&["edge", "--listen", "127.0.0.1:0"])
            .env("GATEFOLD_EDGE_ADMIN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let complaints = BufReader::new(process.stderr.take().unwrap());
        let mut running = Running {
            process,
            said,
            complaints,
            admin: None,
            address: None,
        };
        let admin = running.until("Admin: http://");
        running.admin = Some(admin.trim_end_matches('/').parse().unwrap());
        let address = running.until("Ready: http://");
        running.address = Some(address.trim_end_matches('/').parse().unwrap());
        running
    }

    pub(crate) fn token(&self) -> String {
        fs::read_to_string(self.path().join("data/secrets/admin.token")).unwrap()
    }
}

/// An edge in a process of its own, which ends with this.
pub(crate) struct Running {
    pub(crate) process: Child,
    pub(crate) said: BufReader<ChildStdout>,
    pub(crate) complaints: BufReader<ChildStderr>,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) address: Option<SocketAddr>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    /// The rest of the next line that begins so.
    pub(crate) fn until(&mut self, start: &str) -> String {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
            line.clear();
        }
        panic_with(&mut self.complaints)
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    pub(crate) fn play(&self, path: &str) -> (u16, Vec<u8>) {
        let headers = format!("origin: {CLIENT}\r\n");
        let (status, _, body) = ask(self.address.unwrap(), "GET", path, &headers, "");
        (status, body)
    }

    pub(crate) fn admin(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let headers = format!("authorization: Bearer {token}\r\n");
        let (status, _, body) = ask(self.admin.unwrap(), method, path, &headers, body);
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// Ends a test with what the edge had to say.
fn panic_with(complaints: &mut impl Read) -> String {
    let mut said = String::new();
    complaints.read_to_string(&mut said).unwrap();
    let nothing: Option<String> = None;
    nothing.ok_or(said).unwrap()
}

pub(crate) fn ask(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(to).unwrap();
    let len = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-length: {len}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head, answer[end..].get(4..).unwrap().to_vec())
}
