//! Keys of an edge and of those who mint for it, made as an operator makes them.

use std::{fs, path::Path};

use gatefold_seal::{MinterFile, MinterKey};

use crate::{Result, command};

/// The site that every minter may seal for.
pub const SITE: &str = "https://music.example";
/// The host that every minter may seal.
pub const HOST: &str = "media.example";
/// The upload folder that every minter may seal.
pub const FOLDER: &str = "demo";
/// The longest lifetime that minters may choose, in seconds.
pub const LONGEST: u64 = 1800;
/// How long after its window a usual minter's URL is good, in seconds.
pub const GRACE: u64 = 30;

/// Who mints for the edge under test.
pub struct Keys {
    /// May seal [`SITE`] and DIDs, of every source there is, for [`LONGEST`], with [`GRACE`].
    pub minter: MinterFile,
    /// The same with a grace of a whole lifetime.
    pub patient: MinterFile,
    /// May seal uploads for everybody, and nothing else.
    pub uploads: MinterFile,
    /// Was retired.
    pub retired: MinterFile,
    /// Seals to a key of the edge that was retired.
    pub outdated: MinterFile,
    /// Seals to another edge.
    pub elsewhere: MinterFile,
    /// Is not in the keyring.
    pub unknown: MinterFile,
}

impl Keys {
    /// Makes all of them; the edge's keyring is `keyring.json` in `folder`.
    ///
    /// # Errors
    /// When the command fails.
    pub fn make(folder: &Path) -> Result<Self> {
        let keyring = folder.join("keyring.json");
        let other = folder.join("other-keyring.json");
        let keys = |keyring: &Path, arguments: &[&str]| {
            let place = ["keys", "--keyring", text(keyring)?];
            command::run(place.iter().chain(arguments))
        };
        let minter = |keyring: &Path, name: &str, scope: &[&str]| {
            let out = folder.join(format!("{name}.json"));
            let start = ["new", "minter", name, "--out", text(&out)?];
            keys(keyring, &[&start, scope].concat())?;
            Ok::<_, crate::Error>(MinterFile::parse(&fs::read(out)?)?)
        };
        let clients = ["--client", SITE, "--client", "did:*"];
        let sources = ["--host", HOST, "--folder", FOLDER, "--private"];
        let everything = [&clients[..], &sources].concat();
        let with_grace = [&everything[..], &["--grace", "30m"]].concat();

        keys(&keyring, &["new", "edge"])?;
        let outdated = minter(&keyring, "outdated", &everything)?;
        let old = outdated.edge.id().to_string();
        keys(&keyring, &["new", "edge"])?;
        keys(&keyring, &["retire", &old])?;
        let made = minter(&keyring, "minter", &everything)?;
        let patient = minter(&keyring, "patient", &with_grace)?;
        let uploads = ["--client", "*", "--folder", FOLDER];
        let uploads = minter(&keyring, "uploads", &uploads)?;
        let retired = minter(&keyring, "retired", &everything)?;
        keys(&keyring, &["retire", "retired"])?;
        keys(&other, &["new", "edge"])?;
        let elsewhere = minter(&other, "elsewhere", &everything)?;
        let unknown = MinterFile {
            name: "unknown".to_owned(),
            edge: made.edge,
            key: MinterKey::generate(&mut gatefold_ops::system_random()),
            scope: made.scope.clone(),
        };
        Ok(Self {
            minter: made,
            patient,
            uploads,
            retired,
            outdated,
            elsewhere,
            unknown,
        })
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| "a path that is no text".into())
}
