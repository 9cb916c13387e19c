//! What the edge is made of: files of this machine, and the buckets that it reads.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use gatefold_edge::origin::bucket::Bucket;
use gatefold_ops::{
    config::{Loaded, Size},
    secrets,
};
use gatefold_seal::UnixSeconds;

use super::finding::Finding;
use crate::{
    config::{Config, Edge, Place},
    edge::{build::bucket_options, keys, token},
};

/// Looks at everything.
pub(super) async fn look(loaded: &Loaded<Config>, now: UnixSeconds) -> Vec<Finding> {
    let edge = &loaded.config.edge;
    let mut findings = vec![
        configuration(loaded),
        keyring(&edge.keyring, now),
        own_secrets(edge),
        files(edge).await,
    ];
    findings.extend(private(edge).await);
    findings.push(https(edge));
    findings.push(cache(edge));
    findings.push(admin(edge));
    findings
}

fn configuration(loaded: &Loaded<Config>) -> Finding {
    let check = "configuration";
    let Some(path) = &loaded.file else {
        return Finding::good(check, "no file: what is not in variables is as usual");
    };
    let mode = fs::metadata(path).map_or(0, |facts| facts.permissions().mode() & 0o077);
    if loaded.config.edge.has_inline_secret() && mode != 0 {
        return Finding::wrong(
            check,
            format!("{} holds a secret but others may read it", path.display()),
            format!(
                "run `chmod 600 {}`, or move the secret to a file of its own",
                path.display()
            ),
        );
    }
    Finding::good(check, format!("{} is understood", path.display()))
}

pub(super) fn keyring(path: &Path, now: UnixSeconds) -> Finding {
    let check = "keyring";
    let file = match keys::read(path, now) {
        Ok(file) => file,
        Err(error) => {
            let remedy = "an edge does not start without a keyring that is right";
            return Finding::wrong(check, error.to_string(), remedy);
        }
    };
    let counts = keys::count(&file, now);
    if counts.minters == 0 {
        return Finding::wrong(
            check,
            format!(
                "{}: {counts}: nobody can seal for this edge",
                path.display()
            ),
            "run `gatefold keys new minter`, see its --help",
        );
    }
    Finding::good(check, format!("{}: {counts}", path.display()))
}

fn own_secrets(edge: &Edge) -> Finding {
    let check = "secrets";
    let keys = ["tags.key", "binding.key"].map(|name| edge.secrets.join(name));
    for path in keys.into_iter().chain([token::admin_path(edge)]) {
        match secrets::read(&path) {
            Ok(Some(secret)) if secret.is_empty() => {
                let says = format!("{} is empty", path.display());
                return Finding::wrong(
                    check,
                    says,
                    "remove it: a new one is made at the next start",
                );
            }
            Ok(_) => {}
            Err(error) => {
                let remedy = "only the user who runs the edge may open its secrets";
                return Finding::wrong(check, error.to_string(), remedy);
            }
        }
    }
    Finding::good(
        check,
        format!(
            "those in {} are its own, or will be made",
            edge.secrets.display()
        ),
    )
}

/// A folder of objects.
fn folder(check: &'static str, path: &Path) -> Finding {
    match fs::read_dir(path) {
        Ok(_) => Finding::good(check, format!("the folder {} can be read", path.display())),
        Err(error) => Finding::wrong(
            check,
            format!("the folder {} cannot be read: {error}", path.display()),
            "make it, or give the user who runs the edge access to it",
        ),
    }
}

async fn place(check: &'static str, place: &Place<'_>) -> Finding {
    let bucket = match place {
        Place::Folder(path) => return folder(check, path),
        Place::Bucket(bucket) => bucket,
    };
    let which = format!("the bucket {} at {}", bucket.name, bucket.endpoint);
    let asked = match Bucket::new(&bucket_options(bucket)) {
        Ok(bucket) => bucket.check().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match asked {
        Ok(()) => Finding::good(check, format!("{which} answers")),
        Err(error) => Finding::wrong(
            check,
            format!("{which} cannot be read: {error}"),
            "see its address, region and name, and whether the key may read it",
        ),
    }
}

async fn files(edge: &Edge) -> Finding {
    match edge.files() {
        (Place::Folder(path), false) if !path.exists() => Finding::good(
            "files",
            format!("the folder {} will be made", path.display()),
        ),
        (store, _) => place("files", &store).await,
    }
}

async fn private(edge: &Edge) -> Option<Finding> {
    let store = edge.private.place()?;
    Some(place("private", &store).await)
}

fn https(edge: &Edge) -> Finding {
    let hosts: Vec<String> = edge
        .https
        .hosts
        .iter()
        .map(|host| host.0.to_string())
        .collect();
    let says = if hosts.is_empty() {
        "nothing is fetched from web hosts".to_owned()
    } else {
        format!("may be fetched from: {}", hosts.join(", "))
    };
    Finding::good("https", says)
}

fn cache(edge: &Edge) -> Finding {
    let check = "cache";
    let cache = &edge.cache;
    let Some(folder) = &cache.folder else {
        return Finding::good(
            check,
            format!("{} in memory, nothing on disk", cache.memory),
        );
    };
    // An edge makes it where it is missing.
    let place = existing(folder);
    if let Err(error) = try_to_write(place) {
        return Finding::wrong(
            check,
            format!("nothing can be written to {}: {error}", place.display()),
            "make the folder, or give the user who runs the edge access to it",
        );
    }
    let free = match rustix::fs::statvfs(place) {
        Ok(facts) => Size(facts.f_bavail.saturating_mul(facts.f_frsize)),
        Err(error) => {
            let says = format!(
                "how much room is at {} is not known: {error}",
                folder.display()
            );
            return Finding::not_checked(check, says, "look at it with `df`");
        }
    };
    room(folder, cache.disk, kept(folder), free)
}

/// The folder, or the nearest one above that is there.
fn existing(folder: &Path) -> &Path {
    let mut above = folder.ancestors();
    let found = above.find(|path| path.exists());
    found.unwrap_or(Path::new("."))
}

/// Whether a cache can grow as large as it may, given what it holds and what is free beside.
fn room(folder: &Path, wanted: Size, held: Size, free: Size) -> Finding {
    // As coarse as a person would say it.
    let rounded = |size: Size| {
        let bits = if size.0 < 10 << 30 { 20 } else { 30 };
        Size(size.0 >> bits << bits)
    };
    let says = format!(
        "{}: up to {wanted}; it holds {}, and {} are free",
        folder.display(),
        rounded(held),
        rounded(free)
    );
    if wanted.0 > held.0.saturating_add(free.0) {
        return Finding::wrong("cache", says, "set edge.cache.disk lower, or make room");
    }
    Finding::good("cache", says)
}

fn try_to_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".gatefold-doctor-{}", std::process::id()));
    fs::File::create_new(&probe)?;
    fs::remove_file(probe)
}

/// How much the files below a folder hold. What cannot be read is not counted.
fn kept(folder: &Path) -> Size {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut bytes = 0_u64;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(facts) if facts.is_dir() => folders.push(entry.path()),
                Ok(facts) => bytes = bytes.saturating_add(facts.len()),
                Err(_) => {}
            }
        }
    }
    Size(bytes)
}

fn admin(edge: &Edge) -> Finding {
    let check = "admin";
    match edge.admin {
        None => Finding::notice(
            check,
            "there is no address for metrics, purging and reloading",
            "set edge.admin if you want one",
        ),
        Some(address) if address.ip().is_loopback() => {
            Finding::good(check, format!("{address}, on this machine only"))
        }
        Some(address) => Finding::notice(
            check,
            format!("{address} can be reached from other machines, with the token"),
            "keep it behind a firewall: what it says is not for the world",
        ),
    }
}

#[cfg(test)]
mod tests;
