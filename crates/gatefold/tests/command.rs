//! The command as a person runs it: a process with a port, a folder and signals.

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
};

use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const PIECE: &str = "/audio/harbour-lights/url";

fn gatefold(listen: &str, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatefold"));
    command.args(["edge", "--demo", "--listen", listen, "--data"]);
    command.arg(data);
    command
}

/// A demonstration in a process of its own, which ends with this.
struct Running {
    process: Child,
    address: SocketAddr,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it and waits until it says that it is ready.
    fn start(listen: &str, data: &Path) -> Result<Self> {
        let mut process = gatefold(listen, data).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut running = Self {
            process,
            address: ([0, 0, 0, 0], 0).into(),
            output: BufReader::new(output),
        };
        let mut line = String::new();
        while running.output.read_line(&mut line)? > 0 {
            if let Some(address) = line.strip_prefix("Ready: open http://") {
                running.address = address.trim_end().trim_end_matches('/').parse()?;
                return Ok(running);
            }
            line.clear();
        }
        Err("it ended before it was ready".into())
    }

    fn send(&self, method: &str, path: &str, headers: &str) -> Result<Answer> {
        let address = self.address;
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let mut lines = answer.splitn(2, |byte| *byte == b'\n');
        let status = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = answer.split_at(end.ok_or("not a whole head")?);
        Ok(Answer {
            status: status.split(' ').nth(1).ok_or("no status")?.parse()?,
            head: String::from_utf8_lossy(head).to_lowercase(),
            body: body.get(4..).unwrap_or_default().to_vec(),
        })
    }

    fn seal(&self) -> Result<Sealed> {
        let answer: Value = serde_json::from_slice(&self.send("GET", PIECE, "")?.body)?;
        let url = answer.get("url").and_then(Value::as_str).ok_or("no url")?;
        let path = url.strip_prefix(&format!("http://{}", self.address));
        Ok(Sealed {
            path: path.ok_or("elsewhere")?.to_owned(),
            window: answer
                .get("valid_until")
                .and_then(Value::as_u64)
                .ok_or("no end")?,
        })
    }

    /// Plays a part, as the page does.
    fn play(&self, sealed: &Sealed) -> Result<Answer> {
        let headers = format!("origin: http://{}\r\nrange: bytes=0-3\r\n", self.address);
        self.send("GET", &sealed.path, &headers)
    }

    /// Asks it to stop; gives how it ended.
    fn stop(mut self) -> Result<ExitStatus> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        Ok(self.process.wait()?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

struct Sealed {
    path: String,
    window: u64,
}

#[test]
fn the_demonstration_starts_plays_stops_and_keeps_its_keys() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut running = Running::start("127.0.0.1:0", &data)?;
    let address = running.address.to_string();

    let page = running.send("GET", "/", "")?;
    assert_eq!(page.status, 200);
    assert!(
        page.head.contains("content-type: text/html"),
        "{}",
        page.head
    );
    let sealed = running.seal()?;
    let part = running.play(&sealed)?;
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, b"RIFF".as_slice())
    );
    let origin = format!("origin: http://{address}\r\n");
    let head = running.send("HEAD", &sealed.path, &origin)?;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(
        head.head.contains("content-type: audio/wav"),
        "{}",
        head.head
    );
    assert_eq!(running.send("GET", &sealed.path, "")?.status, 403);

    // A window may end while it starts again: then, once more.
    loop {
        let before = running.seal()?;
        let ended = running.stop()?;
        assert_eq!(ended.code(), Some(0), "{ended}");
        running = Running::start(&address, &data)?;
        let after = running.seal()?;
        if before.window == after.window {
            assert_eq!(before.path, after.path, "other keys");
            assert_eq!(running.play(&before)?.status, 206);
            break;
        }
    }
    assert_eq!(running.stop()?.code(), Some(0));
    Ok(())
}

/// What a start says that must fail.
fn complaint(listen: &str, data: &Path) -> Result<String> {
    let Output { status, stderr, .. } = gatefold(listen, data).output()?;
    assert_eq!(status.code(), Some(1), "{status}");
    assert!(!data.exists(), "nothing is made before it can listen");
    Ok(String::from_utf8(stderr)?)
}

#[test]
fn the_demonstration_is_for_this_machine_only() -> Result {
    let folder = tempfile::tempdir()?;
    let said = complaint("0.0.0.0:0", &folder.path().join("data"))?;
    assert!(
        said.contains("listens on loopback only, not on 0.0.0.0:"),
        "{said}"
    );
    assert!(said.contains("try 127.0.0.1:"), "{said}");
    Ok(())
}

#[test]
fn a_port_that_is_taken_is_named() -> Result {
    let folder = tempfile::tempdir()?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let said = complaint(&address, &folder.path().join("data"))?;
    assert!(
        said.contains(&format!("cannot listen on {address}: ")),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    Ok(())
}
