//! A site, right and wrong.

use std::path::Path;

use gatefold_ops::config::{Environment, Sources};
use http::HeaderValue;

use super::*;
use crate::commands::doctor::{
    fetch::{Answer, FetchError},
    finding::State,
};

/// The world, by the path that is asked for.
struct World(Vec<(&'static str, u16, &'static str, String)>);

impl Fetch for World {
    async fn get(&self, url: &str, _: Option<&str>) -> Result<Answer, FetchError> {
        let found = self.0.iter().find(|(path, ..)| url.ends_with(path));
        let Some((_, status, kind, body)) = found else {
            return Err(FetchError::Unreachable("refused".to_owned()));
        };
        let mut answer = Answer {
            status: *status,
            body: body.clone().into_bytes(),
            ..Answer::default()
        };
        let kind = HeaderValue::from_static(kind);
        answer.headers.insert("content-type", kind);
        Ok(answer)
    }
}

fn world(client_id: &str) -> World {
    let json = "application/json";
    World(vec![
        ("/_health", 200, json, "{}".to_owned()),
        (
            "/oauth-client-metadata.json",
            200,
            json,
            format!("{{\"client_id\":\"{client_id}\"}}"),
        ),
        ("/jwks.json", 200, json, "{\"keys\":[{}]}".to_owned()),
        (NOBODY, 200, json, "{\"valid\":false}".to_owned()),
    ])
}

/// How the end of the question reads that is asked of a registry.
const NOBODY: &str = "?supporter=did%3Aweb%3Alistener.invalid&subject=did%3Aweb%3Aartist.invalid\
                      &signer=did%3Aweb%3Aartist.invalid";

#[tokio::test]
async fn a_registry_that_does_not_tell_is_told() {
    use State::{Good, Notice, Wrong};
    let usual = "[server.database]\nurl = \"sqlite:DB\"\nkeys = \"KEYS\"\n";
    let loopback = "[server.supporters]\nregistry = \"http://127.0.0.1:1\"\n";
    for (toml, answer, state, says) in [
        (
            "",
            Some((200, "{\"valid\":false}")),
            Good,
            "the registry https://atprotofans.com answers",
        ),
        (
            "",
            Some((400, "{\"error\":\"InvalidRequest\"}")),
            Good,
            "knows nobody",
        ),
        (
            "",
            Some((400, "<!doctype html>")),
            Wrong,
            "answers with 400",
        ),
        (
            "",
            Some((404, "{\"error\":\"NotFound\"}")),
            Wrong,
            "answers with 404",
        ),
        ("", Some((503, "")), Wrong, "answers with 503"),
        (
            "",
            Some((200, "<!doctype html>")),
            Wrong,
            "neither yes nor no",
        ),
        (
            "",
            Some((200, "{\"valid\":true}")),
            Wrong,
            "who does not exist",
        ),
        (
            "",
            None,
            Wrong,
            "https://atprotofans.com does not answer: refused",
        ),
        (
            loopback,
            Some((200, "{\"valid\":false}")),
            Wrong,
            "the site does not start",
        ),
        (
            "[server.supporters]\nregistry = \"\"\n",
            None,
            Notice,
            "there is no registry",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let told = answer.map(|(status, body)| (NOBODY, status, "", body.to_owned()));
        let world = World(told.into_iter().collect());
        let told = said(folder.path(), &format!("{toml}{usual}"), &world).await;
        let found = told
            .iter()
            .find(|(_, says)| says.starts_with("supporters: "));
        let (found, line) = found.unwrap();
        assert!(*found == state && line.contains(says), "{says}: {line}");
    }
}

/// What is said of a configuration, in a folder of its own.
async fn said(folder: &Path, toml: &str, world: &World) -> Vec<(State, String)> {
    let path = folder.join("gatefold.toml");
    let secrets = folder.join("columns.json");
    let database = folder.join("site.db");
    let toml = toml
        .replace("KEYS", &secrets.display().to_string())
        .replace("DB", &database.display().to_string())
        .replace("DIR", &folder.display().to_string());
    fs::write(&path, toml).unwrap();
    let sources = Sources::new(Environment::default())
        .with_file(&path, true)
        .unwrap();
    let loaded = sources.load::<Config>().unwrap();
    let findings = look(&loaded, world, Timestamp::from_millis(1_800_000_000_000)).await;
    let told = findings.into_iter().map(|finding| {
        assert!(finding.state == State::Good || finding.remedy.is_some());
        (
            finding.state,
            format!("{}: {}", finding.check, finding.says),
        )
    });
    told.collect()
}

#[tokio::test]
async fn each_fault_is_told_with_its_remedy() {
    let url = "https://music.example.com";
    let good = format!("{url}/oauth-client-metadata.json");
    let usual = "[server.database]\nurl = \"sqlite:DB\"\nkeys = \"KEYS\"\n";
    for (toml, world, expected) in [
        ("", world(&good), "site: nobody said where"),
        (
            "[server]\nurl = \"http://127.0.0.1:8080\"\n",
            world(&good),
            "site: http://127.0.0.1:8080 is for this machine alone",
        ),
        (
            "[server]\nurl = \"https://music.example.com\"\n",
            world(&good),
            "site: https://music.example.com shows servers who asks",
        ),
        (
            "[server]\nurl = \"https://music.example.com\"\n",
            world("https://elsewhere.example/oauth-client-metadata.json"),
            "servers refuse that",
        ),
        (
            "[server]\nurl = \"https://music.example.com\"\n",
            World(Vec::new()),
            "site: https://music.example.com does not answer",
        ),
        (
            "",
            World(Vec::new()),
            "identities: the directory https://plc.directory does not answer",
        ),
        (
            "[server.oauth]\nkeys = \"/nowhere/oauth.json\"\n",
            world(&good),
            "client keys: /nowhere/oauth.json: there is no such file",
        ),
        (
            "[server.rates]\nredis = \"redis://127.0.0.1:1/\"\n",
            world(&good),
            "rates: the server that counts requests cannot be asked",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let told = said(folder.path(), &format!("{toml}{usual}"), &world).await;
        assert!(
            told.iter().any(|(_, says)| says.contains(expected)),
            "{expected}: {told:?}"
        );
        assert!(
            told.iter()
                .any(|(_, says)| says.contains("no database yet"))
        );
    }
}

#[tokio::test]
async fn a_database_without_its_keys_is_told() {
    let toml = "[server.database]\nurl = \"sqlite:DB\"\nkeys = \"KEYS\"\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("site.db"), "no database").unwrap();
    let told = said(folder.path(), toml, &world("")).await;
    assert!(told.iter().any(|(state, says)| {
        *state == State::Wrong && says.contains("columns.json is not there")
    }));

    let now = Timestamp::from_millis(1_800_000_000_000);
    keys::columns(&folder.path().join("columns.json"), true, now).unwrap();
    let told = said(folder.path(), toml, &world("")).await;
    assert!(
        told.iter().any(|(state, says)| {
            *state == State::Wrong && says.contains("is not an SQLite database")
        }),
        "{told:?}"
    );
}

#[tokio::test]
async fn links_that_work_for_whoever_has_them_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, is_told) in [("sealed", false), ("token", false), ("presigned", true)] {
        let toml = format!(
            "[server.database]\nurl = \"sqlite:DB\"\nkeys = \"KEYS\"\n\
             [server.media]\nfolder = \"DIR/media\"\n[server.delivery]\nkind = \"{kind}\"\n"
        );
        let told = said(folder.path(), &toml, &world("")).await;
        let found = told.iter().find(|(_, line)| line.starts_with("delivery: "));
        assert_eq!(found.is_some(), is_told, "{kind}: {told:?}");
        if let Some((state, line)) = found {
            assert!(
                *state == State::Notice && line.contains("whoever has it"),
                "{line}"
            );
        }
    }
}

#[tokio::test]
async fn what_cannot_be_played_is_told() {
    use State::{Good, Notice, Wrong};
    let toml = "[server]\nsecrets = \"DIR/secrets\"\n\
                [server.media]\nfolder = \"DIR/media\"\n\
                [server.database]\nurl = \"sqlite:DB\"\nkeys = \"KEYS\"\n";
    let told = async |folder: &Path, toml: &str| {
        let told = said(folder, toml, &world("")).await;
        let of = |check: &str| {
            let mut told = told.iter();
            let (state, line) = told.find(|(_, line)| line.starts_with(check)).unwrap();
            (*state, line.clone())
        };
        ["link keys", "private bucket", "public bucket"].map(of)
    };
    let folder = tempfile::tempdir().unwrap();
    for (state, line) in told(folder.path(), toml).await {
        assert!(state == Notice, "{line}");
        assert!(!folder.path().join("secrets").exists(), "nothing is made");
    }

    let mut config = Config::default().server;
    config.secrets = folder.path().join("secrets");
    let clock = std::sync::Arc::new(gatefold_ops::SystemClock);
    crate::site::sealing::Sealing::load(&config, clock).unwrap();
    for bucket in ["private", "public"] {
        fs::create_dir_all(folder.path().join("media").join(bucket)).unwrap();
    }
    for (state, line) in told(folder.path(), toml).await {
        assert!(state == Good, "{line}");
    }

    let other = format!("{toml}[server.delivery]\nminter = \"nobody\"\n");
    let [(state, line), ..] = told(folder.path(), &other).await;
    assert!(state == Wrong && line.contains("\"nobody\""), "{line}");

    let public = folder.path().join("media/public");
    fs::remove_dir_all(&public).unwrap();
    fs::write(&public, "").unwrap();
    let [_, _, (state, line)] = told(folder.path(), toml).await;
    assert!(state == Wrong, "{line}");
}

#[test]
fn a_site_is_known_by_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let site = Server {
        database: crate::config::Database::in_folder(folder.path()),
        ..Server::default()
    };
    assert!(!is_there(&site));
    fs::write(folder.path().join("gatefold.db"), "").unwrap();
    assert!(is_there(&site));
}
