//! Keys, sealing and unsealing at the command line, as an operator uses them.

#![expect(
    clippy::unwrap_used,
    reason = "what these tests share may panic as they may"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

const CLIENT: &str = "https://music.example";
const SOURCE: &str = "https://cdn.example.com/a.mp3";

/// An operator's folder, and the command run in it.
struct Operator(TempDir);

impl Operator {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with an edge key and a minter called `relay`, whose file is `relay.json`.
    fn with_keys() -> Self {
        let operator = Self::new();
        operator.succeed(&["keys", "new", "edge"]);
        operator.new_minter("relay", &[]);
        operator
    }

    fn new_minter(&self, name: &str, more: &[&str]) -> Value {
        let file = format!("{name}.json");
        let usual = [
            "keys",
            "new",
            "minter",
            name,
            "--out",
            &file,
            "--json",
            "--client",
            CLIENT,
            "--host",
            "cdn.example.com",
        ];
        json(&self.succeed(&[&usual, more].concat()))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gatefold"))
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap()
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit status and what was said about it.
    fn fail(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    }

    fn seal(&self, at: &str) -> String {
        let sealed = self.succeed(&[
            "seal",
            "--minter",
            "relay.json",
            "--client",
            CLIENT,
            "--edge",
            "https://edge.example.com/",
            "--at",
            at,
            SOURCE,
        ]);
        sealed.trim().to_owned()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn what_is_sealed_is_unsealed() {
    let operator = Operator::with_keys();
    let url = operator.seal("2026-05-15T12:59:59Z");
    assert!(
        url.starts_with("https://edge.example.com/securev1/EC"),
        "{url}"
    );
    assert_eq!(
        operator.seal("2026-05-15T12:30:00Z"),
        url,
        "one window, one URL"
    );
    assert_ne!(operator.seal("2026-05-15T13:00:00Z"), url);

    let facts = operator.succeed(&["unseal", "--json", "--at", "2026-05-15T13:00:01Z", &url]);
    let facts = json(&facts);
    assert_eq!(facts["source"], SOURCE);
    assert_eq!(facts["client"], CLIENT);
    assert_eq!(facts["minter"], "relay");
    assert_eq!(facts["valid_until"], "2026-05-15T13:00:00Z");
    assert_eq!(facts["verdict"], "accepted");
    let token = url.rsplit('/').next().unwrap();
    operator.succeed(&["unseal", "--at", "2026-05-15T13:00:01Z", token]);
}

#[test]
fn unsealing_tells_why_an_edge_would_refuse() {
    let operator = Operator::with_keys();
    let url = operator.seal("2026-05-15T12:59:59Z");
    let unseal = |more: &[&str]| {
        let usual = ["unseal", "--json", &url];
        let output = operator.run(&[&usual, more].concat());
        let facts = json(&String::from_utf8(output.stdout).unwrap());
        (
            output.status.code(),
            facts["verdict"].as_str().unwrap().to_owned(),
        )
    };
    let in_time = "2026-05-15T12:59:59Z";
    assert_eq!(
        unseal(&["--at", "2026-05-15T13:00:31Z"]),
        (Some(3), "expired".to_owned())
    );
    assert_eq!(
        unseal(&["--at", in_time, "--client", "https://other.example"]),
        (Some(3), "wrong_client".to_owned())
    );
    for (text, hint) in [
        ("", "token"),
        ("EC", "token"),
        (url.split_at(url.len() - 5).0, "token"),
    ] {
        let (status, said) = operator.fail(&["unseal", "--", text]);
        assert!(status == 1 && said.contains(hint), "{text}: {said}");
    }
    let stranger = Operator::with_keys();
    let (status, said) = stranger.fail(&["unseal", &url]);
    assert!(status == 1 && said.contains("another edge"), "{said}");
}

#[test]
fn a_minter_cannot_seal_what_its_edge_would_refuse() {
    let operator = Operator::with_keys();
    let seal = |more: &[&str]| {
        operator
            .fail(&[&["seal", "--minter", "relay.json"], more].concat())
            .1
    };
    let out_of_scope = seal(&["--client", CLIENT, "https://other.example/a.mp3"]);
    assert!(
        out_of_scope.contains("may not seal this source"),
        "{out_of_scope}"
    );
    let stranger = seal(&["--client", "https://other.example", SOURCE]);
    assert!(stranger.contains("for this client"), "{stranger}");
    let too_long = seal(&["--client", CLIENT, "--lifetime", "1h", SOURCE]);
    assert!(too_long.contains("so long"), "{too_long}");
    let too_short = seal(&["--client", CLIENT, "--lifetime", "59s", SOURCE]);
    assert!(too_short.contains("60 to 604800 seconds"), "{too_short}");
    let spelling = seal(&["--client", CLIENT, "http://cdn.example.com/a.mp3"]);
    assert!(spelling.contains("https://HOST/PATH"), "{spelling}");
}

#[test]
fn a_retired_key_opens_nothing_from_then_on() {
    let operator = Operator::with_keys();
    let url = operator.seal("2026-05-15T12:00:00Z");
    let at = "2026-05-15T12:10:00Z";
    let retired = operator.succeed(&["keys", "retire", "relay", "--at", at, "--json"]);
    assert_eq!(json(&retired)["since"], at);
    operator.succeed(&["unseal", "--at", "2026-05-15T12:09:59Z", &url]);
    let (status, said) = operator.fail(&["unseal", "--at", at, &url]);
    assert!(status == 1 && said.contains("stage key"), "{said}");

    let listing = json(&operator.succeed(&["keys", "list", "--json"]));
    assert_eq!(listing["minters"][0]["in_use"], false);
    assert_eq!(listing["edge_keys"][0]["in_use"], true);
    let (_, said) = operator.fail(&["keys", "retire", "nobody"]);
    assert!(said.contains("\"nobody\""), "{said}");
}

#[test]
fn new_urls_are_sealed_to_the_newest_edge_key_and_old_ones_stay_good() {
    let operator = Operator::with_keys();
    let url = operator.seal("2026-05-15T12:00:00Z");
    let old = json(&operator.succeed(&["keys", "list", "--json"]))["edge_keys"][0].clone();
    let new = json(&operator.succeed(&["keys", "new", "edge", "--json"]));
    operator.succeed(&["unseal", "--at", "2026-05-15T12:00:00Z", &url]);

    // The minter is given the new key; then the old one retires.
    fs::remove_file(operator.path().join("relay.json")).unwrap();
    operator.succeed(&["keys", "export", "relay", "--out", "relay.json"]);
    let rotated = operator.seal("2026-05-15T12:00:00Z");
    assert_ne!(rotated, url);
    let at = "2026-05-15T11:00:00Z";
    operator.succeed(&["keys", "retire", old["id"].as_str().unwrap(), "--at", at]);
    operator.succeed(&["unseal", "--at", "2026-05-15T12:00:00Z", &rotated]);
    operator.fail(&["unseal", "--at", "2026-05-15T12:00:00Z", &url]);
    let listing = json(&operator.succeed(&["keys", "list", "--json"]));
    assert_eq!(listing["edge_keys"][1]["public_key"], new["public_key"]);
}

#[test]
fn secrets_stay_in_files_of_their_owners_own() {
    let operator = Operator::with_keys();
    let keyring = operator.path().join("data/keyring.json");
    for file in [&keyring, &operator.path().join("relay.json")] {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    let secrets = json(&fs::read_to_string(&keyring).unwrap());
    let secret = secrets["minters"][0]["key"].as_str().unwrap();
    for arguments in [&["keys", "list"][..], &["keys", "list", "--json"]] {
        assert!(!operator.succeed(arguments).contains(secret));
    }
    fs::set_permissions(&keyring, fs::Permissions::from_mode(0o644)).unwrap();
    let (_, said) = operator.fail(&["keys", "list"]);
    assert!(said.contains("chmod 600"), "{said}");
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let operator = Operator::new();
    let minter = |name| {
        [
            "keys", "new", "minter", name, "--out", "m.json", "--client", "*",
        ]
    };
    let (_, said) = operator.fail(&minter("relay"));
    assert!(said.contains("gatefold keys new edge"), "{said}");
    let (_, said) = operator.fail(&["keys", "list"]);
    assert!(said.contains("there is no such file"), "{said}");
    operator.succeed(&["keys", "new", "edge"]);
    let keyring = operator.path().join("data/keyring.json");
    let before = fs::read(&keyring).unwrap();
    operator.fail(&minter("a b"));
    operator.fail(&[
        "keys",
        "new",
        "minter",
        "x",
        "--out",
        "m.json",
        "--client",
        "https://*",
    ]);
    operator.fail(&[&minter("x")[..], &["--folder", "../up"]].concat());
    operator.fail(&[&minter("x")[..], &["--longest-lifetime", "8days"]].concat());
    fs::write(operator.path().join("m.json"), "mine").unwrap();
    let (_, said) = operator.fail(&minter("x"));
    assert!(said.contains("exists already"), "{said}");
    let (_, said) = operator.fail(&minter("0123abcd"));
    assert!(said.contains("identifier"), "{said}");
    let (_, said) = operator.fail(&["keys", "--keyring", ".", "list"]);
    assert!(said.contains("is not a file"), "{said}");
    assert_eq!(fs::read(&keyring).unwrap(), before);
    assert_eq!(fs::read(operator.path().join("m.json")).unwrap(), b"mine");
}

#[test]
fn a_minter_whose_edge_cannot_learn_of_it_is_not_made() {
    let operator = Operator::with_keys();
    let folder = operator.path().join("data");
    // A keyring has room for one of these, not for two: writing it fails after the minter's own
    // file has been written.
    let folders: Vec<String> = (0..2600).map(|n| format!("{n:0>200}")).collect();
    let many: Vec<&str> = folders.iter().flat_map(|name| ["--folder", name]).collect();
    operator.new_minter("large", &many);
    let before = fs::read(folder.join("keyring.json")).unwrap();
    let usual = [
        "keys",
        "new",
        "minter",
        "second",
        "--out",
        "second.json",
        "--client",
        "*",
    ];
    let (_, said) = operator.fail(&[&usual, &many[..]].concat());
    assert!(said.contains("keyring.json"), "{said}");
    assert!(!operator.path().join("second.json").exists());
    assert_eq!(fs::read(folder.join("keyring.json")).unwrap(), before);
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[test]
fn nobody_who_seals_steers_the_terminal_of_who_unseals() {
    let operator = Operator::new();
    operator.succeed(&["keys", "new", "edge"]);
    operator.succeed(&[
        "keys",
        "new",
        "minter",
        "relay",
        "--out",
        "relay.json",
        "--client",
        "*",
        "--host",
        "cdn.example.com",
    ]);
    let client = "https://m\nverdict  accepted\u{1b}[8m";
    let sealed = operator.succeed(&["seal", "--minter", "relay.json", "--client", client, SOURCE]);
    let said = operator.succeed(&["unseal", sealed.trim()]);
    assert_eq!(said.matches("\nverdict").count(), 1, "{said:?}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_full_disk_behind_the_error_output_changes_no_exit_status() {
    let operator = Operator::new();
    let status = Command::new(env!("CARGO_BIN_EXE_gatefold"))
        .args(["keys", "list"])
        .current_dir(operator.path())
        .stderr(
            fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        )
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}
