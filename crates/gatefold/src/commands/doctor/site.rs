//! What a site is made of, and how the world sees it.

mod buckets;
mod client;
mod play;
mod registry;

use std::{fs, os::unix::fs::PermissionsExt};

use gatefold_domain::Timestamp;
use gatefold_ops::{
    config::{Loaded, Parsed},
    secrets,
};
use gatefold_store::{DatabaseUrl, OpenError, Options, Store};
use gatefold_web::limits::{Class, Key, Quotas, Redis, RedisOptions};

use super::{fetch::Fetch, finding::Finding};
use crate::{
    config::{Config, Server},
    site::keys,
};

/// Looks at everything.
pub(super) async fn look(
    loaded: &Loaded<Config>,
    fetch: &impl Fetch,
    now: Timestamp,
) -> Vec<Finding> {
    let site = &loaded.config.server;
    let mut findings = vec![
        inline_secrets(loaded),
        column_keys(site),
        database(site, now).await,
        client_keys(site, now),
    ];
    findings.push(play::link_keys(site));
    findings.extend(play::delivery(site));
    findings.extend(buckets::look(site, fetch).await);
    findings.extend(redis(site).await);
    findings.push(directory(site, fetch).await);
    findings.push(registry::look(site, fetch).await);
    match &site.url {
        Some(Parsed(url)) => findings.extend(client::look(site, url, fetch).await),
        None => findings.push(Finding::notice(
            "site",
            "nobody said where the world reaches the site, so it is for this machine alone",
            "set server.url once it is to be for others",
        )),
    }
    findings
}

fn inline_secrets(loaded: &Loaded<Config>) -> Finding {
    let check = "site secrets";
    let Some(path) = &loaded.file else {
        return Finding::good(
            check,
            "no file: nothing is written where others could read it",
        );
    };
    let mode = fs::metadata(path).map_or(0, |facts| facts.permissions().mode() & 0o077);
    if loaded.config.server.has_inline_secret() && mode != 0 {
        let path = path.display();
        return Finding::wrong(
            check,
            format!("{path} holds a password but others may read it"),
            format!("run `chmod 600 {path}`, or move the address to a file of its own (url_file)"),
        );
    }
    Finding::good(check, "nothing secret is where others could read it")
}

fn column_keys(site: &Server) -> Finding {
    let check = "column keys";
    let path = &site.database.keys;
    let is_new = is_new(site);
    match secrets::read(path) {
        Ok(None) if is_new => Finding::notice(
            check,
            format!("there is no {} yet", path.display()),
            "it is made with the database at the first start; keep a copy of it apart from copies \
             of the database",
        ),
        Ok(None) => Finding::wrong(
            check,
            format!("{} is not there", path.display()),
            "put the file back that belongs to this database; without it everybody has to sign in \
             again, with a new database",
        ),
        Err(error) => Finding::wrong(check, error.to_string(), "let its owner alone read it"),
        Ok(Some(json)) => match keys::parse_columns(path, &json) {
            Ok(_) => Finding::good(check, format!("{} is understood", path.display())),
            Err(error) => Finding::wrong(
                check,
                error.to_string(),
                "put the file back as `gatefold keys columns` wrote it",
            ),
        },
    }
}

/// Whether a site has been here: its database is a file that is there.
pub(super) fn is_there(site: &Server) -> bool {
    let url: Result<DatabaseUrl, _> = site.database.url().parse();
    url.is_ok_and(|url| url.file().is_some_and(std::path::Path::exists))
}

/// Whether the database is a file that is not there yet.
fn is_new(site: &Server) -> bool {
    let url: Result<DatabaseUrl, _> = site.database.url().parse();
    url.is_ok_and(|url| url.file().is_some_and(|file| !file.exists()))
}

async fn database(site: &Server, now: Timestamp) -> Finding {
    let check = "database";
    let url: DatabaseUrl = match site.database.url().parse() {
        Ok(url) => url,
        Err(error) => {
            let remedy = "write server.database.url as `sqlite:FILE` or \
                          `postgres://USER:PASSWORD@HOST/NAME`";
            return Finding::wrong(check, error.to_string(), remedy);
        }
    };
    if is_new(site) {
        return Finding::notice(
            check,
            "there is no database yet",
            "it is made at the first start",
        );
    }
    let path = &site.database.keys;
    let crypter = keys::columns(path, false, now).and_then(|file| keys::crypter(path, &file));
    let Ok(crypter) = crypter else {
        let says = "it cannot be opened without the column keys";
        return Finding::not_checked(check, says, "see above");
    };
    let options = Options {
        connections: 1,
        migrate: false,
    };
    match Store::open(&url, crypter, options, now).await {
        Ok(store) => {
            let finding = answers(check, &store).await;
            store.close().await;
            finding
        }
        Err(error) => Finding::wrong(check, error.to_string(), remedy(&error)),
    }
}

async fn answers(check: &'static str, store: &Store) -> Finding {
    match store.ping().await {
        Ok(()) => Finding::good(check, format!("it answers, with schema {}", store.schema())),
        Err(error) => Finding::wrong(check, error.to_string(), "see its own log"),
    }
}

fn remedy(error: &OpenError) -> &'static str {
    match error {
        OpenError::NotWritable { .. } => {
            "let the user that runs the site write the file and its folder"
        }
        OpenError::NotADatabase(_) => {
            "name another file in server.database.url, or put the database back"
        }
        OpenError::Unreachable { .. } => {
            "see that the database runs, and that host and port in server.database.url are its"
        }
        OpenError::Refused { .. } => {
            "see that user, password and the database's name in server.database.url are right"
        }
        OpenError::Older { .. } => "start the site: it brings the schema up to date",
        OpenError::Newer { .. } => {
            "run the newer gatefold, or put an older copy of the database back"
        }
        _ => "look at what it says above; a copy of database and keys from the same time helps",
    }
}

fn client_keys(site: &Server, now: Timestamp) -> Finding {
    let check = "client keys";
    let is_public = site.url.as_ref().is_some_and(|url| url.0.is_https());
    let Some(path) = &site.oauth.keys else {
        if !is_public {
            return Finding::good(check, "none, as on a loopback address");
        }
        return Finding::notice(
            check,
            "the site has none: developer tokens end after two weeks",
            "run `gatefold keys oauth`, and set server.oauth.keys",
        );
    };
    let keys = match keys::client(path) {
        Ok(keys) => keys,
        Err(error) => {
            let remedy = "the site does not start without keys that are right";
            return Finding::wrong(check, error.to_string(), remedy);
        }
    };
    if let Some(loopback) = site.url.as_ref().filter(|url| !url.0.is_https()) {
        return Finding::wrong(
            check,
            format!(
                "servers elsewhere cannot fetch the keys from {}",
                loopback.0
            ),
            "leave server.oauth.keys out on a loopback address, or set server.url to https",
        );
    }
    match keys.primary(now) {
        Some(key) => Finding::good(
            check,
            format!(
                "{}: {} signs for new sign-ins",
                path.display(),
                key.id().as_str()
            ),
        ),
        None => Finding::wrong(check, "the file holds no key", "run `gatefold keys oauth`"),
    }
}

async fn redis(site: &Server) -> Option<Finding> {
    let check = "rates";
    let url = site.rates.redis.as_ref()?;
    let options = RedisOptions {
        url: url.expose().to_owned(),
        prefix: "gatefold-doctor:".to_owned(),
    };
    let remedy = "see that it runs and that server.rates.redis names it; until then every instance \
                  counts alone";
    let asked = match Redis::new(&options, Quotas::default()) {
        Ok(redis) => {
            let key = Key::of_address(Class::Default, [127, 0, 0, 1].into());
            redis.ask(&key, std::num::NonZeroU32::MIN).await.map(|_| ())
        }
        Err(error) => Err(error),
    };
    Some(match asked {
        Ok(()) => Finding::good(check, "instances count requests together"),
        Err(error) => Finding::wrong(check, error.to_string(), remedy),
    })
}

/// Whether identities can be looked up.
async fn directory(site: &Server, fetch: &impl Fetch) -> Finding {
    let check = "identities";
    let plc = site.oauth.plc.as_ref().map(|Parsed(url)| url.as_str());
    let plc = plc.unwrap_or(gatefold_oauth::identity::PLC_DIRECTORY);
    match fetch.get(&format!("{plc}/_health"), None).await {
        Ok(answer) if answer.status == 200 => {
            Finding::good(check, format!("the directory {plc} answers"))
        }
        Ok(answer) => Finding::wrong(
            check,
            format!("the directory {plc} answers with {}", answer.status),
            "set server.oauth.plc to a directory of did:plc, or leave it out",
        ),
        Err(error) => Finding::wrong(
            check,
            format!("the directory {plc} does not answer: {error}"),
            "nobody can sign in without it: see that this machine reaches the internet",
        ),
    }
}

#[cfg(test)]
mod tests;
