//! Keys of one run, and URLs that are sealed with them, and some that are not.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::Clock;
use gatefold_ops::{SystemClock, system_random};
use gatefold_seal::{
    EdgePrivateKey, Keyring, LONGEST_LIFETIME, Minter, MinterKey, Opener, Scope, Source,
    UnixSeconds,
};

use crate::{
    error::Error,
    peers::{FORGED, SITE},
    workload::{self, FOLDER},
};

/// The name of the origin in what is sealed.
pub(super) const HOST: &str = "origin.example";

const PREFIX: &str = "/securev1/EC";

/// What one edge opens, and what it does not.
pub(super) struct Sealed {
    pub(super) opener: Arc<Opener>,
    /// A URL for each file.
    pub(super) targets: Vec<String>,
    /// URLs for another edge by another minter.
    pub(super) unknown: Vec<String>,
    /// URLs with right keys and a changed ciphertext.
    pub(super) broken: Vec<String>,
}

impl Sealed {
    pub(super) fn make() -> Result<Self, Error> {
        let rng = &mut system_random();
        let (edge, minter) = (EdgePrivateKey::generate(rng), MinterKey::generate(rng));
        let (other_edge, other) = (EdgePrivateKey::generate(rng), MinterKey::generate(rng));
        let forged = || (0..FORGED).map(|number| format!("{number}.wav"));
        let targets = seal(&edge, minter.clone(), workload::names())?;
        let unknown = seal(&other_edge, other, forged())?;
        let broken = seal(&edge, minter.clone(), forged())?;
        let broken = broken.iter().map(|target| broken_off(target));

        let scope = Scope {
            hosts: vec![HOST.parse().map_err(Error::wrong)?],
            clients: vec![SITE.parse().map_err(Error::wrong)?],
            // A window that ends during the run does not end the run.
            grace: LONGEST_LIFETIME,
            ..Scope::default()
        };
        let broken = broken.collect::<Option<_>>();
        let mut keyring = Keyring::new();
        keyring.add_edge(edge).map_err(Error::wrong)?;
        keyring.add_minter(minter, scope).map_err(Error::wrong)?;
        Ok(Self {
            opener: Arc::new(Opener::new(keyring)),
            targets,
            unknown,
            broken: broken.ok_or_else(|| Error::wrong("a sealed URL has another form"))?,
        })
    }
}

/// Seals a URL for each name.
fn seal(
    edge: &EdgePrivateKey,
    minter: MinterKey,
    names: impl Iterator<Item = String>,
) -> Result<Vec<String>, Error> {
    let now = UnixSeconds::from(SystemClock.now());
    let minter = Minter::new(*edge.public(), minter, LONGEST_LIFETIME).map_err(Error::wrong)?;
    let sealed = names.map(|name| {
        let source = Source::parse(&format!("https://{HOST}/{FOLDER}/{name}"), None);
        let sealed = minter.mint(source.map_err(Error::wrong)?, SITE, now);
        Ok(sealed.map_err(Error::wrong)?.path())
    });
    sealed.collect()
}

/// The same target with another last byte, which only the decryption notices.
fn broken_off(target: &str) -> Option<String> {
    let mut bytes = Base64UrlUnpadded::decode_vec(target.strip_prefix(PREFIX)?).ok()?;
    *bytes.last_mut()? ^= 1;
    let text = Base64UrlUnpadded::encode_string(&bytes);
    Some(format!("{PREFIX}{text}"))
}

#[cfg(test)]
mod tests {
    use gatefold_seal::Refusal;

    use super::*;

    #[test]
    fn each_kind_of_url_meets_the_check_that_it_is_for() {
        let sealed = Sealed::make().unwrap();
        let now = UnixSeconds::from(SystemClock.now());
        let open = |target: &String| {
            let token = target.strip_prefix("/securev1/").unwrap();
            sealed.opener.open(token, now).map(|_| ())
        };
        assert!(sealed.targets.iter().all(|target| open(target).is_ok()));
        assert_eq!(sealed.unknown.len(), FORGED);
        let unknown = |target| matches!(open(target), Err(Refusal::UnknownEdgeKey));
        assert!(sealed.unknown.iter().all(unknown));
        assert_eq!(sealed.broken.len(), FORGED);
        let broken = |target| matches!(open(target), Err(Refusal::NotAuthentic));
        assert!(sealed.broken.iter().all(broken));
    }
}
