//! Deployments as they should and should not be.

use gatefold_ops::config::{Environment, Sources};

use super::*;
use crate::{commands::doctor::finding::State, edge::keys::make_if_missing};

struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        make_if_missing(&site.at("keyring.json"), &gatefold_ops::SystemClock, |_| {}).unwrap();
        site
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn loaded(&self, toml: &str) -> Loaded<Config> {
        let path = self.at("gatefold.toml");
        let here = self.0.path().display();
        let usual =
            format!("[edge]\nkeyring = \"{here}/keyring.json\"\nsecrets = \"{here}/secrets\"\n");
        fs::write(&path, usual + &toml.replace("HERE", &here.to_string())).unwrap();
        let sources = Sources::new(Environment::default())
            .with_file(&path, true)
            .unwrap();
        sources.load().unwrap()
    }

    fn find(&self, check: &str, toml: &str) -> Finding {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let loaded = self.loaded(toml);
        let findings = runtime.block_on(look(&loaded, UnixSeconds(1)));
        findings
            .into_iter()
            .find(|finding| finding.check == check)
            .unwrap()
    }

    fn assert(&self, check: &str, toml: &str, state: State, says: &str) {
        let finding = self.find(check, toml);
        assert!(
            finding.state == state && finding.says.contains(says),
            "{toml}: {finding:?}"
        );
        assert_eq!(
            finding.remedy.is_none(),
            state == State::Good,
            "{finding:?}"
        );
    }
}

#[test]
fn a_configuration_that_holds_a_secret_is_its_owners_alone() {
    let site = Site::new();
    let toml = "admin_token = \"0123456789abcdef0123456789abcdef\"";
    fs::write(site.at("gatefold.toml"), "").unwrap();
    let mode = |mode| {
        fs::set_permissions(site.at("gatefold.toml"), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o644);
    site.assert("configuration", toml, State::Wrong, "others may read it");
    site.assert("configuration", "", State::Good, "is understood");
    mode(0o600);
    site.assert("configuration", toml, State::Good, "is understood");
}

#[test]
fn keys_are_there_and_somebody_may_seal() {
    let site = Site::new();
    site.assert("keyring", "", State::Wrong, "nobody can seal");
    fs::set_permissions(site.at("keyring.json"), fs::Permissions::from_mode(0o644)).unwrap();
    site.assert("keyring", "", State::Wrong, "chmod 600");
    fs::remove_file(site.at("keyring.json")).unwrap();
    site.assert("keyring", "", State::Wrong, "there is no keyring");
}

#[test]
fn secrets_are_the_edges_alone() {
    let site = Site::new();
    site.assert("secrets", "", State::Good, "will be made");
    secrets::write_new(&site.at("secrets/tags.key"), b"").unwrap();
    site.assert("secrets", "", State::Wrong, "is empty");
    fs::set_permissions(
        site.at("secrets/tags.key"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    site.assert("secrets", "", State::Wrong, "chmod 600");
}

#[test]
fn folders_can_be_read() {
    let site = Site::new();
    site.assert(
        "files",
        "[edge.files]\nfolder = \"HERE\"",
        State::Good,
        "can be read",
    );
    site.assert(
        "files",
        "[edge.files]\nfolder = \"HERE/none\"",
        State::Wrong,
        "cannot be read",
    );
    site.assert(
        "private",
        "[edge.private]\nfolder = \"HERE/none\"",
        State::Wrong,
        "cannot be read",
    );
    // Port 1 is nobody's.
    let bucket = "[edge.private]\nbucket = \"b\"\nendpoint = \"http://127.0.0.1:1\"\naccess_key_id = \"a\"\nsecret_access_key = \"s\"";
    site.assert(
        "private",
        bucket,
        State::Wrong,
        "the bucket b at http://127.0.0.1:1 cannot be read",
    );
}

#[test]
fn a_cache_has_room() {
    let site = Site::new();
    site.assert("cache", "", State::Good, "in memory, nothing on disk");
    let disk = |folder: &str| format!("[edge.cache]\nfolder = \"{folder}\"\ndisk = \"4 MiB\"");
    site.assert("cache", &disk("HERE"), State::Good, "up to 4 MiB");
    site.assert("cache", &disk("HERE/none/yet"), State::Good, "up to 4 MiB");
    site.assert(
        "cache",
        &disk("/proc/none"),
        State::Wrong,
        "nothing can be written",
    );
    for (held, free, state) in [
        (0, 10, State::Good),
        (6, 4, State::Good),
        (6, 3, State::Wrong),
    ] {
        let finding = room(
            Path::new("cache"),
            Size::mib(10),
            Size::mib(held),
            Size::mib(free),
        );
        assert_eq!(finding.state, state, "{held} {free}");
    }
    let before = fs::read_dir(site.0.path()).unwrap().count();
    site.find("cache", &disk("HERE"));
    assert_eq!(
        fs::read_dir(site.0.path()).unwrap().count(),
        before,
        "nothing is left behind"
    );
}

#[test]
fn an_admin_address_is_known() {
    let site = Site::new();
    site.assert("admin", "", State::Good, "on this machine only");
    site.assert("admin", "admin = \"\"", State::Notice, "no address");
    let open = "admin = \"0.0.0.0:8401\"\nadmin_token = \"0123456789abcdef0123456789abcdef\"";
    site.assert("admin", open, State::Notice, "other machines");
}
