//! The configuration as operators write and miswrite it.

use std::{collections::BTreeSet, fs};

use super::*;

mod media;

fn load(toml: &str) -> Result<Loaded<Config>, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(USUAL_FILE);
    fs::write(&path, toml).unwrap();
    Sources::new(Environment::default())
        .with_file(&path, true)?
        .load()
}

#[test]
fn nothing_said_works_on_loopback() {
    let Config { edge, .. } = load("").unwrap().config;
    assert!(edge.listen.ip().is_loopback());
    assert!(edge.admin.unwrap().ip().is_loopback());
    assert!(
        matches!(edge.files(), (Place::Folder(folder), false) if folder == Path::new("data/files"))
    );
    assert!(edge.private.place().is_none());
}

#[test]
fn a_whole_configuration_is_read() {
    let Config { server, edge, log } = load(
        r#"
        [server]
        listen = "0.0.0.0:8080"
        url = "https://music.example.com"
        origins = ["https://*.example.com"]
        [server.database]
        url = "postgres://music:secret@db.example.com/music"
        [server.oauth]
        keys = "oauth.json"
        [server.rates]
        redis = "redis://:secret@127.0.0.1/"
        [edge]
        listen = "0.0.0.0:8400"
        admin = ""
        url = "https://edge.example.com"
        [edge.private]
        bucket = "music"
        endpoint = "https://s3.example.com"
        access_key_id = "edge"
        secret_access_key = "secret"
        [edge.https]
        hosts = ["cdn.example.com", "*.example.net"]
        upstreams = { "cdn.example.com" = "http://127.0.0.1:9000" }
        [edge.cache]
        folder = "cache"
        disk = "10 GiB"
        [edge.limits]
        trusted_proxies = ["10.0.0.0/8"]
        [log]
        filter = "info"
        "#,
    )
    .unwrap()
    .config;
    assert_eq!((edge.admin, log.filter.as_str()), (None, "info"));
    assert!(edge.has_inline_secret() && server.has_inline_secret());
    assert_eq!(server.oauth.keys.as_deref(), Some(Path::new("oauth.json")));
    assert!(server.database.url().starts_with("postgres://music:"));
    assert_eq!((server.rates.general, server.rates.auth), (100, 10));
    let Some(Place::Bucket(bucket)) = edge.private.place() else {
        panic!("a bucket")
    };
    assert_eq!(
        (bucket.name, bucket.region, bucket.prefix),
        ("music", "auto", "")
    );
    assert_eq!(bucket.endpoint.as_str(), "https://s3.example.com");
    assert_eq!(bucket.secret_access_key.expose(), "secret");
}

#[test]
fn what_contradicts_itself_is_refused_with_the_remedy() {
    for (toml, expected) in [
        (
            "[server]\nlisten = \"0.0.0.0:8080\"",
            ":2: server.listen: others can reach",
        ),
        (
            "[server]\nurl = \"http://music.example.com\"",
            ":2: server.url: sessions would travel",
        ),
        (
            "[server]\nurl = \"https://music.example.com\"\ndevelopment = true",
            ":3: server.development: this is for a site on a loopback address",
        ),
        (
            "[server]\nadmin = \"0.0.0.0:8081\"",
            ":2: server.admin: others can reach",
        ),
        (
            "[server]\nadmin = \"127.0.0.1:8080\"",
            ":2: server.admin: the site is served",
        ),
        ("[server]\nname = \" \"", ":2: server.name: a name has"),
        ("[server]\norigins = [\"https://*\"]", ":2: server.origins"),
        (
            "[server.supporters]\nregistry = \"http://registry.example.com\"",
            ":2: server.supporters.registry: anybody on the way could change",
        ),
        (
            "[server.rates]\nauth = 0",
            ":2: server.rates.auth: 0 is out of range",
        ),
        (
            "[edge]\nadmin = \"127.0.0.1:8400\"",
            ":2: edge.admin: listeners are served",
        ),
        (
            "[edge]\nadmin = \"0.0.0.0:8401\"",
            ":2: edge.admin: others can reach",
        ),
        (
            "[edge]\nadmin_token = \"short\"",
            ":2: edge.admin_token: this can be guessed",
        ),
        (
            "[edge]\nurl = \"http://edge.example.com\"",
            ":2: edge.url: browsers keep",
        ),
        (
            "[edge.files]\nfolder = \"a\"\nbucket = \"b\"",
            ":3: edge.files.bucket: objects are in",
        ),
        (
            "[edge.files]\nbucket = \"b\"",
            "edge.files.endpoint: a bucket needs it",
        ),
        (
            "[edge.private]\naccess_key_id = \"b\"",
            ":2: edge.private.access_key_id: this is for a bucket",
        ),
        (
            "[edge.private]\nbucket = \"b\"\nendpoint = \"http://s3.example.com\"\naccess_key_id = \"a\"\nsecret_access_key = \"s\"",
            ":3: edge.private.endpoint: keys would travel",
        ),
        (
            "[edge.https]\nhosts = [\"https://a.example\"]",
            ":2: edge.https.hosts: ",
        ),
        (
            "[edge.https]\nupstreams = { \"a.example\" = \"http://127.0.0.1:9000\" }",
            ":2: edge.https.upstreams: \"a.example\" is not among the hosts",
        ),
        (
            "[edge.cache]\nmemory = \"1 MiB\"",
            ":2: edge.cache.memory: room for four slices",
        ),
        (
            "[edge.cache]\ndisk = \"1 GiB\"",
            ":2: edge.cache.disk: where?",
        ),
        (
            "[edge.cache]\nfolder = \"a\"",
            ":2: edge.cache.folder: how much",
        ),
        (
            "[edge.cache]\nfolder = \"a\"\ndisk = \"1 MiB\"",
            ":3: edge.cache.disk: room for",
        ),
        (
            "[edge.limits]\nheader_len = \"1 KiB\"",
            ":2: edge.limits.header_len: \"1 KiB\" is out of range",
        ),
        (
            "[edge.limits]\ntrusted_proxies = [\"cdn\"]",
            ":2: edge.limits.trusted_proxies: \"cdn\" is no network",
        ),
    ] {
        let said = load(toml).map(drop).unwrap_err().to_string();
        assert!(said.contains(expected), "{toml}: {said}");
    }
}

#[test]
fn every_setting_has_a_variable_of_its_own() {
    let reference = reference();
    let names: Vec<&str> = reference
        .split('`')
        .filter(|text| {
            text.starts_with("GATEFOLD_")
                && !["GATEFOLD_", "GATEFOLD_LOG", "GATEFOLD_CONFIG"].contains(text)
        })
        .collect();
    // Once is in the introduction.
    assert!(names.len() > 40, "{names:?}");
    let different: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(different.len() + 1, names.len());
}

#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations/configuration.md");
    let written = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        written,
        reference(),
        "run `cargo run -- config reference > docs/operations/configuration.md`"
    );
}

#[test]
fn what_is_shown_of_the_defaults_is_the_defaults() {
    let shown = config::show(&mut Config::default(), &std::collections::BTreeMap::new());
    let mut again = load(&shown).unwrap().config;
    assert_eq!(
        config::show(&mut again, &std::collections::BTreeMap::new()),
        shown
    );
}

#[test]
fn a_named_site_may_be_developed_in_a_network_of_its_own() {
    let toml = |plc: &str| {
        format!(
            "[server]\nurl = \"https://music.example.com\"\ndevelopment = true\n\
             [server.oauth]\nplc = \"{plc}\""
        )
    };
    assert!(load(&toml("http://localhost:2582")).is_ok());
    assert!(load(&toml("https://plc.directory")).is_err());
}
