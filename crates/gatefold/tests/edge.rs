//! An edge that stands alone, as an operator runs it: a folder, a configuration, signals.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what these tests share may panic as they may"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const CLIENT: &str = "https://music.example";
const SONG: &[u8] = b"RIFF and so on";

/// An operator's folder, and the command run in it.
struct Operator(TempDir);

impl Operator {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with a file in an upload folder, and with a minter that may seal it.
    fn with_song() -> Self {
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

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatefold"));
        command.args(arguments).current_dir(self.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is said by a command that must fail.
    fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn seal(&self) -> String {
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
    fn start(&self) -> Running {
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

    fn token(&self) -> String {
        fs::read_to_string(self.path().join("data/secrets/admin.token")).unwrap()
    }
}

/// An edge in a process of its own, which ends with this.
struct Running {
    process: Child,
    said: BufReader<ChildStdout>,
    complaints: BufReader<ChildStderr>,
    admin: Option<SocketAddr>,
    address: Option<SocketAddr>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    /// The rest of the next line that begins so.
    fn until(&mut self, start: &str) -> String {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(start) {
                return rest.trim_end().to_owned();
            }
            line.clear();
        }
        panic_with(&mut self.complaints)
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn play(&self, path: &str) -> (u16, Vec<u8>) {
        let headers = format!("origin: {CLIENT}\r\n");
        let (status, _, body) = ask(self.address.unwrap(), "GET", path, &headers, "");
        (status, body)
    }

    fn admin(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
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

fn ask(
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

#[test]
fn an_edge_starts_with_nothing_and_learns_of_a_minter_while_it_runs() {
    let operator = Operator::new();
    let mut edge = operator.start();
    operator.write("data/files/demo/song.wav", SONG);
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
    let url = operator.seal();
    assert_eq!(edge.play(&url).0, 403);

    edge.signal("-HUP");
    assert_eq!(
        edge.until("Read the keyring again: "),
        "1 edge key and 1 minter in use"
    );
    assert_eq!(edge.play(&url), (200, SONG.to_vec()));

    edge.signal("-TERM");
    assert_eq!(edge.process.wait().unwrap().code(), Some(0));
    let mode = |name: &str| {
        fs::metadata(operator.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    for secret in [
        "data/keyring.json",
        "data/secrets/admin.token",
        "data/secrets/tags.key",
    ] {
        assert_eq!(mode(secret), 0o600, "{secret}");
    }
}

#[test]
fn a_key_that_is_retired_opens_nothing_after_a_reload_and_a_broken_file_changes_nothing() {
    let operator = Operator::with_song();
    let mut edge = operator.start();
    let (url, token) = (operator.seal(), operator.token());
    assert_eq!(edge.play(&url).0, 200);

    let keyring = operator.path().join("data/keyring.json");
    let before = fs::read(&keyring).unwrap();
    fs::write(&keyring, "broken").unwrap();
    let (status, said) = edge.admin("POST", "/reload", &token, "");
    assert_eq!((status, &said["code"]), (409, &json!("keyring")));
    edge.signal("-HUP");
    // Twice: of the request, and of the signal.
    for _ in 0..2 {
        let mut line = String::new();
        edge.complaints.read_line(&mut line).unwrap();
        assert!(line.contains("the keyring is as it was"), "{line}");
    }
    assert_eq!(edge.play(&url).0, 200);

    fs::write(&keyring, before).unwrap();
    operator.succeed(&["keys", "retire", "site"]);
    assert_eq!(edge.play(&url).0, 200, "nobody told it");
    let (status, said) = edge.admin("POST", "/reload", &token, "");
    assert_eq!((status, said), (200, json!({"edge_keys": 1, "minters": 0})));
    assert_eq!(edge.play(&url).0, 403);
}

/// A web host with one object, which it gives whole to whoever asks.
fn web_host() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while request.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let len = SONG.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-type: audio/wav\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(SONG));
        }
    });
    address
}

#[test]
fn every_kind_of_source_is_configured_and_what_is_kept_is_purged() {
    let operator = Operator::with_song();
    operator.succeed(&[
        "keys",
        "new",
        "minter",
        "web",
        "--out",
        "web.json",
        "--host",
        "cdn.example.com",
        "--client",
        CLIENT,
    ]);
    operator.write(
        "gatefold.toml",
        format!(
            r#"
            [edge]
            url = "https://edge.example.com"
            [edge.private]
            bucket = "music"
            endpoint = "http://127.0.0.1:9"
            access_key_id = "edge"
            secret_access_key = "secret"
            [edge.https]
            hosts = ["cdn.example.com"]
            upstreams = {{ "cdn.example.com" = "http://{}" }}
            [edge.cache]
            folder = "cache"
            disk = "64 MiB"
            "#,
            web_host()
        ),
    );
    let edge = operator.start();
    let url = operator.succeed(&[
        "seal",
        "--minter",
        "web.json",
        "--client",
        CLIENT,
        "https://cdn.example.com/song.wav",
    ]);
    assert_eq!(edge.play(url.trim()), (200, SONG.to_vec()));
    let purge = |body: &str| edge.admin("POST", "/purge", &operator.token(), body);
    let body = r#"{"object":"https://cdn.example.com/song.wav"}"#;
    assert_eq!(
        purge(r#"{"prefix":"https://other.example/"}"#),
        (200, json!({"removed": 0}))
    );
    assert_eq!(purge(body), (200, json!({"removed": 1})));
    assert_eq!(purge(body), (200, json!({"removed": 0})));
}

#[test]
fn health_is_told_to_the_world_and_more_of_it_to_the_operator() {
    let operator = Operator::with_song();
    let edge = operator.start();
    let (status, head, body) = ask(edge.address.unwrap(), "GET", "/health", "", "");
    assert_eq!(
        (status, body.as_slice()),
        (200, br#"{"status":"ok"}"#.as_slice())
    );
    assert!(head.contains("cache-control: private, no-store"), "{head}");
    for path in ["/", "/metrics", "/purge", "/reload"] {
        assert_eq!(
            ask(edge.address.unwrap(), "GET", path, "", "").0,
            404,
            "{path}"
        );
    }
    let (status, health) = edge.admin("GET", "/health", "", "");
    assert_eq!((status, &health["minters"]), (200, &json!(1)));
    let body = r#"{"prefix":"files:demo/"}"#;
    assert_eq!(edge.admin("POST", "/purge", "wrong", body).0, 401);
    assert_eq!(edge.admin("POST", "/purge", &operator.token(), body).0, 200);
}

#[test]
fn an_edge_does_not_start_with_what_cannot_be_right() {
    for (toml, expected) in [
        (
            "[edge]\nkeyring = \"none.json\"",
            "none.json: there is no keyring: run `gatefold keys new edge",
        ),
        (
            "[edge]\nlisten = \"0.0.0.0:0\"\nadmin = \"\"",
            "data/keyring.json: there is no keyring",
        ),
        (
            "[edge.files]\nfolder = \"none\"",
            "edge.files.folder: the folder none cannot be read",
        ),
        (
            "[edge]\nlistn = 1",
            "gatefold.toml:2: edge.listn: there is no such setting here",
        ),
        (
            "[edge.cache]\nmemory = 5",
            "gatefold.toml:2: edge.cache.memory: this is a number; write",
        ),
        ("[log]\nfilter = \"=\"", "the log filter cannot be read"),
    ] {
        let operator = Operator::new();
        operator.write("gatefold.toml", toml);
        let mut command = operator.command(&["edge"]);
        // Free ones, unless the case names one.
        if !toml.contains("listen") {
            command.env("GATEFOLD_EDGE_LISTEN", "127.0.0.1:0");
        }
        if !toml.contains("admin") {
            command.env("GATEFOLD_EDGE_ADMIN", "127.0.0.1:0");
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{toml}: {said}");
        assert!(said.contains(expected), "{toml}: {said}");
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_its_setting() {
    let operator = Operator::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = operator.fail(&["edge", "--listen", &address]);
    assert!(
        said.contains(&format!("cannot listen on {address}")) && said.contains("edge.listen"),
        "{said}"
    );
    assert!(
        !operator.path().join("data").exists(),
        "nothing is made before it can listen"
    );
}

#[test]
fn what_is_in_force_is_shown_with_its_place_and_without_secrets() {
    let operator = Operator::new();
    operator.write(
        "other.toml",
        "[edge]\nadmin_token = \"0123456789abcdef0123456789\"\n[edge.cache]\nmemory = \"1 GiB\"",
    );
    let output = operator
        .command(&["config", "show", "--config", "other.toml"])
        .env("GATEFOLD_EDGE_CACHE_FRESH", "1m")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    for line in [
        "admin_token = \"(hidden)\"  # other.toml:2",
        "memory = \"1 GiB\"  # other.toml:4",
        "fresh = \"1m\"  # the variable GATEFOLD_EDGE_CACHE_FRESH",
        "listen = \"127.0.0.1:8400\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(!shown.contains("0123456789"), "{shown}");
    assert!(
        operator
            .succeed(&["config", "reference"])
            .starts_with("# Configuration\n")
    );
    let said = operator.fail(&["config", "show", "--config", "none.toml"]);
    assert!(said.contains("none.toml: there is no such file"), "{said}");
}

#[test]
fn a_doctor_finds_a_deployment_well_or_says_what_to_do() {
    let operator = Operator::with_song();
    let edge = operator.start();
    let url = format!("http://{}", edge.address.unwrap());
    operator.write(
        "gatefold.toml",
        format!(
            "[edge]\nlisten = \"{}\"\nadmin = \"{}\"\nurl = \"{url}\"",
            edge.address.unwrap(),
            edge.admin.unwrap()
        ),
    );
    let probe = [
        "doctor",
        "--json",
        "--minter",
        "site.json",
        "--source",
        "files:song.wav",
        "--folder",
        "demo",
        "--client",
        CLIENT,
    ];
    let report: Value = serde_json::from_str(&operator.succeed(&probe)).unwrap();
    let states = |report: &Value| -> Vec<(String, String)> {
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| (text(finding, "check"), text(finding, "state")))
            .collect()
    };
    assert_eq!(report["well"], true, "{report:#}");
    assert!(
        states(&report).iter().all(|(_, state)| state == "good"),
        "{report:#}"
    );
    let between = states(&report)
        .iter()
        .filter(|(check, _)| check == "between")
        .count();
    assert_eq!(between, 2, "{report:#}");

    drop(edge);
    let said = operator.run(&["doctor"]);
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains(&format!(
            "WRONG        url            {url} does not answer"
        )),
        "{said}"
    );

    operator.write("gatefold.toml", "[edge]\nlistn = 1");
    let output = operator.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        states(&report)[0],
        ("configuration".to_owned(), "wrong".to_owned())
    );
}

#[test]
fn shells_and_manuals_know_every_command() {
    let operator = Operator::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = operator.succeed(&["completions", shell]);
        assert!(
            script.contains("gatefold") && script.contains("doctor"),
            "{shell}"
        );
    }
    assert!(operator.succeed(&["man"]).contains(".TH gatefold 1"));
    operator.succeed(&["man", "--out", "man"]);
    for page in [
        "gatefold.1",
        "gatefold-edge.1",
        "gatefold-keys-new-minter.1",
        "gatefold-config-show.1",
    ] {
        let page = fs::read_to_string(operator.path().join("man").join(page)).unwrap();
        assert!(page.contains(".SH NAME"), "{page}");
    }
}
